"""Customers as a list to look through, one by one, and to complete by hand."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from vocloop.errors import ConflictError, NotFoundError, says
from vocloop.intake.customers import suggest
from vocloop.intake.records import CustomerIn, checked
from vocloop_models import (
    SHOWN_STATES,
    Contact,
    Customer,
    Feedback,
    Statement,
    Theme,
    ThemeMembership,
    TouchTier,
)
from vocloop_models.database import held

# What a search by name looks at; a company has thousands of customers, not millions.
_MOST_FOUND = 1_000
# What stands where nothing is known, beside None.
_UNKNOWN: Mapping[str, Any] = {"currency": "JPY", "segments": {}}


@dataclass(frozen=True)
class CustomerRow:
    """``voices``: feedback of theirs, repeats counted once."""

    customer: Customer
    contacts: int
    voices: int


@dataclass(frozen=True)
class CustomerPage:
    rows: list[CustomerRow]
    total: int


@dataclass(frozen=True)
class Raised:
    """``statements`` of a customer on a theme; ``last``: when it last said so, if that is known."""

    theme: Theme
    statements: int
    last: dt.datetime | None


@dataclass(frozen=True)
class ContactRow:
    contact: Contact
    voices: int


def listed(
    session: Session,
    *,
    text: str = "",
    tier: TouchTier | None = None,
    start: int = 0,
    limit: int = 50,
) -> CustomerPage:
    """Customers by name from the ``start``-th on; with ``text`` those whose name or id holds it,
    the likeliest first."""
    query = select(Customer)
    if tier is not None:
        query = query.where(col(Customer.touch_tier) == tier)
    if text.strip():
        found = [c for c in suggest(session, text, _MOST_FOUND) if tier in (None, c.touch_tier)]
        return CustomerPage(_rows(session, found[start : start + limit]), len(found))
    total = session.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    ordered = query.order_by(col(Customer.name), col(Customer.id)).offset(start).limit(limit)
    return CustomerPage(_rows(session, list(session.scalars(ordered))), int(total))


def one(session: Session, customer_id: uuid.UUID) -> tuple[CustomerRow, list[ContactRow]]:
    """A customer and its contacts, champions first. Raises NotFoundError for an unknown id."""
    [row] = _rows(session, [get(session, customer_id)])
    contacts = session.scalars(
        select(Contact)
        .where(col(Contact.customer_id) == customer_id)
        .order_by(col(Contact.champion).desc(), col(Contact.id))
    ).all()
    voices = _counts(session, Feedback.contact_id, [each.id for each in contacts])
    return row, [ContactRow(each, voices.get(each.id, 0)) for each in contacts]


def raised(session: Session, customer_id: uuid.UUID, most: int) -> list[Raised]:
    """What a customer speaks of, that which it says most of first."""
    count = func.count()
    rows = session.execute(
        select(Theme, count, func.max(Feedback.said_at))
        .join(ThemeMembership, col(ThemeMembership.theme_id) == col(Theme.id))
        .join(Statement, col(Statement.id) == col(ThemeMembership.statement_id))
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
        .where(
            col(Feedback.customer_id) == customer_id,
            col(Feedback.repeats_id).is_(None),
            col(Theme.state).in_(SHOWN_STATES),
        )
        .group_by(col(Theme.id))
        .order_by(count.desc(), col(Theme.id))
        .limit(most)
    )
    return [Raised(*row) for row in rows]


def change(session: Session, customer_id: uuid.UUID, values: Mapping[str, Any]) -> Customer:
    """Say what a customer is like; a value of None is one that is not known. Raises NotFoundError,
    InvalidInputError (``problems`` by field), and ConflictError for an id that is another's."""
    customer = held(session, Customer, customer_id) or get(session, customer_id)
    row = checked(CustomerIn, {"name": customer.name, **values})
    own = row.external_id
    if own is not None and own != customer.external_id:
        taken = select(col(Customer.name)).where(
            col(Customer.external_id) == own, col(Customer.id) != customer_id
        )
        name = session.scalar(taken)
        if name is not None:
            raise ConflictError(
                says(
                    "the id '%(own)s' is that of %(name)s; merge the two, or use another",
                    own=own,
                    name=name,
                )
            )
    for field in values.keys() - {"domain"}:
        value = getattr(row, field)
        setattr(customer, field, _UNKNOWN.get(field) if value is None else value)
    session.flush()
    return customer


def get(session: Session, customer_id: uuid.UUID) -> Customer:
    """Raises NotFoundError for an unknown id."""
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise NotFoundError(f"there is no customer {customer_id}; search for it by name first")
    return customer


def _rows(session: Session, customers: Sequence[Customer]) -> list[CustomerRow]:
    ids = [each.id for each in customers]
    contacts = _counts(session, Contact.customer_id, ids)
    voices = _counts(session, Feedback.customer_id, ids)
    return [CustomerRow(c, contacts.get(c.id, 0), voices.get(c.id, 0)) for c in customers]


def _counts(session: Session, column: Any, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    query = select(col(column), func.count()).where(col(column).in_(ids)).group_by(col(column))
    if column.class_ is Feedback:
        query = query.where(col(Feedback.repeats_id).is_(None))
    return {key: int(count) for key, count in session.execute(query)}
