"""Jobs are rows. A worker claims one with a lease; a lease that has run out is anyone's again."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Engine, or_
from sqlmodel import Session, col, select

from vocloop.errors import NotFoundError
from vocloop_models import Job, JobKind, JobState, now
from vocloop_models.clock import due, over
from vocloop_models.database import transaction

# Longer than any stage goes without reporting progress (each report renews the lease).
LEASE = dt.timedelta(minutes=5)
# A job that has killed its worker this often is not tried again.
MOST_ATTEMPTS = 3
ANY = frozenset(JobKind)


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
    """Progress for people, and a new lease."""
    with transaction(engine) as session:
        job = get(session, job_id)
        job.stage, job.done, job.total = stage, done, total
        job.leased_until = now() + LEASE


def again(engine: Engine, job_id: uuid.UUID, seconds: float, error: str | None = None) -> None:
    """Let a job wait and be tried again. One that could not be done tells why (``error``) until
    then, and its attempts count on; else they count from the start."""
    with transaction(engine) as session:
        job = get(session, job_id)
        job.state, job.error, job.leased_until = JobState.QUEUED, error, None
        job.run_after = now() + dt.timedelta(seconds=seconds)
        if error is None:
            job.attempts = 0


def release(engine: Engine, job_id: uuid.UUID) -> None:
    """Let another worker do a job that this one must leave; the attempt does not count."""
    with transaction(engine) as session:
        job = get(session, job_id)
        if job.state != JobState.RUNNING:
            return
        job.state, job.leased_until = JobState.QUEUED, None
        job.attempts -= 1


def finish(engine: Engine, job_id: uuid.UUID, error: str | None = None) -> None:
    with transaction(engine) as session:
        job = get(session, job_id)
        job.state = JobState.FAILED if error else JobState.DONE
        job.error = error
        job.finished_at = now()
        job.leased_until = None
