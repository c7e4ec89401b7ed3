"""The worker's polls: connectors that are due become jobs, and jobs are done in a thread of their
own, since asking other systems is mostly waiting."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import time

from sqlalchemy import Engine, delete
from sqlmodel import col, select

from vocloop import traces
from vocloop.errors import VocloopError
from vocloop.intake import connections
from vocloop.intake.polling import poll
from vocloop.worker import jobs
from vocloop_models import Job, JobKind, JobState, now
from vocloop_models.database import reading, transaction

log = logging.getLogger(__name__)

# Due connectors are looked for so often, in seconds.
LOOK_SECONDS = 2.0
# A poll gives way to those of other connectors after so many seconds.
POLL_SECONDS = 60.0
# A poll every few minutes leaves many jobs behind; what they say the connector keeps.
KEPT = dt.timedelta(days=7)


class Polls:
    """Polls the connectors of one database, one after another."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def run(self, stop: threading.Event) -> None:
        """Poll until ``stop`` is set; a poll under way ends before its next request."""
        while not stop.is_set():
            try:
                busy = self.step(stop)
            except VocloopError as error:
                log.error("%s; trying again", error)
                busy = False
            except Exception:
                log.exception("polling failed; it will be tried again")
                busy = False
            if not busy:
                stop.wait(LOOK_SECONDS)

    def step(self, stop: threading.Event) -> bool:
        """Do one poll that is due; False when none is."""
        self._enqueue()
        job = jobs.claim(self._engine, (JobKind.POLL,))
        if job is None:
            return False
        with traces.span(f"job {job.kind}"):
            self._do(job, stop)
        return True

    def _enqueue(self) -> None:
        with reading(self._engine) as session:
            if not connections.due(session):
                return
        with transaction(self._engine) as session:
            under_way = session.exec(
                select(Job.payload).where(
                    Job.kind == JobKind.POLL,
                    col(Job.state).in_((JobState.QUEUED, JobState.RUNNING)),
                )
            )
            busy = {str(payload["source"]) for payload in under_way}
            session.execute(
                delete(Job).where(
                    col(Job.kind) == JobKind.POLL, col(Job.finished_at) < now() - KEPT
                )
            )
            for source in connections.due(session):
                if source not in busy:
                    jobs.enqueue(session, JobKind.POLL, {"source": source})

    def _do(self, job: Job, stop: threading.Event) -> None:
        source = str(job.payload["source"])
        last = time.monotonic()

        def report(read: int) -> None:
            nonlocal last
            if time.monotonic() - last >= LOOK_SECONDS:
                jobs.report(self._engine, job.id, "polling", read, read)
                last = time.monotonic()

        try:
            told = poll(
                self._engine, source, stop=stop.is_set, seconds=POLL_SECONDS, progress=report
            )
        except VocloopError as error:  # removed meanwhile
            jobs.finish(self._engine, job.id, error=str(error))
            return
        except Exception as error:
            log.exception("polling %s failed", source)
            jobs.finish(self._engine, job.id, error=type(error).__name__)
            return
        jobs.finish(self._engine, job.id, error=told.error)
        if told.error:
            log.warning("%s: %s", source, told.error)
