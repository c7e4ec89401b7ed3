"""Two people, or a person and the worker, at the same thing at once: both count, in turn."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.api.records import add_theme
from tests.meanwhile import MOMENT, Step, at_once
from vocloop.errors import ConflictError
from vocloop.roadmap import backlog, rounds, scenarios
from vocloop.roadmap.audit import Author
from vocloop.roadmap.decisions import decide
from vocloop.route.setup import put_department
from vocloop_models import BacklogItem, ItemState, Scenario, ScenarioState, Verdict
from vocloop_models.database import reading, transaction


def test_items_that_are_made_at_once_have_numbers_of_their_own(engine: Engine) -> None:
    with transaction(engine) as session:
        theme = add_theme(session).id

    def create(session: Session) -> None:
        backlog.create(session, "Resume exports", {theme: 1.0})

    assert at_once(engine, create, create) is None
    with reading(engine) as session:
        assert sorted(session.exec(select(BacklogItem.number))) == [1, 2]


def test_what_is_deferred_meanwhile_is_not_begun(engine: Engine) -> None:
    def decided(verdict: Verdict) -> Step:
        return lambda session: decide(
            session, item, verdict, "So be it", Author("CCO"), agree_as_customer=True
        )

    with transaction(engine) as session:
        item = backlog.create(session, "Resume exports", {add_theme(session).id: 1.0}).id
        decided(Verdict.APPROVE)(session)

    def begin(session: Session) -> None:
        backlog.move(session, item, ItemState.IN_PROGRESS)

    assert isinstance(at_once(engine, decided(Verdict.DEFER), begin), ConflictError)
    with reading(engine) as session:
        assert backlog.one(session, item).item.state is ItemState.DEFERRED


def test_a_scenario_that_is_asked_again_while_it_is_solved_is_solved_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction(engine) as session:
        put_department(session, "dev", {"name_ja": "開発部"})
        sitting = rounds.open_round(session, "First", ["2027Q1"], {"dev": [4.0]})
        scenario = scenarios.ask(session, sitting.id, "As it is", {}).id
    more = {"capacity": {"dev": [8.0]}}
    solving: list[Future[None]] = []
    with ThreadPoolExecutor(1) as pool:

        def solved_meanwhile(*_: object) -> None:
            solving.append(pool.submit(scenarios.work, engine, scenario))
            wait(solving, MOMENT)

        with monkeypatch.context() as patch, transaction(engine) as session:
            patch.setattr(scenarios, "check", solved_meanwhile)
            scenarios.ask_again(session, scenario, more)
        solving[0].result(10)
    scenarios.work(engine, scenario)
    with reading(engine) as session:
        kept = session.get_one(Scenario, scenario)
    assert (kept.state, kept.changes) == (ScenarioState.SOLVED, more)
