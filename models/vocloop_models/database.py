"""Engine, session, transaction and schema upgrade, alike on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.state import InstanceState
from sqlalchemy.pool import Pool as ConnectionPool
from sqlmodel import Session, SQLModel, create_engine

if TYPE_CHECKING:
    import psycopg

# A writer waits this long for another one's transaction on SQLite before it gives up.
SQLITE_BUSY_SECONDS = 30
# Any fixed number: two upgrades started together on PostgreSQL queue behind this advisory lock.
UPGRADE_LOCK = 7_865_102
# An upgrade gives up when it waits longer for a table on PostgreSQL: whoever comes after it waits
# behind it, though they only want to read.
UPGRADE_WAIT_SECONDS = 5
# PostgreSQL's SQLSTATE.
_UNIQUE_VIOLATION = "23505"
# In Session.info: see ``whole``.
WHOLE = "whole"
Kept = TypeVar("Kept")
Row = TypeVar("Row", bound=SQLModel)


@dataclass(frozen=True)
class Pool:
    """Connections of one process: ``size`` are kept, ``overflow`` more are opened when they are
    needed, and who finds none waits ``seconds`` before it is refused."""

    size: int = 5
    overflow: int = 10
    seconds: float = 30


class PerDatabase(Generic[Kept]):
    """What a process keeps of each database that it opened: made once, gone with its engine."""

    def __init__(self, make: Callable[[], Kept]) -> None:
        self._make = make
        self._kept: WeakKeyDictionary[ConnectionPool, Kept] = WeakKeyDictionary()
        self._making = threading.Lock()

    def of(self, session: Session) -> Kept:
        # A pool is one database of one process; engines with options share it.
        with self._making:
            pool = session.get_bind().engine.pool
            if pool not in self._kept:
                self._kept[pool] = self._make()
            return self._kept[pool]


def open_database(url: str, pool: Pool = Pool()) -> Engine:
    """An engine for ``sqlite:///…`` or ``postgresql://…`` (psycopg is chosen for the latter).

    SQLite files are created with their folder, opened in WAL mode, with foreign keys on."""
    _know_attributes_of_rows()
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        server = parsed.set(drivername="postgresql+psycopg")
        engine = create_engine(
            server,
            # A server that restarted is noticed before a connection to it is used.
            pool_pre_ping=True,
            # The connection used last first: its caches are warm, and others may stay idle.
            pool_use_lifo=True,
            hide_parameters=True,
            **_pooled(pool),
        )
        event.listen(engine, "connect", _prepare_postgresql)
        return engine
    if parsed.database and parsed.database != ":memory:":
        Path(parsed.database).expanduser().parent.mkdir(parents=True, exist_ok=True)
    # Errors go to logs: they tell the statement, never the customers' words in it.
    engine = create_engine(
        parsed,
        connect_args={"timeout": SQLITE_BUSY_SECONDS},
        hide_parameters=True,
        **(_pooled(pool) if parsed.database and parsed.database != ":memory:" else {}),
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _know_attributes_of_rows() -> None:
    """Python 3.11 ends with a segmentation fault when rows are freed by the collector just as their
    session closes, unless a closing session sets only attributes that it knew from the first rows
    on (docs/decisions/0017). This is such a first row."""
    bare: InstanceState[Any] = InstanceState.__new__(InstanceState)
    bare._detach()


def _pooled(pool: Pool) -> dict[str, Any]:
    return {
        "pool_size": pool.size,
        "max_overflow": pool.overflow,
        "pool_timeout": pool.seconds,
    }


def _prepare_postgresql(connection: psycopg.Connection[Any], _record: Any) -> None:
    connection.autocommit = True
    # Compiling a statement pays off after seconds, and none of ours takes any.
    connection.execute("SET jit = off")
    # What pages read is in memory or on a disk without moving parts: by the usual 4, made for one
    # with, a whole table is read for the hundred statements of a theme.
    connection.execute("SET random_page_cost = 1.1")
    connection.autocommit = False


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver must not open transactions by itself: _begin_sqlite says which kind.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes the lock at the start: a reader that turns writer half-way would fail at
    # once when another writer came between, whatever the timeout.
    write = connection.get_execution_options().get("vocloop_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session that writes: committed at the end of the block, rolled back on any error."""
    writer = engine.execution_options(vocloop_write=True)
    with Session(writer, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only reads; what it found may be used after the block."""
    with Session(engine, expire_on_commit=False) as session:
        yield session


def held(session: Session, kind: type[Row], key: object) -> Row | None:
    """A row as it is now, and nobody else's to change until the transaction ends (on SQLite a
    writer is alone anyway); None where it is gone. ``key``: its primary key."""
    session.flush()
    return session.get(kind, key, with_for_update=True, populate_existing=True)


def is_there_already(error: IntegrityError) -> bool:
    """Whether a row was refused because another one has what must be unique, as when two add the
    same at once; not for one that refers to nothing or lacks a value."""
    refusal: Any = error.orig
    if isinstance(refusal, sqlite3.Error):
        return refusal.sqlite_errorcode in (
            sqlite3.SQLITE_CONSTRAINT_UNIQUE,
            sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        )
    return bool(refusal.sqlstate == _UNIQUE_VIOLATION)


@contextmanager
def whole(session: Session) -> Iterator[None]:
    """For what is kept in memory and serves everyone: nothing is left out for who is asking now
    (vocloop.accounts.restricted). What is answered from it must not name anybody."""
    before = session.info.get(WHOLE)
    session.info[WHOLE] = True
    try:
        yield
    finally:
        session.info[WHOLE] = before


def upgrade(engine: Engine) -> None:
    """Bring the schema to this version; safe to call again and from two processes at once."""
    with schema_change(engine) as connection:
        migrate(connection, "head")


def migrate(connection: Connection, revision: str) -> None:
    """Bring an open ``schema_change`` to ``revision``: up to it, or down to "base"."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({UPGRADE_LOCK})")
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{UPGRADE_WAIT_SECONDS}s'")
    config = _alembic()
    config.attributes["connection"] = connection
    if revision == "base":
        command.downgrade(config, revision)
    else:
        command.upgrade(config, revision)


@contextmanager
def schema_change(engine: Engine) -> Iterator[Connection]:
    """A transaction in which SQLite tables may be built anew: dropping the old one must not delete
    what refers to it. Foreign keys can only be turned off outside of it."""
    with engine.execution_options(vocloop_write=True).connect() as connection:
        driver: Any = connection.connection.driver_connection
        sqlite = isinstance(driver, sqlite3.Connection)
        if sqlite:
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
        finally:
            if sqlite:
                driver.execute("PRAGMA foreign_keys=ON")


def revisions(engine: Engine) -> tuple[str | None, str | None]:
    """(revision of the database, revision of this version); equal when up to date."""
    with engine.connect() as connection:
        current = revision_of(connection)
    return current, _head()


@cache
def _head() -> str | None:
    # Probes ask again and again, and the migrations of a process stay the same.
    return ScriptDirectory.from_config(_alembic()).get_current_head()


def revision_of(connection: Connection) -> str | None:
    """The revision of the database's schema; None without tables of vocloop."""
    return MigrationContext.configure(connection).get_current_revision()


def knows(revision: str) -> bool:
    """Whether this version has the migration of that number."""
    return any(
        each.revision == revision
        for each in ScriptDirectory.from_config(_alembic()).walk_revisions()
    )


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
