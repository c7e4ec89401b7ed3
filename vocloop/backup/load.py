"""Puts a whole workspace into a database, in one transaction, and compares every table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.schema import AddConstraint, DropConstraint

from vocloop.backup import rows
from vocloop.backup.archive import Archive
from vocloop.backup.rows import Held, Shape
from vocloop.backup.snapshot import snapshot
from vocloop.errors import ConflictError, DatabaseError
from vocloop_models.database import knows, migrate, revision_of, schema_change, upgrade

Progress = Callable[[str, int, int], None]
# Tables into which a migration puts rows: a database that holds no others is empty.
MADE_FULL = frozenset({"eventwatch"})
_BROKEN = "a row refers to one that is not there; nothing was changed"


class Source(Protocol):
    """Tables to be loaded: ``columns`` by table in the order of loading. ``held`` of a table is
    asked for after its ``lines``."""

    @property
    def revision(self) -> str: ...
    @property
    def columns(self) -> Mapping[str, list[str]]: ...
    @property
    def held(self) -> Mapping[str, Held]: ...
    def lines(self, name: str) -> Iterator[bytes]: ...


def restore(
    engine: Engine, archive: Archive, *, replace: bool = False, progress: Progress = lambda *_: None
) -> Mapping[str, Held]:
    """Put a backup into ``engine``; one of an older version is upgraded then.

    ``replace``: what the database holds is given up. Raises InvalidInputError for a damaged
    archive, ConflictError for a database that is not empty; nothing has changed then."""
    archive.check()
    return _load(engine, archive, replace=replace, progress=progress)


def copy_workspace(
    origin: Engine, target: Engine, *, replace: bool = False, progress: Progress = lambda *_: None
) -> Mapping[str, Held]:
    """Put what ``origin`` holds at this moment into ``target``, as ``restore`` does."""
    with snapshot(origin) as source:
        return _load(target, source, replace=replace, progress=progress)


def _load(
    engine: Engine, source: Source, *, replace: bool, progress: Progress
) -> Mapping[str, Held]:
    with schema_change(engine) as connection:
        _prepare(connection, source.revision, replace=replace)
        shapes = rows.shapes(connection)
        if {name: shape.columns for name, shape in shapes.items()} != source.columns:
            raise DatabaseError(
                f"the tables of revision {source.revision} are not those that were to be loaded;"
                " they were changed by hand, here or there"
            )
        with _without_references(connection, shapes):
            for done, name in enumerate(source.columns):
                progress("loading", done, len(shapes))
                _insert(connection, shapes[name], source.lines(name))
        progress("loading", len(shapes), len(shapes))
        _compare(connection, shapes, source)
    upgrade(engine)
    return source.held


def _prepare(connection: Connection, revision: str, *, replace: bool) -> None:
    """Empty tables of ``revision``."""
    current = revision_of(connection)
    for each in (revision, current):
        if each is not None and not knows(each):
            raise DatabaseError(
                f"revision {each} is of a newer version of vocloop than this; install that one"
            )
    if current is not None:
        full = _full(connection)
        if set(full) - MADE_FULL and not replace:
            raise ConflictError(
                f"the database is not empty ({len(full)} tables hold rows: {', '.join(full[:5])}"
                " …); give an empty one, or --replace to give up what it holds"
            )
        _empty(connection, full)
    if current != revision:
        if current is not None:
            migrate(connection, "base")
        migrate(connection, revision)
        _empty(connection, _full(connection))


def _full(connection: Connection) -> list[str]:
    """The tables that hold rows, by name."""
    names = [name for name in sa.inspect(connection).get_table_names() if name != rows.REVISIONS]
    return [
        name
        for name in sorted(names)
        if connection.execute(sa.select(sa.text("1")).select_from(sa.table(name)).limit(1)).first()
    ]


def _empty(connection: Connection, tables: Sequence[str]) -> None:
    if connection.dialect.name == "postgresql" and tables:
        # All at once: one after the other, references would forbid it.
        quoted = connection.dialect.identifier_preparer.quote
        connection.exec_driver_sql(f"TRUNCATE {', '.join(map(quoted, tables))} CASCADE")
        return
    for name in tables:
        connection.execute(sa.table(name).delete())


def _insert(connection: Connection, shape: Shape, lines: Iterator[bytes]) -> None:
    try:
        rows.insert(connection, shape, lines)
    except DBAPIError as error:
        raise DatabaseError(
            f"table {shape.table.name} can't be loaded, nothing was changed: {error.orig}"
        ) from error


@contextmanager
def _without_references(connection: Connection, shapes: Mapping[str, Shape]) -> Iterator[None]:
    """Rows may refer to rows that come later, also of their own table; it is checked at the end."""
    if connection.dialect.name == "postgresql":
        references = [each for shape in shapes.values() for each in shape.references]
        for each in references:
            connection.execute(DropConstraint(each))
        yield
        try:
            for each in references:
                connection.execute(AddConstraint(each))
        except IntegrityError as error:
            raise DatabaseError(f"{_BROKEN} ({error.orig})") from error
        return
    # The schema change has turned SQLite's own checks off.
    yield
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise DatabaseError(f"{_BROKEN} (from {broken[0]} to {broken[2]})")


def _compare(connection: Connection, shapes: Mapping[str, Shape], source: Source) -> None:
    different = [
        name
        for name, shape in shapes.items()
        if rows.held(rows.lines(connection, shape)) != source.held[name]
    ]
    if different:
        raise DatabaseError(
            f"the rows of {', '.join(different)} came out different; nothing was changed"
        )
