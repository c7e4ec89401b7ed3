"""Many rows with few statements, alike on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ARRAY, ColumnElement, Table, Uuid, any_, cast, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel

Value = TypeVar("Value")

# Databases limit the parameters of a statement; SQLite's older limit was 999.
_KEYS_A_QUERY = 400


def parts(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """``values`` in runs short enough for the ``IN (…)`` of one query."""
    for start in range(0, len(values), _KEYS_A_QUERY):
        yield values[start : start + _KEYS_A_QUERY]


def among(session: Session, column: Any, ids: Collection[uuid.UUID]) -> ColumnElement[bool]:
    """Whether a column of ids holds one of ``ids``, of which there may be thousands: they are one
    parameter, where ``IN (…)`` has one for each, which takes longer to write than to answer."""
    if session.get_bind().dialect.name == "postgresql":
        return column == any_(cast(list(ids), ARRAY(Uuid)))  # type: ignore[no-any-return]
    listed = func.json_each(json.dumps([each.hex for each in ids])).table_valued("value")
    return column.in_(select(listed.c.value))  # type: ignore[no-any-return]


def stay(session: Session, columns: Sequence[Any], wanted: Collection[tuple[Any, ...]]) -> bool:
    """Whether there are rows with these values, the first of which is their id; those that there
    are nobody removes until the transaction ends."""
    if not wanted:
        return True
    key = columns[0]
    query = select(*columns).where(among(session, key, {id_ for id_, *_ in wanted})).order_by(key)
    rows = session.execute(query.with_for_update(read=True, key_share=True))
    return set(wanted) <= {tuple(row) for row in rows}


def insert_new(
    session: Session,
    model: type[SQLModel],
    rows: Sequence[dict[str, Any]],
    *,
    unique: Sequence[str],
) -> bool:
    """Insert ``rows``, leaving out those whose ``unique`` columns another row has already; whether
    none was left out.

    Without ``unique`` columns, any rule of the table that a row would break leaves it out. Give
    rows in the order of their unique columns: two writers that insert the same rows in
    different orders could wait for each other.
    """
    table: Table = model.__table__  # type: ignore[attr-defined]
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).on_conflict_do_nothing(index_elements=list(unique) or None)
    # Asked for at once: the cursor is closed before the count of an INSERT could be read, and on
    # PostgreSQL it would be -1.
    counted = {"preserve_rowcount": True}
    result = session.connection().execute(statement, list(rows), execution_options=counted)
    return result.rowcount == len(rows)


def insert_all(session: Session, model: type[SQLModel], rows: Sequence[dict[str, Any]]) -> None:
    table: Table = model.__table__  # type: ignore[attr-defined]
    session.connection().execute(table.insert(), list(rows))
