"""Two people, or a person and the worker, at the same thing at once: both count, in turn."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.api.records import add_theme, say
from tests.meanwhile import MOMENT, Step, at_once
from vocloop.errors import ConflictError
from vocloop.roadmap import backlog, hypotheses, outcomes, rounds, scenarios
from vocloop.roadmap.audit import Author, changes
from vocloop.roadmap.decisions import decide
from vocloop.route.setup import put_department
from vocloop_models import (
    BacklogItem,
    Direction,
    HypothesisState,
    ItemState,
    Round,
    RoundState,
    Scenario,
    ScenarioState,
    Side,
    Verdict,
    VoteChoice,
)
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


def test_a_success_that_is_reviewed_anew_meanwhile_is_developed_only_if_it_still_is_one(
    engine: Engine,
) -> None:
    with transaction(engine) as session:
        item = backlog.create(session, "Resume exports", {add_theme(session).id: 1.0}).id
        metric = {"name": "Tickets", "unit": "", "baseline": 9.0, "target": 3.0}
        outcomes.agree(session, item, [metric])
        decide(session, item, Verdict.APPROVE, "So be it", Author("CCO"), agree_as_customer=True)
        for state in (ItemState.IN_PROGRESS, ItemState.SHIPPED):
            backlog.move(session, item, state)

    def reviewed(tickets: float) -> Step:
        done = {"quantity_enough": True, "quality_good": True}
        return lambda session: outcomes.review(session, item, {"Tickets": tickets}, **done)

    def develop(session: Session) -> None:
        before, _ = outcomes.one(session, item)
        assert before is not None
        outcomes.develop(session, item, Direction.LEANER_PROCESS, "Resume by mail")

    with transaction(engine) as session:
        reviewed(2.0)(session)
    assert isinstance(at_once(engine, reviewed(8.0), develop), ConflictError)
    with reading(engine) as session:
        assert not outcomes.developments(session, item)


def test_what_two_do_with_a_hypothesis_at_once_is_kept_in_turn(engine: Engine) -> None:
    with transaction(engine) as session:
        theme = add_theme(session)
        said = say(session, "It stops", theme=theme).id
        words = hypotheses.Words("Store managers", "Export a report", "It is too long")
        made = hypotheses.propose(session, theme.id, words).id

    def rewrite(session: Session) -> None:
        hypotheses.rewrite(session, made, words)

    def linked(side: Side) -> Step:
        def link(session: Session) -> None:
            before = hypotheses.one(session, made)
            assert before.versions
            hypotheses.link(session, made, said, side)

        return link

    def settled(state: HypothesisState) -> Step:
        def settle(session: Session) -> None:
            before = hypotheses.one(session, made)
            assert before.versions
            hypotheses.settle(session, made, state)

        return settle

    assert at_once(engine, rewrite, rewrite) is None
    for first, second in ((Side.FOR, Side.FOR), (Side.AGAINST, Side.FOR)):
        assert at_once(engine, linked(first), linked(second)) is None
    confirmed, still_open = settled(HypothesisState.SUPPORTED), settled(HypothesisState.OPEN)
    assert at_once(engine, confirmed, still_open) is None
    with reading(engine) as session:
        kept = hypotheses.one(session, made)
    assert [each.version for each in kept.versions] == [3, 2, 1]
    assert [each.side for each in kept.evidence] == [Side.FOR]
    assert kept.hypothesis.state is HypothesisState.OPEN


def test_a_round_that_is_closed_meanwhile_takes_no_word_any_more(engine: Engine) -> None:
    with transaction(engine) as session:
        put_department(session, "dev", {"name_ja": "開発部"})
        item = backlog.create(session, "Resume exports", {add_theme(session).id: 1.0}).id
        sitting = rounds.open_round(session, "First", ["2027Q1"], {"dev": [4.0]}).id
        rounds.consider(session, sitting, {item: rounds.Taken()})

    def close(session: Session) -> None:
        rounds.close(session, sitting)

    def vote(session: Session) -> None:
        rounds.vote(session, sitting, item, "dev", VoteChoice.SUPPORT)

    def decided(session: Session) -> None:
        decide(
            session,
            item,
            Verdict.APPROVE,
            "So be it",
            Author("CCO"),
            agree_as_customer=True,
            round_id=sitting,
        )

    assert at_once(engine, vote, vote) is None
    assert isinstance(at_once(engine, close, close), ConflictError)
    for late in (vote, decided):
        with transaction(engine) as session:
            session.get_one(Round, sitting).state = RoundState.OPEN
        assert isinstance(at_once(engine, close, late), ConflictError)
    with reading(engine) as session:
        assert len([each for each in changes(session, sitting) if each.action == "closed"]) == 3


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
