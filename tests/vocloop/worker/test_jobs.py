from __future__ import annotations

import datetime as dt
import uuid

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from vocloop.errors import NotFoundError
from vocloop.worker import jobs
from vocloop_models import Job, JobKind, JobState, now
from vocloop_models.database import reading, transaction


def queue(engine: Engine) -> Job:
    with transaction(engine) as session:
        return jobs.enqueue(session, JobKind.REFRESH_THEMES)


def stored(engine: Engine, job_id: uuid.UUID) -> Job:
    with reading(engine) as session:
        return jobs.get(session, job_id)


def run_out(engine: Engine, job_id: uuid.UUID) -> None:
    """As if the worker that held the job had died long ago."""
    with transaction(engine) as session:
        jobs.get(session, job_id).leased_until = now() - dt.timedelta(minutes=1)


def test_asking_twice_queues_one_job(engine: Engine) -> None:
    assert queue(engine).id == queue(engine).id
    with reading(engine) as session:
        assert len(session.exec(select(Job)).all()) == 1


def test_a_running_job_does_not_swallow_a_new_request(engine: Engine) -> None:
    first = queue(engine)
    jobs.claim(engine)
    assert queue(engine).id != first.id


def test_a_job_is_claimed_once(engine: Engine) -> None:
    job = queue(engine)
    claimed = jobs.claim(engine)
    assert claimed is not None
    assert claimed.id == job.id
    assert jobs.claim(engine) is None


def test_nothing_queued_gives_nothing(engine: Engine) -> None:
    assert jobs.claim(engine) is None


def test_a_job_whose_worker_died_is_claimed_again(engine: Engine) -> None:
    job = queue(engine)
    jobs.claim(engine)
    run_out(engine, job.id)
    again = jobs.claim(engine)
    assert again is not None
    assert again.attempts == 2


def test_a_job_that_keeps_killing_its_worker_is_given_up(engine: Engine) -> None:
    job = queue(engine)
    for _ in range(jobs.MOST_ATTEMPTS):
        assert jobs.claim(engine) is not None
        run_out(engine, job.id)
    assert jobs.claim(engine) is None
    found = stored(engine, job.id)
    assert found.state == JobState.FAILED
    assert "given up" in (found.error or "")


def test_progress_renews_the_lease(engine: Engine) -> None:
    job = queue(engine)
    jobs.claim(engine)
    run_out(engine, job.id)
    jobs.report(engine, job.id, "titles", 3, 10)
    assert jobs.claim(engine) is None
    found = stored(engine, job.id)
    assert (found.stage, found.done, found.total) == ("titles", 3, 10)


def test_a_finished_job_says_how_it_ended(engine: Engine) -> None:
    job = queue(engine)
    jobs.claim(engine)
    jobs.finish(engine, job.id, error="no vectors")
    found = stored(engine, job.id)
    assert (found.state, found.error) == (JobState.FAILED, "no vectors")
    assert found.finished_at is not None
    assert found.leased_until is None


def test_an_unknown_job_is_named(engine: Engine) -> None:
    unknown = uuid.uuid4()
    with reading(engine) as session, pytest.raises(NotFoundError, match=str(unknown)):
        jobs.get(session, unknown)
