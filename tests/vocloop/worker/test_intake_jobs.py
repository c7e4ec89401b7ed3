"""The worker takes imports from the queue, and lets go of feedback whose retention has ended."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Engine
from sqlmodel import Session, func, select

from tests.fakes import WordEncoder
from vocloop.intake import imports
from vocloop.intake.reader import Options
from vocloop.intake.records import FeedbackIn, checked
from vocloop.intake.sources import set_policy
from vocloop.intake.store import store
from vocloop.worker import jobs
from vocloop.worker.worker import Worker
from vocloop_models import Feedback, ImportState, JobKind, now
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
