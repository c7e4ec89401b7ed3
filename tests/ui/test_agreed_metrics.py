"""The form that agrees what will count as success, and two people who have it open at once."""

from __future__ import annotations

import html
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session

from tests import applications
from tests.meanwhile import meanwhile
from tests.sent import Fields, sent
from tests.ui.conftest import at_this_machine
from tests.ui.planned import Plan
from vocloop.accounts.visitor import Visitor
from vocloop.roadmap import outcomes
from vocloop.roadmap.audit import Author
from vocloop_api.doors import Openness
from vocloop_models import Role
from vocloop_models.database import reading, transaction

CALLS = {"name": "電話 / Calls", "unit": "件/月 / a month", "baseline": 40.0, "target": 10.0}
PARTS = {"breakdowns": {"industry": {"造船": {"target": 4.0}}}}
MINE = {"name.0": ["Visits"], "baseline.0": ["5"], "target.0": ["2"], "by": ["Sato"]}


@pytest.fixture
def here(made: Plan) -> str:
    return f"/outcomes/{made.item}"


def agree(engine: Engine, made: Plan, *metrics: dict[str, Any]) -> None:
    with transaction(engine) as session:
        outcomes.agree(session, made.item, metrics, Author("Mori"))


def form_of(client: TestClient, here: str) -> Fields:
    """As it was opened, untouched."""
    return sent(client.get(here).text, f"{here}/metrics")


def kept(engine: Engine, made: Plan) -> list[dict[str, Any]]:
    with reading(engine) as session:
        found = outcomes.one(session, made.item)[0]
    assert found is not None
    return [{name: metric[name] for name in CALLS} for metric in found.metrics]


@pytest.mark.parametrize("before", [[], [{**CALLS, "target": 20.0}]])
def test_what_somebody_else_agreed_meanwhile_is_told_and_not_overwritten(
    client: TestClient, engine: Engine, made: Plan, here: str, before: list[dict[str, Any]]
) -> None:
    if before:
        agree(engine, made, *before)
    form = form_of(client, here)
    agree(engine, made, CALLS)
    page = client.post(f"{here}/metrics", data=form | MINE)
    assert page.status_code == 422
    told = html.unescape(page.text)
    assert "Changed by Mori since you opened the form, to “Calls 40 → 10 a month”." in told
    assert kept(engine, made) == [CALLS]
    again = sent(page.text, f"{here}/metrics")
    assert {name: again[name] for name in MINE} == MINE
    assert client.post(f"{here}/metrics", data=again).status_code == 303, "who sends it again knows"
    assert [metric["name"] for metric in kept(engine, made)] == ["Visits"]


def test_a_form_that_is_late_and_wrong_is_told_both(
    client: TestClient, engine: Engine, made: Plan, here: str
) -> None:
    form = form_of(client, here)
    agree(engine, made, CALLS)
    page = client.post(f"{here}/metrics", data=form | MINE | {"target.0": ["few"]})
    assert 'id="metrics-error"' in page.text
    assert 'id="target.0-error"' in page.text


def test_who_agrees_the_same_is_not_held_up(
    client: TestClient, engine: Engine, made: Plan, here: str
) -> None:
    form = form_of(client, here) | MINE
    assert client.post(f"{here}/metrics", data=form).status_code == 303
    assert client.post(f"{here}/metrics", data=form).status_code == 303


def test_of_two_who_agree_at_once_the_second_is_told(
    client: TestClient, engine: Engine, made: Plan, here: str
) -> None:
    form = form_of(client, here) | MINE

    def first(session: Session) -> None:
        outcomes.agree(session, made.item, [CALLS], Author("Mori"))

    def second() -> None:
        assert client.post(f"{here}/metrics", data=form).status_code == 422

    assert meanwhile(engine, first, second) is None
    assert kept(engine, made) == [CALLS]


def test_more_metrics_than_the_form_has_room_for_stay_as_they_are(
    client: TestClient, engine: Engine, made: Plan, here: str
) -> None:
    """And the digits of large ones."""
    many = [{**CALLS, **PARTS, "name": f"M{n}", "baseline": 12_345_678.5} for n in range(8)]
    agree(engine, made, *many)
    before = kept(engine, made)
    form = form_of(client, here) | {"by": ["Sato"]}
    wrong = client.post(f"{here}/metrics", data=form | {"target.7": ["few"]})
    assert wrong.status_code == 422
    assert sent(wrong.text, f"{here}/metrics")["part.value.7"] == ["造船"]
    assert client.post(f"{here}/metrics", data=form).status_code == 303
    assert kept(engine, made) == before
    with reading(engine) as session:
        found = outcomes.one(session, made.item)[0]
    assert found is not None
    assert all(metric["breakdowns"] == PARTS["breakdowns"] for metric in found.metrics)


def test_what_is_emptied_comes_back_empty(
    client: TestClient, engine: Engine, made: Plan, here: str
) -> None:
    agree(engine, made, CALLS)
    typed = form_of(client, here) | {"name.0": [""], "unit.0": [""]}
    page = client.post(f"{here}/metrics", data=typed)
    assert page.status_code == 422
    back = sent(page.text, f"{here}/metrics")
    assert (back["name.0"], back["unit.0"]) == ([""], [""])


def test_a_breakdown_of_a_metric_without_a_name_is_not_dropped_unsaid(
    client: TestClient, made: Plan, here: str
) -> None:
    part = {"part.metric.0": ["1"], "part.axis.0": ["industry"], "part.value.0": ["造船"]}
    page = client.post(f"{here}/metrics", data=MINE | part | {"part.target.0": ["4"]})
    assert page.status_code == 422
    assert 'id="name.1-error"' in page.text


def test_who_may_only_read_sees_the_numbers_that_are_agreed(
    engine: Engine, made: Plan, here: str
) -> None:
    auditor = Visitor("Aoki", frozenset({Role.AUDITOR}))
    app = applications.whole(engine, openness=Openness(auditor))
    client = at_this_machine(app, "en")
    assert "Nothing is agreed yet." in client.get(here).text
    agree(engine, made, CALLS)
    page = client.get(here).text
    assert "agree the metrics" not in page.lower()
    assert "<li>Calls <b>40 → 10</b> a month</li>" in page
