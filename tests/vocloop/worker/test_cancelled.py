"""A search for themes is given up: what it found is not kept, whenever the wish comes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, func, select

from tests.fakes import WordEncoder
from tests.meanwhile import meanwhile
from tests.vocloop.worker.voices import THEMES, add_voices
from vocloop.errors import ConflictError, NotFoundError
from vocloop.themes.registry import newest
from vocloop.worker import jobs, worker
from vocloop.worker.worker import Worker
from vocloop_models import (
    ClusterRun,
    Job,
    JobKind,
    JobState,
    RunState,
    Statement,
    Theme,
    ThemeMembership,
    ThemeScore,
    new_id,
)
from vocloop_models.database import reading, transaction


@pytest.fixture
def waiting(engine: Engine) -> tuple[Worker, Job]:
    """Voices that are encoded, and a search for their themes that waits."""
    with transaction(engine) as session:
        add_voices(session, 20)
    one = Worker(engine, WordEncoder)
    while one.encode_some() or one.assign_some():
        pass
    with transaction(engine) as session:
        return one, jobs.enqueue(session, JobKind.REFRESH_THEMES)


def cancel(engine: Engine, job: Job) -> None:
    with transaction(engine) as session:
        jobs.cancel(session, job.id)


def found(engine: Engine) -> int:
    with reading(engine) as session:
        return sum(
            session.exec(select(func.count()).select_from(table)).one()
            for table in (Theme, ThemeMembership, ThemeScore)
        )


def state(engine: Engine, job: Job) -> JobState:
    with reading(engine) as session:
        return jobs.get(session, job.id).state


def step_until_at_rest(one: Worker) -> None:
    for _ in range(50):
        if not one.step():
            return
    raise AssertionError("the worker finds no rest")


def test_a_search_that_waits_never_begins(engine: Engine, waiting: tuple[Worker, Job]) -> None:
    one, job = waiting
    cancel(engine, job)
    step_until_at_rest(one)
    assert state(engine, job) is JobState.CANCELLED
    with reading(engine) as session:
        assert session.exec(select(ClusterRun)).all() == []


@pytest.mark.parametrize(("stage", "done"), [("clusters", 0), ("clusters", 50), ("titles", 1)])
def test_a_search_under_way_leaves_at_its_next_report(
    engine: Engine,
    waiting: tuple[Worker, Job],
    monkeypatch: pytest.MonkeyPatch,
    stage: str,
    done: int,
) -> None:
    one, job = waiting
    monkeypatch.setattr(worker, "REPORT_SECONDS", 0.0)
    report = jobs.report

    def reported(engine: Engine, job_id: object, at: str, so_far: int, total: int) -> None:
        if at == stage and so_far >= done:
            cancel_once()
        report(engine, job_id, at, so_far, total)

    wishes: list[bool] = []

    def cancel_once() -> None:
        if not wishes:
            wishes.append(True)
            cancel(engine, job)

    monkeypatch.setattr(jobs, "report", reported)
    step_until_at_rest(one)
    assert wishes
    assert state(engine, job) is JobState.CANCELLED
    assert found(engine) == 0
    with reading(engine) as session:
        (run,) = session.exec(select(ClusterRun)).all()
        assert run.state is RunState.CANCELLED
        assert newest(session, RunState.FAILED) is None


def test_a_wish_that_comes_before_the_writing_is_kept(
    engine: Engine, waiting: tuple[Worker, Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the last report and the transaction that writes."""
    one, _ = waiting
    keep = jobs.keep

    def late(session: Session, job_id: object) -> None:
        session.get_one(Job, job_id).state = JobState.CANCELLED
        session.flush()
        keep(session, job_id)

    monkeypatch.setattr(jobs, "keep", late)
    assert one.step()
    assert found(engine) == 0


def test_what_is_written_already_is_finished(
    engine: Engine, waiting: tuple[Worker, Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, job = waiting
    refused: list[str] = []

    def score(session: Session) -> None:
        with pytest.raises(ConflictError) as error:
            jobs.cancel(session, job.id)
        refused.append(str(error.value))
        score_themes(session)

    score_themes: Callable[[Session], None] = worker.score_themes
    monkeypatch.setattr(worker, "score_themes", score)
    assert one.step()
    assert "is being kept already" in refused[0]
    assert state(engine, job) is JobState.DONE
    with reading(engine) as session:
        assert len(session.exec(select(ThemeScore)).all()) == len(THEMES)


def test_it_does_not_begin_again_by_itself_until_much_else_was_said(
    engine: Engine, waiting: tuple[Worker, Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, job = waiting
    cancel(engine, job)
    step_until_at_rest(one)
    with reading(engine) as session:
        assert len(session.exec(select(Job)).all()) == 1, "nothing new is queued"
        assert jobs.came_since_cancelled(session) == 0
        said = session.exec(select(func.count()).select_from(Statement)).one()
    monkeypatch.setattr(worker, "DUE_LEAST", 3)
    monkeypatch.setattr(worker, "DUE_SHARE", 3 / said)
    with transaction(engine) as session:
        add_voices(session, 1, start=100)
    step_until_at_rest(one)
    with reading(engine) as session:
        assert newest(session, RunState.DONE) is not None


def test_people_can_ask_for_it_again(engine: Engine, waiting: tuple[Worker, Job]) -> None:
    one, job = waiting
    cancel(engine, job)
    with transaction(engine) as session:
        again = jobs.enqueue(session, JobKind.REFRESH_THEMES)
    step_until_at_rest(one)
    assert state(engine, again) is JobState.DONE
    assert found(engine) > 0


def test_what_cannot_be_cancelled_says_so(engine: Engine, waiting: tuple[Worker, Job]) -> None:
    one, job = waiting
    with transaction(engine) as session:
        other = jobs.enqueue(session, JobKind.IMPORT, {"import_id": str(new_id())})
    with pytest.raises(ConflictError, match="no search for themes"):
        cancel(engine, other)
    with pytest.raises(NotFoundError), transaction(engine) as session:
        jobs.cancel(session, new_id())
    step_until_at_rest(one)
    with pytest.raises(ConflictError, match="has ended already"):
        cancel(engine, job)
    assert state(engine, job) is JobState.DONE


def test_a_cancelled_job_stays_so_whatever_its_worker_says(engine: Engine) -> None:
    with transaction(engine) as session:
        job = jobs.enqueue(session, JobKind.REFRESH_THEMES)
    jobs.claim(engine)
    cancel(engine, job)
    jobs.finish(engine, job.id, error="too late")
    jobs.again(engine, job.id, 0)
    jobs.release(engine, job.id)
    with transaction(engine) as session:
        jobs.requeue_lost(session)
    assert state(engine, job) is JobState.CANCELLED
    assert jobs.claim(engine) is None


@pytest.mark.parametrize(
    "leave",
    [lambda *job: jobs.again(*job, 10), jobs.finish, jobs.release],
    ids=["again", "finish", "release"],
)
def test_a_search_that_is_cancelled_just_as_its_worker_leaves_it_stays_cancelled(
    engine: Engine, leave: Callable[..., None]
) -> None:
    with transaction(engine) as session:
        jobs.enqueue(session, JobKind.REFRESH_THEMES)
    job = jobs.claim(engine)
    assert job is not None
    failed = meanwhile(
        engine,
        lambda session: jobs.cancel(session, job.id),
        lambda: leave(engine, job.id),
    )
    assert failed is None
    assert state(engine, job) is JobState.CANCELLED
