"""The worker's way to issue trackers, in a thread of its own: push what waits, read back what was
said there."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Mapping

from sqlalchemy import Engine
from sqlmodel import Session

from vocloop import traces
from vocloop.config import settings
from vocloop.errors import NotFoundError, RemoteError, VocloopError, says
from vocloop.outgoing import UnreachableError, request
from vocloop.roadmap.audit import SOMEONE, Author, get
from vocloop.roadmap.trackers import delivery, readback, store
from vocloop.roadmap.trackers.client import Answer
from vocloop.worker import jobs
from vocloop_models import Job, JobKind, Tracker, TrackerLink
from vocloop_models.database import reading, transaction

log = logging.getLogger(__name__)

# Items to push are looked for so often, in seconds.
LOOK_SECONDS = 2.0
# Changed items and trackers to poll are looked for so often, in seconds.
KEEP_UP_SECONDS = 30.0
# A page of a hundred issues with long texts.
MOST_BYTES = 32 << 20


def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
    """Ask a tracker, with the guard against requests into our own network."""
    allowed = settings().outgoing_allowed
    try:
        return request(method, url, body=body, headers=headers, allowed=allowed, most=MOST_BYTES)
    except UnreachableError as error:
        raise RemoteError(says("%(error)s; it is tried again", error=error)) from error


def ask(
    session: Session, item_id: uuid.UUID, tracker_id: uuid.UUID, author: Author = SOMEONE
) -> TrackerLink:
    """Have a worker put an item into a tracker, or bring its issue up to date; once, however often
    it is asked. Raises NotFoundError; ConflictError for a tracker that is switched off."""
    link = store.push(session, item_id, tracker_id, author)
    jobs.enqueue(session, JobKind.PUSH_ITEM, {"link_id": str(link.id)})
    return link


def poll(engine: Engine, tracker_id: uuid.UUID) -> Tracker:
    """Ask a tracker now what changed; ``error`` of what is returned says why it could not be
    asked. Raises NotFoundError."""
    readback.poll(engine, tracker_id, send)
    with reading(engine) as session:
        return get(session, Tracker, tracker_id, "tracker")


class Tracking:
    """Keeps items and their issues in step, one after another."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._keep_up_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set. A step that fails is logged and tried again later."""
        while not stop.is_set():
            try:
                busy = self.step()
            except VocloopError as error:
                log.error("%s; trying again", error)
                busy = False
            except Exception:
                log.exception("tracking failed; it will be tried again")
                busy = False
            if not busy:
                stop.wait(LOOK_SECONDS)

    def step(self) -> bool:
        """Push one item that waits; False when none does."""
        if time.monotonic() >= self._keep_up_at:
            self._keep_up_at = time.monotonic() + KEEP_UP_SECONDS
            self._keep_up()
        job = jobs.claim(self._engine, (JobKind.PUSH_ITEM,))
        if job is None:
            return False
        link_id = uuid.UUID(job.payload["link_id"])
        try:
            with traces.span(f"job {job.kind}"):
                wait = delivery.work(self._engine, link_id, send)
        except NotFoundError as error:
            jobs.finish(self._engine, job.id, error=jobs.reason(error))
            return True
        except Exception as error:
            log.exception("pushing an item failed")
            self._failed(job, link_id, jobs.reason(error))
            return True
        if wait is None:
            jobs.finish(self._engine, job.id)
        else:
            jobs.again(self._engine, job.id, wait)
        return True

    def _failed(self, job: Job, link_id: uuid.UUID, reason: str) -> None:
        if job.attempts < jobs.MOST_ATTEMPTS:
            # Until then nobody else's: the attempt that failed holds its lease.
            jobs.again(self._engine, job.id, delivery.LEASE.total_seconds(), reason)
            return
        delivery.give_up(self._engine, link_id, reason)
        jobs.finish(self._engine, job.id, error=reason)

    def _keep_up(self) -> None:
        """Queue the items that changed since they were pushed, and poll the trackers whose time
        has come."""
        with reading(self._engine) as session:
            due, outdated = readback.due(session), store.outdated(session)
        if outdated:
            with transaction(self._engine) as session:
                store.requeue(session, outdated)
                for link_id in outdated:
                    jobs.enqueue(session, JobKind.PUSH_ITEM, {"link_id": str(link_id)})
        for tracker_id in due:
            readback.poll(self._engine, tracker_id, send)
