"""Jobs are rows. A worker claims one with a lease; a lease that has run out is anyone's again."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Engine, func, or_
from sqlmodel import Session, col, select

from vocloop.errors import ConflictError, NotFoundError, StoppedError, VocloopError, says
from vocloop_models import Job, JobKind, JobState, Statement, now
from vocloop_models.clock import due, over
from vocloop_models.database import held, transaction

# Longer than any stage goes without reporting progress (each report renews the lease).
LEASE = dt.timedelta(minutes=5)
# A job that has killed its worker this often is not tried again.
MOST_ATTEMPTS = 3
ANY = frozenset(JobKind)
UNDER_WAY = (JobState.QUEUED, JobState.RUNNING)
# In this stage of a search for themes what was found is written: it can't be given up any more.
KEEPING = "scores"


def enqueue(session: Session, kind: JobKind, payload: Mapping[str, Any] | None = None) -> Job:
    """The queued job of this kind and payload, made when there is none: asking twice is asking
    once."""
    told = dict(payload or {})
    waiting = session.exec(
        select(Job).where(Job.kind == kind, Job.state == JobState.QUEUED).order_by(col(Job.id))
    )
    for job in waiting:
        if job.payload == told:
            return job
    job = Job(kind=kind, payload=told)
    session.add(job)
    session.flush()
    return job


def hurry(session: Session, kind: JobKind, payload: Mapping[str, Any]) -> Job:
    """As enqueue(), for what a person waits for: a job that waits to be tried again is due now."""
    job = enqueue(session, kind, payload)
    job.run_after = now()
    session.flush()
    return job


def get(session: Session, job_id: uuid.UUID) -> Job:
    job = session.get(Job, job_id)
    if job is None:
        raise NotFoundError(f"there is no job {job_id}; GET it by the id that queued it")
    return job


def claim(engine: Engine, kinds: Collection[JobKind] = ANY) -> Job | None:
    """The oldest job of these kinds that may run, now ours; None when there is nothing to do."""
    with transaction(engine) as session:
        moment = now()
        job = session.exec(
            select(Job)
            .where(
                col(Job.kind).in_(kinds),
                or_(
                    (col(Job.state) == JobState.QUEUED)
                    & due(col(Job.run_after), col(Job.created_at)),
                    (col(Job.state) == JobState.RUNNING) & over(col(Job.leased_until), LEASE),
                ),
            )
            .order_by(col(Job.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if job is None:
            return None
        if job.attempts >= MOST_ATTEMPTS:
            _give_up(job)
            return None
        job.state = JobState.RUNNING
        job.attempts += 1
        job.stage, job.done, job.total = None, 0, 0
        job.leased_until = moment + LEASE
        return job


def _give_up(job: Job) -> None:
    job.state = JobState.FAILED
    job.error = f"given up: the worker stopped {job.attempts} times while running it"
    job.finished_at = now()
    job.leased_until = None


def under_way(session: Session, kind: JobKind) -> bool:
    """Whether a worker that lives does a job of this kind."""
    running = select(Job.id).where(
        Job.kind == kind, Job.state == JobState.RUNNING, ~over(col(Job.leased_until), LEASE)
    )
    return session.exec(running.limit(1)).first() is not None


def came_since_cancelled(session: Session) -> int | None:
    """Statements since the newest search for themes, when people cancelled it; None otherwise."""
    newest = session.exec(
        select(Job).where(Job.kind == JobKind.REFRESH_THEMES).order_by(col(Job.id).desc()).limit(1)
    ).first()
    if newest is None or newest.state is not JobState.CANCELLED:
        return None
    # Ids sort by time.
    later = select(func.count()).select_from(Statement).where(col(Statement.id) > newest.id)
    return session.exec(later).one()


def lost(session: Session) -> list[Job]:
    """Running jobs whose lease has run out: their worker is gone."""
    return list(
        session.exec(
            select(Job)
            .where(Job.state == JobState.RUNNING, over(col(Job.leased_until), LEASE))
            .order_by(col(Job.id))
            .with_for_update(skip_locked=True)
        ).all()
    )


def requeue_lost(session: Session) -> None:
    """Let lost jobs wait again, or give up those that were tried too often."""
    for job in lost(session):
        if job.attempts >= MOST_ATTEMPTS:
            _give_up(job)
            continue
        job.state = JobState.QUEUED
        job.leased_until = None
    session.flush()


def report(engine: Engine, job_id: uuid.UUID, stage: str, done: int, total: int) -> None:
    """Progress for people, and a new lease. Raises StoppedError for a job that was cancelled."""
    with transaction(engine) as session:
        job = _going_on(get(session, job_id))
        job.stage, job.done, job.total = stage, done, total
        job.leased_until = now() + LEASE


def keep(session: Session, job_id: uuid.UUID) -> None:
    """Let the transaction of ``session`` write what a search for themes found: from here on nobody
    cancels it. Raises StoppedError for one that was cancelled."""
    job = _going_on(_locked(session, job_id))
    job.stage, job.done, job.total = KEEPING, 0, 0
    session.flush()


def cancel(session: Session, job_id: uuid.UUID) -> Job:
    """Give a search for themes up. One that waits never begins; one under way leaves at its next
    report of progress, and themes are as they were before it. Raises NotFoundError, ConflictError
    for one that has ended or is writing what it found, and for a job of another kind."""
    job = _locked(session, job_id)
    if job.kind is not JobKind.REFRESH_THEMES:
        raise ConflictError(
            says(
                "job %(job_id)s is no search for themes; imports and scenarios are "
                "cancelled themselves",
                job_id=job_id,
            )
        )
    if job.state not in UNDER_WAY:
        raise ConflictError(
            says("the search for themes has ended already; there is nothing to cancel")
        )
    if job.state is JobState.RUNNING and job.stage == KEEPING:
        raise ConflictError(
            says("what the search for themes found is being kept already; wait for its end")
        )
    return _cancelled(job)


def cancel_all(session: Session, kind: JobKind, payload: Mapping[str, Any]) -> None:
    """Cancel jobs of this kind and payload that wait or run, for what they were for is gone."""
    for job in session.exec(
        select(Job).where(Job.kind == kind, col(Job.state).in_(UNDER_WAY)).with_for_update()
    ):
        if job.payload == dict(payload):
            _cancelled(job)


def _cancelled(job: Job) -> Job:
    job.state, job.leased_until, job.finished_at = JobState.CANCELLED, None, now()
    return job


def _locked(session: Session, job_id: uuid.UUID) -> Job:
    return held(session, Job, job_id) or get(session, job_id)


def _going_on(job: Job) -> Job:
    if job.state is JobState.CANCELLED:
        raise StoppedError("cancelled; nothing was changed")
    return job


def again(engine: Engine, job_id: uuid.UUID, seconds: float, error: str | None = None) -> None:
    """Let a job wait and be tried again. One that could not be done tells why (``error``) until
    then, and its attempts count on; else they count from the start."""
    with transaction(engine) as session:
        job = _locked(session, job_id)
        if job.state is JobState.CANCELLED:
            return
        job.state, job.error, job.leased_until = JobState.QUEUED, error, None
        job.run_after = now() + dt.timedelta(seconds=seconds)
        if error is None:
            job.attempts = 0


def reason(error: Exception) -> str:
    """What a job keeps of the error that ended it: our own words, else only its kind, since the
    text may hold what customers said."""
    return str(error) if isinstance(error, VocloopError) else type(error).__name__


def release(engine: Engine, job_id: uuid.UUID) -> None:
    """Let another worker do a job that this one must leave; the attempt does not count."""
    with transaction(engine) as session:
        job = _locked(session, job_id)
        if job.state != JobState.RUNNING:
            return
        job.state, job.leased_until = JobState.QUEUED, None
        job.attempts -= 1


def finish(engine: Engine, job_id: uuid.UUID, error: str | None = None) -> None:
    with transaction(engine) as session:
        job = _locked(session, job_id)
        if job.state is JobState.CANCELLED:
            return
        job.state = JobState.FAILED if error else JobState.DONE
        job.error = error
        job.finished_at = now()
        job.leased_until = None
