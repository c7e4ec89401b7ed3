"""Metrics that are agreed before, results that are read after."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlmodel import Session

from tests.api.records import add_customer, add_theme, say
from vocloop.roadmap import backlog, outcomes
from vocloop.roadmap.audit import Author
from vocloop.roadmap.decisions import decide
from vocloop_models import BacklogItem, ItemState, Measure, NextStep, Theme, Verdict

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


def test_a_result_of_a_part_is_taken_back_and_its_target_stays(session: Session) -> None:
    item = shipped(session, breakdowns={"industry": {"Ships": {"target": 4.0}}})
    for actual in (5.0, None):
        parts = {"industry": {"Ships": {"actual": actual}}, "region": {"Kyoto": {"actual": actual}}}
        kept = outcomes.review(
            session, item.id, {"Tickets": 2.0}, **DONE, breakdowns={"Tickets": parts}
        )
    assert kept.metrics[0]["breakdowns"] == {"industry": {"Ships": {"target": 4.0}}}


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


def test_months_after_shipping_are_counted_in_days_of_the_workspace(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour after midnight in Tokyo the thirtieth day is over; in London it is not."""
    item = shipped(session)
    item.shipped_at = dt.datetime(2026, 2, 1, 10, tzinfo=dt.UTC)
    night = dt.datetime(2026, 3, 2, 16, tzinfo=dt.UTC)
    [theme] = backlog.one(session, item.id).themes
    before = item.shipped_at - dt.timedelta(days=30)
    say(
        session,
        theme=session.get(Theme, theme),
        customer=add_customer(session, "A"),
        said_at=before,
    )
    for zone, months in (("Europe/London", 0), ("Asia/Tokyo", 1)):
        monkeypatch.setenv("VOCLOOP_TIMEZONE", zone)
        tests = outcomes.examine(session, item.id, moment=night)
        [volume] = [each for each in tests if each.measure is Measure.VOLUME]
        assert len(volume.evidence["after"]) == months
