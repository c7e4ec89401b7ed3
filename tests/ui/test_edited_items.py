"""The form of a backlog item that two people have open at once."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.meanwhile import meanwhile
from tests.sent import Fields, sent
from tests.ui.planned import Plan
from vocloop.roadmap import backlog
from vocloop.roadmap.audit import Author
from vocloop_models import Horizon
from vocloop_models.database import reading, transaction


@pytest.fixture
def here(made: Plan) -> str:
    return f"/backlog/{made.item}/edit"


@pytest.fixture
def form(client: TestClient, here: str) -> Fields:
    """As it was opened, untouched."""
    return sent(client.get(here).text, here)


def change(engine: Engine, made: Plan, **fields: Any) -> None:
    with transaction(engine) as session:
        backlog.change(session, made.item, Author("Mori"), **fields)


def item(engine: Engine, made: Plan) -> backlog.ItemParts:
    with reading(engine) as session:
        return backlog.one(session, made.item)


def test_what_somebody_else_changed_meanwhile_stays(
    client: TestClient, engine: Engine, made: Plan, here: str, form: Fields
) -> None:
    work = {"dev": backlog.Work(3, -0.2), "care": backlog.Work(1, 0.5)}
    theirs = {"title": "Swap", "quarter": "2027Q1", "needs": [made.second], "departments": work}
    change(engine, made, **theirs, themes={made.theme: 0.8, made.other: 0.2})
    mine = {"problem": ["Nobody sees who is free."], "horizon": ["later"], "effort.care": ["2"]}
    assert client.post(here, data=form | mine).status_code == 303
    kept = item(engine, made)
    assert (kept.item.title, kept.item.quarter, kept.needs) == ("Swap", "2027Q1", [made.second])
    assert kept.themes == {made.theme: 0.8, made.other: 0.2}
    assert kept.departments == {"dev": backlog.Work(3, -0.2), "care": backlog.Work(2, 0.5)}
    assert (kept.item.problem, kept.item.horizon) == (*mine["problem"], Horizon.LATER)
    told = client.get(f"/backlog/{made.item}").text
    assert "Changed: problem statement, horizon, effort of departments" in told


def test_where_both_changed_the_same_it_is_told_and_nothing_is_overwritten(
    client: TestClient, engine: Engine, made: Plan, here: str, form: Fields
) -> None:
    theirs = {"title": "Swap", "horizon": Horizon.NEXT, "hypothesis_id": None, "goals": ["Rest"]}
    change(engine, made, **theirs, needs=[made.second], themes={made.theme: 0.2, made.other: 0.5})
    mine = {
        "title": ["Swap shifts by oneself"],
        "horizon": ["later"],
        "cost": ["20"],
        f"share.{made.theme}": ["40"],
        "needs": [str(made.third)],
    }
    page = client.post(here, data=form | mine)
    assert page.status_code == 422
    told = html.unescape(page.text)
    for words in ("“Swap”", "“Next”", "“Login fails 50%, Swap fails 20%”", "“Stay signed in”"):
        assert f"Changed by Mori since you opened the form, to {words}." in told, words
    assert item(engine, made).item.title == "Swap"
    again = sent(page.text, here)
    assert {name: again[name] for name in mine} == mine
    assert (again["hypothesis"], again["goals"]) == ([""], ["Rest"]), "what they alone changed"
    again["needs"] = []
    assert client.post(here, data=again).status_code == 303, "whoever sends it again knows"
    kept = item(engine, made)
    assert (kept.item.title, kept.item.horizon) == (*mine["title"], Horizon.LATER)
    assert (kept.item.cost, kept.item.goals, kept.needs) == (20, ["Rest"], [])
    assert kept.themes == {made.theme: 0.4, made.other: 0.5}


def test_a_form_that_changes_nothing_writes_nothing(
    client: TestClient, engine: Engine, made: Plan, here: str, form: Fields
) -> None:
    before = item(engine, made).item.updated_at
    assert client.post(here, data=form).status_code == 303
    assert item(engine, made).item.updated_at == before


def test_the_undo_takes_back_what_one_changed_and_nothing_else(
    client: TestClient, engine: Engine, made: Plan, here: str, form: Fields
) -> None:
    before = item(engine, made)
    mine = {"title": ["Swap"], "needs": [str(made.second)], "effort.care": [""], "effect.care": []}
    page = client.get(client.post(here, data=form | mine).headers["location"]).text
    assert set(item(engine, made).departments) == {"dev"}
    change(engine, made, quarter="2027Q1")
    (undo,) = re.findall(r'class="toast".*?action="([^"]+)"', page, re.DOTALL)
    assert client.post(html.unescape(undo)).status_code == 303
    kept = item(engine, made)
    assert (kept.item.title, kept.needs) == (before.item.title, [])
    assert kept.departments == before.departments
    assert kept.item.quarter == "2027Q1"


def test_of_two_who_send_it_at_once_the_second_is_told(
    client: TestClient, engine: Engine, made: Plan, here: str, form: Fields
) -> None:
    def second() -> None:
        page = client.post(here, data=form | {"title": ["Mine"]})
        assert page.status_code == 422

    def first(session: Any) -> None:
        backlog.change(session, made.item, title="Theirs")

    assert meanwhile(engine, first, second) is None
    assert item(engine, made).item.title == "Theirs"
