"""A database at one moment, read while others go on writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from vocloop.backup import rows
from vocloop.errors import DatabaseError
from vocloop_models.database import revision_of


class Snapshot:
    """The tables of one open transaction; ``held`` of a table is known once its lines were read."""

    def __init__(self, connection: Connection, revision: str) -> None:
        self._connection = connection
        self._shapes = rows.shapes(connection)
        self.revision = revision
        self.columns = {name: shape.columns for name, shape in self._shapes.items()}
        self.held: dict[str, rows.Held] = {}

    def lines(self, name: str) -> Iterator[bytes]:
        tally = rows.Tally()
        yield from tally.passing(rows.lines(self._connection, self._shapes[name]))
        self.held[name] = tally.held()


@contextmanager
def snapshot(engine: Engine) -> Iterator[Snapshot]:
    """All tables as they were at the first look; nobody waits for it.

    Raises DatabaseError for a database without tables."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    # SQLite's write-ahead log keeps the moment of the first look for as long as this reads.
    with engine.connect() as connection, connection.begin():
        revision = revision_of(connection)
        if revision is None:
            raise DatabaseError(
                "the database has no tables of vocloop; check that it is the right one"
            )
        yield Snapshot(connection, revision)
