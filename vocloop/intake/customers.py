"""Customers, contacts and departments: found by what a row calls them, made when not known."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import func, select
from sqlmodel import Session, SQLModel, col

from vocloop.intake.bulk import insert_new, parts
from vocloop.intake.records import ContactIn, CustomerIn, CustomerRef, DepartmentIn
from vocloop_models import Contact, Customer, Department, new_id, now

# A list that a person looks through.
MOST_SUGGESTIONS = 10

Upserted = Literal["stored", "updated", "repeated"]

# Any fixed number: names are not unique in the table, so writers that make customers take turns.
_NAMES_LOCK = 7_865_103

# The rows of a file name the same companies again and again.
_NAMES_REMEMBERED = 10_000

_LEGAL_JAPANESE = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|合名会社|一般社団法人|一般財団法人|\((?:株|有|同|資|名|社|財)\)"
)
_LEGAL_LATIN = re.compile(
    r"(?:[\s,.]+(?:inc|incorporated|ltd|limited|co|corp|corporation|company|llc|llp|plc|gmbh|ag|kk"
    r"|k\.k|pte|pty|sa|bv|b\.v))+[\s,.]*$"
)
_BETWEEN = re.compile(r"[\s,.・･'’\"_-]+")


@lru_cache(maxsize=_NAMES_REMEMBERED)
def name_key(name: str) -> str:
    """What two ways to write one company's name share: width, case, spaces and the legal form
    (株式会社, ㈱, Inc.) do not count."""
    plain = unicodedata.normalize("NFKC", name).casefold().strip()
    bare = _LEGAL_LATIN.sub("", _LEGAL_JAPANESE.sub(" ", plain).strip())
    return _BETWEEN.sub("", bare) or _BETWEEN.sub("", plain) or plain


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


class Directory:
    """The customers and contacts that a series of batches names, looked up once each.

    Valid as long as every transaction it was used in is committed; drop it with a failed one.
    """

    def __init__(self) -> None:
        self._by_external_id: dict[str, uuid.UUID] = {}
        self._by_name: dict[str, uuid.UUID] = {}
        self._contacts: dict[tuple[uuid.UUID, str], uuid.UUID] = {}

    def find(self, reference: CustomerRef) -> uuid.UUID | None:
        if reference.external_id is not None:
            return self._by_external_id.get(reference.external_id)
        name = str(reference.name)
        return self._by_external_id.get(name) or self._by_name.get(name_key(name))

    def customer(self, reference: CustomerRef) -> uuid.UUID:
        """The id of a customer that ``add_customers`` was given; LookupError if it was not."""
        found = self.find(reference)
        if found is None:
            raise LookupError(reference)
        return found

    def contact(self, customer_id: uuid.UUID, external_id: str) -> uuid.UUID:
        return self._contacts[customer_id, external_id]

    def add_customers(self, session: Session, references: Iterable[CustomerRef]) -> set[uuid.UUID]:
        """Make every reference findable, with new customers (their ids are returned) for those
        nobody knows."""
        wanted = [r for r in dict.fromkeys(references) if self.find(r) is None]
        self._look_up(session, wanted)
        unknown = [r for r in wanted if self.find(r) is None]
        if not unknown:
            return set()
        _take_turns(session)
        self._read_all(session)
        made: list[Customer] = []
        for reference in unknown:
            if self.find(reference) is not None:
                continue
            customer = self._adopted(session, reference)
            if customer is None:
                name = reference.name or str(reference.external_id)
                customer = Customer(external_id=reference.external_id, name=name)
                made.append(customer)
            self._know(customer.id, customer.external_id, customer.name)
        session.add_all(made)
        session.flush()
        return {customer.id for customer in made}

    def add_contacts(
        self, session: Session, wanted: Iterable[tuple[uuid.UUID, str]]
    ) -> set[uuid.UUID]:
        """Make every (customer, external id) findable; the ids of new contacts are returned."""
        unknown = [pair for pair in dict.fromkeys(wanted) if pair not in self._contacts]
        self._read_contacts(session, unknown)
        created_at = now()
        rows: list[dict[str, Any]] = [
            {
                "id": new_id(),
                "customer_id": customer_id,
                "external_id": external_id,
                "champion": False,
                "created_at": created_at,
            }
            for customer_id, external_id in sorted(unknown)
            if (customer_id, external_id) not in self._contacts
        ]
        if not rows:
            return set()
        insert_new(session, Contact, rows, unique=("customer_id", "external_id"))
        self._read_contacts(session, unknown)
        return {row["id"] for row in rows} & set(self._contacts.values())

    def _know(self, customer_id: uuid.UUID, external_id: str | None, name: str) -> None:
        if external_id is not None:
            self._by_external_id[external_id] = customer_id
        self._by_name.setdefault(name_key(name), customer_id)

    def _look_up(self, session: Session, wanted: Sequence[CustomerRef]) -> None:
        """By the indexes alone: ids, and names written exactly so."""
        names = [r.name for r in wanted if r.name is not None]
        ids = [r.external_id for r in wanted if r.external_id is not None] + names
        for column, values in ((col(Customer.external_id), ids), (col(Customer.name), names)):
            for some in parts(sorted(set(values))):
                query = select(col(Customer.id), col(Customer.external_id), col(Customer.name))
                for found in session.execute(query.where(column.in_(some)).order_by("id")):
                    self._know(*found)

    def _read_all(self, session: Session) -> None:
        # Names match by a key that no index holds. This reads the whole table, but only for a
        # batch that names a company not met before.
        query = select(col(Customer.id), col(Customer.external_id), col(Customer.name))
        for found in session.execute(query.order_by(col(Customer.id))):
            self._know(*found)

    def _adopted(self, session: Session, reference: CustomerRef) -> Customer | None:
        """A customer known so far by name only, who now gets the id of ``reference``."""
        if reference.external_id is None or reference.name is None:
            return None
        customer_id = self._by_name.get(name_key(reference.name))
        customer = session.get(Customer, customer_id) if customer_id else None
        if customer is None or customer.external_id is not None:
            return None
        customer.external_id = reference.external_id
        return customer

    def _read_contacts(self, session: Session, pairs: Sequence[tuple[uuid.UUID, str]]) -> None:
        query = select(col(Contact.customer_id), col(Contact.external_id), col(Contact.id))
        for some in parts(pairs):
            customers = sorted({customer for customer, _ in some})
            ids = sorted({external_id for _, external_id in some})
            where = (col(Contact.customer_id).in_(customers), col(Contact.external_id).in_(ids))
            for customer_id, external_id, contact_id in session.execute(query.where(*where)):
                self._contacts[customer_id, external_id] = contact_id


def upsert_customers(session: Session, rows: Sequence[CustomerIn]) -> list[Upserted]:
    """Store or complete customers, in the order of ``rows``; what a row leaves out stays.

    Known means: the same external id, else (for a side without an id) the same ``name_key``.
    """
    directory = Directory()
    references = [CustomerRef(external_id=row.external_id, name=row.name) for row in rows]
    new = directory.add_customers(session, references)
    outcomes: list[Upserted] = []
    for row, reference in zip(rows, references, strict=True):
        customer = session.get_one(Customer, directory.customer(reference))
        changed = _fill(customer, row.model_dump(exclude_none=True))
        outcomes.append(_outcome(new=customer.id in new, changed=changed))
        new.discard(customer.id)
    session.flush()
    return outcomes


def upsert_contacts(session: Session, rows: Sequence[ContactIn]) -> list[Upserted]:
    """Store or complete contacts, in the order of ``rows``; their customers are made if new."""
    directory = Directory()
    directory.add_customers(session, (row.customer for row in rows))
    pairs = [(directory.customer(row.customer), row.external_id) for row in rows]
    new = directory.add_contacts(session, pairs)
    outcomes: list[Upserted] = []
    for row, pair in zip(rows, pairs, strict=True):
        contact = session.get_one(Contact, directory.contact(*pair))
        changed = _fill(contact, row.model_dump(exclude_none=True, exclude={"customer"}))
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


def _fill(record: SQLModel, values: dict[str, Any]) -> bool:
    changed = {field: v for field, v in values.items() if getattr(record, field) != v}
    for field, value in changed.items():
        setattr(record, field, value)
    return bool(changed)


def _outcome(*, new: bool, changed: bool) -> Upserted:
    if new:
        return "stored"
    return "updated" if changed else "repeated"


def _take_turns(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_NAMES_LOCK)))
