"""A workspace with more of everything: for what must not grow with the rows of a page."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine
from sqlmodel import SQLModel

# What other rows belong to: half of the copies belong to the first ones of these.
PARENTS = frozenset(
    {
        "theme",
        "customer",
        "contact",
        "department",
        "backlogitem",
        "hypothesis",
        "round",
        "recipient",
    }
    | {
        "feedback",
        "useraccount",
        "tracker",
        "connector",
        "companygoal",
        "successpattern",
        "importjob",
    }
)
# Without these the rows that they belong to are not whole.
PARTS = frozenset({"hypothesisversion"})


def multiply(engine: Engine, copies: int) -> dict[str, int]:
    """Copy every row that may be there twice ``2 * copies`` times: as a workspace of its own, and
    as more rows of the same parents. By table, how many there are then."""
    tables = [table for table in SQLModel.metadata.sorted_tables if table.name != "alembic_version"]
    with engine.execution_options(vocloop_write=True).begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        first = {
            table.name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            for table in tables
        }
        for number in range(1, 2 * copies + 1):
            _copy(connection, tables, first, number, apart=number % 2 == 1)
        return {
            table.name: connection.execute(
                sa.select(sa.func.count()).select_from(table)
            ).scalar_one()
            for table in tables
        }


def _copy(
    connection: sa.Connection,
    tables: list[sa.Table],
    first: Mapping[str, list[dict[str, Any]]],
    number: int,
    *,
    apart: bool,
) -> None:
    """``apart``: what a copy refers to is a copy too; else its parents stay."""
    ids: dict[uuid.UUID, uuid.UUID] = {}
    for table in tables:
        references = {
            column.name: key.column.table.name
            for column in table.columns
            for key in column.foreign_keys
        }
        groups = _unique(table)
        stay = {
            name
            for name, parent in references.items()
            if parent in PARENTS and not apart and table.name not in PARTS
        }
        for group in groups:
            if stay.issuperset(column.name for column in group):
                stay.discard(group[-1].name)
        for row in first[table.name]:
            own = row.get("id")
            if isinstance(own, uuid.UUID):
                ids[own] = uuid.uuid5(uuid.NAMESPACE_OID, f"{number} {own}")
            copy = {name: v if name in stay else _copied(ids, v) for name, v in row.items()}
            for group in groups:
                _make_unique(group, copy, references, number)
            try:
                with connection.begin_nested():
                    connection.execute(table.insert(), [copy])
            except sa.exc.IntegrityError:
                # There is room for one only, as of a setting.
                ids.pop(own, None)  # type: ignore[arg-type]


def _copied(ids: Mapping[uuid.UUID, uuid.UUID], value: Any) -> Any:
    return ids.get(value, value) if isinstance(value, uuid.UUID) else value


def _unique(table: sa.Table) -> list[list[sa.Column[Any]]]:
    """Groups of columns whose values are there once."""
    groups = [list(table.primary_key.columns)]
    groups += [
        list(each.columns) for each in table.constraints if isinstance(each, sa.UniqueConstraint)
    ]
    return groups + [list(each.columns) for each in table.indexes if each.unique]


def _make_unique(
    group: list[sa.Column[Any]], copy: dict[str, Any], references: Mapping[str, str], number: int
) -> None:
    """Change one value that is no reference, if there is one that may be changed."""
    for column in group:
        value = copy[column.name]
        if column.name in references or isinstance(column.type, sa.Enum):
            continue
        if isinstance(value, str):
            copy[column.name] = f"{value}-{number}"
        elif isinstance(value, dt.date):
            copy[column.name] = value - dt.timedelta(days=number)
        elif isinstance(value, int):
            copy[column.name] = value + 1_000 * number
        else:
            continue
        return
