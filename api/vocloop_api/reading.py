"""What people read of feedback and customers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlmodel import Session, col, select

from vocloop.errors import NotFoundError
from vocloop.themes.query import folded
from vocloop_models import Customer, Feedback, FeedbackState, Statement, Theme, ThemeMembership

MOST_SUGGESTIONS = 10


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


def suggest_customers(session: Session, text: str) -> list[Customer]:
    """At most ten customers whose name or external id holds ``text``; beginnings come first."""
    wanted = folded(text).strip()
    if not wanted:
        return []
    # In Python, not in SQL: neither database knows that ﾐﾅﾓ is ミナモ, and a company has
    # thousands of customers, not millions.
    found = []
    for customer_id, name, external_id in session.exec(
        select(Customer.id, Customer.name, Customer.external_id)
    ):
        texts = [folded(name), folded(external_id or "")]
        if any(wanted in each for each in texts):
            begins = any(each.startswith(wanted) for each in texts)
            found.append((not begins, texts[0], customer_id))
    best = [customer_id for *_, customer_id in sorted(found)[:MOST_SUGGESTIONS]]
    rows = session.exec(select(Customer).where(col(Customer.id).in_(best)))
    return sorted(rows, key=lambda customer: best.index(customer.id))
