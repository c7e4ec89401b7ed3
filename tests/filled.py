"""Rows in every table of a database, whatever its revision."""

from __future__ import annotations

import datetime as dt
import uuid
from itertools import pairwise
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from vocloop.backup import rows
from vocloop_models.base import UtcDateTime

MOMENT = dt.datetime(2026, 11, 28, 9, 30, 0, 123456, tzinfo=dt.UTC)
WORDS = "承認が「遅い」\n\t\\ é 😀"


def fill(engine: Engine, count: int = 3) -> None:
    """Put ``count`` rows into every table, instead of what it holds. Each refers to the row of the
    same number; inside a table to the next one, which comes after it. The first ones leave out
    what may be left out."""
    with engine.execution_options(vocloop_write=True).begin() as connection:
        shapes = rows.shapes(connection)
        for shape in reversed(shapes.values()):
            connection.execute(shape.table.delete())
        for name, shape in shapes.items():
            found = {each["name"]: each for each in sa.inspect(connection).get_columns(name)}
            parents = {
                fk.parent.name: fk.column for each in shape.references for fk in each.elements
            }
            own = [column for column, parent in parents.items() if parent.table.name == name]
            written = []
            for number in range(count):
                row = {}
                for column in shape.table.columns:
                    empty = number == 0 and column.name not in parents
                    if column.name in own or (empty and found[column.name]["nullable"]):
                        row[column.name] = None
                        continue
                    told = _origin(f"{name}.{column.name}", parents.get(column.name))
                    length = getattr(found[column.name]["type"], "length", None)
                    row[column.name] = _value(told, column.type, number, length)
                written.append(row)
            connection.execute(shape.table.insert(), written)
            for column in own:
                for row, after in pairwise(written):
                    change = shape.table.update().where(shape.table.c.id == row["id"])
                    connection.execute(change.values({column: after["id"]}))


def _origin(told: str, parent: sa.Column[Any] | None) -> str:
    """The column whose values a reference repeats; it may be a reference itself."""
    while parent is not None:
        told = f"{parent.table.name}.{parent.name}"
        parent = next((fk.column for fk in parent.foreign_keys), None)
    return told


def _value(told: str, kind: Any, number: int, length: int | None) -> Any:
    values: dict[type[Any], Any] = {
        sa.Uuid: str(uuid.uuid5(uuid.NAMESPACE_OID, f"{told} {number}")),
        UtcDateTime: MOMENT + dt.timedelta(days=number),
        sa.Date: MOMENT.date() + dt.timedelta(days=number),
        sa.LargeBinary: bytes([number, 0, 255]),
        sa.Boolean: number % 2 == 0,
        sa.Integer: number + 1,
        sa.Float: 0.1 + number / 3,
        sa.String: f"{number}{WORDS}"[:length],
    }
    # What is neither is JSON, as its text.
    return values.get(type(kind), f'{{"b": [{number}, null, "字"], "a": 0.1}}')
