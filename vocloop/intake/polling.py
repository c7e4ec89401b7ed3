"""Polls: a tool is asked for what is new, a batch a transaction, the cursor with its voices.

A poll holds a lease. One that was killed lets it run out, and the next goes on from the cursor; one
that lost it to another stores nothing more. Nothing here waits: a tool that is busy or broken is
asked again later, after a time that doubles.
"""

from __future__ import annotations

import datetime as dt
import random
import time
import uuid
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine

from vocloop.config import settings
from vocloop.errors import ConflictError, InvalidInputError, NotFoundError, RemoteError, says
from vocloop.intake.connections import LEASE, get, locked
from vocloop.intake.connectors import TOOLS
from vocloop.intake.connectors.client import Client, ExpiredError, LimitedError
from vocloop.intake.connectors.port import Batch, Polling, Tool
from vocloop.intake.connectors.secrets import secret, variable
from vocloop.intake.redact import redact
from vocloop.intake.taking import take
from vocloop_models import Connector, new_id, now
from vocloop_models.clock import holds
from vocloop_models.database import reading, transaction

_RENEW_SECONDS = 60.0
# Waits after failures: 30 s, doubled up to an hour, each shortened by up to a half by chance so
# that connectors that failed together do not come back together.
_FIRST_WAIT = 30.0
_LONGEST_WAIT = 3_600.0

_draw = random.SystemRandom().uniform


@dataclass
class Polled:
    """What came of a poll. ``finished``: everything up to now was read; ``error``: why not;
    ``failed``: not for a limit of the tool."""

    read: int = 0
    stored: int = 0
    repeated: int = 0
    refused: int = 0
    finished: bool = False
    error: str | None = None
    failed: bool = False


class _StoppedError(Exception):
    """The poll shall end here; what was not stored is read again by the next."""


