"""Hypotheses with the words that speak for and against them; what the roadmap has of a theme."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, func, select

from vocloop.roadmap import backlog, hypotheses
from vocloop.roadmap.hypotheses import HypothesisParts
from vocloop.themes import heard, query
from vocloop.themes.heard import Heard
from vocloop.themes.quotes import Quote
from vocloop_models import (
    BacklogItem,
    Customer,
    Feedback,
    Hypothesis,
    HypothesisState,
    Side,
    Statement,
    Theme,
    merged_themes,
)


@dataclass(frozen=True)
class OfTheme:
    """What became of a theme on the roadmap."""

    items: list[BacklogItem]
    hypotheses: list[HypothesisParts]

    def shipped(self, zone: ZoneInfo) -> list[tuple[dt.date, BacklogItem]]:
        """On which day each item that has shipped did, the first one first."""
        return sorted(
            (
                (each.shipped_at.astimezone(zone).date(), each)
                for each in self.items
                if each.shipped_at is not None
            ),
            key=lambda pair: (pair[0], pair[1].number),
        )


def of_theme(session: Session, theme_id: uuid.UUID) -> OfTheme:
    items = backlog.listed(session, theme_id=theme_id)
    return OfTheme(items, hypotheses.of_theme(session, theme_id))


def count(parts: HypothesisParts, side: str) -> int:
    return parts.count(Side(side))


@dataclass(frozen=True)
class Where:
    """Conditions that are empty do not filter.

    ``heard``: on the voices behind the theme, and its department; ``text``: all of its words in
    what is supposed today or in the theme's titles and keywords."""

    state: HypothesisState | None = None
    heard: Heard = field(default_factory=Heard)
    text: str = ""

    def passes(self, parts: HypothesisParts, theme: Theme) -> bool:
        today = parts.versions[0]
        words = [today.segment, today.job, today.cause, *query.searchable(theme)]
        return query.has_all(query.folded(self.text).split(), words)


def listed(session: Session, where: Where) -> list[tuple[HypothesisParts, Theme]]:
    """Those that pass, the newest first, each with its theme."""
    merged = merged_themes()
    asked = (
        select(Hypothesis, Theme)
        .join(merged, merged.c.gone == col(Hypothesis.theme_id), isouter=True)
        .join(Theme, col(Theme.id) == func.coalesce(merged.c.today, Hypothesis.theme_id))
        .where(*heard.conditions(session, where.heard))
        .order_by(col(Hypothesis.id).desc())
    )
    if where.state is not None:
        asked = asked.where(Hypothesis.state == where.state)
    rows = session.exec(asked).all()
    found = hypotheses.parts(session, [each for each, _ in rows])
    pairs = [(each, theme) for each, (_, theme) in zip(found, rows, strict=True)]
    return [pair for pair in pairs if where.passes(*pair)] if where.text else pairs


def linked(session: Session, parts: HypothesisParts) -> dict[Side, list[tuple[Quote, int]]]:
    """Words for and against, each with the version that they were held against."""
    words = {q.statement_id: q for q in quoted(session, [e.statement_id for e in parts.evidence])}
    found: dict[Side, list[tuple[Quote, int]]] = {side: [] for side in Side}
    for each in parts.evidence:
        if each.statement_id in words:
            found[each.side].append((words[each.statement_id], each.version))
    return found


def quoted(session: Session, statements: Sequence[uuid.UUID]) -> list[Quote]:
    """Statements as they are quoted, whether or not they have a theme today."""
    rows = session.exec(
        select(Statement, Feedback, Customer.name)
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
        .join(Customer, col(Customer.id) == col(Feedback.customer_id), isouter=True)
        .where(col(Statement.id).in_(statements))
        .order_by(col(Feedback.said_at).desc(), col(Statement.id))
    )
    return [Quote.of(*row) for row in rows]
