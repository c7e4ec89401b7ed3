"""Two customers that may be one: suggested to a person, who accepts, dismisses, and can take it
back. Nothing is merged by itself."""

from __future__ import annotations

import itertools
import re
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, delete, insert, select, update
from sqlmodel import Session, SQLModel, col

from vocloop.errors import ConflictError, NotFoundError, says
from vocloop.intake import access
from vocloop.intake.companies import domain_key, name_key
from vocloop.intake.removal import references
from vocloop_models import (
    AliasKind,
    Contact,
    Customer,
    CustomerAccess,
    CustomerAlias,
    CustomerMerge,
    MergeReason,
    MergeState,
    now,
    turns,
)
from vocloop_models.bulk import insert_new
from vocloop_models.database import held
from vocloop_models.turns import Turn

# So many customers of one name: a place or a word, not a company.
_MOST_OF_ONE_NAME = 6
# What a branch adds to the name of its company.
_BRANCH = re.compile(
    r"(?:ジャパン|日本法人|日本|ホールディングス|グループ|本社|本店|[一-龥]{1,4}(?:支店"
    r"|支社|営業所|事業所|工場)|japan|holdings?|group|international|global)$"
)
_SHORTEST_KEY = 3
# What the kept customer does not take over where it has none.
_ITS_OWN = {"id", "created_at", "name", "currency", "import_id", "restricted"}


@dataclass(frozen=True)
class Suggestion:
    merge: CustomerMerge
    kept: Customer | None
    other: Customer | None


def refresh_suggestions(session: Session) -> int:
    """Look for customers that may be one; how many suggestions are new. A pair that a person
    decided on is not suggested again."""
    decided = select(col(CustomerMerge.kept_id), col(CustomerMerge.other_id))
    known = {(kept, other) for kept, other in session.execute(decided)}
    names = session.execute(select(col(Customer.id), col(Customer.name)).order_by(col(Customer.id)))
    found = _pairs([tuple(row) for row in names], _domains(session))
    fresh = [
        (kept, other, reason)
        for (kept, other), reason in sorted(found.items())
        if (kept, other) not in known
    ]
    _suggest(session, fresh)
    return len(fresh)


def suggestions(session: Session, state: MergeState = MergeState.OPEN) -> list[Suggestion]:
    """Suggestions in ``state`` with their customers (None: gone, or merged)."""
    rows = list(
        session.scalars(
            select(CustomerMerge)
            .where(col(CustomerMerge.state) == state)
            .order_by(col(CustomerMerge.id))
        )
    )
    ids = {each for row in rows for each in (row.kept_id, row.other_id)}
    by_id = {
        each.id: each for each in session.scalars(select(Customer).where(col(Customer.id).in_(ids)))
    }
    found = [Suggestion(row, by_id.get(row.kept_id), by_id.get(row.other_id)) for row in rows]
    if state is MergeState.OPEN:
        return [each for each in found if each.kept and each.other]
    return found


def suggest_pair(session: Session, one: uuid.UUID, other: uuid.UUID) -> CustomerMerge:
    """A person's own suggestion, to be accepted like any. The older customer is the one kept."""
    kept_id, other_id = sorted((one, other))
    for each in (kept_id, other_id):
        _customer(session, each)
    if one == other:
        raise ConflictError(says("a customer can't be merged with itself; name two"))
    _suggest(session, [(kept_id, other_id, MergeReason.SIMILAR_NAME)])
    return session.scalars(
        select(CustomerMerge).where(
            col(CustomerMerge.kept_id) == kept_id, col(CustomerMerge.other_id) == other_id
        )
    ).one()


def dismiss(session: Session, merge_id: uuid.UUID) -> CustomerMerge:
    """These two are different companies."""
    merge = _merge(session, merge_id)
    if merge.state is MergeState.ACCEPTED:
        raise ConflictError(says("the two are merged; undo that first"))
    merge.state, merge.decided_at = MergeState.DISMISSED, now()
    session.flush()
    return merge


def accept(session: Session, merge_id: uuid.UUID) -> CustomerMerge:
    """Make two customers one: feedback, contacts and whatever else refers to the other now refers
    to the kept one, which takes over what it did not know. The other's id, name and domains lead to
    it from now on. Only who may see both sees them as one. All of it can be undone."""
    turns.take(session, Turn.MERGES)
    merge = _merge(session, merge_id)
    if merge.state is MergeState.ACCEPTED:
        return merge
    kept, other = _held(session, merge.kept_id), _held(session, merge.other_id)
    taken_back: dict[str, Any] = {
        "other": other.model_dump(mode="json"),
        "kept": kept.model_dump(mode="json"),
        "contacts": _merge_contacts(session, kept.id, other.id),
        "moved": _moved(session, kept.id, other.id),
        "access": access.join(session, kept, other, merge.id),
    }
    values = other.model_dump(exclude=_ITS_OWN)
    if kept.arr is None:
        kept.currency = other.currency
    for name, value in values.items():
        if getattr(kept, name) is None and name != "external_id":
            setattr(kept, name, value)
    kept.segments = other.segments | kept.segments
    aliases = _aliases(kept, other)
    session.flush()
    session.execute(_table(Customer).delete().where(_table(Customer).c.id == other.id))
    session.expunge(other)
    taken_back["aliases"] = _add_aliases(session, kept, aliases)
    merge.undo, merge.state, merge.decided_at = taken_back, MergeState.ACCEPTED, now()
    session.flush()
    return merge


