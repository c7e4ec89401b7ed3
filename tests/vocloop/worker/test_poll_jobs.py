"""The worker polls what is due, in a thread of its own, and gives way when it is stopped."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from tests.fakes import WordEncoder
from tests.vocloop.intake.connectors.recorded import Recorded, Reply, serving
from tests.vocloop.intake.connectors.services import KEY, SERVICES, START, Service
from vocloop.intake import connections
from vocloop.worker.polling import Polls
from vocloop.worker.worker import Worker
from vocloop_models import Connector, Feedback, Job, JobKind, JobState, now
from vocloop_models.database import reading, transaction


@pytest.fixture
def service() -> Service:
    return SERVICES["freshdesk"]()


@pytest.fixture
def server(engine: Engine, service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorded]:
    """A tool that is connected as ``desk`` and due."""
    with serving(service.answer) as recorded:
        monkeypatch.setenv("VOCLOOP_OUTGOING_ALLOWED", '["127.0.0.1"]')
        monkeypatch.setenv("VOCLOOP_CONNECTOR_DESK_KEY", KEY)
        with transaction(engine) as session:
            connections.create(
                session, service.kind, source="desk", address=recorded.url, since=START
            )
        yield recorded


def connector(engine: Engine) -> Connector:
    with reading(engine) as session:
        return connections.get(session, "desk")


def poll_jobs(engine: Engine) -> list[Job]:
    with reading(engine) as session:
        return list(session.exec(select(Job).where(Job.kind == JobKind.POLL)))


def test_what_is_due_is_polled_once_and_then_waits(
    engine: Engine, server: Recorded, service: Service
) -> None:
    polls, stop = Polls(engine), threading.Event()
    assert polls.step(stop)
    assert not polls.step(stop)
    (job,) = poll_jobs(engine)
    assert (job.state, job.error) == (JobState.DONE, None)
    found = connector(engine)
    assert found.stored == len(service.expected())
    assert found.next_at is not None
    assert 890 < (found.next_at - now()).total_seconds() <= 900


def test_an_error_is_told_by_the_job_too(engine: Engine, server: Recorded) -> None:
    server.faults[1] = Reply(401, {})
    Polls(engine).step(threading.Event())
    (job,) = poll_jobs(engine)
    assert job.error is not None
    assert "VOCLOOP_CONNECTOR_DESK_KEY" in job.error


def test_old_polls_are_forgotten(engine: Engine, server: Recorded) -> None:
    polls = Polls(engine)
    polls.step(threading.Event())
    with transaction(engine) as session:
        session.exec(select(Job)).one().finished_at = now() - dt.timedelta(days=8)
        connections.poll_now(session, "desk")
    polls.step(threading.Event())
    (job,) = poll_jobs(engine)
    assert job.finished_at is not None
    assert now() - job.finished_at < dt.timedelta(days=1)


def test_a_connector_whose_job_waits_gets_no_second_one(engine: Engine, server: Recorded) -> None:
    polls = Polls(engine)
    polls._enqueue()
    polls._enqueue()
    assert len(poll_jobs(engine)) == 1


def test_a_worker_that_was_killed_is_replaced_when_its_leases_have_run_out(
    engine: Engine, server: Recorded, service: Service
) -> None:
    polls = Polls(engine)
    polls._enqueue()
    with transaction(engine) as session:
        job = session.exec(select(Job)).one()
        job.state, job.attempts = JobState.RUNNING, 1
        found = connections.locked(session, "desk")
        job.leased_until = found.leased_until = now() + dt.timedelta(minutes=1)
    assert not polls.step(threading.Event())
    with transaction(engine) as session:
        job = session.exec(select(Job)).one()
        found = connections.locked(session, "desk")
        job.leased_until = found.leased_until = now() - dt.timedelta(seconds=1)
    assert polls.step(threading.Event())
    assert connector(engine).stored == len(service.expected())


def test_a_worker_polls_beside_its_other_work_and_stops_between_requests(
    engine: Engine, server: Recorded, service: Service
) -> None:
    stop, answer = threading.Event(), server.answer

    def stopping(asked: Any) -> Reply:
        if len(server.asked) == 2:
            stop.set()
        return answer(asked)

    server.answer = stopping
    working = threading.Thread(target=Worker(engine, WordEncoder).run, args=(stop,))
    working.start()
    working.join(60)
    assert not working.is_alive()
    deadline = time.monotonic() + 30
    while connector(engine).lease is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    found = connector(engine)
    assert found.lease is None, "given back, so that the next worker begins at once"
    assert len(server.asked) == 2
    assert found.failures == 0
    with transaction(engine) as session:
        assert connections.due(session) == ["desk"]
    assert Polls(engine).step(threading.Event())
    with reading(engine) as session:
        assert sorted(session.exec(select(Feedback.text))) == sorted(service.expected())


def test_a_poll_gives_way_after_its_time_and_is_due_again(
    engine: Engine, server: Recorded, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vocloop.worker.polling.POLL_SECONDS", 0.0)
    monkeypatch.setattr("vocloop.intake.connectors.window.ROWS_A_BATCH", 2)
    polls = Polls(engine)
    rounds = 0
    while polls.step(threading.Event()):
        rounds += 1
    assert rounds >= 4
    assert connector(engine).stored == len(service.expected())
