"""The worker takes imports from the queue, and lets go of feedback whose retention has ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from tests.fakes import WordEncoder
from vocloop.intake import importing, imports
from vocloop.intake.reader import Options
from vocloop.intake.records import FeedbackIn, checked
from vocloop.intake.sources import set_policy
from vocloop.intake.store import store
from vocloop.intake.writer import Writer
from vocloop.worker import jobs
from vocloop.worker import worker as worker_module
from vocloop.worker.worker import Worker
from vocloop_models import Feedback, ImportJob, ImportState, Job, JobKind, JobState, now
from vocloop_models.database import reading, transaction


def stored(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Feedback)).one()


def test_an_import_is_checked_then_stored(engine: Engine) -> None:
    worker = Worker(engine, WordEncoder)
    with transaction(engine) as session:
        job = imports.upload(session, "a.csv", [b"text\nslow\n"], Options(source="desk"))
        jobs.enqueue(session, JobKind.IMPORT, {"import_id": str(job.id)})
    assert worker.step()
    with transaction(engine) as session:
        assert imports.get(session, job.id).state is ImportState.CHECKED
        imports.start(session, job.id)
        jobs.enqueue(session, JobKind.IMPORT, {"import_id": str(job.id)})
    assert worker.step()
    with reading(engine) as session:
        assert imports.get(session, job.id).state is ImportState.DONE
        assert stored(session) == 1


def queued(engine: Engine, rows: int = 1) -> ImportJob:
    """An import whose rows wait to be stored."""
    content = b"text\n" + b"slow\n" * rows
    with transaction(engine) as session:
        job = imports.upload(session, "a.csv", [content], Options(source="desk"))
        imports.start(session, job.id)
        jobs.enqueue(session, JobKind.IMPORT, {"import_id": str(job.id)})
        return job


def state(engine: Engine, job: ImportJob) -> tuple[ImportState, JobState, str | None]:
    with reading(engine) as session:
        work = session.exec(select(Job).where(Job.kind == JobKind.IMPORT)).one()
        return imports.get(session, job.id).state, work.state, work.error


def broken(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Batches beyond the first ``after`` can't be stored."""
    store, called = Writer.store, iter(range(100))

    def store_some(writer: Writer, session: Session, values: Sequence[object]) -> list[str]:
        if next(called) >= after:
            raise RuntimeError("taro@minamo.example was not foreseen")
        return store(writer, session, values)

    monkeypatch.setattr(Writer, "store", store_some)


def test_an_import_that_fails_once_goes_on_later_and_counts_nothing_twice(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "ASK_AGAIN_SECONDS", 0.0)
    worker, job = Worker(engine, WordEncoder), queued(engine, rows=1_200)
    with monkeypatch.context() as patched:
        broken(patched, after=1)
        assert worker.step()
    assert state(engine, job) == (ImportState.RUNNING, JobState.QUEUED, "RuntimeError")
    while state(engine, job)[1] is not JobState.DONE:
        assert worker.step()
    assert state(engine, job)[0] is ImportState.DONE
    with reading(engine) as session:
        assert stored(session) == imports.get(session, job.id).stored == 1_200


def test_an_import_that_fails_again_and_again_ends_and_can_be_undone(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "ASK_AGAIN_SECONDS", 0.0)
    worker, job = Worker(engine, WordEncoder), queued(engine, rows=600)
    broken(monkeypatch, after=1)
    while state(engine, job)[0] is not ImportState.FAILED:
        assert worker.step()
    assert state(engine, job)[1:] == (JobState.FAILED, "RuntimeError")
    with transaction(engine) as session:
        told = imports.get(session, job.id).error
        assert told is not None
        assert ("RuntimeError" in told, "taro" in told) == (True, False)
        imports.undo(session, job.id)
    importing.work(engine, job.id)
    with reading(engine) as session:
        assert stored(session) == 0


def test_what_is_too_old_goes(engine: Engine) -> None:
    worker = Worker(engine, WordEncoder)
    said_at = (now() - dt.timedelta(days=90)).isoformat()
    with transaction(engine) as session:
        row = checked(FeedbackIn, {"text": "old", "source": "desk", "said_at": said_at})
        store(session, row)
        set_policy(session, "desk", personal_data=None, retention_days=30)
    for _ in range(6):
        worker.step()
    with reading(engine) as session:
        assert stored(session) == 0
