"""Metrics that are agreed before, results that are read after."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from tests.api.records import add_theme
from vocloop.roadmap import backlog, outcomes
from vocloop.roadmap.audit import Author
from vocloop.roadmap.decisions import decide
from vocloop_models import BacklogItem, ItemState, NextStep, Verdict

METRIC = {"name": "Tickets", "unit": "", "baseline": 9.0, "target": 3.0}
DONE = {"quantity_enough": True, "quality_good": True}


def shipped(session: Session, **metric: Any) -> BacklogItem:
    """An item with METRIC agreed, which shipped."""
    item = backlog.create(session, "Resume exports", {add_theme(session).id: 1.0})
    outcomes.agree(session, item.id, [METRIC | metric])
    decide(session, item.id, Verdict.APPROVE, "Many ask", Author("CCO"), agree_as_customer=True)
    for state in (ItemState.IN_PROGRESS, ItemState.SHIPPED):
        backlog.move(session, item.id, state)
    return item


def test_a_result_that_is_broken_down_stands_beside_the_targets(session: Session) -> None:
    agreed = {"industry": {"Ships": {"target": 4.0}, "Shops": {"target": 2.0}}}
    item = shipped(session, breakdowns=agreed)
    read = {"industry": {"Ships": {"actual": 5.0}}, "region": {"Kyoto": {"actual": 1.0}}}
    for breakdowns in ({"Tickets": read}, {}, None):
        kept = outcomes.review(session, item.id, {"Tickets": 2.0}, **DONE, breakdowns=breakdowns)
        assert kept.metrics[0]["breakdowns"] == {
            "industry": {"Ships": {"target": 4.0, "actual": 5.0}, "Shops": {"target": 2.0}},
            "region": {"Kyoto": {"actual": 1.0}},
        }


def test_metrics_that_are_agreed_anew_have_no_result_yet(session: Session) -> None:
    item = shipped(session)
    kept = outcomes.review(session, item.id, {"Tickets": 2.0}, **DONE, analysis="It helped")
    assert kept.next_step is NextStep.DEVELOP
    backlog.move(session, item.id, ItemState.REOPENED)
    kept = outcomes.agree(session, item.id, [METRIC | {"target": 1.0}])
    assert [metric["actual"] for metric in kept.metrics] == [None]
    assert (kept.result_good, kept.quantity_enough, kept.quality_good) == (None, None, None)
    assert (kept.next_step, kept.reason) == (None, "")
    assert (kept.reviewed_at, kept.reviewed_by) == (None, None)
    assert kept.analysis == "It helped"
