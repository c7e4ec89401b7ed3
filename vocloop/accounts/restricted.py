"""Customers that only named people see.

One place for every query: while a visitor is not named for a customer, whatever the session selects
of it — the customer, its contacts, voices, statements, alerts, numbers — is left out, by criteria
that are added to each statement of the ORM. Commands and the worker have no visitor and see all."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, event, or_, select
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.orm import Session as OrmSession
from sqlmodel import Session, col, delete
from sqlmodel import select as query

from vocloop.accounts import journal, users
from vocloop.accounts.visitor import visiting
from vocloop.errors import NotFoundError
from vocloop.quoting import withhold
from vocloop_models import (
    AuditAction,
    Contact,
    Customer,
    CustomerAccess,
    Feedback,
    Record,
    Statement,
    User,
    turns,
)
from vocloop_models.database import WHOLE, held
from vocloop_models.turns import Turn

_feedback: Any = Feedback.__table__  # type: ignore[attr-defined]
_statement: Any = Statement.__table__  # type: ignore[attr-defined]
_contact: Any = Contact.__table__  # type: ignore[attr-defined]


def restrict(session: Session, customer_id: uuid.UUID, logins: Sequence[str]) -> list[User]:
    """Let only these users see the customer. Raises NotFoundError."""
    # A run that is being written would make titles of what is hidden from now on.
    turns.take(session, Turn.THEMES)
    with seeing_all():
        customer = _held(session, customer_id)
        named = [users.named(session, login) for login in dict.fromkeys(logins)]
        customer.restricted = True
        _name(session, customer, named)
    withhold(session)
    return named


def open_again(session: Session, customer_id: uuid.UUID) -> None:
    with seeing_all():
        customer = _held(session, customer_id)
        customer.restricted = False
        _name(session, customer, [])


def is_restricted(session: Session, customer_id: uuid.UUID) -> bool:
    """Raises NotFoundError."""
    with seeing_all():
        return _customer(session, customer_id).restricted


@dataclass(frozen=True)
class Restriction:
    """``name`` None: the customer is hidden from who asks, too."""

    customer_id: uuid.UUID
    name: str | None
    named: list[User]


def listed(session: Session) -> list[Restriction]:
    """Every restricted customer and who may see it; those whose names may be told come first."""
    with seeing_all():
        ids = session.exec(query(Customer.id).where(Customer.restricted)).all()
    names = query(Customer.id, Customer.name).where(col(Customer.id).in_(ids))
    seen = dict(session.exec(names).all())
    named = _named(session, ids)
    rows = [Restriction(each, seen.get(each), named[each]) for each in ids]
    return sorted(rows, key=lambda row: (row.name is None, row.name or "", row.customer_id))


def named_for(session: Session, customer_id: uuid.UUID) -> list[User]:
    return _named(session, [customer_id])[customer_id]


def _named(session: Session, customers: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[User]]:
    """By customer, who may see it, by login."""
    found: dict[uuid.UUID, list[User]] = {each: [] for each in customers}
    named = (
        query(CustomerAccess.customer_id, User)
        .join(User, col(CustomerAccess.user_id) == col(User.id))
        .where(col(CustomerAccess.customer_id).in_(customers))
        .order_by(col(User.login))
    )
    # Who may see a customer is told to administrators who may not.
    with seeing_all():
        for customer, user in session.exec(named):
            found[customer].append(user)
    return found


def hidden_from(session: Session, user: User) -> frozenset[uuid.UUID]:
    """Restricted customers that ``user`` is not named for; mostly there are none at all."""
    named = query(CustomerAccess.customer_id).where(CustomerAccess.user_id == user.id)
    return frozenset(
        session.exec(query(Customer.id).where(Customer.restricted, col(Customer.id).not_in(named)))
    )


@contextmanager
def seeing_all() -> Iterator[None]:
    """For what takes feedback in: a voice of a hidden customer must find its customer, or a second
    one would be made. Nothing that was found may be answered."""
    visitor = visiting.get()
    token = visiting.set(None if visitor is None else replace(visitor, hidden=frozenset()))
    try:
        yield
    finally:
        visiting.reset(token)


@event.listens_for(OrmSession, "do_orm_execute")
def _leave_out(state: ORMExecuteState) -> None:
    visitor = visiting.get()
    if visitor is None or not visitor.hidden or not state.is_select or state.is_column_load:
        return
    if state.session.info.get(WHOLE):
        return
    # What a writer counts is stored for everyone: there, who somebody is is left out and no more.
    writing = state.session.get_bind().get_execution_options().get("vocloop_write", False)
    state.statement = state.statement.options(*_options(visitor.hidden, writing=writing))


# The same for every statement of a visitor, and making them took longer than many a statement.
@lru_cache(maxsize=64)
def _options(hidden: frozenset[uuid.UUID], *, writing: bool) -> tuple[Any, ...]:
    return tuple(
        with_loader_criteria(kind, _criterion(kind, column, sorted(hidden)), include_aliases=True)
        for kind, column in _belonging()
        if not writing or kind in (Customer, Contact)
    )


def _criterion(kind: type[Record], column: str, hidden: Sequence[uuid.UUID]) -> ColumnElement[bool]:
    voices = select(_feedback.c.id).where(_feedback.c.customer_id.in_(hidden))
    of_customer = {
        "id": hidden,
        "customer_id": hidden,
        "feedback_id": (
            voices := select(_feedback.c.id).where(_feedback.c.customer_id.in_(hidden))
        ),
        "statement_id": select(_statement.c.id).where(_statement.c.feedback_id.in_(voices)),
        "contact_id": select(_contact.c.id).where(_contact.c.customer_id.in_(hidden)),
    }[column]
    attribute = getattr(kind, column)
    return or_(attribute.is_(None), attribute.not_in(of_customer))


@cache
def _belonging() -> tuple[tuple[type[Record], str], ...]:
    """Every table with rows of a customer, and the column that says of which."""
    found: list[tuple[type[Record], str]] = [(Customer, "id")]
    for mapper in Record._sa_registry.mappers:
        columns = mapper.columns.keys()
        for column in ("customer_id", "feedback_id", "statement_id", "contact_id"):
            if column in columns:
                found.append((mapper.class_, column))
                break
    return tuple(found)


def _customer(session: Session, customer_id: uuid.UUID) -> Customer:
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise NotFoundError(f"there is no customer {customer_id}; see the list of customers")
    return customer


def _held(session: Session, customer_id: uuid.UUID) -> Customer:
    """Nobody else's to restrict, or to open, until the transaction ends."""
    return held(session, Customer, customer_id) or _customer(session, customer_id)


def _name(session: Session, customer: Customer, named: Sequence[User]) -> None:
    session.exec(delete(CustomerAccess).where(col(CustomerAccess.customer_id) == customer.id))
    session.add_all(CustomerAccess(customer_id=customer.id, user_id=each.id) for each in named)
    session.flush()
    journal.note(
        session,
        AuditAction.RESTRICTED_CUSTOMER,
        customer=str(customer.id),
        restricted=customer.restricted,
        to=[each.login for each in named],
    )
