from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from tests import applications
from tests.doors import OPEN
from tests.ui.conftest import at_this_machine
from vocloop.errors import EncoderError
from vocloop_models import (
    AssignedBy,
    Channel,
    Customer,
    Feedback,
    FeedbackState,
    Statement,
    Theme,
    ThemeMembership,
)
from vocloop_models.database import reading, transaction
from vocloop_ui.placed import MOST_TRIES

WORDS = "拠点長が休むと承認が止まってしまい、発注が3日遅れました。"


@pytest.fixture
def customers(engine: Engine) -> Mapping[str, uuid.UUID]:
    rows = [
        Customer(external_id="C-1", name="みなと金属工業", industry="製造業"),
        Customer(external_id="C-2", name="みなと台クリニック", industry="医療"),
        Customer(external_id="C-3", name="Halden Components K.K."),
    ]
    with transaction(engine) as session:
        session.add_all(rows)
        session.flush()
        return {row.name: row.id for row in rows}


def kept(engine: Engine) -> list[tuple[Feedback, str | None]]:
    with reading(engine) as session:
        rows = session.exec(
            select(Feedback, Customer.name).join(
                Customer, Customer.id == Feedback.customer_id, isouter=True
            )
        ).all()
        session.expunge_all()
        return [(feedback, name) for feedback, name in rows]


def test_a_voice_is_stored_for_the_worker(
    client: TestClient, engine: Engine, customers: Mapping[str, uuid.UUID]
) -> None:
    answer = client.post(
        "/hand-in",
        data={
            "text": WORDS,
            "customer": "みなと金属工業",
            "severity": "4",
            "channel": "call",
            "said_on": "2026-09-09",
        },
    )
    assert answer.status_code == 303
    [(voice, company)] = kept(engine)
    assert (voice.text, company) == (WORDS, "みなと金属工業")
    assert (voice.channel, voice.severity_mark) == (Channel.CALL, 4)
    assert voice.said_at == dt.datetime(2026, 9, 8, 15, tzinfo=dt.UTC)  # midnight in Tokyo
    assert voice.state == FeedbackState.RECEIVED
    page = client.get(answer.headers["location"], headers={"accept-language": "ja"}).text
    assert "声を届けました" in page
    assert WORDS in page
    assert "このあとの流れ" in page


def test_the_same_voice_twice_is_one_voice(
    client: TestClient, engine: Engine, customers: Mapping[str, uuid.UUID]
) -> None:
    form = {"text": WORDS, "customer": "みなと金属工業", "said_on": "2026-09-09"}
    client.post("/hand-in", data=form)
    again = client.post("/hand-in", data=form)
    assert len(kept(engine)) == 1
    assert "This voice was handed in before" in client.get(again.headers["location"]).text


def test_every_reason_stands_beside_its_field_and_nothing_typed_is_lost(
    client: TestClient, engine: Engine
) -> None:
    answer = client.post(
        "/hand-in",
        data={
            "text": " ",
            "customer": "",
            "severity": "3",
            "channel": "call",
            "said_on": "2999-01-01",
        },
    )
    assert answer.status_code == 422
    for name in ("text", "customer", "said_on"):
        assert f'id="{name}-error"' in answer.text
        assert f'aria-describedby="{name}-error"' in answer.text
    assert 'name="severity" value="3" checked' in answer.text
    assert 'name="channel" value="call" checked' in answer.text
    assert kept(engine) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("said_on", "2026/13/45"),
        ("said_on", "1800-01-01"),
        ("severity", "9"),
        ("channel", "telepathy"),
        ("text", "a\x00b"),
        ("text", "a" * 200_001),
    ],
)
def test_what_intake_refuses_is_said_beside_the_field(
    client: TestClient,
    engine: Engine,
    customers: Mapping[str, uuid.UUID],
    field: str,
    value: str,
) -> None:
    form = {"text": WORDS, "customer": "みなと金属工業", field: value}
    answer = client.post("/hand-in", data=form)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert kept(engine) == []


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("text", "　\u200b ", "お客様の言葉を書いてください。1文で足ります。"),
        ("text", "声\x00", "NUL文字が含まれています"),
        ("text", "あ" * 200_001, "200,001文字あります。受け付けるのは200,000文字までです。"),
        ("customer", "社" * 301, "301文字あります。受け付けるのは300文字までです。"),
        ("customer", "社\x00", "NUL文字が含まれています"),
        ("said_on", "2999-01-01", "2999年1月1日"),
        ("said_on", "1800-01-01", "1990年1月1日"),
        ("said_on", "昨日", "「昨日」"),
        ("severity", "9", "4段階のどれかを選ぶか"),
        ("channel", "telepathy", "選んでください"),
    ],
)
def test_a_japanese_reader_is_told_why_in_japanese(
    client: TestClient, engine: Engine, field: str, value: str, reason: str
) -> None:
    form = {"text": WORDS, "customer": "新しい会社", "customer_id": "new", field: value}
    answer = client.post("/hand-in", data=form, headers={"accept-language": "ja"})
    assert answer.status_code == 422
    told = answer.text.split(f'id="{field}-error"')[1].split("</p>")[0]
    assert reason in told
    assert not re.search(r"<span>[^<]*[a-z]{3,}", told)  # no English beside a Japanese field
    assert kept(engine) == []


