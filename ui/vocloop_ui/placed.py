"""Where the statements of one voice have gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from vocloop_models import Feedback, FeedbackState, Statement, Theme, ThemeMembership

# The page asks every 0.7 s (placed.html). A worker answers within a second or two; one that has
# to load its model first takes about ten. After 30 askings (21 s) the page stops and says so.
MOST_TRIES = 30


@dataclass(frozen=True)
class Placed:
    """``themed``: the worker is done with the voice. ``rows``: statements in their order, each
    with its theme; None while it has none."""

    themed: bool
    rows: Sequence[tuple[Statement, Theme | None]]


def statements(session: Session, feedback: Feedback) -> Placed:
    rows = session.exec(
        select(Statement, Theme)
        .join(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id), isouter=True)
        .join(Theme, col(Theme.id) == col(ThemeMembership.theme_id), isouter=True)
        .where(Statement.feedback_id == feedback.id)
        .order_by(col(Statement.position))
    ).all()
    return Placed(feedback.state == FeedbackState.THEMED, [(row[0], row[1]) for row in rows])
