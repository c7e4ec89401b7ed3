"""The backlog and its items: read in both languages, moved, rated, edited, taken back."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from planned import Plan, plan
from sqlalchemy import Engine
from sqlmodel import col, select

from vocloop.roadmap import backlog, hypotheses, selection
from vocloop.roadmap.trackers import store as trackers
from vocloop.worker import jobs
from vocloop_models import (
    BacklogItem,
    Channel,
    Customer,
    Feedback,
    Horizon,
    HypothesisState,
    ItemState,
    JobKind,
    Side,
    Stage,
    Statement,
    TrackerKind,
)
from vocloop_models.database import reading, transaction
from vocloop_ui.i18n import Reader
from vocloop_ui.pages.backlog import ROWS
from vocloop_ui.roadmap_words import money


@pytest.fixture
def made(engine: Engine) -> Plan:
    with transaction(engine) as session:
        return plan(session)


def test_an_empty_backlog_says_where_items_come_from(client: TestClient) -> None:
    page = client.get("/backlog")
    assert page.status_code == 200
    assert "The backlog is empty" in page.text
    assert "バックログはまだ空です" in client.get("/backlog?lang=ja").text


@pytest.mark.parametrize("view", ["table", "board", "timeline"])
def test_each_view_shows_the_items_in_the_readers_language(
    client: TestClient, made: Plan, view: str
) -> None:
    en = client.get(f"/backlog?view={view}").text
    assert "Swap shifts" in en
    assert "<script>alert" not in en
    ja = client.get(f"/backlog?view={view}&lang=ja").text
    assert "シフトを交換できるようにする" in ja
    assert "バックログ" in ja


def test_a_long_backlog_is_leafed_through_and_counted_whole(
    client: TestClient, engine: Engine
) -> None:
    titles = [f"Item {number:03}" for number in range(ROWS + 3)]
    with transaction(engine) as session:
        session.add_all(BacklogItem(number=n, title=title) for n, title in enumerate(titles, 1))

    def shown(address: str) -> list[str]:
        page = client.get(address).text
        return [title for title in titles if f">{title}<" in page]

    first, second = shown("/backlog"), shown(f"/backlog?start={ROWS}")
    assert (len(first), len(second)) == (ROWS, 3)
    assert sorted(first + second) == titles
    page = client.get("/backlog").text
    assert f"{len(titles)} items" in page
    assert f"/backlog?start={ROWS}" in page
    # The board and the file have all.
    assert shown("/backlog?view=board") == titles
    assert client.get("/backlog?table=backlog").text.count("Item ") == len(titles)


@pytest.mark.parametrize("sort", ["priority", "rice", "wsjf"])
def test_what_has_shipped_stands_behind_what_is_still_to_be_done(
    client: TestClient, engine: Engine, made: Plan, sort: str
) -> None:
    def first() -> str:
        page = client.get(f"/backlog?sort={sort}").text
        return min(("Swap shifts", "Stay signed in"), key=page.index)

    before = first()
    with transaction(engine) as session:
        for item in session.exec(
            select(BacklogItem).where(col(BacklogItem.title).contains(before))
        ):
            item.state = ItemState.SHIPPED
    assert first() != before


def test_filters_are_kept_in_the_address_and_refused_by_name(
    client: TestClient, made: Plan
) -> None:
    page = client.get("/backlog?department=care&text=ＳＷＡＰ").text
    assert "Swap shifts" in page
    assert "Stay signed in" not in page
    assert "No item fits these filters" in client.get("/backlog?text=zzz").text
    for wrong in ("state=lost", "view=cloud", "sort=beauty", "department=moon", "horizon=never"):
        answer = client.get(f"/backlog?{wrong}")
        assert answer.status_code == 422, wrong
        assert wrong.partition("=")[2] in answer.text
    assert client.get(f"/backlog?text={'x' * 300}").status_code == 422
    assert client.get("/backlog?text=%00").status_code == 422


def test_a_card_moves_one_stage_ahead_and_back_again(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    answer = client.post(f"/backlog/{made.item}/stage", data={"stage": "issue"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/backlog/{made.item}")
    page = client.get(answer.headers["location"]).text
    assert "Swap shifts is now at “Issue setting”" in page
    undo = f"/backlog/{made.item}/stage?stage=trust"
    assert undo in page
    client.post(undo)
    with reading(engine) as session:
        assert backlog.one(session, made.item).item.stage is Stage.TRUST
    assert client.post(f"/backlog/{made.item}/stage", data={"stage": "review"}).status_code == 409
    assert client.post(f"/backlog/{made.item}/stage", data={"stage": "moon"}).status_code == 422


def test_a_step_on_the_board_returns_to_the_board(client: TestClient, made: Plan) -> None:
    came = {"referer": "http://testserver/backlog?view=board&by=horizon"}
    answer = client.post(f"/backlog/{made.item}/horizon", data={"horizon": "later"}, headers=came)
    assert answer.headers["location"] == "/backlog?view=board&by=horizon"
    evil = {"referer": "http://testserver//evil.example/backlog"}
    answer = client.post(f"/backlog/{made.item}/horizon", data={"horizon": "now"}, headers=evil)
    assert answer.headers["location"] == f"/backlog/{made.item}"


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


def test_an_interview_note_is_kept_as_a_voice_that_speaks_for_or_against(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    here = f"/hypotheses/{made.hypothesis}"
    assert f'action="{here}/notes"' in client.get(here).text
    words = "We swap shifts on paper. Mail taro@minamo.example about it."
    note = {"words": words, "customer": "Harbour Hotels", "side": "against", "by": "Mori"}
    answer = client.post(f"{here}/notes", data=note)
    assert answer.headers["location"] == f"{here}#evidence"
    with reading(engine) as session:
        kept = session.exec(select(Feedback).where(Feedback.channel == Channel.INTERVIEW)).one()
        assert "taro@" not in kept.text
        customer = session.get_one(Customer, kept.customer_id)
        assert (customer.name, kept.source) == ("Harbour Hotels", "interviews")
        said = session.exec(select(Statement.id).where(Statement.feedback_id == kept.id)).all()
        evidence = hypotheses.one(session, made.hypothesis).evidence
        assert {each.statement_id for each in evidence} == set(said)
        assert {each.side for each in evidence} == {Side.AGAINST}
    page = client.get(here).text
    assert "We swap shifts on paper." in page
    assert "Harbour Hotels" in page
    # The same note twice is one voice.
    client.post(f"{here}/notes", data=note | {"side": "for"})
    with reading(engine) as session:
        evidence = hypotheses.one(session, made.hypothesis).evidence
        assert {each.side for each in evidence} == {Side.FOR}
        assert len(evidence) == len(said)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"words": " "}, "Write what the customer said"),
        ({"side": ""}, "Say whether it speaks for or against."),
        ({"by": ""}, "Write your name"),
        ({"customer": "x" * 301}, "Shorten it"),
    ],
)
def test_a_note_that_can_not_be_taken_comes_back_with_the_reason(
    client: TestClient, engine: Engine, made: Plan, change: dict[str, str], told: str
) -> None:
    note = {"words": "We swap on paper.", "customer": "Harbour", "side": "for", "by": "Mori"}
    answer = client.post(f"/hypotheses/{made.hypothesis}/notes", data=note | change)
    assert answer.status_code == 422
    assert told in answer.text
    with reading(engine) as session:
        assert hypotheses.one(session, made.hypothesis).evidence == []
        assert session.exec(select(Feedback).where(Feedback.source == "interviews")).all() == []


def test_a_hypothesis_is_rewritten_and_confronted(
    client: TestClient, engine: Engine, made: Plan
) -> None:
    assert "Store managers" in client.get("/hypotheses").text
    assert "仮説" in client.get("/hypotheses?lang=ja").text
    client.get("/hypotheses?lang=en")
    here = f"/hypotheses/{made.hypothesis}"
    page = client.get(here).text
    assert "Swap fails for us 0" in page
    statement = page.split('name="statement" value="')[1].split('"')[0]
    answer = client.post(f"{here}/evidence", data={"statement": statement, "side": "against"})
    assert answer.status_code == 303
    with reading(engine) as session:
        assert hypotheses.one(session, made.hypothesis).count(Side.AGAINST) == 1
    undo = f"{here}/evidence?statement={statement}"
    assert undo in client.get(here).text
    client.post(undo)
    with reading(engine) as session:
        assert hypotheses.one(session, made.hypothesis).evidence == []
    words = {"segment": "Night managers", "job": "", "cause": "No overview", "by": "Mori"}
    answer = client.post(f"{here}/versions", data=words)
    assert answer.status_code == 422
    assert "Say what they want to get done." in answer.text
    client.post(f"{here}/versions", data=words | {"job": "Swap at night"})
    page = client.get(here).text
    assert "Night managers" in page
    assert "1 earlier version" in page
    client.post(f"{here}/state", data={"state": "refuted"})
    with reading(engine) as session:
        assert hypotheses.one(session, made.hypothesis).hypothesis.state is HypothesisState.REFUTED
    assert client.post(f"{here}/state", data={"state": "maybe"}).status_code == 422
    new = f"/themes/{made.other}/hypotheses"
    assert client.get(new).status_code == 200
    answer = client.post(new, data={"segment": "x", "job": "y", "cause": "z", "by": "Mori"})
    assert answer.status_code == 303


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