def poll(
    engine: Engine,
    source: str,
    *,
    stop: Callable[[], bool] = lambda: False,
    seconds: float | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Polled:
    """Read and store what is new in the tool of ``source``.

    Ends when all is read, ``stop`` says so, ``seconds`` have passed (the connector is due again at
    once), or the tool can't be asked, which is noted on the connector and not raised. ``progress``
    is called with the rows read so far. A connector that another poll is at is left alone.
    """
    told = Polled()
    lease = new_id()
    with transaction(engine) as session:
        connector = locked(session, source)
        moment = now()
        if connector.paused or connector.next_at is None:
            return told
        if holds(connector.leased_until, LEASE):
            return told
        connector.lease, connector.leased_until = lease, moment + LEASE
    run = _Run(engine, source, lease, stop=stop, seconds=seconds, told=told)
    try:
        with closing(run.batches(connector)) as batches:
            for batch in batches:
                run.store(batch)
                progress(told.read)
                if run.is_over():
                    run.end(now())
                    return told
        told.finished = True
        run.end(now() + dt.timedelta(seconds=connector.every))
    except (_StoppedError, NotFoundError):
        run.end(now())  # stopped, paused, removed, or taken over
    except LimitedError as error:
        told.error = str(error)
        run.end(now() + dt.timedelta(seconds=error.seconds + _draw(0, 1)))
    except (RemoteError, InvalidInputError) as error:
        run.fail(redact([str(error)]).texts[0])
    except Exception as error:
        run.fail(f"failed in a way that was not foreseen ({type(error).__name__}); see the log")
        raise
    return told


class _Run:
    """One poll that holds the lease."""

    def __init__(
        self,
        engine: Engine,
        source: str,
        lease: uuid.UUID,
        *,
        stop: Callable[[], bool],
        seconds: float | None,
        told: Polled,
    ) -> None:
        self._engine, self._source, self._lease = engine, source, lease
        self._stop, self._told = stop, told
        self._ends_at = None if seconds is None else time.monotonic() + seconds
        self._renewed_at = time.monotonic()

    def is_over(self) -> bool:
        return self._ends_at is not None and time.monotonic() >= self._ends_at

    def batches(self, connector: Connector) -> Generator[Batch, None, None]:
        """From the connector's cursor on; from the time of it where the tool lost its own."""
        tool = TOOLS[connector.kind]
        polling = tool.polling
        assert polling is not None  # noqa: S101 - has a time to be polled at
        cursor = connector.cursor
        client = self._client(tool, polling, connector)
        try:
            for batch in polling.read(client, cursor):
                cursor = batch.cursor
                yield batch
        except ExpiredError:
            left = {name: cursor[name] for name in ("since", "high") if cursor.get(name)}
            yield from polling.read(client, left)

    def _client(self, tool: Tool, polling: Polling, connector: Connector) -> Client:
        key = secret(self._source, "KEY", polling.key)
        return Client(
            str(connector.address),
            allowed=settings().outgoing_allowed,
            title=tool.title,
            headers=polling.headers(key),
            advice=says(
                "%(name)s is to hold %(meaning)s",
                name=variable(self._source, "KEY"),
                meaning=polling.key,
            ),
            limit=polling.limit,
            before=self._keep,
        )

    def store(self, batch: Batch) -> None:
        """The voices of a batch and its cursor, in one transaction."""
        with transaction(self._engine) as session:
            connector = self._mine(locked(session, self._source))
            taken = take(session, connector, TOOLS[connector.kind], batch.pages)
            connector.cursor = batch.cursor
            connector.leased_until = now() + LEASE
        self._renewed_at = time.monotonic()
        self._told.read += taken.read
        self._told.stored += taken.stored
        self._told.repeated += taken.repeated
        self._told.refused += len(taken.reasons)

    def _keep(self) -> None:
        """Before each request: shall the poll go on, and does it hold its lease?"""
        if self._stop():
            raise _StoppedError
        if time.monotonic() - self._renewed_at < _RENEW_SECONDS:
            return
        with transaction(self._engine) as session:
            self._mine(locked(session, self._source)).leased_until = now() + LEASE
        self._renewed_at = time.monotonic()

    def _mine(self, connector: Connector) -> Connector:
        if connector.lease != self._lease or connector.paused:
            raise _StoppedError
        return connector

    def end(self, next_at: dt.datetime) -> None:
        """Give the lease back; nothing failed."""
        with self._held() as connector:
            if connector is None:
                return
            connector.next_at = next_at
            if self._told.finished or self._told.read:
                connector.failures, connector.last_error = 0, None
            if self._told.finished:
                connector.last_success_at = now()

    def fail(self, error: str) -> None:
        self._told.error, self._told.failed = error, True
        with self._held() as connector:
            if connector is None:
                return
            wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(connector.failures, 10))
            connector.failures += 1
            connector.last_error, connector.last_error_at = error, now()
            connector.next_at = now() + dt.timedelta(seconds=wait * _draw(0.5, 1.0))

    @contextmanager
    def _held(self) -> Iterator[Connector | None]:
        """The connector if the lease is still ours, which ends with this."""
        with transaction(self._engine) as session:
            try:
                connector = locked(session, self._source)
            except NotFoundError:
                yield None
                return
            if connector.lease != self._lease:
                yield None
                return
            connector.lease = connector.leased_until = None
            yield connector


def poll_until_done(
    engine: Engine, source: str, *, wait: Callable[[float], None], say: Callable[[str], None]
) -> Polled:
    """Poll until all is read, for a person who looks on: waits where the tool asks for it. Raises
    ConflictError when another poll is at it, RemoteError when the tool can't be asked."""
    sums = Polled()
    while True:
        with reading(engine) as session:
            connector = get(session, source)
        if holds(connector.leased_until, LEASE):
            raise ConflictError(f"{source} is being polled already; see vocloop connect list")
        told = poll(engine, source, seconds=_RENEW_SECONDS)
        sums.read += told.read
        sums.stored += told.stored
        sums.repeated += told.repeated
        sums.refused += told.refused
        if told.finished:
            sums.finished = True
            return sums
        with reading(engine) as session:
            connector = get(session, source)
        if told.failed:
            raise RemoteError(str(told.error))
        if connector.paused:
            raise ConflictError(f"the connector of {source} is paused; resume it first")
        if connector.next_at is None:
            raise ConflictError(f"{TOOLS[connector.kind].title} is not asked, it sends")
        left = (connector.next_at - now()).total_seconds()
        if told.error:
            say(f"{told.error}; going on in {max(left, 0):.0f} s")
        wait(max(left, 0.0))
