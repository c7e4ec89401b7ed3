"""What became of a voice: heard, in a theme, decided, shipped, reviewed."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlmodel import Session, col

from vocloop_models import (
    BacklogItem,
    Customer,
    Feedback,
    ItemState,
    Statement,
    Theme,
    ThemeMembership,
    item_themes,
)
from vocloop_models.bulk import parts


class Step(StrEnum):
    """How far the loop has come with a voice, in order. Deferred and declined are decisions too:
    whoever raised it hears them as they are."""

    HEARD = "heard"
    KNOWN = "known"  # in a theme
    PROPOSED = "proposed"  # an item about its theme waits for a decision
    DECLINED = "declined"
    DEFERRED = "deferred"
    DECIDED = "decided"
    SHIPPED = "shipped"
    REVIEWED = "reviewed"


_STEP_OF = {
    ItemState.PROPOSED: Step.PROPOSED,
    ItemState.REOPENED: Step.PROPOSED,
    ItemState.SPLIT: Step.PROPOSED,
    ItemState.DECLINED: Step.DECLINED,
    ItemState.DEFERRED: Step.DEFERRED,
    ItemState.APPROVED: Step.DECIDED,
    ItemState.IN_PROGRESS: Step.DECIDED,
    ItemState.SHIPPED: Step.SHIPPED,
    ItemState.REVIEWED: Step.REVIEWED,
}
_ORDER = list(Step)


@dataclass(frozen=True)
class Fate:
    """``theme`` is the one that came furthest, ``item`` the one that brought it there."""

    feedback: Feedback
    customer: str | None
    step: Step
    theme: Theme | None = None
    item: BacklogItem | None = None


@dataclass(frozen=True)
class FatePage:
    rows: list[Fate]
    more: bool


def handed_in(
    session: Session,
    *,
    source: str | None = None,
    by: str | None = None,
    before: uuid.UUID | None = None,
    limit: int = 50,
) -> FatePage:
    """Voices newest first, with what became of each: of one source, handed in by one person,
    older than the voice ``before``."""
    query = select(Feedback, col(Customer.name)).outerjoin(
        Customer, col(Customer.id) == col(Feedback.customer_id)
    )
    if source is not None:
        query = query.where(col(Feedback.source) == source)
    if by is not None:
        query = query.where(col(Feedback.submitted_by) == by)
    if before is not None:
        query = query.where(col(Feedback.id) < before)
    rows = session.execute(query.order_by(col(Feedback.id).desc()).limit(limit + 1)).all()
    voices = [(feedback, name) for feedback, name in rows[:limit]]
    return FatePage(fates(session, voices), len(rows) > limit)


def fates(session: Session, voices: Sequence[tuple[Feedback, str | None]]) -> list[Fate]:
    """What became of each voice (with its customer's name), in the same order."""
    themes = _themes(session, [feedback.id for feedback, _ in voices])
    items = _items(session, {theme.id for found in themes.values() for theme in found})
    return [
        _furthest(feedback, customer, themes.get(feedback.id, []), items)
        for feedback, customer in voices
    ]


def _furthest(
    feedback: Feedback,
    customer: str | None,
    themes: Iterable[Theme],
    items: dict[uuid.UUID, list[BacklogItem]],
) -> Fate:
    best = Fate(feedback, customer, Step.HEARD)
    for theme in themes:
        decided = [
            Fate(feedback, customer, _STEP_OF[item.state], theme, item)
            for item in items.get(theme.id, [])
        ]
        known = Fate(feedback, customer, Step.KNOWN, theme)
        best = max([best, known, *decided], key=lambda each: _ORDER.index(each.step))
    return best


def _themes(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Theme]]:
    found: defaultdict[uuid.UUID, list[Theme]] = defaultdict(list)
    for part in parts(ids):
        rows = session.execute(
            select(col(Statement.feedback_id), Theme)
            .join(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id))
            .join(Theme, col(Theme.id) == col(ThemeMembership.theme_id))
            .where(col(Statement.feedback_id).in_(part))
            .order_by(col(Statement.position))
        )
        for feedback_id, theme in rows:
            if theme not in found[feedback_id]:
                found[feedback_id].append(theme)
    return found


def _items(session: Session, themes: set[uuid.UUID]) -> dict[uuid.UUID, list[BacklogItem]]:
    found: defaultdict[uuid.UUID, list[BacklogItem]] = defaultdict(list)
    links = item_themes()
    for part in parts(sorted(themes)):
        rows = session.execute(
            select(links.c.theme_id, BacklogItem)
            .join(BacklogItem, col(BacklogItem.id) == links.c.item_id)
            .where(links.c.theme_id.in_(part))
            .order_by(col(BacklogItem.number))
        )
        for theme_id, item in rows:
            found[theme_id].append(item)
    return found