def test_a_body_over_the_limit_says_that_the_draft_is_kept(engine: Engine) -> None:
    app = applications.whole(engine, timezone=ZoneInfo("Asia/Tokyo"), openness=OPEN)
    answer = at_this_machine(app, "ja").post("/hand-in", data={"text": "a" * (8 * 1024 * 1024 + 1)})
    assert answer.status_code == 413
    assert "大きすぎて受け付けられません" in answer.text
    assert "入力した内容は残っています" in answer.text
    assert 'href="/hand-in"' in answer.text
    assert "data-draft-sent" not in answer.text


def test_a_name_that_fits_several_companies_asks_which(
    client: TestClient, engine: Engine, customers: Mapping[str, uuid.UUID]
) -> None:
    form = {"text": WORDS, "customer": "みなと"}
    asked = client.post("/hand-in", data=form, headers={"accept-language": "ja"})
    assert asked.status_code == 422
    assert "「みなと」に当てはまる会社が2社あります" in asked.text
    clinic = customers["みなと台クリニック"]
    assert f'value="{clinic}"' in asked.text
    client.post("/hand-in", data={**form, "customer_id": str(clinic)})
    assert [name for _, name in kept(engine)] == ["みなと台クリニック"]


def test_a_new_company_is_made_only_when_said_so(
    client: TestClient, engine: Engine, customers: Mapping[str, uuid.UUID]
) -> None:
    form = {"text": WORDS, "customer": "新しい会社"}
    assert client.post("/hand-in", data=form).status_code == 422
    assert client.post("/hand-in", data={**form, "customer_id": "new"}).status_code == 303
    assert [name for _, name in kept(engine)] == ["新しい会社"]


@pytest.mark.parametrize("typed", ["ＨＡＬＤＥＮ components", "halden components k.k."])
def test_a_name_is_known_whatever_its_width_and_case(
    client: TestClient, engine: Engine, customers: Mapping[str, uuid.UUID], typed: str
) -> None:
    assert client.post("/hand-in", data={"text": WORDS, "customer": typed}).status_code == 303
    assert [name for _, name in kept(engine)] == ["Halden Components K.K."]


def test_companies_are_suggested_while_typing(
    client: TestClient, customers: Mapping[str, uuid.UUID]
) -> None:
    listed = client.get("/hand-in/customers", params={"customer": "みなと"}).text
    assert listed.count('role="option"') == 2
    assert client.get("/hand-in/customers", params={"customer": ""}).text.strip() == ""


def near(similarity: float) -> SimpleNamespace:
    return SimpleNamespace(
        theme_id=uuid.uuid4(),
        title_ja="承認が止まる",
        title_en="Approvals stall",
        similarity=similarity,
        quote="課長が休むと<止まる>",
        quote_language="ja",
        customers=12,
    )


def test_known_themes_are_shown_only_when_near_enough(client: TestClient, app: FastAPI) -> None:
    app.state.suggest = lambda _text: [near(0.39), near(0.53)]
    part = client.post("/hand-in/known", data={"text": WORDS}).text
    assert part.count("<li") == 1
    assert "similarity 0.53" in part
    assert '<p class="theme-alt" lang="ja">承認が止まる</p>' in part
    assert '<blockquote class="quote-line" lang="ja">課長が休むと&lt;止まる&gt;' in part


