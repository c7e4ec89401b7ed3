"""Rows as lines of JSON that do not depend on the database that holds them.

Tables are read as they are in the database, not as this version's models would have them: a backup
is made before an upgrade, by the version that will upgrade.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from vocloop_models.base import UtcDateTime

REVISIONS = "alembic_version"
# Rows read or inserted at a time: what memory holds of a table, however long it is.
BATCH = 1_000

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Held:
    """What a table holds: the number of its rows, and the SHA-256 of their lines."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Shape:
    """A table as it is in one database, its columns in order of their names."""

    table: sa.Table
    order: Sequence[Any]
    references: Sequence[sa.ForeignKeyConstraint]

    @property
    def columns(self) -> list[str]:
        return [column.name for column in self.table.columns]


class Tally:
    """Counts lines, and sums them up, as they pass."""

    def __init__(self) -> None:
        self._rows = 0
        self._digest = hashlib.sha256()

    def passing(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        for line in lines:
            self._rows += 1
            self._digest.update(line)
            yield line

    def held(self) -> Held:
        return Held(self._rows, self._digest.hexdigest())


def held(lines: Iterable[bytes]) -> Held:
    tally = Tally()
    for _ in tally.passing(lines):
        pass
    return tally.held()


class _PlainJson(sa.types.TypeDecorator[str]):
    """PostgreSQL's json, which keeps what was written, as its own text."""

    impl = sa.Text
    cache_ok = True

    def bind_expression(self, bindvalue: Any) -> Any:
        return sa.cast(sa.type_coerce(bindvalue, sa.Text), sa.JSON)

    def column_expression(self, column: Any) -> Any:
        return sa.cast(column, sa.Text)


def shapes(connection: Connection) -> dict[str, Shape]:
    """Every table of the workspace by name, what is referred to before what refers to it."""
    found = sa.MetaData()
    found.reflect(connection)
    plain = sa.MetaData()
    return {
        table.name: _shape(table, plain, connection.dialect.name)
        for table in found.sorted_tables
        if table.name != REVISIONS
    }


def _shape(table: sa.Table, plain: sa.MetaData, dialect: str) -> Shape:
    columns = sorted(table.columns, key=lambda column: column.name)
    made = sa.Table(
        table.name, plain, *(sa.Column(c.name, _type(c.type, dialect)) for c in columns)
    )
    order = [_sortable(made.c[c.name], dialect) for c in table.primary_key.columns]
    return Shape(made, order, sorted(table.foreign_key_constraints, key=lambda c: str(c.name)))


def _type(found: Any, dialect: str) -> Any:
    """SQLAlchemy's type by which both databases give the same Python value."""
    if isinstance(found, sa.Uuid) or (isinstance(found, sa.CHAR) and found.length == 32):
        return sa.Uuid(as_uuid=False)
    if isinstance(found, sa.JSON):
        return _PlainJson() if dialect == "postgresql" else sa.Text()
    if isinstance(found, sa.DateTime):
        return UtcDateTime()
    same = (sa.Date, sa.LargeBinary, sa.Boolean, sa.Integer, sa.Float, sa.String)
    for kind in same:
        if isinstance(found, kind):
            return kind()
    raise TypeError(f"rows.py knows no canonical form of the type {found!r}; add one")


def _sortable(column: sa.Column[Any], dialect: str) -> Any:
    # As SQLite sorts: by bytes, whatever the language of the server.
    if dialect == "postgresql" and isinstance(column.type, sa.String):
        return column.collate("C")
    return column


def lines(connection: Connection, shape: Shape) -> Iterator[bytes]:
    """The rows of a table in order of their keys."""
    query = sa.select(*shape.table.columns).order_by(*shape.order)
    options = connection.execution_options(stream_results=True, yield_per=BATCH)
    with closing(options.execute(query)) as found:
        for row in found:
            values = [_written(value) for value in row]
            yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _written(value: Any) -> Value:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value  # type: ignore[no-any-return]


def insert(connection: Connection, shape: Shape, written: Iterable[bytes]) -> None:
    """Put lines into a table, in batches."""
    readers = {column.name: _reader(column.type) for column in shape.table.columns}
    batch: list[dict[str, Any]] = []
    for line in written:
        batch.append(_read(line, readers))
        if len(batch) == BATCH:
            connection.execute(shape.table.insert(), batch)
            batch = []
    if batch:
        connection.execute(shape.table.insert(), batch)


def _read(line: bytes, readers: Mapping[str, Callable[[Any], Any] | None]) -> dict[str, Any]:
    return {
        name: value if value is None or reader is None else reader(value)
        for (name, reader), value in zip(readers.items(), json.loads(line), strict=True)
    }


def _reader(kind: Any) -> Callable[[Any], Any] | None:
    if isinstance(kind, sa.LargeBinary):
        return base64.b64decode
    if isinstance(kind, UtcDateTime):
        return dt.datetime.fromisoformat
    if isinstance(kind, sa.Date):
        return dt.date.fromisoformat
    return None
