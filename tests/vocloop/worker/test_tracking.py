"""Items go to trackers in a thread of the worker's; what fails in an unforeseen way ends too."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from tests.api.records import add_theme
from vocloop.roadmap import backlog
from vocloop.roadmap.trackers import delivery, store
from vocloop.worker import tracking
from vocloop.worker.tracking import Tracking
from vocloop_models import Job, JobState, LinkState, Tracker, TrackerKind, TrackerLink
from vocloop_models.database import reading, transaction


@pytest.fixture
def link(engine: Engine) -> uuid.UUID:
    with transaction(engine) as session:
        item = backlog.create(session, "Swap shifts", {add_theme(session).id: 1.0})
        tracker = store.add(session, "web", TrackerKind.GITHUB, "minamo/shift")
        return tracking.ask(session, item.id, tracker.id).id


def waited(engine: Engine) -> None:
    """The pause after a failure is over."""
    with transaction(engine) as session:
        for job in session.exec(select(Job)):
            job.run_after -= delivery.LEASE + dt.timedelta(seconds=1)
        for each in session.exec(select(TrackerLink)):
            if each.leased_until is not None:
                each.leased_until -= delivery.LEASE


def test_a_push_that_fails_unforeseen_is_tried_again_and_told_in_the_end(
    engine: Engine, link: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError

    tracking_ = Tracking(engine)
    monkeypatch.setenv("VOCLOOP_TRACKER_WEB_TOKEN", "key")
    monkeypatch.setattr(delivery, "_deliver", broken)
    states = []
    while tracking_.step():
        waited(engine)
        with reading(engine) as session:
            states.append(session.get_one(TrackerLink, link).state)
    assert states == [LinkState.WAITING, LinkState.WAITING, LinkState.FAILED]
    with reading(engine) as session:
        assert session.get_one(TrackerLink, link).error == "ZeroDivisionError"
        assert session.exec(select(Job.state)).one() is JobState.FAILED


def test_a_push_whose_tracker_is_gone_ends_at_once(engine: Engine, link: uuid.UUID) -> None:
    with transaction(engine) as session:
        store.remove(session, session.exec(select(Tracker.id)).one())
    tracking_ = Tracking(engine)
    assert tracking_.step()
    waited(engine)
    assert not tracking_.step()
