"""A database of an earlier version, with rows in every table, comes to this version whole."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from tests.filled import fill
from tests.models.agreement import differences
from vocloop.backup import rows
from vocloop_models import database
from vocloop_models.database import _alembic, migrate, revisions, schema_change, upgrade

pytestmark = pytest.mark.slow

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


def test_an_upgrade_behind_a_long_reader_gives_up_and_holds_nobody_up(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("on SQLite readers and an upgrade do not wait for each other")
    monkeypatch.setattr(database, "UPGRADE_WAIT_SECONDS", 1)
    try:
        with schema_change(engine) as connection:
            migrate(connection, "base")
            migrate(connection, ALL[-2])
        with engine.connect() as reader:
            # All that the last migration may change is being read, for as long as it likes.
            for name in sa.inspect(reader).get_table_names():
                if name != "alembic_version":
                    reader.execute(sa.text(f'SELECT count(*) FROM "{name}"'))  # noqa: S608 - our own names
            with pytest.raises(OperationalError, match="lock timeout"):
                upgrade(engine)
            with engine.connect() as other:
                other.execute(sa.text("SELECT count(*) FROM theme"))
            assert revisions(engine)[0] == ALL[-2]
    finally:
        upgrade(engine)
    assert differences(engine) == []
