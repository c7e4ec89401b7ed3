"""Target selection: what people hold of an item, and the numbers that follow (METHOD.md 4)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select as rows_of
from sqlmodel import Session, SQLModel, col, select

from vocloop.roadmap.audit import SOMEONE, Author, get, note
from vocloop.roadmap.backlog import ItemParts, parts
from vocloop.roadmap.priority import Priority, Range, Ratings, priority, rice, wsjf
from vocloop.roadmap.stakes import Behind, Stakes
from vocloop_models import (
    BacklogItem,
    TargetRating,
    Theme,
    ThemeScore,
    item_themes,
)

# Until someone rates it: the middle of every form, a month of work.
UNRATED = Ratings(3, 3, 3, 3, initial_cost=4.0, operating_cost=0.0)


class Score(NamedTuple):
    """What a list needs of a ThemeScore: rows of it hold much more."""

    day: dt.date
    generality: float
    longevity: float
    severity: float
    impact: float
    impact_low: float
    impact_high: float
    customers: int
    statements: int


@dataclass(frozen=True)
class Judged:
    parts: ItemParts
    rating: Ratings | None
    priority: Priority
    rice: float
    wsjf: float
    stakes: Stakes
    scores: dict[uuid.UUID, Score]


def rate(
    session: Session, item_id: uuid.UUID, ratings: Ratings, author: Author = SOMEONE
) -> TargetRating:
    """Keep a filled form; the newest counts. Raises NotFoundError."""
    get(session, BacklogItem, item_id, "backlog item")
    form = TargetRating(item_id=item_id, **vars(ratings), by=author.by, note=author.note)
    session.add(form)
    session.flush()
    note(session, item_id, "rated", author, **vars(ratings))
    return form


def ratings_of(session: Session, item_id: uuid.UUID) -> list[TargetRating]:
    """All forms of an item, newest first."""
    return list(
        session.exec(
            select(TargetRating)
            .where(TargetRating.item_id == item_id)
            .order_by(col(TargetRating.id).desc())
        )
    )


def judge(session: Session, item_id: uuid.UUID) -> Judged:
    """An item with its priority and what stands behind it. Raises NotFoundError."""
    return judge_all(session, [get(session, BacklogItem, item_id, "backlog item")])[0]


def judge_all(session: Session, items: Sequence[BacklogItem]) -> list[Judged]:
    """In the order given; an item that nobody rated counts as UNRATED."""
    ids = [item.id for item in items]
    forms = rows_of(*_columns(TargetRating, "item_id", *vars(UNRATED)))
    forms = forms.where(col(TargetRating.item_id).in_(ids)).order_by(col(TargetRating.id))
    newest = {item: Ratings(*form) for item, *form in session.execute(forms)}
    links = item_themes()
    found = session.execute(
        rows_of(*_columns(ThemeScore, "theme_id", *Score._fields))
        .join(Theme, col(Theme.id) == col(ThemeScore.theme_id))
        .join(links, links.c.theme_id == col(Theme.id))
        .where(col(ThemeScore.day) == col(Theme.scored_on), links.c.item_id.in_(ids))
    )
    scores = {theme: Score(*row) for theme, *row in found}
    each = parts(session, items)
    stakes = Behind(session).stakes_of_each([one.themes for one in each])
    return [
        _judged(one, newest.get(one.item.id), scores, behind)
        for one, behind in zip(each, stakes, strict=True)
    ]


def _columns(table: type[SQLModel], *names: str) -> list[Any]:
    return [getattr(table, name) for name in names]


def _judged(
    each: ItemParts,
    form: Ratings | None,
    every: dict[uuid.UUID, Score],
    behind: Stakes,
) -> Judged:
    scores = {theme: every[theme] for theme in each.themes if theme in every}
    impacts = tuple(
        (Range(s.impact, s.impact_low, s.impact_high), each.themes[theme])
        for theme, s in scores.items()
    )
    found = priority(impacts, form or UNRATED)
    severity = max((s.severity for s in scores.values()), default=0.0)
    urgency = behind.renewing / behind.arr if behind.arr else 0.0
    cost = found.cost.value
    return Judged(
        each,
        form,
        found,
        rice(behind.companies, severity, found.impact, cost),
        wsjf(found.impact.value, urgency, severity, cost),
        behind,
        scores,
    )
