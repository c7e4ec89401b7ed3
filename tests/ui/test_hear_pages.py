"""Talks, voices and what became of them, sources, customers: the stage Hear beside the form."""

from __future__ import annotations

import datetime as dt
import uuid
from types import SimpleNamespace

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from vocloop.intake import sources
from vocloop.intake.customers import upsert_customers
from vocloop.intake.merges import refresh_suggestions
from vocloop.intake.records import CustomerIn, FeedbackIn
from vocloop.intake.store import store
from vocloop_models import (
    AssignedBy,
    BacklogItem,
    Contact,
    Customer,
    Feedback,
    ItemState,
    ItemTheme,
    Statement,
    Theme,
    ThemeMembership,
    TouchTier,
)
from vocloop_models.database import reading, transaction

TALK = (
    "田中：検索はいかがですか。\n鈴木様：検索は遅いです。毎日困っています。\n"
    "田中：ほかにありますか。\n鈴木様：出力を自動にしてほしいです。\n"
)


@pytest.fixture
def minato(engine: Engine) -> uuid.UUID:
    with transaction(engine) as session:
        customer = Customer(external_id="C-1", name="みなと物産")
        session.add(customer)
        session.flush()
        return customer.id


def test_a_talk_is_shown_with_its_speakers_before_it_is_sent(
    client: TestClient, engine: Engine, minato: uuid.UUID
) -> None:
    page = client.post("/transcript", data={"text": TALK}).text
    assert 'name="asks" value="田中" checked' in page
    assert 'name="asks" value="鈴木様">' in page
    assert "検索は遅いです。毎日困っています。" in page
    with reading(engine) as session:
        assert session.exec(select(Feedback)).all() == []
    sent = {"text": TALK, "customer": "みなと物産", "channel": "interview", "by": "中村"}
    sent |= {"looked": "1", "of": "2", "asks": "田中", "send": "1"}
    assert client.post("/transcript", data=sent).status_code == 303
    with reading(engine) as session:
        [voice] = session.exec(select(Feedback)).all()
        assert voice.text.startswith("聞き手: 検索はいかがですか。\nお客様: 検索は遅いです。")
        assert (voice.channel, voice.customer_id) == ("interview", minato)
        assert str(voice.submitted_by).startswith("hash:")
        said = " ".join(each.text for each in session.exec(select(Statement)).all())
        assert "いかがですか" not in said


def test_who_asks_can_be_corrected(client: TestClient) -> None:
    form = {"text": TALK, "looked": "1", "of": "2", "asks": "鈴木様"}
    page = client.post("/transcript", data=form).text
    assert 'value="鈴木様" checked' in page
    assert 'value="田中">' in page


def test_an_empty_talk_is_asked_for(client: TestClient) -> None:
    answer = client.post("/transcript", data={"text": " "})
    assert answer.status_code == 422
    assert "Paste the talk first." in answer.text


def themed(engine: Engine, state: ItemState | None) -> None:
    """A voice handed in by Ken, in a theme, with an item in ``state`` about it."""
    with transaction(engine) as session:
        row = FeedbackIn(
            text="承認が止まります。",
            source="hand-in",
            external_id="1",
            customer="みなと物産",  # type: ignore[arg-type]
            submitted_by="Ken",
        )
        feedback_id = store(session, row).feedback_id
        theme = Theme(number=1, title_ja="承認が止まる", title_en="Approvals stall")
        session.add(theme)
        session.flush()
        [said] = session.exec(select(Statement).where(Statement.feedback_id == feedback_id)).all()
        session.add(
            ThemeMembership(
                statement_id=said.id, theme_id=theme.id, confidence=1, assigned_by=AssignedBy.RUN
            )
        )
        if state is not None:
            item = BacklogItem(number=7, title="Deputies for approvers", state=state)
            session.add(item)
            session.flush()
            session.add(ItemTheme(item_id=item.id, theme_id=theme.id))


@pytest.mark.parametrize(
    ("state", "told", "letter"),
    [
        (None, "Heard, with others", "同じお声をほかのお客様からも"),
        (ItemState.PROPOSED, "it waits for a decision", "これから決定いたします"),
        (ItemState.DECLINED, "not to be done", "見送ることといたしました"),
        (ItemState.IN_PROGRESS, "it will be done", "取り組んでおります"),
        (ItemState.SHIPPED, "Shipped.", "改善いたしました"),
        (ItemState.REVIEWED, "checked whether it worked", "効果も確認いたしました"),
    ],
)
def test_what_became_of_a_voice_is_told_with_words_in_the_customers_language(
    client: TestClient, engine: Engine, state: ItemState | None, told: str, letter: str
) -> None:
    themed(engine, state)
    page = client.get("/voices?by=Ken").text
    assert told in page
    assert "「承認が止まる」についてお知らせくださり" in page
    assert letter in page
    assert ("B-0007" in page) == (state is not None)
    assert "承認が止まります。" not in client.get("/voices?by=Ann").text


