"""Several workers on one database: shared work, one search for themes, clocks that jump."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import Engine
from sqlmodel import select

from tests.fakes import WordEncoder
from tests.vocloop.worker.test_worker import filled
from tests.vocloop.worker.voices import add_voices
from vocloop.notify import outbox
from vocloop.themes.refresh import refresh
from vocloop.themes.turns import BusyError, discovering
from vocloop.worker import jobs, pipeline
from vocloop.worker.worker import Worker
from vocloop_models import (
    ClusterRun,
    Feedback,
    FeedbackState,
    Job,
    JobKind,
    JobState,
    Message,
    MessageState,
    Statement,
    StatementVector,
    ThemeMembership,
    Transport,
    clock,
    now,
)
from vocloop_models.database import reading, transaction


def test_two_workers_encode_different_feedback_at_the_same_time(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "STEP", 3)
    with transaction(engine) as session:
        add_voices(session, 2)
    seen: list[Sequence[str]] = []

    class Other(WordEncoder):
        """While it encodes, another worker comes along."""

        def encode(self, texts: Sequence[str], **more: Any) -> NDArray[np.float32]:
            if not seen:
                seen.append(texts)
                assert pipeline.encode_some(engine, self) == 3
                return super().encode(texts, **more)
            seen.append(texts)
            return super().encode(texts, **more)

    assert pipeline.encode_some(engine, Other()) == 3
    first, second = map(set, seen)
    # SQLite has no locks of rows: there the same work is done twice, and kept once.
    assert (first & second) == (set() if engine.dialect.name == "postgresql" else first)
    while pipeline.encode_some(engine, WordEncoder()):
        pass
    with reading(engine) as session:
        statements = session.exec(select(Statement.id)).all()
        assert sorted(session.exec(select(StatementVector.statement_id))) == sorted(statements)


def test_what_another_worker_themed_votes_here_too(engine: Engine) -> None:
    one = filled(engine)
    other = Worker(engine, WordEncoder)
    before = len(other.known)
    with transaction(engine) as session:
        add_voices(session, 2, start=100)
    assert one.encode_some() == one.assign_some() == 6
    other._catch_up_at = 0.0
    assert len(other.known) == before + 6 == len(one.known)
    fresh, own = other.known.fresh(10), one.known.fresh(10)
    assert (fresh.ids, fresh.themes) == (own.ids, own.themes)
    # Not a second time.
    other._catch_up_at = one._catch_up_at = 0.0
    assert len(other.known) == len(one.known) == before + 6


def test_themes_are_found_by_one_at_a_time(engine: Engine) -> None:
    filled(engine)
    with reading(engine) as session:
        runs = len(session.exec(select(ClusterRun.id)).all())
    with discovering(engine):
        with pytest.raises(BusyError, match="another process is finding themes"):
            refresh(engine, "words")
        with transaction(engine) as session:
            job_id = jobs.enqueue(session, JobKind.REFRESH_THEMES).id
        waiting = Worker(engine, WordEncoder)
        assert waiting.step()
        with reading(engine) as session:
            job = jobs.get(session, job_id)
            # The run under way is not taken for an abandoned one.
            assert len(session.exec(select(ClusterRun.id)).all()) == runs
        assert (job.state, job.attempts) == (JobState.QUEUED, 0)
        assert job.run_after > now()
    refresh(engine, "words")


def test_what_another_worker_is_finding_is_not_asked_for_again(engine: Engine) -> None:
    one = filled(engine)
    with transaction(engine) as session:
        jobs.enqueue(session, JobKind.REFRESH_THEMES)
        add_voices(session, 10, start=100)
    assert jobs.claim(engine, (JobKind.REFRESH_THEMES,)) is not None
    while one.encode_some() or one.assign_some():
        pass
    assert not one._enqueue_when_due()


def test_a_worker_that_must_leave_gives_its_job_back(engine: Engine) -> None:
    with transaction(engine) as session:
        job_id = jobs.enqueue(session, JobKind.IMPORT, {"import_id": "none"}).id
    for _ in range(jobs.MOST_ATTEMPTS + 1):
        job = jobs.claim(engine)
        assert job is not None
        jobs.release(engine, job_id)
    jobs.claim(engine)
    jobs.finish(engine, job_id)
    # It ended at the last moment.
    jobs.release(engine, job_id)
    with reading(engine) as session:
        assert jobs.get(session, job_id).state == JobState.DONE


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A clock that is three hours ahead, until the test undoes it."""
    ahead = now() + dt.timedelta(hours=3)
    for module in (jobs, outbox, clock):
        monkeypatch.setattr(module, "now", lambda: ahead)
    return monkeypatch


def test_a_clock_that_is_moved_back_holds_up_no_job(
    engine: Engine, later: pytest.MonkeyPatch
) -> None:
    ahead = clock.now()
    with transaction(engine) as session:
        session.add(Job(kind=JobKind.IMPORT, created_at=ahead, run_after=ahead))
    held = jobs.claim(engine)
    assert held is not None
    with transaction(engine) as session:
        session.add(Job(kind=JobKind.SOLVE_SCENARIO, created_at=ahead, run_after=ahead))
    later.undo()
    # The lease of the first reaches hours ahead; the second is due in hours.
    claimed = [jobs.claim(engine), jobs.claim(engine)]
    assert [each.kind for each in claimed if each] == [JobKind.IMPORT, JobKind.SOLVE_SCENARIO]
    assert jobs.claim(engine) is None


def test_a_clock_that_is_moved_back_loses_and_doubles_no_voice(
    engine: Engine, later: pytest.MonkeyPatch
) -> None:
    worker = Worker(engine, WordEncoder)
    with transaction(engine) as session:
        add_voices(session, 10)
    worker.encode_some()
    later.undo()
    with transaction(engine) as session:
        add_voices(session, 10, start=10)
    for each in (worker, Worker(engine, WordEncoder)):
        while each.step():
            pass
    with reading(engine) as session:
        states = session.exec(select(Feedback.state)).all()
        said = session.exec(select(Statement.id)).all()
        placed = session.exec(select(ThemeMembership.statement_id)).all()
    assert states == [FeedbackState.THEMED] * 60
    assert sorted(placed) == sorted(said)


def test_a_clock_that_is_moved_back_holds_up_no_message(
    engine: Engine, later: pytest.MonkeyPatch
) -> None:
    with transaction(engine) as session:
        for key in ("one", "two"):
            outbox.put(session, key, outbox.About(), Transport.MAIL)
        [sending] = outbox.claim(session, 1)
        assert sending.state == MessageState.SENDING
    later.undo()
    with transaction(engine) as session:
        assert len(outbox.claim(session, 10)) == 2
        assert len(session.exec(select(Message)).all()) == 2
        assert outbox.claim(session, 10) == []
