"""What became of feedback: its state, its statements and their themes."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlmodel import Session, col, select

from vocloop.errors import NotFoundError
from vocloop_models import Customer, Feedback, FeedbackState, Statement, Theme, ThemeMembership


@dataclass(frozen=True)
class StatementInTheme:
    statement: Statement
    membership: ThemeMembership | None
    theme: Theme | None


def feedback_page(
    session: Session,
    *,
    state: FeedbackState | None = None,
    source: str | None = None,
    customer_id: uuid.UUID | None = None,
    before: uuid.UUID | None = None,
    limit: int = 50,
) -> tuple[list[tuple[Feedback, Customer | None]], uuid.UUID | None]:
    """Feedback, the last received first, and the id to go on ``before`` (None at the end).

    Ids are UUIDv7, so their order is the order of arrival."""
    # Ids alone are sorted, whole voices of many kilobytes are read for one page only.
    newest = select(Feedback.id).order_by(col(Feedback.id).desc()).limit(limit + 1)
    if state is not None:
        newest = newest.where(Feedback.state == state)
    if source is not None:
        newest = newest.where(Feedback.source == source)
    if customer_id is not None:
        newest = newest.where(Feedback.customer_id == customer_id)
    if before is not None:
        newest = newest.where(col(Feedback.id) < before)
    query = (
        select(Feedback, Customer)
        .join(Customer, col(Customer.id) == col(Feedback.customer_id), isouter=True)
        .where(col(Feedback.id).in_(newest))
        .order_by(col(Feedback.id).desc())
    )
    rows: list[tuple[Feedback, Customer | None]] = list(session.exec(query))
    return rows[:limit], rows[limit - 1][0].id if len(rows) > limit else None


def feedback_detail(
    session: Session, feedback_id: uuid.UUID
) -> tuple[Feedback, Customer | None, list[StatementInTheme]]:
    """A feedback with its statements in order. Raises NotFoundError for an unknown id."""
    found = session.exec(
        select(Feedback, Customer)
        .join(Customer, col(Customer.id) == col(Feedback.customer_id), isouter=True)
        .where(Feedback.id == feedback_id)
    ).one_or_none()
    if found is None:
        raise NotFoundError(f"there is no feedback {feedback_id}; it may be of another database")
    rows = session.exec(
        select(Statement, ThemeMembership, Theme)
        .join(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id), isouter=True)
        .join(Theme, col(Theme.id) == col(ThemeMembership.theme_id), isouter=True)
        .where(Statement.feedback_id == feedback_id)
        .order_by(col(Statement.position))
    )
    return *found, [StatementInTheme(*row) for row in rows]
