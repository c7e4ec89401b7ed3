"""What is removed at the very moment that somebody says something of it is not there for them, and
what was said of it just before goes along."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from tests.api.records import add_customer, add_theme, say
from tests.meanwhile import at_once
from vocloop.errors import NotFoundError
from vocloop.intake.erasure import forget_customer
from vocloop.intake.removal import remove_feedback
from vocloop.roadmap import backlog, hypotheses
from vocloop.roadmap.trackers import store as trackers
from vocloop.score import severity_store
from vocloop.success import goals, measures
from vocloop_models import (
    GoalMetric,
    MeasureLevel,
    Side,
    Statement,
    TrackerKind,
)
from vocloop_models.database import transaction

DAY = dt.date(2026, 3, 1)
Act = Callable[[Session, uuid.UUID, uuid.UUID], object]
WORDS = hypotheses.Words("restaurants", "swap shifts", "the manager must agree")


@dataclass(frozen=True)
class Case:
    """make: what there is, and something beside it; say: something of it; remove: it."""

    make: Callable[[Session], tuple[uuid.UUID, uuid.UUID]]
    say: Act
    remove: Act


def _goal(session: Session) -> tuple[uuid.UUID, uuid.UUID]:
    made = goals.add(session, "Churn", GoalMetric.OWN, 3.0).id
    return made, made


def _measure(session: Session) -> tuple[uuid.UUID, uuid.UUID]:
    customer = add_customer(session, "ミナモ").id
    return measures.keep(session, customer, "Hours", level=MeasureLevel.KPI).id, customer


def _tracker(session: Session) -> tuple[uuid.UUID, uuid.UUID]:
    item = backlog.create(session, "Resume exports", {add_theme(session).id: 1.0}).id
    return trackers.add(session, "web", TrackerKind.GITHUB, "acme/web").id, item


def _statement(session: Session) -> tuple[uuid.UUID, uuid.UUID]:
    said = say(session, theme=add_theme(session))
    return said.id, hypotheses.propose(session, add_theme(session).id, WORDS).id


def _unsay(session: Session, statement: uuid.UUID, _: uuid.UUID) -> None:
    remove_feedback(session, [session.get_one(Statement, statement).feedback_id])


CASES = {
    "the value of a goal": Case(
        _goal,
        lambda session, goal, _: goals.enter(session, goal, DAY, 2.0),
        lambda session, goal, _: goals.remove(session, goal),
    ),
    "the value of a measure": Case(
        _measure,
        lambda session, measure, _: measures.enter(session, measure, DAY, 2.0),
        lambda session, measure, _: measures.remove(session, measure),
    ),
    "a target of a customer": Case(
        _measure,
        lambda session, _, customer: measures.keep(session, customer, "Hours", target=2.0),
        lambda session, _, customer: forget_customer(session, customer),
    ),
    "that a tracker is off": Case(
        _tracker,
        lambda session, tracker, _: trackers.change(session, tracker, active=False),
        lambda session, tracker, _: trackers.remove(session, tracker),
    ),
    "that an item goes to a tracker": Case(
        _tracker,
        lambda session, tracker, item: trackers.push(session, item, tracker),
        lambda session, tracker, _: trackers.remove(session, tracker),
    ),
    "how severe a statement is": Case(
        _statement,
        lambda session, said, _: severity_store.correct(session, said, 0.5),
        _unsay,
    ),
    "what a statement speaks for": Case(
        _statement,
        lambda session, said, hypothesis: hypotheses.link(session, hypothesis, said, Side.FOR),
        _unsay,
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_what_goes_at_this_moment_is_not_there(engine: Engine, what: str) -> None:
    case = CASES[what]
    with transaction(engine) as session:
        made = case.make(session)
    error = at_once(
        engine,
        lambda session: case.remove(session, *made),
        lambda session: case.say(session, *made),
    )
    assert isinstance(error, NotFoundError)


@pytest.mark.parametrize("what", CASES)
def test_what_was_said_just_before_goes_along(engine: Engine, what: str) -> None:
    case = CASES[what]
    with transaction(engine) as session:
        made = case.make(session)
    error = at_once(
        engine,
        lambda session: case.say(session, *made),
        lambda session: case.remove(session, *made),
    )
    assert error is None


@pytest.mark.parametrize("what", ["the value of a goal", "the value of a measure"])
def test_of_two_who_say_it_at_once_the_second_is_heard(engine: Engine, what: str) -> None:
    case = CASES[what]
    with transaction(engine) as session:
        made = case.make(session)

    def speak(session: Session) -> None:
        case.say(session, *made)

    assert at_once(engine, speak, speak) is None