def test_few_letters_ask_nothing_of_the_encoder(client: TestClient, app: FastAPI) -> None:
    def never(text: str) -> list[SimpleNamespace]:
        raise AssertionError(text)

    app.state.suggest = never
    assert client.post("/hand-in/known", data={"text": "承認"}).status_code == 200


def test_without_an_encoder_the_panel_explains_itself(client: TestClient, app: FastAPI) -> None:
    def broken(text: str) -> list[SimpleNamespace]:
        raise EncoderError("no model")

    def faulty(text: str) -> list[SimpleNamespace]:
        raise ZeroDivisionError(text)

    for app.state.suggest in (None, broken, faulty):
        part = client.post("/hand-in/known", data={"text": WORDS})
        assert part.status_code == 200
        assert "the encoder is not ready" in part.text


def test_hostile_words_come_back_as_words(client: TestClient) -> None:
    answer = client.post(
        "/hand-in", data={"text": "</textarea><script>x</script>", "customer": '"><b>'}
    )
    assert "<script>x" not in answer.text
    assert '"><b>' not in answer.text


@pytest.mark.parametrize("name", ["nonsense", "0198c0de-0000-7000-8000-000000000000"])
def test_a_voice_that_does_not_exist_has_no_confirmation(client: TestClient, name: str) -> None:
    assert client.get(f"/hand-in/sent/{name}").status_code == 404


def handed_in(client: TestClient) -> str:
    """The address of the confirmation."""
    form = {"text": WORDS, "customer": "みなと金属工業"}
    return str(client.post("/hand-in", data=form).headers["location"])


def finish(engine: Engine, title: str | None) -> None:
    """What the worker does with everything that waits: a theme of this title, or none."""
    with transaction(engine) as session:
        theme = Theme(number=1, title_ja=title)
        if title:
            session.add(theme)
            session.flush()
        for feedback in session.exec(select(Feedback)):
            feedback.state = FeedbackState.THEMED
        for statement in session.exec(select(Statement)) if title else ():
            session.add(
                ThemeMembership(
                    statement_id=statement.id,
                    theme_id=theme.id,
                    confidence=0.9,
                    assigned_by=AssignedBy.ARRIVAL,
                )
            )


def test_the_confirmation_asks_until_the_theme_is_known(
    client: TestClient, engine: Engine, customers: Mapping[str, uuid.UUID]
) -> None:
    address = handed_in(client)
    page = client.get(address).text
    assert f'hx-get="{address}/themes?tries=1"' in page
    assert f'class="no-js" href="{address}"' in page  # the same without JavaScript
    assert 'tries=2"' in client.get(f"{address}/themes?tries=1").text
    finish(engine, "承認が止まる")
    for at in (f"{address}/themes?tries=2", address):
        part = client.get(at, headers={"accept-language": "ja"}).text
        assert "承認が止まる</a>" in part
        assert "hx-get=" not in part.split('id="placed"')[1].split("</main>")[0]


def test_a_voice_without_a_theme_is_told_so(
    client: TestClient, engine: Engine, customers: Mapping[str, uuid.UUID]
) -> None:
    address = handed_in(client)
    finish(engine, None)
    part = client.get(f"{address}/themes?tries=1", headers={"accept-language": "ja"}).text
    assert "近いテーマはまだありません" in part
    assert "hx-get" not in part


def test_the_confirmation_stops_asking_and_says_why(
    client: TestClient, customers: Mapping[str, uuid.UUID]
) -> None:
    part = client.get(f"{handed_in(client)}/themes?tries={MOST_TRIES}").text
    assert "hx-get" not in part
    assert "nothing reads them at present" in part
    assert "Look again" in part


def test_who_handed_in_sees_what_became_of_the_last_ones_and_nobody_elses(
    client: TestClient, customers: Mapping[str, uuid.UUID]
) -> None:
    form = {"text": WORDS, "customer": "みなと金属工業"}
    client.post("/hand-in", data=form | {"by": "佐藤"})
    assert "自分が届けた声のその後" in client.get("/hand-in?lang=ja").text
    client.cookies.clear()
    assert "自分が届けた声のその後" not in client.get("/hand-in?lang=ja").text
