"""Which customer and contact a row means: looked up once for a series of batches, made when new."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from vocloop.intake.companies import domain_key, name_key
from vocloop.intake.records import CustomerRef
from vocloop_models import AliasKind, Contact, Customer, CustomerAlias, new_id, now, turns
from vocloop_models.bulk import insert_new, parts, stay
from vocloop_models.turns import Turn

Person = tuple[uuid.UUID | None, str | None, str | None]
"""(customer if known, external id, hash of the address): one of the two last is None at most."""


class Directory:
    """The customers and contacts that a series of batches names, looked up once each.

    A customer is the one with the row's external id, else with its mail domain, else with its
    name (as ``name_key`` compares). An external id that no one has is a new customer, whatever its
    name: two ids are never made one here (merges.py suggests it to a person).

    Whoever was merged or forgotten since is looked up anew, and who is there stays until the
    transaction ends. Valid as long as every transaction it was used in is committed; drop it with a
    failed one. ``import_id`` is written to the rows made.
    """

    def __init__(self, import_id: uuid.UUID | None = None) -> None:
        self._import_id = import_id
        self._by_external_id: dict[str, uuid.UUID] = {}
        self._by_domain: dict[str, uuid.UUID] = {}
        self._by_name: dict[str, uuid.UUID] = {}
        self._contacts: dict[tuple[uuid.UUID | None, str], uuid.UUID] = {}
        self._addresses: dict[tuple[uuid.UUID | None, str], uuid.UUID] = {}
        self._kept: set[str] = set()  # domains whose alias was seen to

    def find(self, reference: CustomerRef) -> uuid.UUID | None:
        if reference.external_id is not None:
            return self._by_external_id.get(reference.external_id)
        if reference.domain is not None:
            found = self._by_domain.get(domain_key(reference.domain))
            if found is not None or reference.name is None:
                return found
        name = str(reference.name)
        return self._by_external_id.get(name) or self._by_name.get(name_key(name))

    def customer(self, reference: CustomerRef) -> uuid.UUID:
        """The id of a customer that ``add_customers`` was given; LookupError if it was not."""
        found = self.find(reference)
        if found is None:
            raise LookupError(reference)
        return found

    def contact(
        self, customer_id: uuid.UUID | None, external_id: str | None, address: str | None = None
    ) -> uuid.UUID:
        """The id of a contact that ``add_contacts`` was given; KeyError if it was not."""
        found = self._contact((customer_id, external_id, address))
        if found is None:
            raise KeyError(external_id or address)
        return found

    def add_customers(self, session: Session, references: Iterable[CustomerRef]) -> set[uuid.UUID]:
        """Make every reference findable, with new customers (their ids are returned) for those
        nobody knows. What a reference tells of the domain is kept."""
        wanted = list(dict.fromkeys(references))
        new = self._find_customers(session, wanted)
        while not stay(session, [col(Customer.id)], {(self.customer(r),) for r in wanted}):
            self._forget()
            new |= self._find_customers(session, wanted)
        self._keep_domains(session, wanted)
        return new

    def add_contacts(self, session: Session, wanted: Iterable[Person]) -> set[uuid.UUID]:
        """Make every person findable; the ids of new contacts are returned. Who is known by an id
        or an address keeps one row when the other is told later."""
        people = list(dict.fromkeys(wanted))
        new = self._find_contacts(session, people)
        columns = [col(Contact.id), col(Contact.customer_id)]
        while not stay(session, columns, {(self.contact(*each), each[0]) for each in people}):
            self._forget_contacts()
            new |= self._find_contacts(session, people)
        self._keep_addresses(session, people)
        return new

    def _forget(self) -> None:
        for known in (self._by_external_id, self._by_domain, self._by_name, self._kept):
            known.clear()
        self._forget_contacts()

    def _forget_contacts(self) -> None:
        self._contacts.clear()
        self._addresses.clear()

    # Customers

    def _find_customers(self, session: Session, wanted: Sequence[CustomerRef]) -> set[uuid.UUID]:
        """Remember those that are not; the ids of those that are new."""
        lacking = [r for r in wanted if self.find(r) is None]
        self._look_up(session, lacking)
        unknown = [r for r in lacking if self.find(r) is None]
        made: list[Customer] = []
        if unknown:
            turns.take(session, Turn.NAMES)
            # Who had the turn before may have made them, and known them by a domain.
            self._look_up(session, unknown)
            self._read_all(session)
            for reference in unknown:
                if self.find(reference) is None:
                    made += self._make(session, reference)
            session.add_all(made)
            session.flush()
        return {customer.id for customer in made}

    def _make(self, session: Session, reference: CustomerRef) -> list[Customer]:
        """A new customer, or none when one known by name only takes the id of ``reference``."""
        customer = self._adopted(session, reference)
        if customer is not None:
            self._know(customer.id, customer.external_id, customer.name)
            return []
        name = reference.name or reference.external_id or str(reference.domain)
        customer = Customer(external_id=reference.external_id, name=name, import_id=self._import_id)
        self._know(customer.id, customer.external_id, customer.name)
        if reference.domain is not None:
            self._by_domain.setdefault(domain_key(reference.domain), customer.id)
        return [customer]

    def _know(self, customer_id: uuid.UUID, external_id: str | None, name: str) -> None:
        if external_id is not None:
            self._by_external_id[external_id] = customer_id
        self._by_name.setdefault(name_key(name), customer_id)

    def _know_alias(self, kind: AliasKind, value: str, customer_id: uuid.UUID) -> None:
        by = {
            AliasKind.DOMAIN: self._by_domain,
            AliasKind.EXTERNAL_ID: self._by_external_id,
            AliasKind.NAME: self._by_name,
        }[kind]
        by[value] = customer_id

    def _look_up(self, session: Session, wanted: Sequence[CustomerRef]) -> None:
        """By the indexes alone: ids, domains, and names written exactly so."""
        names = [r.name for r in wanted if r.name is not None]
        ids = [r.external_id for r in wanted if r.external_id is not None] + names
        for column, values in ((col(Customer.external_id), ids), (col(Customer.name), names)):
            for some in parts(sorted(set(values))):
                query = select(col(Customer.id), col(Customer.external_id), col(Customer.name))
                for found in session.execute(query.where(column.in_(some)).order_by("id")):
                    self._know(*found)
        domains = [domain_key(r.domain) for r in wanted if r.domain is not None]
        keys = sorted({*ids, *domains, *map(name_key, names)})
        for some in parts(keys):
            self._read_aliases(session, some)

    def _read_aliases(self, session: Session, values: Sequence[str]) -> None:
        query = select(
            col(CustomerAlias.kind), col(CustomerAlias.value), col(CustomerAlias.customer_id)
        )
        for alias in session.execute(query.where(col(CustomerAlias.value).in_(values))):
            self._know_alias(*alias)

    def _read_all(self, session: Session) -> None:
        # Names match by a key that no index holds. This reads the whole table, but only for a
        # batch that names a company not met before.
        query = select(col(Customer.id), col(Customer.external_id), col(Customer.name))
        for found in session.execute(query.order_by(col(Customer.id))):
            self._know(*found)

    def _adopted(self, session: Session, reference: CustomerRef) -> Customer | None:
        """A customer known so far by name or domain only, who now gets the id of
        ``reference``."""
        if reference.external_id is None:
            return None
        customer_id = None
        if reference.domain is not None:
            customer_id = self._by_domain.get(domain_key(reference.domain))
        if customer_id is None and reference.name is not None:
            customer_id = self._by_name.get(name_key(reference.name))
        customer = session.get(Customer, customer_id) if customer_id else None
        if customer is None or customer.external_id is not None:
            return None
        customer.external_id = reference.external_id
        return customer

    def _keep_domains(self, session: Session, references: Sequence[CustomerRef]) -> None:
        rows = []
        for reference in references:
            domain = domain_key(reference.domain) if reference.domain else None
            if domain is None or domain in self._kept:
                continue
            owner = self.customer(reference)
            if self._by_domain.setdefault(domain, owner) == owner:
                row = {"kind": AliasKind.DOMAIN, "value": domain, "customer_id": owner}
                rows.append(row)
            self._kept.add(domain)
        if rows:
            rows.sort(key=lambda row: str(row["value"]))
            insert_new(session, CustomerAlias, rows, unique=("kind", "value"))

    # Contacts

    def _find_contacts(self, session: Session, people: Sequence[Person]) -> set[uuid.UUID]:
        """Remember those that are not; the ids of those that are new."""
        unknown = [person for person in people if self._contact(person) is None]
        self._read_contacts(session, unknown)
        created_at = now()
        rows: list[dict[str, Any]] = []
        for customer_id, external_id, address in unknown:
            if self._contact((customer_id, external_id, address)) is not None:
                continue
            contact_id, key = new_id(), str(external_id or address)
            row = {
                "id": contact_id,
                "customer_id": customer_id,
                "external_id": key,
                "address_hash": address,
                "champion": False,
                "import_id": self._import_id,
                "created_at": created_at,
            }
            rows.append(row)
            self._know_contact(contact_id, customer_id, key, address)
        made: set[uuid.UUID] = set()
        if rows:
            rows.sort(key=lambda row: (str(row["customer_id"]), row["external_id"]))
            insert_new(session, Contact, rows, unique=())
            # Another writer may have been first: what the table holds is what counts.
            self._read_contacts(session, unknown)
            made = {row["id"] for row in rows} & set(self._contacts.values())
        return made

    def _contact(self, person: Person) -> uuid.UUID | None:
        customer_id, external_id, address = person
        found = None
        if external_id is not None:
            found = self._contacts.get((customer_id, external_id))
        if found is None and address is not None:
            found = self._addresses.get((customer_id, address))
        return found

    def _know_contact(
        self,
        contact_id: uuid.UUID,
        customer_id: uuid.UUID | None,
        external_id: str,
        address: str | None,
    ) -> None:
        self._contacts[customer_id, external_id] = contact_id
        if address is not None:
            self._addresses[customer_id, address] = contact_id

    def _read_contacts(self, session: Session, people: Sequence[Person]) -> None:
        query = select(
            col(Contact.id),
            col(Contact.customer_id),
            col(Contact.external_id),
            col(Contact.address_hash),
        )
        for some in parts(people):
            customers = sorted({customer for customer, *_ in some if customer is not None})
            of_them: Any = col(Contact.customer_id).in_(customers)
            if any(customer is None for customer, *_ in some):
                of_them = of_them | col(Contact.customer_id).is_(None)
            ids = sorted({key for _, *keys in some for key in keys if key is not None})
            known = col(Contact.external_id).in_(ids) | col(Contact.address_hash).in_(ids)
            for found in session.execute(query.where(of_them, known)):
                self._know_contact(*found)

    def _keep_addresses(self, session: Session, people: Sequence[Person]) -> None:
        """Note the address of contacts that were known by their id only."""
        for customer_id, external_id, address in people:
            if address is None or external_id is None or (customer_id, address) in self._addresses:
                continue
            contact = session.get_one(Contact, self._contacts[customer_id, external_id])
            contact.address_hash = address
            self._addresses[customer_id, address] = contact.id
        session.flush()
