"""A database of an earlier version, with rows in every table, comes to this version whole."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from tests.filled import fill
from tests.models.agreement import differences
from vocloop.backup import rows
from vocloop_models.database import _alembic, migrate, revisions, schema_change, upgrade

ROWS = 3
ALL = sorted(each.revision for each in ScriptDirectory.from_config(_alembic()).walk_revisions())
# The first, the last but one, and some between.
EARLIER = sorted({*ALL[:-1:4], ALL[-2]})

# By table: the rows, column by column.
Held = dict[str, list[dict[str, Any]]]


def held(engine: Engine) -> Held:
    with engine.connect() as connection:
        return {
            name: [dict(row) for row in connection.execute(sa.select(shape.table)).mappings()]
            for name, shape in rows.shapes(connection).items()
        }


def told(found: list[dict[str, Any]], columns: list[str]) -> list[str]:
    return sorted(str([row.get(column) for column in columns]) for row in found)


@pytest.mark.parametrize("revision", EARLIER)
def test_rows_of_an_earlier_version_are_all_there_as_they_were(
    engine: Engine, revision: str
) -> None:
    try:
        with schema_change(engine) as connection:
            migrate(connection, "base")
            migrate(connection, revision)
        fill(engine, ROWS)
        before = held(engine)
        assert {len(each) for each in before.values()} == {ROWS}
    finally:
        upgrade(engine)
    current, head = revisions(engine)
    assert current == head
    after = held(engine)
    for name, found in before.items():
        columns = list(found[0])
        assert told(after[name], columns) == told(found, columns), name
    assert differences(engine) == []