def test_the_name_of_who_hands_in_is_remembered_and_finds_their_voices(
    client: TestClient, engine: Engine, minato: uuid.UUID
) -> None:
    form = {"text": "検索が遅くて困ります。", "customer": "みなと物産", "by": "中村 恵"}
    assert client.post("/hand-in", data=form).status_code == 303
    assert 'name="by" value="中村 恵"' in client.get("/hand-in").text
    page = client.get("/voices").text
    assert "<h1>My voices</h1>" in page
    assert "検索が遅くて困ります。" in page


def test_this_one_puts_the_voice_into_the_theme(
    app: FastAPI, client: TestClient, engine: Engine, minato: uuid.UUID
) -> None:
    with transaction(engine) as session:
        theme = Theme(number=1, title_ja="検索が遅い")
        session.add(theme)
        session.flush()
        theme_id = theme.id
    near = SimpleNamespace(
        theme_id=theme_id,
        title_ja="検索が遅い",
        title_en=None,
        similarity=0.8,
        quote=None,
        quote_language="ja",
        customers=3,
    )
    app.state.suggest = lambda text: [near] if "検索" in text else []
    words = (
        "請求書の印刷がいつもずれてしまい、とても困っています。\n\n検索が遅くて仕事が止まります。"
    )
    known = client.post("/hand-in/known", data={"text": words}).text
    assert f'name="theme" value="{theme_id}"' in known
    assert "Language found: Japanese" in known
    form = {"text": words, "customer": "みなと物産", "theme": str(theme_id)}
    assert client.post("/hand-in", data=form).status_code == 303
    with reading(engine) as session:
        [placed] = session.exec(select(ThemeMembership)).all()
        said = session.get_one(Statement, placed.statement_id)
        assert (placed.theme_id, placed.assigned_by) == (theme_id, AssignedBy.PERSON)
        assert "検索" in said.text


def test_a_source_is_given_its_policy_and_days(client: TestClient, engine: Engine) -> None:
    form = {"source": "zendesk", "policy": "drop", "days": "365"}
    assert client.post("/sources", data=form).status_code == 303
    with reading(engine) as session:
        [row] = sources.sources(session)
        assert (row.personal_data, row.retention_days) == ("drop", 365)
    assert 'value="365"' in client.get("/sources").text


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"source": ""}, "Name the source"),
        ({"source": "x", "days": "-1"}, "whole number"),
        ({"source": "x", "days": "９"}, "whole number"),
        ({"source": "x", "policy": "burn"}, "Choose one of the treatments"),
        ({"source": "x", "policy": "encrypt"}, "VOCLOOP_ENCRYPTION_KEY"),
    ],
)
def test_a_policy_that_can_not_be_is_refused_in_words(
    client: TestClient, engine: Engine, form: dict[str, str], told: str
) -> None:
    answer = client.post("/sources", data=form)
    assert answer.status_code == 422
    assert told in answer.text
    with reading(engine) as session:
        assert sources.sources(session) == []


def test_customers_are_found_and_completed(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        rows = [CustomerIn(external_id="C-1", name="株式会社みなと物産"), CustomerIn(name="北商事")]
        upsert_customers(session, rows)
        customer = session.exec(select(Customer).where(Customer.external_id == "C-1")).one()
        session.add(Contact(customer_id=customer.id, external_id="p1", role="店長", champion=True))
        address = f"/customers/{customer.id}"
    assert "北商事" not in client.get("/customers?q=ミナト").text
    assert "みなと物産" in client.get("/customers?q=みなと").text
    page = client.get(address).text
    assert "店長" in page
    assert "Champion" in page
    form = {"name": "みなと物産", "external_id": "C-1", "touch_tier": "high", "arr": "1,200,000"}
    assert client.post(address, data=form | {"since": "2024-04-01"}).status_code == 303
    with reading(engine) as session:
        customer = session.exec(select(Customer).where(Customer.external_id == "C-1")).one()
        assert (customer.touch_tier, customer.arr) == (TouchTier.HIGH, 1_200_000)
        assert customer.since == dt.date(2024, 4, 1)
    assert "High-touch" in client.get("/customers?tier=high").text
    wrong = client.post(address, data=form | {"since": "soon", "arr": "much"})
    assert wrong.status_code == 422
    assert 'id="since-error"' in wrong.text
    assert 'id="arr-error"' in wrong.text


def test_doubles_are_suggested_and_a_person_decides(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        upsert_customers(session, [CustomerIn(external_id="1", name="北商事")])
        upsert_customers(session, [CustomerIn(external_id="2", name="（株）北商事")])
        refresh_suggestions(session)
    page = client.get("/customers").text
    assert "May these be one company?" in page
    merge = page.split("/customer-merges/")[2].split("/accept")[0]
    assert client.post(f"/customer-merges/{merge}/accept").status_code == 303
    with reading(engine) as session:
        assert len(session.exec(select(Customer)).all()) == 1
    assert client.post(f"/customer-merges/{merge}/undo").status_code == 303
    with reading(engine) as session:
        assert len(session.exec(select(Customer)).all()) == 2
    assert client.post(f"/customer-merges/{merge}/burn").status_code == 404
