"""Who may see two customers that become one, and two again.

Restricted customers are those of vocloop.accounts.restricted; here is only what a merge does to
them, so that it never shows to more people what fewer could see."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from sqlmodel import Session, col, delete, select

from vocloop_models import AuditAction, AuditEntry, Customer, CustomerAccess, User


def join(session: Session, kept: Customer, other: Customer, merge: uuid.UUID) -> dict[str, Any]:
    """Restrict ``kept`` to those who could see both, and forget who could see ``other``; what
    ``part`` needs to turn it back, as JSON."""
    own, others = _access(session, kept), _access(session, other)
    made: list[str] | None = own if others is None else others
    if own is not None and others is not None:
        made = sorted(set(own) & set(others))
    _put(session, other.id, ())
    if made != own:
        _restrict(session, kept, made, merge)
    return {"kept": own, "other": others, "made": made}


def part(
    session: Session, kept: Customer, other: uuid.UUID, was: dict[str, Any] | None, merge: uuid.UUID
) -> None:
    """Each is seen by whom it was before; if somebody said otherwise since, both by those.

    ``was`` None: merged before restrictions were looked at."""
    now = _access(session, kept)
    again = session.get_one(Customer, other)
    if was is None or now != was["made"]:
        _restrict(session, again, now, merge)
        return
    if now != was["kept"]:
        _restrict(session, kept, was["kept"], merge)
    _restrict(session, again, was["other"], merge)


def _access(session: Session, customer: Customer) -> list[str] | None:
    """Ids of the users who may see a customer; None: everyone."""
    if not customer.restricted:
        return None
    named = select(CustomerAccess.user_id).where(CustomerAccess.customer_id == customer.id)
    return sorted(map(str, session.exec(named)))


def _restrict(
    session: Session, customer: Customer, named: Collection[str] | None, merge: uuid.UUID
) -> None:
    if named is None and not customer.restricted:
        return
    customer.restricted = named is not None
    ids = [uuid.UUID(each) for each in named or ()]
    _put(session, customer.id, ids)
    logins = select(User.login).where(col(User.id).in_(ids)).order_by(col(User.login))
    detail = {
        "customer": str(customer.id),
        "restricted": customer.restricted,
        "to": list(session.exec(logins)),
        "merge": str(merge),
    }
    session.add(AuditEntry(action=AuditAction.RESTRICTED_CUSTOMER, detail=detail))
    session.flush()


def _put(session: Session, customer_id: uuid.UUID, users: Collection[uuid.UUID]) -> None:
    session.exec(delete(CustomerAccess).where(col(CustomerAccess.customer_id) == customer_id))
    session.add_all(CustomerAccess(customer_id=customer_id, user_id=each) for each in users)
    session.flush()
