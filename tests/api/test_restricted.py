"""Restricted customers are seen by the people named for them, and by nobody else, anywhere."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from tests.doors import HERE
from vocloop.accounts import restricted, sessions, users
from vocloop.accounts.visitor import SESSION_COOKIE
from vocloop.intake.records import FeedbackIn
from vocloop.intake.store import store_many
from vocloop.success import measures
from vocloop_models import (
    Alert,
    AlertKind,
    AuditEntry,
    Customer,
    Feedback,
    MeasureLevel,
    Role,
    SignedInBy,
    Statement,
    Theme,
    ThemeMembership,
    ThemeState,
)
from vocloop_models.database import reading, transaction

ADDRESS = "http://127.0.0.1:8750"
SECRET = "極秘商事"  # noqa: S105 - a company
OPEN_NAME = "みなも商店"
WORDS = "暗号化された台帳が開けません。"


@dataclass
class Place:
    client: TestClient
    cookies: dict[str, str]
    secret: uuid.UUID
    feedback: uuid.UUID
    theme: Theme

    def get(self, who: str, path: str) -> Any:
        self.client.cookies.clear()
        self.client.cookies.set(SESSION_COOKIE, self.cookies[who])
        return self.client.get(path, headers={"accept-language": "en"})


def hand_in(engine: Engine, name: str, *texts: str) -> None:
    rows = [
        FeedbackIn.model_validate(
            {
                "text": text,
                "source": "desk",
                "external_id": text,
                "customer": {"external_id": f"C-{name}", "name": name},
            }
        )
        for text in texts
    ]
    with transaction(engine) as session:
        store_many(session, rows)


@pytest.fixture
def place(whole: FastAPI, engine: Engine) -> Place:
    whole.state.engine = engine
    hand_in(engine, SECRET, WORDS)
    hand_in(engine, OPEN_NAME, "月末の書き出しが途中で切れます。")
    with transaction(engine) as session:
        theme = Theme(number=1, title_ja="台帳", title_en="Ledger", state=ThemeState.ACTIVE)
        session.add(theme)
        session.flush()
        for statement in session.exec(select(Statement)):
            session.add(
                ThemeMembership(
                    statement_id=statement.id, theme_id=theme.id, confidence=1, assigned_by="run"
                )
            )
        cookies = {}
        for who in ("named", "other"):
            user = users.add(session, who, who, [Role.ADMINISTRATOR])
            cookies[who] = sessions.start(session, user, SignedInBy.PASSWORD, "")
        secret = session.exec(select(Customer.id).where(Customer.name == SECRET)).one()
        feedback = session.exec(select(Feedback.id).where(Feedback.customer_id == secret)).one()
        restricted.restrict(session, secret, ["named"])
    client = TestClient(whole, base_url=ADDRESS, client=HERE, follow_redirects=True)
    return Place(client, cookies, secret, feedback, theme)


PATHS = [
    "/api/feedback",
    "/api/voices",
    "/api/customers",
    "/api/themes/{theme}/quotes",
    "/customers",
    "/voices?all=1",
    "/themes/{theme}",
    "/search?text=台帳",
    "/themes/{theme}/split",
    "/hand-in/customers?customer=極秘",
]


@pytest.mark.parametrize("path", PATHS)
def test_its_name_and_words_are_left_out_for_everyone_else(place: Place, path: str) -> None:
    path = path.format(theme=place.theme.id)
    other = place.get("other", path)
    assert other.status_code == 200
    assert SECRET not in other.text
    assert WORDS not in other.text.replace("\\u3002", "。")


def test_who_is_named_sees_it(place: Place) -> None:
    assert SECRET in place.get("named", "/api/customers").text
    assert WORDS in place.get("named", "/api/feedback").text
    assert OPEN_NAME in place.get("other", "/api/customers").text


def test_by_its_id_there_is_nothing(place: Place) -> None:
    for path in (
        f"/api/customers/{place.secret}",
        f"/customers/{place.secret}",
        f"/api/feedback/{place.feedback}",
    ):
        assert place.get("named", path).status_code == 200, path
        assert place.get("other", path).status_code == 404, path


def texts_found(place: Place, who: str, path: str) -> list[str]:
    return [row["text"] for row in place.get(who, path).json()["statements"]]


def test_search_finds_what_came_since_someone_else_searched(place: Place, engine: Engine) -> None:
    path = "/api/search?text=台帳"
    assert texts_found(place, "named", path) == [WORDS]
    # As many as the other one may see by now were there when it was searched before.
    hand_in(engine, OPEN_NAME, "台帳が遅い。")
    assert texts_found(place, "other", path) == ["台帳が遅い。"]
    assert texts_found(place, "named", path) == ["台帳が遅い。", WORDS]


def test_what_is_hidden_takes_no_place_among_what_is_found(place: Place, engine: Engine) -> None:
    hand_in(engine, OPEN_NAME, "台帳が遅い。")
    hand_in(engine, SECRET, "台帳が壊れた。", "台帳が消えた。", "台帳が読めない。")
    path = "/api/search?text=台帳&statements=2"
    assert len(texts_found(place, "named", path)) == 2
    assert texts_found(place, "other", path) == ["台帳が遅い。"]


def test_merged_with_another_it_stays_hidden_and_so_does_what_was_said_of_both(
    place: Place, engine: Engine
) -> None:
    with transaction(engine) as session:
        other = session.exec(select(Customer.id).where(Customer.name == OPEN_NAME)).one()
    place.get("other", "/api/account")
    pair = {"one": str(place.secret), "other": str(other)}
    refused = place.client.post("/api/customer-merges", json=pair, headers={"Origin": ADDRESS})
    assert refused.status_code == 409
    assert SECRET not in refused.text
    place.get("named", "/api/account")
    merge = place.client.post("/api/customer-merges", json=pair, headers={"Origin": ADDRESS}).json()
    accept = f"/api/customer-merges/{merge['id']}:accept"
    assert place.client.post(accept, headers={"Origin": ADDRESS}).status_code == 200
    for path in ("/api/customers", "/api/feedback", "/api/customer-merges?state=accepted"):
        answer = place.get("other", path)
        assert answer.status_code == 200
        assert SECRET not in answer.text
        assert WORDS not in answer.text
        assert OPEN_NAME not in answer.text
    assert place.get("other", "/customers").status_code == 200
    assert WORDS in place.get("named", "/api/feedback").text


def test_its_alerts_and_measures_can_not_be_changed_by_their_ids(
    place: Place, engine: Engine
) -> None:
    with transaction(engine) as session:
        alert = Alert(kind=AlertKind.SILENCE, customer_id=place.secret, episode="1")
        session.add(alert)
        session.flush()
        measure = measures.keep(session, place.secret, "Hours saved", level=MeasureLevel.KGI)
        ids = alert.id, measure.id
    tries = [
        ("POST", f"/api/alerts/{ids[0]}/acknowledge", {}, 200),
        ("POST", f"/api/alerts/{ids[0]}/close", {"reason": "gone"}, 200),
        ("PUT", f"/api/success/measures/{ids[1]}/actuals", {"day": "2026-09-11", "value": 1}, 200),
        ("DELETE", f"/api/success/measures/{ids[1]}", None, 204),
    ]
    for who in ("other", "named"):
        place.get(who, "/api/account")
        for method, path, body, status in tries:
            answer = place.client.request(method, path, json=body, headers={"Origin": ADDRESS})
            assert answer.status_code == (status if who == "named" else 404), (who, path)


def test_a_voice_handed_in_by_who_may_not_see_it_finds_its_customer(
    place: Place, engine: Engine
) -> None:
    place.get("other", "/api/account")
    row = {
        "text": "もう一つの困りごとです。",
        "source": "desk",
        "external_id": "again",
        "customer": {"external_id": f"C-{SECRET}", "name": SECRET},
    }
    answer = place.client.post("/api/feedback", json=row, headers={"Origin": ADDRESS})
    assert answer.status_code == 201
    assert SECRET not in answer.text
    with reading(engine) as session:
        assert len(session.exec(select(Customer)).all()) == 2
        found = session.exec(select(Feedback.customer_id).where(Feedback.external_id == "again"))
        assert found.one() == place.secret


def test_who_may_see_it_is_changed_without_seeing_it_and_kept_in_the_log(
    place: Place, engine: Engine
) -> None:
    place.get("other", "/api/account")
    address = f"/api/customers/{place.secret}/access"
    answer = place.client.put(address, json={"users": ["other"]}, headers={"Origin": ADDRESS})
    assert answer.json() == {"restricted": True, "users": ["other"]}
    assert place.get("other", f"/api/customers/{place.secret}").status_code == 200
    assert place.get("named", f"/api/customers/{place.secret}").status_code == 404
    place.get("other", "/api/account")
    assert place.client.delete(address, headers={"Origin": ADDRESS}).status_code == 204
    assert place.get("named", f"/api/customers/{place.secret}").status_code == 200
    with reading(engine) as session:
        last = session.exec(select(AuditEntry).order_by(AuditEntry.id.desc())).first()  # type: ignore[attr-defined]
        assert last is not None
        assert (last.detail["by"], last.detail["restricted"]) == ("other", False)


class TestThePageOfAdministrators:
    @pytest.fixture
    def post(self, place: Place) -> Callable[..., Any]:
        def post(who: str, path: str, **form: object) -> Any:
            place.get(who, "/api/account")
            return place.client.post(path, data=form, headers={"Origin": ADDRESS})

        return post

    def test_it_names_who_may_see_a_customer_and_the_customer_only_to_them(
        self, place: Place
    ) -> None:
        page = place.get("named", "/restricted").text
        assert SECRET in page
        assert 'value="named"' in page
        hidden = place.get("other", "/restricted").text
        assert SECRET not in hidden
        assert str(place.secret) in hidden
        told = place.get("other", "/api/customer-restrictions").json()
        assert told == [{"customer_id": str(place.secret), "name": None, "users": ["named"]}]

    def test_a_customer_is_restricted_and_shown_to_everyone_again(
        self, place: Place, engine: Engine, post: Callable[..., Any]
    ) -> None:
        with reading(engine) as session:
            customer = session.exec(select(Customer.id).where(Customer.name == OPEN_NAME)).one()
        link = f"/restricted?customer={customer}"
        assert link in place.get("other", f"/customers/{customer}").text
        assert OPEN_NAME in place.get("other", link).text
        assert post("other", "/restricted", customer=customer, users=" named ").status_code == 200
        assert place.get("other", f"/customers/{customer}").status_code == 404
        assert place.get("named", f"/customers/{customer}").status_code == 200
        assert post("other", "/restricted/open", customer=customer).status_code == 200
        assert place.get("other", f"/customers/{customer}").status_code == 200

    def test_a_login_of_nobody_is_told_and_changes_nothing(
        self, place: Place, post: Callable[..., Any]
    ) -> None:
        answer = post("other", "/restricted", customer=place.secret, users="named nobody")
        assert answer.status_code == 404
        assert "ログイン名nobodyのユーザーはいません" in answer.text
        assert 'value="named nobody"' in answer.text
        assert place.get("named", f"/customers/{place.secret}").status_code == 200
