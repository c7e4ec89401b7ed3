"""One writer of themes at a time, and one search for them, over all processes of a database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress

from filelock import FileLock, Timeout
from sqlalchemy import Engine, func
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from vocloop.errors import ConflictError
from vocloop_models import turns
from vocloop_models.turns import Turn

# Any fixed number that no other lock of vocloop has (see vocloop_models.turns).
DISCOVERY_LOCK = 7_865_112


class BusyError(ConflictError):
    """Another process finds themes at this moment."""


def take_turns(session: Session) -> None:
    """Let one transaction at a time write themes or scores."""
    turns.take(session, Turn.THEMES)


def discovering(engine: Engine) -> AbstractContextManager[None]:
    """The turn to find themes: minutes of work on all of the machine that nobody needs twice.

    It is held by a connection (PostgreSQL) or by an open file beside the database (SQLite), so it
    ends with its process, however that ends. Raises BusyError when another one has it."""
    if engine.dialect.name == "postgresql":
        return _by_connection(engine)
    path = engine.url.database
    if not path or path == ":memory:":
        return nullcontext()
    return _by_file(f"{path}-discovery.lock")


@contextmanager
def _by_connection(engine: Engine) -> Iterator[None]:
    # Without a transaction, which would be open for minutes.
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        if not connection.scalar(select(func.pg_try_advisory_lock(DISCOVERY_LOCK))):
            raise _busy()
        try:
            yield
        finally:
            # With a connection that broke, the lock went too.
            with suppress(DBAPIError):
                connection.execute(select(func.pg_advisory_unlock(DISCOVERY_LOCK)))


@contextmanager
def _by_file(path: str) -> Iterator[None]:
    try:
        turn = FileLock(path).acquire(blocking=False)
    except Timeout as error:
        raise _busy() from error
    with turn:
        yield


def _busy() -> BusyError:
    return BusyError("another process is finding themes; wait until it is done, then try again")