def undo(session: Session, merge_id: uuid.UUID) -> CustomerMerge:
    """Take a merge back, or a dismissal. What came after the merge stays with the kept customer,
    and so does what people changed of it since; who may see it then may see both."""
    turns.take(session, Turn.MERGES)
    merge = _merge(session, merge_id)
    if merge.state is not MergeState.ACCEPTED:
        merge.state, merge.decided_at = MergeState.OPEN, None
        session.flush()
        return merge
    kept = _held(session, merge.kept_id)
    was = merge.undo
    other = _row(Customer, was["other"])
    for kind, value in was["aliases"]:
        session.execute(
            delete(CustomerAlias).where(
                col(CustomerAlias.kind) == kind, col(CustomerAlias.value) == value
            )
        )
    if kept.external_id == other["external_id"]:
        kept.external_id = None
        session.flush()
    session.execute(insert(Customer).values(**other))
    _restore_fields(kept, _row(Customer, was["kept"]), other)
    _restore_contacts(session, was["contacts"])
    for table_name, column, ids in was["moved"]:
        table, place = _place(table_name, column)
        key = _key_column(table)
        session.execute(
            update(table)
            .where(key.in_([_typed(key, each) for each in ids]), place == kept.id)
            .values({place: other["id"]})
        )
    access.part(session, kept, other["id"], was.get("access"), merge.id)
    merge.undo, merge.state, merge.decided_at = {}, MergeState.OPEN, None
    session.flush()
    session.expire_all()
    return merge


def _pairs(
    customers: list[tuple[uuid.UUID, str]], domains: Mapping[str, Iterable[uuid.UUID]]
) -> dict[tuple[uuid.UUID, uuid.UUID], MergeReason]:
    """(older, newer) → the strongest reason."""
    by_key: defaultdict[str, list[uuid.UUID]] = defaultdict(list)
    by_core: defaultdict[str, list[uuid.UUID]] = defaultdict(list)
    for customer_id, name in customers:
        key = name_key(name)
        by_key[key].append(customer_id)
        core = _core(key)
        by_core[core].append(customer_id)
    found: dict[tuple[uuid.UUID, uuid.UUID], MergeReason] = {}
    for reason, groups in (
        (MergeReason.SAME_NAME, by_key.values()),
        (MergeReason.SAME_DOMAIN, [sorted(each) for each in domains.values()]),
        (MergeReason.SIMILAR_NAME, by_core.values()),
    ):
        for group in groups:
            if len(group) <= _MOST_OF_ONE_NAME:
                for one, other in itertools.combinations(sorted(group), 2):
                    found.setdefault((one, other), reason)
    return found


def _core(key: str) -> str:
    """A name without what tells branches of one company apart."""
    core = key
    while (shorter := _BRANCH.sub("", core)) != core and len(shorter) >= _SHORTEST_KEY:
        core = shorter
    return core


def _domains(session: Session) -> dict[str, set[uuid.UUID]]:
    """Customers by domain: the one an alias names, and those that are called like the domain."""
    owners: defaultdict[str, set[uuid.UUID]] = defaultdict(set)
    aliases = select(col(CustomerAlias.value), col(CustomerAlias.customer_id)).where(
        col(CustomerAlias.kind) == AliasKind.DOMAIN
    )
    for domain, customer_id in session.execute(aliases):
        owners[domain].add(customer_id)
    for customer_id, name in session.execute(select(col(Customer.id), col(Customer.name))):
        if "." in name and " " not in name:
            owners[domain_key(name)].add(customer_id)
    by_first = {domain.split(".")[0]: domain for domain in owners}
    for customer_id, name in session.execute(select(col(Customer.id), col(Customer.name))):
        domain = by_first.get(name_key(name))
        if domain is not None:
            owners[domain].add(customer_id)
    return owners


def _moved(session: Session, kept: uuid.UUID, other: uuid.UUID) -> list[list[Any]]:
    """Point every row from ``other`` to ``kept``; (table, column, keys) to turn back."""
    moved = []
    for table, column in references(Customer):
        if table is _table(CustomerAccess):
            continue  # who may see them is no row to be moved: see access
        key = _key_column(table)
        ids = [_written(each) for each in session.scalars(select(key).where(column == other))]
        if ids:
            session.execute(update(table).where(column == other).values({column: kept}))
            moved.append([table.name, column.name, ids])
    return moved


