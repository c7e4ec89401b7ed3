"""Signing in with the company's account, over real HTTP, against a real provider on loopback."""

from __future__ import annotations

import contextlib
import http.client
import logging
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from joserfc.jwk import ECKey, OctKey
from sqlalchemy import Engine, create_engine
from sqlmodel import select

from tests import applications
from tests.openid_provider import CLIENT, SECRET, OpenIdProvider
from tests.ui.conftest import at_this_machine
from vocloop.accounts import openid, provider, users
from vocloop_api.doors import CLOSED
from vocloop_models import AuditAction, AuditEntry, Role, SignedInBy, UserSession
from vocloop_models.database import reading, transaction

MAIL = "sato@minamo.example"
SATO = {"sub": "s-1", "email": MAIL, "email_verified": True, "name": "佐藤 美咲"}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return applications.whole(create_engine("sqlite://"), openness=CLOSED)


@pytest.fixture(scope="module")
def running() -> Iterator[OpenIdProvider]:
    made = OpenIdProvider()
    yield made
    made.stop()


@pytest.fixture
def company(
    running: OpenIdProvider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> OpenIdProvider:
    """The provider, at which Sato is signed in, and vocloop told of it."""
    running.person = dict(SATO)
    running.token, running.userinfo, running.description = {}, {}, {}
    running.signing_key, running.algorithm = running.key, "ES256"
    running.asked.clear()
    provider._described.cache_clear()
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n", "utf-8")
    monkeypatch.setenv("VOCLOOP_OIDC_ISSUER", running.issuer)
    monkeypatch.setenv("VOCLOOP_OIDC_CLIENT_ID", CLIENT)
    monkeypatch.setenv("VOCLOOP_OIDC_CLIENT_SECRET_FILE", str(secret))
    monkeypatch.setenv("VOCLOOP_OUTGOING_ALLOWED", '["127.0.0.0/8"]')
    return running


@pytest.fixture
def client(app: FastAPI, engine: Engine, company: OpenIdProvider) -> TestClient:
    assert company.issuer
    app.state.engine = engine
    return at_this_machine(app, "en")


def add(engine: Engine, name: str, *roles: Role, login: str = MAIL) -> None:
    with transaction(engine) as session:
        users.add(session, login, name, roles or [Role.AGENT])


def at_the_provider(address: str) -> str:
    """Where the provider sends the browser that comes to ``address``."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 302
    return str(answer.headers["location"])


def sign_in(client: TestClient, then: str = "", **changed: str | None) -> Response:
    """All the way; ``changed``: parameters of the provider's answer that are other, or are not."""
    start = client.get("/sign-in/openid" + (f"?{urlencode({'next': then})}" if then else ""))
    assert start.status_code == 303, start.text
    back = urlsplit(at_the_provider(start.headers["location"]))
    query = {name: values[0] for name, values in parse_qs(back.query).items()} | changed
    kept = {name: value for name, value in query.items() if value is not None}
    return client.get(f"{back.path}?{urlencode(kept)}")


def roles_of(engine: Engine, login: str = MAIL) -> list[str]:
    with reading(engine) as session:
        return users.named(session, login).roles


def test_a_known_mail_address_signs_in_and_is_led_back(client: TestClient, engine: Engine) -> None:
    add(engine, "Sato", Role.PRODUCT_MANAGER)
    assert 'href="/sign-in/openid?next=/backlog"' in client.get("/sign-in?next=/backlog").text
    done = sign_in(client, "/backlog")
    assert (done.status_code, done.headers["location"]) == (303, "/backlog")
    assert client.get("/backlog").status_code == 200
    assert openid_cookie_is_gone(client)
    with reading(engine) as session:
        assert session.exec(select(UserSession.signed_in_by)).all() == [SignedInBy.OPENID]
        entry = session.exec(
            select(AuditEntry).where(AuditEntry.action == AuditAction.SIGNED_IN)
        ).one()
        assert entry.detail == {"by": "Sato", "user": MAIL, "openid": True}


def openid_cookie_is_gone(client: TestClient) -> bool:
    return "vocloop_openid" not in client.cookies


def test_afterwards_the_subject_counts_and_not_the_address(
    client: TestClient, engine: Engine, company: OpenIdProvider
) -> None:
    add(engine, "Sato")
    sign_in(client)
    company.person = {"sub": "s-1", "email": "married@minamo.example", "email_verified": False}
    assert sign_in(client).status_code == 303
    # Who was given the address later is somebody else.
    company.person = {**SATO, "sub": "s-2"}
    assert sign_in(client).status_code == 403


@pytest.mark.parametrize("verified", [False, None, "true"])
def test_an_address_that_is_not_verified_is_nobodys(
    client: TestClient, engine: Engine, company: OpenIdProvider, verified: object
) -> None:
    add(engine, "Sato")
    company.person = {**SATO, "email_verified": verified}
    refused = sign_in(client)
    assert refused.status_code == 403
    assert "vocloop does not. Ask an administrator" in refused.text
    assert "vocloop_session" not in client.cookies


def test_who_is_disabled_stays_out(client: TestClient, engine: Engine) -> None:
    add(engine, "Boss", Role.ADMINISTRATOR, login="boss")
    add(engine, "Sato")
    sign_in(client)
    with transaction(engine) as session:
        users.set_active(session, users.named(session, MAIL), active=False)
    assert sign_in(client).status_code == 403


def test_a_stranger_is_added_only_where_the_setting_says_so(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(engine, "佐藤 美咲", Role.ADMINISTRATOR, login="other")
    assert sign_in(client).status_code == 403
    monkeypatch.setenv("VOCLOOP_OIDC_CREATE", "true")
    assert sign_in(client).status_code == 303
    assert roles_of(engine) == ["agent"]
    with reading(engine) as session:
        # Names are unique.
        assert users.named(session, MAIL).name == f"佐藤 美咲 ({MAIL})"


def test_two_first_sign_ins_of_one_person_at_once_make_one_user(
    app: FastAPI, client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(engine, "Admin", Role.ADMINISTRATOR, login="admin")
    monkeypatch.setenv("VOCLOOP_OIDC_CREATE", "true")
    added, both = users.add, threading.Barrier(2)

    def add_together(*given: Any, **named: Any) -> Any:
        # On SQLite there is one writer at a time: nobody else comes.
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(timeout=1)
        return added(*given, **named)

    monkeypatch.setattr(users, "add", add_together)
    browsers = [client, at_this_machine(app, "en")]
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(sign_in, browsers))
    assert [each.status_code for each in done] == [303, 303]
    with reading(engine) as session:
        assert len(users.everyone(session)) == 2
        assert len(session.exec(select(UserSession)).all()) == 2


def test_the_first_user_is_an_administrator_or_nobody(
    client: TestClient, engine: Engine, company: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_OIDC_CREATE", "true")
    monkeypatch.setenv("VOCLOOP_OIDC_ROLES", '{"chiefs": "administrator"}')
    assert sign_in(client).status_code == 403
    company.person["groups"] = ["all", "chiefs"]
    assert sign_in(client).status_code == 303
    assert roles_of(engine) == ["administrator"]


def test_roles_follow_the_claim_upwards_and_downwards(
    client: TestClient, engine: Engine, company: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(engine, "Sato", Role.EXECUTIVE)
    add(engine, "Boss", Role.ADMINISTRATOR, login="boss")
    monkeypatch.setenv("VOCLOOP_OIDC_ROLE_CLAIM", "job")
    sign_in(client)
    assert roles_of(engine) == ["executive"]
    monkeypatch.setenv("VOCLOOP_OIDC_ROLES", '{"a": "administrator", "p": "product_manager"}')
    company.person["job"] = ["a", "p", "unknown", {"a": 1}]
    sign_in(client)
    assert roles_of(engine) == ["administrator", "product_manager"]
    company.person["job"] = "p"
    sign_in(client)
    assert roles_of(engine) == ["product_manager"]
    del company.person["job"]
    sign_in(client)
    assert roles_of(engine) == ["agent"]


def test_the_last_administrator_stays_one(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(engine, "Sato", Role.ADMINISTRATOR)
    monkeypatch.setenv("VOCLOOP_OIDC_ROLES", '{"a": "administrator"}')
    assert sign_in(client).status_code == 303
    assert roles_of(engine) == ["administrator"]


def test_what_the_token_leaves_out_is_asked_of_userinfo(
    client: TestClient, engine: Engine, company: OpenIdProvider
) -> None:
    add(engine, "Sato")
    company.token = {"email": None, "email_verified": None}
    assert sign_in(client).status_code == 303
    assert "/userinfo" in company.asked
    company.userinfo = {"sub": "s-2"}
    assert sign_in(client).status_code == 401


NOW = int(time.time())


@pytest.mark.parametrize(
    "token",
    [
        {"iss": "https://other.example"},
        {"iss": None},
        {"aud": "another client"},
        {"aud": "another client", "azp": CLIENT},
        {"aud": [CLIENT, "another client"]},
        {"aud": None},
        {"azp": "another client"},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"exp": NOW - 120},
        {"exp": None},
        {"iat": NOW + 3600},
        {"nbf": NOW + 3600},
        {"sub": None},
        {"at_hash": "of another token"},
    ],
    ids="-".join,  # no clock in a name: processes would differ
)
def test_a_token_that_is_not_for_us_now_is_refused(
    client: TestClient, engine: Engine, company: OpenIdProvider, token: dict[str, Any]
) -> None:
    add(engine, "Sato")
    company.token = token
    refused = sign_in(client)
    assert refused.status_code == 401
    assert "could not prove who you are" in refused.text
    assert "vocloop_session" not in client.cookies


def test_another_key_or_a_shared_secret_signs_nobody_in(
    client: TestClient, engine: Engine, company: OpenIdProvider
) -> None:
    add(engine, "Sato")
    company.signing_key = ECKey.generate_key("P-256", {"kid": "1"})
    assert sign_in(client).status_code == 401
    company.signing_key, company.algorithm = OctKey.import_key(SECRET * 2), "HS256"
    assert sign_in(client).status_code == 401


@pytest.mark.parametrize(
    "answer",
    [
        {"state": "another"},
        {"state": None},
        {"iss": "https://other.example"},
        {"code": None, "error": "access_denied"},
    ],
    ids=str,
)
def test_an_answer_that_was_not_asked_for_is_refused(
    client: TestClient, engine: Engine, company: OpenIdProvider, answer: dict[str, str | None]
) -> None:
    add(engine, "Sato")
    assert sign_in(client, **answer).status_code == 401
    assert "/token" not in company.asked


def test_an_answer_belongs_to_the_browser_that_asked_and_serves_once(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(engine, "Sato")
    start = client.get("/sign-in/openid")
    cookie = start.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    kept = client.cookies["vocloop_openid"]
    back = at_the_provider(start.headers["location"]).removeprefix("http://127.0.0.1:8750")
    client.cookies.clear()
    assert client.get(back).status_code == 401
    client.cookies.set("vocloop_openid", kept)
    with monkeypatch.context() as later:
        later.setattr(openid, "LASTS_SECONDS", -1)
        assert client.get(back).status_code == 401
    assert client.get(back).status_code == 303
    client.cookies.set("vocloop_openid", kept)
    assert client.get(back).status_code == 502


@pytest.mark.parametrize(
    "description",
    [{"issuer": "https://other.example"}, {"token_endpoint": None}, {"jwks_uri": 1}],
    ids=str,
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(
    client: TestClient,
    company: OpenIdProvider,
    caplog: pytest.LogCaptureFixture,
    description: dict[str, Any],
) -> None:
    company.description = description
    with caplog.at_level(logging.WARNING):
        refused = client.get("/sign-in/openid")
    assert refused.status_code == 502
    assert "does not answer as it should" in refused.text
    assert "VOCLOOP_OIDC_ISSUER" in caplog.text


def test_a_wrong_secret_is_told_in_the_log_and_never_shown(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("VOCLOOP_OIDC_CLIENT_SECRET_FILE")
    monkeypatch.setenv("VOCLOOP_OIDC_CLIENT_SECRET", "mistyped")
    with caplog.at_level(logging.WARNING):
        refused = sign_in(client)
    assert refused.status_code == 502
    assert "VOCLOOP_OIDC_CLIENT_ID" in caplog.text
    assert "mistyped" not in caplog.text + refused.text


def test_the_secret_goes_into_the_form_where_the_provider_wants_it(
    client: TestClient, engine: Engine, company: OpenIdProvider
) -> None:
    add(engine, "Sato")
    company.description = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert sign_in(client).status_code == 303


def test_a_provider_in_our_network_has_to_be_allowed(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_OUTGOING_ALLOWED", "[]")
    assert client.get("/sign-in/openid").status_code == 502


def test_the_provider_sends_back_to_the_public_address(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_PUBLIC_URL", "https://voc.example/")
    asked = parse_qs(urlsplit(client.get("/sign-in/openid").headers["location"]).query)
    assert asked["redirect_uri"] == ["https://voc.example/sign-in/openid/callback"]


def test_it_leads_nowhere_else(client: TestClient, engine: Engine) -> None:
    add(engine, "Sato")
    assert sign_in(client, "//evil.example").headers["location"] == "/"


def test_without_a_provider_there_is_no_way_to_it(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VOCLOOP_OIDC_ISSUER")
    assert "/sign-in/openid" not in client.get("/sign-in").text
    assert client.get("/sign-in/openid").status_code == 404
    assert client.get("/sign-in/openid/callback").status_code == 404
