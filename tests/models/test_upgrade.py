"""A database of the first release, with rows in every table, comes to this version whole."""

from __future__ import annotations

from sqlalchemy import Engine, text

from tests.filled import fill
from tests.models.agreement import differences
from vocloop.backup import rows
from vocloop_models.database import migrate, revisions, schema_change, upgrade

FIRST = "0001"
ROWS = 3


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()  # noqa: S608 - our own names
            for name in rows.shapes(connection)
        }


def test_rows_of_the_first_release_are_all_there_after_the_upgrade(engine: Engine) -> None:
    try:
        with schema_change(engine) as connection:
            migrate(connection, "base")
            migrate(connection, FIRST)
        fill(engine, ROWS)
        before = counts(engine)
        assert set(before.values()) == {ROWS}
    finally:
        upgrade(engine)
    current, head = revisions(engine)
    assert current == head
    after = counts(engine)
    assert {name: after[name] for name in before} == before
    assert differences(engine) == []
