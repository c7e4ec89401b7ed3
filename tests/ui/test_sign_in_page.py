"""Signing in, one's account, users, and the demo's strip, as a browser sees them."""

from __future__ import annotations

import html
import re
from typing import Any

import pyotp
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine

from tests import applications
from tests.ui.conftest import at_this_machine
from vocloop.accounts import passwords, setup, users
from vocloop.accounts.personas import FIRST, PERSONAS
from vocloop_api.doors import CLOSED, Openness
from vocloop_models import Role
from vocloop_models.database import transaction

PASSWORD = "correct horse battery"  # noqa: S105
OWN = {"Origin": "http://127.0.0.1:8750"}


@pytest.fixture(scope="module")
def apps() -> dict[str, FastAPI]:
    return {
        kind: applications.whole(create_engine("sqlite://"), openness=openness)
        for kind, openness in (("closed", CLOSED), ("demo", Openness(FIRST, PERSONAS)))
    }


@pytest.fixture
def client(apps: dict[str, FastAPI], engine: Engine, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    cheap = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(passwords, "_hasher", lambda: cheap)
    passwords._of_nobody.cache_clear()
    return _client(apps["closed"], engine)


def _client(app: FastAPI, engine: Engine) -> TestClient:
    app.state.engine = engine
    client = at_this_machine(app, "en")
    client.headers.update(OWN)
    return client


def add(engine: Engine, name: str, *roles: Role) -> None:
    with transaction(engine) as session:
        users.add(session, name.lower(), name, roles, password=PASSWORD)


def sign_in(client: TestClient, login: str, **more: str) -> Any:
    return client.post("/sign-in", data={"login": login, "password": PASSWORD, **more})


def bar(page: str) -> list[str]:
    stages = page.split('class="stages"')[1].split("</nav>", maxsplit=1)[0]
    return re.findall(r'href="([^"]+)"', stages)


def test_a_page_leads_to_signing_in_and_back(client: TestClient, engine: Engine) -> None:
    add(engine, "Sato", Role.AGENT)
    asked = client.get("/themes?days=30")
    assert (asked.status_code, asked.headers["location"]) == (
        303,
        "/sign-in?next=%2Fthemes%3Fdays%3D30",
    )
    page = client.get(asked.headers["location"])
    assert 'value="/themes?days=30"' in page.text
    assert 'class="stages"' not in page.text
    done = sign_in(client, "sato", next="/themes?days=30")
    assert done.headers["location"] == "/themes?days=30"
    cookie = done.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert client.get("/themes").status_code == 200
    assert client.post("/sign-out").headers["location"] == "/sign-in"
    assert client.get("/themes").status_code == 303


@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_it_leads_nowhere_else(client: TestClient, engine: Engine, where: str) -> None:
    add(engine, "Sato", Role.AGENT)
    assert sign_in(client, "sato", next=where).headers["location"] == "/"


def test_a_language_that_an_address_asks_for_outlasts_signing_in(
    client: TestClient, engine: Engine
) -> None:
    add(engine, "Sato", Role.AGENT)
    for asked, leads in (("/?lang=ja", "/"), ("/themes?days=30&lang=ja", "/themes?days=30")):
        client.cookies.clear()
        page = client.get(client.get(asked).headers["location"])
        assert '<html lang="ja">' in page.text
        (then,) = re.findall(r'name="next" value="([^"]*)"', page.text)
        assert sign_in(client, "sato", next=then).headers["location"] == leads
        assert '<html lang="ja">' in client.get("/themes").text
    # Who is signed in keeps it too, although the first page is another.
    assert client.get("/?lang=en").status_code == 303
    assert '<html lang="en">' in client.get("/themes").text


@pytest.mark.parametrize(
    ("roles", "page"),
    [
        ([Role.AGENT], "/hand-in"),
        ([Role.PRODUCT_MANAGER], "/themes"),
        ([Role.EXECUTIVE], "/briefing"),
        ([Role.AGENT, Role.EXECUTIVE], "/briefing"),
        ([Role.AUDITOR], "/themes"),
    ],
)
def test_each_begins_with_the_page_of_their_work(
    client: TestClient, engine: Engine, roles: list[Role], page: str
) -> None:
    add(engine, "Sato", *roles)
    sign_in(client, "sato")
    assert client.get("/").headers["location"] == page
    assert client.get(page).status_code == 200


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(client: TestClient) -> None:
    headers = {"hx-request": "true", "hx-current-url": "http://127.0.0.1:8750/themes"}
    answer = client.get("/search/palette?text=a", headers=headers)
    assert answer.headers["hx-redirect"] == "/sign-in?next=%2Fthemes"


def test_a_wrong_password_is_told_without_saying_what_was_wrong(
    client: TestClient, engine: Engine
) -> None:
    add(engine, "Sato", Role.AGENT)
    pages = [
        client.post("/sign-in", data={"login": login, "password": "x"}, headers=OWN)
        for login in ("sato", "nobody")
    ]
    assert [page.status_code for page in pages] == [401, 401]
    told = [re.findall(r'role="alert">(.*?)</form>', page.text, re.S)[0] for page in pages]
    assert told[0].replace("sato", "nobody") == told[1]


def test_the_first_administrator_is_made_once(client: TestClient, engine: Engine) -> None:
    assert "vocloop users add" in client.get("/sign-in").text
    with transaction(engine) as session:
        path = setup.path(session)
    assert client.get(path[:-1] + "x").status_code in (404, 303)
    assert client.get(path).status_code == 200
    form = {"login": "sato", "name": "Sato", "password": "short"}
    refused = client.post(path, data=form)
    assert refused.status_code == 422
    assert "Use 12 to 200 characters" in refused.text
    done = client.post(path, data={**form, "password": PASSWORD})
    assert done.headers["location"] == "/start"
    assert client.get("/users").status_code == 200
    assert client.get(path).status_code == 404
    assert client.post(path, data={**form, "login": "b", "name": "B"}).status_code == 404


def test_navigation_offers_what_the_role_may(client: TestClient, engine: Engine) -> None:
    add(engine, "Agent", Role.AGENT)
    add(engine, "Auditor", Role.AUDITOR)
    sign_in(client, "agent")
    page = client.get("/themes").text
    assert "/hand-in" in bar(page)
    assert "/briefing" not in page
    assert 'href="/users"' not in page
    refused = client.get("/backlog")
    assert refused.status_code == 403
    assert "This is not open to you" in refused.text
    sign_in(client, "auditor")
    page = client.get("/themes").text
    assert "data-hand-in" not in page
    assert "/briefing" in page
    assert 'name="login"' not in client.get("/users").text


def test_a_second_factor_is_set_up_with_a_drawn_code(client: TestClient, engine: Engine) -> None:
    add(engine, "Sato", Role.AGENT)
    sign_in(client, "sato")
    client.post("/account/second-factor")
    page = client.get("/account").text
    assert '<svg class="qr"' in page.replace("\n", "") or 'class="qr"' in page
    secret = re.findall(r'class="secret">([A-Z2-7 ]+)<', page)[0].replace(" ", "")
    assert client.post("/account/second-factor/confirm", data={"code": "000000"}).status_code == 422
    code = pyotp.TOTP(secret)
    assert (
        client.post("/account/second-factor/confirm", data={"code": code.now()}).status_code == 303
    )
    client.post("/sign-out")
    asked = sign_in(client, "sato")
    assert asked.status_code == 401
    assert 'name="code"' in asked.text


def test_a_token_is_shown_once_and_revoked(client: TestClient, engine: Engine) -> None:
    add(engine, "Sato", Role.AGENT)
    sign_in(client, "sato")
    made = client.post(
        "/account/tokens", data={"name": "nightly", "scopes": ["read", "admin"]}
    ).text
    token = re.findall(r"voc_[\w-]{43}", made)[0]
    assert token not in client.get("/account").text
    program = {"authorization": f"Bearer {token}"}
    client.cookies.clear()
    assert client.get("/themes", headers=program).status_code == 200
    # A token is no way to more tokens.
    refused = client.post("/account/tokens", data={"name": "x", "scopes": "read"}, headers=program)
    assert refused.status_code == 403
    sign_in(client, "sato")
    revoke = re.findall(r"/account/tokens/[\w-]+/revoke", client.get("/account").text)[0]
    client.post(revoke)
    client.cookies.clear()
    assert client.get("/themes", headers=program).status_code == 303


def test_a_new_password_needs_the_old_one(client: TestClient, engine: Engine) -> None:
    add(engine, "Sato", Role.AGENT)
    sign_in(client, "sato")
    new = {"password": "another long password"}
    assert client.post("/account/password", data={"old": "x", **new}).status_code == 422
    assert client.post("/account/password", data={"old": PASSWORD, **new}).status_code == 303
    assert client.get("/account").status_code == 200


def test_an_administrator_adds_and_disables(client: TestClient, engine: Engine) -> None:
    add(engine, "Boss", Role.ADMINISTRATOR)
    sign_in(client, "boss")
    form = {"login": "new@minamo.example", "name": "<b>New</b>", "roles": "agent"}
    assert client.post("/users", data={**form, "password": "short"}).status_code == 422
    assert client.post("/users", data={**form, "password": PASSWORD}).status_code == 303
    page = client.get("/users").text
    assert html.escape("<b>New</b>") in page
    paths = re.findall(r'action="(/users/[\w-]+/active)".*?value="no"', page)
    statuses = {client.post(path, data={"active": "no"}).status_code for path in paths}
    # The last administrator stays.
    assert statuses == {303, 409}
    other = at_this_machine(client.app, "en")  # type: ignore[arg-type]
    assert sign_in(other, "new@minamo.example").status_code == 401


def test_the_demo_says_what_it_is_and_lets_one_look_as_others(
    apps: dict[str, FastAPI], engine: Engine
) -> None:
    client = _client(apps["demo"], engine)
    page = client.get("/themes").text
    assert "Nobody has to sign in, on this machine only. You are 田中 誠" in page
    client.post("/persona", data={"persona": "agent"})
    page = client.get("/themes").text
    assert "You are 佐藤 美咲" in page
    assert "/briefing" not in page


@pytest.mark.parametrize("login", ["no\x00body", "\x00", "s" * 300, "sato@", ""])
def test_what_can_be_no_login_is_nobodys(client: TestClient, engine: Engine, login: str) -> None:
    add(engine, "Sato", Role.AGENT)
    assert sign_in(client, login).status_code == 401
