"""A backlog item: its numbers opened up, rated, edited, taken back, put into a tracker."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from tests.sent import sent
from tests.ui.planned import Plan
from vocloop.roadmap import backlog, selection
from vocloop.roadmap.trackers import store as trackers
from vocloop.worker import jobs
from vocloop_models import Customer, Horizon, ItemState, JobKind, TrackerKind
from vocloop_models.database import reading, transaction
from vocloop_ui.i18n import Reader
from vocloop_ui.roadmap_words import money


def test_the_item_opens_up_every_number(client: TestClient, made: Plan) -> None:
    page = client.get(f"/backlog/{made.item}").text
    for words in (
        "Why the priority is",
        "Contribution potential",
        "Store managers swap shifts by phone.",
        "Swap fails company 1",
        "Swap fails for us",
        "One reach beyond what we do",
        "Engineering",
        "burdened",
        "solves 80% of it",
        "Put into the backlog",
    ):
        assert words in page, words
    assert re.search(r'href="/customers/[0-9a-f-]{36}">Swap fails company 0</a>', page)
    ja = client.get(f"/backlog/{made.item}?lang=ja").text
    assert "貢献可能性" in ja
    assert "今の一歩先" in ja
    third = client.get(f"/backlog/{made.third}?lang=en").text
    assert "Nobody has rated it yet" in third
    assert "&lt;script&gt;alert(1)" in third
    assert client.get("/backlog/nonsense").status_code == 404
    assert client.get(f"/backlog/{made.theme}").status_code == 404


@pytest.mark.parametrize("rates", ["{}", '{"USD": 150}'])
def test_money_is_told_in_the_currency_it_is_paid_in(
    client: TestClient, engine: Engine, made: Plan, rates: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_EXCHANGE_RATES", rates)
    with transaction(engine) as session:
        for each in session.exec(select(Customer)):
            each.arr, each.currency = 4_000_000, "USD"
    page = client.get(f"/backlog/{made.item}?lang=en").text
    assert "$4M" in page, "what a company pays"
    assert ("without an exchange rate" in page) is (rates == "{}")
    assert ("¥" in page) is (rates != "{}"), "the sum, in the currency of the settings"


@pytest.mark.parametrize(
    ("amount", "currency", "ja", "en"),
    [
        (9_400, "JPY", "9,400円", "¥9,400"),
        (61_000_000, "JPY", "6,100万円", "¥61 M"),
        (477_214_000, "JPY", "4億7,721万円", "¥477.2 M"),
        (300_000_000, "JPY", "3億円", "¥300 M"),
        (99_999_999, "JPY", "1億円", "¥100 M"),
        (43_000, "USD", "$43,000", "$43,000"),
        (5_600, "SGD", "SGD\N{NO-BREAK SPACE}5,600", "SGD\N{NO-BREAK SPACE}5,600"),
    ],
)
def test_an_amount_is_told_as_readers_count(amount: float, currency: str, ja: str, en: str) -> None:
    clock = ZoneInfo("Asia/Tokyo")
    assert money(Reader("ja", clock), amount, currency) == ja
    assert money(Reader("en", clock), amount, currency) == en


def test_a_rating_needs_its_four_steps_and_a_name(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    given = {"expertise": "2", "relationship": "9", "alternatives": "1", "difficulty": "3"}
    costs = {"initial_cost": "８", "operating_cost": "0.5"}
    answer = client.post(f"/backlog/{made.item}/ratings", data=given | costs)
    assert answer.status_code == 422
    assert "“9” is no number from 1 to 5." in answer.text
    assert "Write your name" in answer.text
    assert 'value="８"' in answer.text
    right = given | costs | {"relationship": "4", "by": "Mori", "note": "Asked six of them"}
    answer = client.post(f"/backlog/{made.item}/ratings", data=right)
    assert answer.status_code == 303
    page = client.get(f"/backlog/{made.item}").text
    assert "Asked six of them" in page
    assert 'value="Mori"' in page  # the name is known from now on
    with reading(engine) as session:
        forms = selection.ratings_of(session, made.item)
    assert [(form.expertise, form.initial_cost, form.by) for form in forms] == [
        (2, 8.0, "Mori"),
        (5, 6.0, "Sato"),
    ]


def test_only_steps_that_lead_on_are_taken(client: TestClient, made: Plan) -> None:
    answer = client.post(f"/backlog/{made.item}/state", data={"state": "shipped"})
    assert answer.status_code == 422
    assert "this step does not lead on" in answer.text


def test_an_edit_is_kept_and_undone(client: TestClient, engine: Engine, made: Plan) -> None:
    page = client.get(f"/backlog/{made.item}/edit").text
    assert 'value="6"' in page
    given = {
        "title": "Swap shifts by oneself",
        "horizon": "next",
        "quarter": "2027q2",
        "cost": "1,200",
        "goals": "Less effort\nRetention",
        "themes": [str(made.theme), str(made.other)],
        f"share.{made.theme}": "40",
        "effort.dev": "4",
        "needs": [str(made.second)],
    }
    answer = client.post(f"/backlog/{made.item}/edit", data=given)
    assert answer.status_code == 303, answer.text
    with reading(engine) as session:
        parts = backlog.one(session, made.item)
    assert parts.item.title == "Swap shifts by oneself"
    assert (parts.item.quarter, parts.item.cost) == ("2027Q2", 1200.0)
    assert parts.item.horizon is Horizon.NEXT
    assert parts.themes == {made.theme: 0.4, made.other: 1.0}
    assert parts.departments == {"dev": backlog.Work(4, 0)}
    assert parts.needs == [made.second]
    page = client.get(f"/backlog/{made.item}").text
    undo = page.split('<div class="toast-dock"')[1].split('action="')[1].split('"')[0]
    assert client.post(undo.replace("&amp;", "&")).status_code == 303
    with reading(engine) as session:
        parts = backlog.one(session, made.item)
    assert parts.item.title == "シフトを交換できるようにする / Swap shifts"
    assert parts.departments == {"care": backlog.Work(1, 0.5), "dev": backlog.Work(6, -0.2)}
    assert parts.themes == {made.theme: 0.8}


def test_an_edit_keeps_a_hypothesis_that_is_of_no_theme_of_the_item(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    here = f"/backlog/{made.item}/edit"
    with transaction(engine) as session:
        backlog.change(session, made.item, themes={made.other: 1.0})
    form = sent(client.get(here).text, here) | {"title": ["Swap shifts by oneself"]}
    assert client.post(here, data=form).status_code == 303
    with reading(engine) as session:
        kept = backlog.one(session, made.item)
    assert (kept.item.title, kept.item.hypothesis_id) == (*form["title"], made.hypothesis)


def test_an_edit_that_cannot_be_taken_names_the_field(client: TestClient, made: Plan) -> None:
    given = {
        "title": "",
        "horizon": "never",
        "quarter": "Q2",
        "cost": "-1",
        "tracker_url": "javascript:alert(1)",
        "effort.dev": "lots",
    }
    page = client.post(f"/backlog/{made.item}/edit", data=given)
    assert page.status_code == 422
    for name in ("title", "horizon", "quarter", "cost", "tracker_url", "effort.dev", "themes"):
        assert f'id="{name}-error"' in page.text, name
    circle = {
        "title": "Round and round",
        "horizon": "now",
        "themes": [str(made.theme)],
        "needs": [str(made.third)],
    }
    page = client.post(f"/backlog/{made.item}/edit", data=circle)
    assert page.status_code == 422
    assert 'id="needs-error"' in page.text


def test_a_theme_is_promoted_from_its_page(client: TestClient, engine: Engine, made: Plan) -> None:
    page = client.get(f"/themes/{made.theme}").text
    assert "On the roadmap" in page
    assert "Store managers" in page
    answer = client.post("/backlog", data={"theme": str(made.other), "title": "Log in once"})
    assert answer.status_code == 303
    with reading(engine) as session:
        (newest,) = backlog.parts(session, backlog.listed(session)[:1])
    assert newest.item.title == "Log in once"
    assert newest.themes == {made.other: 1.0}
    assert newest.item.state is ItemState.PROPOSED
    assert client.post("/backlog", data={"theme": str(made.other)}).status_code == 422
    assert client.post("/backlog", data={"theme": "x", "title": "y"}).status_code == 404


def test_an_item_is_put_into_a_tracker_from_its_page(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    assert "Trackers</h2>" not in client.get(f"/backlog/{made.item}").text
    with transaction(engine) as session:
        web = trackers.add(session, "web", TrackerKind.GITHUB, "acme/web").id
        off = trackers.add(session, "old", TrackerKind.GITHUB, "acme/old").id
        trackers.change(session, off, active=False)
    address = f"/backlog/{made.item}/trackers/{web}"
    page = client.get(f"/backlog/{made.item}").text
    assert address in page
    assert "acme/old" not in page
    answer = client.post(address)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/backlog/{made.item}#trackers",
    )
    # It waits for a worker, and is not offered again meanwhile.
    assert address not in client.get(f"/backlog/{made.item}").text
    asked = jobs.claim(engine, (JobKind.PUSH_ITEM,))
    assert asked is not None
    with reading(engine) as session:
        (link,) = trackers.links(session, made.item)
    assert asked.payload == {"link_id": str(link.id)}
    assert client.post(f"/backlog/{made.item}/trackers/{off}").status_code == 409
    assert client.post(f"/backlog/{made.item}/trackers/{made.item}").status_code == 404
