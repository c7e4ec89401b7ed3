"""Customers, contacts and departments: found by what a row calls them, made when not known."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Collection, Sequence
from typing import Any, Literal

from sqlalchemy import select
from sqlmodel import Session, SQLModel, col

from vocloop.intake.companies import name_key
from vocloop.intake.directory import Directory
from vocloop.intake.privacy import Privacy
from vocloop.intake.records import ContactIn, CustomerIn, CustomerRef, DepartmentIn
from vocloop_models import Contact, Customer, Department
from vocloop_models.bulk import among, insert_new

# A list that a person looks through.
MOST_SUGGESTIONS = 10

Upserted = Literal["stored", "updated", "repeated"]


def suggest(session: Session, text: str, limit: int = MOST_SUGGESTIONS) -> list[Customer]:
    """At most ``limit`` customers whom ``text`` may mean: their name or external id holds it.

    First those of that very name (as ``name_key`` compares), then those that begin with it, then
    the others; customers who have left come after those of their rank. None for blank text.
    """
    key, words = name_key(text), _folded(text).strip()
    if not words:
        return []
    # In Python, not in SQL: neither database knows that ﾐﾅﾓ is ミナモ, and a company has
    # thousands of customers, not millions.
    found = []
    query = select(
        col(Customer.id), col(Customer.name), col(Customer.external_id), col(Customer.until)
    )
    for customer_id, name, external_id, until in session.execute(query):
        rank = _rank(key, words, name, external_id)
        if rank is not None:
            found.append((rank, until is not None, _folded(name), customer_id))
    best = [customer_id for *_, customer_id in sorted(found)[:limit]]
    rows = session.scalars(select(Customer).where(col(Customer.id).in_(best)))
    return sorted(rows, key=lambda customer: best.index(customer.id))


def _rank(key: str, words: str, name: str, external_id: str | None) -> int | None:
    """0 for the same customer, 1 for a beginning, 2 for a part, None for another customer."""
    own_key, texts = name_key(name), [_folded(name), _folded(external_id or "")]
    if key == own_key or words == texts[1]:
        return 0
    if own_key.startswith(key) or any(text.startswith(words) for text in texts):
        return 1
    return 2 if key in own_key or any(words in text for text in texts) else None


def _folded(text: str) -> str:
    # Twice: folding case can bring back what the first normalisation took away.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def upsert_customers(
    session: Session, rows: Sequence[CustomerIn], *, import_id: uuid.UUID | None = None
) -> list[Upserted]:
    """Store or complete customers, in the order of ``rows``; what a row leaves out stays, and of
    ``segments`` the ones it does not name.

    Known means: the same external id, else (for a side without an id) the same mail domain, else
    the same ``name_key``.
    """
    directory = Directory(import_id)
    references = [
        CustomerRef(external_id=row.external_id, name=row.name, domain=row.domain) for row in rows
    ]
    new = directory.add_customers(session, references)
    found = [directory.customer(reference) for reference in references]
    known = _held(session, found)
    outcomes: list[Upserted] = []
    for row, customer_id in zip(rows, found, strict=True):
        customer = known[customer_id]
        values = row.model_dump(exclude_none=True, exclude={"domain"})
        if row.segments is not None:
            values["segments"] = customer.segments | row.segments
        changed = _fill(customer, values)
        outcomes.append(_outcome(new=customer.id in new, changed=changed))
        new.discard(customer.id)
    session.flush()
    return outcomes


def upsert_contacts(
    session: Session,
    rows: Sequence[ContactIn],
    *,
    privacy: Privacy,
    import_id: uuid.UUID | None = None,
) -> list[Upserted]:
    """Store or complete contacts, in the order of ``rows``; their customers are made if new. An
    external id that is an address or a name is kept as its hash."""
    directory = Directory(import_id)
    directory.add_customers(session, (row.customer for row in rows))
    people = [
        (directory.customer(row.customer), privacy.person(row.external_id), None) for row in rows
    ]
    new = directory.add_contacts(session, people)
    outcomes: list[Upserted] = []
    for row, person in zip(rows, people, strict=True):
        contact = session.get_one(Contact, directory.contact(*person))
        changed = _fill(
            contact, row.model_dump(exclude_none=True, exclude={"customer", "external_id"})
        )
        outcomes.append(_outcome(new=contact.id in new, changed=changed))
        new.discard(contact.id)
    session.flush()
    return outcomes


def upsert_departments(session: Session, rows: Sequence[DepartmentIn]) -> list[Upserted]:
    """Store or rewrite departments by their key, in the order of ``rows``."""
    keys = sorted({row.key for row in rows})
    known = set(session.scalars(select(col(Department.key)).where(col(Department.key).in_(keys))))
    first = {row.key: row for row in reversed(rows) if row.key not in known}
    new = [Department(**first[key].model_dump()).model_dump() for key in sorted(first)]
    if new:
        insert_new(session, Department, new, unique=("key",))
    outcomes: list[Upserted] = []
    for row in rows:
        query = select(Department).where(col(Department.key) == row.key)
        changed = _fill(session.scalars(query).one(), row.model_dump())
        outcomes.append(_outcome(new=row.key not in known, changed=changed))
        known.add(row.key)
    session.flush()
    return outcomes


def _held(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Customer]:
    """Customers as they are now, nobody else's to change until the transaction ends; voices of
    theirs may arrive."""
    query = select(Customer).where(among(session, col(Customer.id), ids)).order_by(col(Customer.id))
    rows = session.scalars(
        query.with_for_update(key_share=True), execution_options={"populate_existing": True}
    )
    return {each.id: each for each in rows}


def _fill(record: SQLModel, values: dict[str, Any]) -> bool:
    changed = {field: v for field, v in values.items() if getattr(record, field) != v}
    for field, value in changed.items():
        setattr(record, field, value)
    return bool(changed)


def _outcome(*, new: bool, changed: bool) -> Upserted:
    if new:
        return "stored"
    return "updated" if changed else "repeated"