def _merge_contacts(session: Session, kept: uuid.UUID, other: uuid.UUID) -> list[dict[str, Any]]:
    """One contact where both customers know the same person; what to turn back."""
    own = {
        each.external_id: each
        for each in session.scalars(select(Contact).where(col(Contact.customer_id) == kept))
    }
    merged = []
    for twin in session.scalars(select(Contact).where(col(Contact.customer_id) == other)).all():
        stays = own.get(twin.external_id)
        if stays is None:
            continue
        moved = []
        for table, column in references(Contact):
            key = _key_column(table)
            ids = [_written(each) for each in session.scalars(select(key).where(column == twin.id))]
            session.execute(update(table).where(column == twin.id).values({column: stays.id}))
            moved.append([table.name, column.name, ids])
        merged.append(
            {"contact": twin.model_dump(mode="json"), "into": str(stays.id), "moved": moved}
        )
        session.delete(twin)
    session.flush()
    return merged


def _restore_contacts(session: Session, merged: list[dict[str, Any]]) -> None:
    for each in merged:
        contact = _row(Contact, each["contact"])
        session.execute(insert(Contact).values(**contact))
        for table_name, column, ids in each["moved"]:
            table, place = _place(table_name, column)
            key = _key_column(table)
            session.execute(
                update(table)
                .where(
                    key.in_([_typed(key, value) for value in ids]),
                    place == uuid.UUID(each["into"]),
                )
                .values({place: contact["id"]})
            )


def _restore_fields(kept: Customer, before: dict[str, Any], other: dict[str, Any]) -> None:
    """What the kept customer took over goes back, unless someone changed it since."""
    for name, value in before.items():
        if name in {"id", "segments", "restricted"} or getattr(kept, name) == value:
            continue
        if getattr(kept, name) == other.get(name):
            setattr(kept, name, value)
    kept.segments = {
        name: value
        for name, value in kept.segments.items()
        if name in before["segments"] or other["segments"].get(name) != value
    }


def _aliases(kept: Customer, other: Customer) -> list[tuple[AliasKind, str]]:
    aliases = [(AliasKind.NAME, name_key(other.name))]
    if other.external_id is not None:
        aliases.append((AliasKind.EXTERNAL_ID, other.external_id))
    return [(kind, value) for kind, value in aliases if value != kept.external_id]


def _add_aliases(
    session: Session, kept: Customer, aliases: list[tuple[AliasKind, str]]
) -> list[tuple[str, str]]:
    added = []
    for kind, value in aliases:
        if session.get(CustomerAlias, (kind, value)) is None:
            session.add(CustomerAlias(kind=kind, value=value, customer_id=kept.id))
            added.append((kind.value, value))
    session.flush()
    return added


def _suggest(session: Session, pairs: Iterable[tuple[uuid.UUID, uuid.UUID, MergeReason]]) -> None:
    """Keep suggestions, but for those that somebody else has kept meanwhile."""
    rows = [
        CustomerMerge(kept_id=kept, other_id=other, reason=reason).model_dump()
        for kept, other, reason in pairs
    ]
    if rows:
        insert_new(session, CustomerMerge, rows, unique=("kept_id", "other_id"))


def _merge(session: Session, merge_id: uuid.UUID) -> CustomerMerge:
    """The suggestion as it is now, and nobody else's to decide on until the transaction ends."""
    merge = held(session, CustomerMerge, merge_id)
    if merge is None:
        raise NotFoundError(f"there is no suggestion {merge_id}; list them to see which there are")
    return merge


def _held(session: Session, customer_id: uuid.UUID) -> Customer:
    """Nobody else's to merge, nor to add voices of, until the transaction ends."""
    return held(session, Customer, customer_id) or _customer(session, customer_id)


def _customer(session: Session, customer_id: uuid.UUID) -> Customer:
    customer = session.get(Customer, customer_id)
    if customer is None:
        raise ConflictError(
            says(
                "customer %(customer_id)s is not there any more; refresh the suggestions",
                customer_id=customer_id,
            )
        )
    return customer


def _table(model: type[SQLModel]) -> Table:
    return model.__table__  # type: ignore[attr-defined,no-any-return]


def _place(table_name: str, column: str) -> tuple[Table, Any]:
    table = SQLModel.metadata.tables[table_name]
    return table, table.c[column]


def _key_column(table: Table) -> Any:
    """What tells the rows of a table apart: its id, or the last part of its key."""
    return table.c.id if "id" in table.c else list(table.primary_key.columns)[-1]


def _written(value: Any) -> Any:
    return str(value) if isinstance(value, uuid.UUID) else value


def _typed(column: Any, value: Any) -> Any:
    return uuid.UUID(value) if column.type.python_type is uuid.UUID else value


def _row(model: type[SQLModel], written: dict[str, Any]) -> dict[str, Any]:
    """JSON of a record back as values of its columns."""
    restored = model.model_validate(written)
    return {column.name: getattr(restored, column.name) for column in _table(model).columns}
