"""Coming in: by cookie, by token, at this machine; and what is kept under whose name."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine
from sqlmodel import select

from tests import applications
from tests.doors import HERE, OPEN
from vocloop.accounts import sessions, tokens, users
from vocloop.accounts.personas import FIRST, PERSONAS
from vocloop.accounts.visitor import SESSION_COOKIE
from vocloop_api.doors import CLOSED, Openness
from vocloop_models import CompanyGoal, GoalActual, Role, Scope, SignedInBy
from vocloop_models.database import reading, transaction

ADDRESS = "http://127.0.0.1:8750"
OWN = {"Origin": ADDRESS}


@pytest.fixture(scope="module")
def apps() -> dict[str, Any]:
    """Made once: one that is closed, one that is open, one of a demo."""
    kinds = {"closed": CLOSED, "open": OPEN, "demo": Openness(FIRST, PERSONAS)}
    return {
        kind: applications.api(
            create_engine("sqlite://"), openness=openness, allowed_hosts=["voc.example"]
        )
        for kind, openness in kinds.items()
    }


def client_of(
    apps: dict[str, Any], kind: str, engine: Engine, where: tuple[str, int] = HERE
) -> TestClient:
    apps[kind].state.engine = engine
    return TestClient(apps[kind], base_url=ADDRESS, client=where)


def signed_in(engine: Engine, *roles: Role, name: str = "Sato") -> str:
    with transaction(engine) as session:
        user = users.add(session, name.lower(), name, roles)
        return sessions.start(session, user, SignedInBy.PASSWORD, "")


def token(engine: Engine, role: Role, *scopes: Scope) -> dict[str, str]:
    with transaction(engine) as session:
        user = users.add(session, "program", "Program", [role])
        return {"Authorization": f"Bearer {tokens.create(session, user, 'x', scopes)[1]}"}


class TestClosed:
    def test_nobody_comes_in_without_signing_in(
        self, apps: dict[str, Any], engine: Engine, voice: dict[str, Any]
    ) -> None:
        client = client_of(apps, "closed", engine)
        for answer in (client.get("/api/themes"), client.post("/api/feedback", json=voice)):
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.headers["www-authenticate"] == "Bearer"
        # What is there and what is not look alike.
        assert client.get("/api/nothing").status_code == 401
        assert client.get("/api/health").status_code == 200

    def test_a_body_is_not_read_of_who_may_not_send_it(
        self, apps: dict[str, Any], engine: Engine
    ) -> None:
        client = client_of(apps, "closed", engine)
        answer = client.post("/api/feedback", content=b"not json")
        assert answer.status_code == 401

    def test_a_session_lets_in_as_far_as_its_roles_reach(
        self, apps: dict[str, Any], engine: Engine, voice: dict[str, Any]
    ) -> None:
        client = client_of(apps, "closed", engine)
        client.cookies.set(SESSION_COOKIE, signed_in(engine, Role.AGENT))
        assert client.post("/api/feedback", json=voice, headers=OWN).status_code == 201
        assert client.get("/api/account").json() == {
            "name": "Sato",
            "roles": ["agent"],
            "scopes": None,
        }
        refused = client.post("/api/goals", json={}, headers=OWN)
        assert refused.status_code == 403
        assert "administrator, product_manager" in refused.json()["detail"]

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({}, 403),
            ({"Origin": "https://evil.example"}, 403),
            ({"Sec-Fetch-Site": "cross-site"}, 403),
            ({"Sec-Fetch-Site": "same-origin"}, 201),
            (OWN, 201),
        ],
    )
    def test_a_cookie_changes_nothing_unless_our_own_page_sends_it(
        self,
        apps: dict[str, Any],
        engine: Engine,
        voice: dict[str, Any],
        headers: dict[str, str],
        status: int,
    ) -> None:
        client = client_of(apps, "closed", engine)
        client.cookies.set(SESSION_COOKIE, signed_in(engine, Role.AGENT))
        assert client.post("/api/feedback", json=voice, headers=headers).status_code == status

    def test_a_token_lets_in_as_far_as_its_scopes_reach(
        self, apps: dict[str, Any], engine: Engine, voice: dict[str, Any]
    ) -> None:
        client = client_of(apps, "closed", engine)
        headers = token(engine, Role.ADMINISTRATOR, Scope.INTAKE)
        assert client.post("/api/feedback", json=voice, headers=headers).status_code == 201
        refused = client.get("/api/themes", headers=headers)
        assert refused.status_code == 403
        assert "scope read" in refused.json()["detail"]

    @pytest.mark.parametrize(
        "sent", ["Bearer voc_nonsense", "Bearer ", "bearer \u00e9", "Basic eA=="]
    )
    def test_a_token_that_does_not_hold_is_refused_even_at_an_open_machine(
        self, apps: dict[str, Any], engine: Engine, sent: str
    ) -> None:
        for kind in ("closed", "open"):
            answer = client_of(apps, kind, engine).get(
                "/api/themes", headers={"Authorization": sent.encode()}
            )
            assert answer.status_code == (200 if kind == "open" and "asic" in sent else 401)

    def test_what_is_done_is_kept_under_the_name_of_the_account(
        self, apps: dict[str, Any], engine: Engine
    ) -> None:
        client = client_of(apps, "closed", engine)
        client.cookies.set(SESSION_COOKIE, signed_in(engine, Role.PRODUCT_MANAGER))
        with transaction(engine) as session:
            goal = CompanyGoal(name="NPS", metric="own", target=1.0, unit="")
            session.add(goal)
            session.flush()
        for by in ({"by": "somebody else"}, {}):
            answer = client.put(
                f"/api/goals/{goal.id}/actuals",
                json={"day": "2026-09-11", "value": 1, **by},
                headers=OWN,
            )
            assert answer.status_code == 200, answer.text
            with reading(engine) as session:
                assert session.exec(select(GoalActual.by)).one() == "Sato"


class TestOpen:
    def test_who_sits_at_this_machine_may_all(self, apps: dict[str, Any], engine: Engine) -> None:
        client = client_of(apps, "open", engine)
        assert client.get("/api/users").status_code == 200

    @pytest.mark.parametrize(
        ("where", "headers"),
        [
            (("203.0.113.9", 1), {}),
            (("testclient", 1), {}),
            (HERE, {"X-Forwarded-For": "203.0.113.9"}),
            (HERE, {"Forwarded": "for=203.0.113.9"}),
            (HERE, {"Via": "1.1 proxy"}),
            (HERE, {"Host": "voc.example"}),
        ],
    )
    def test_nobody_else_may(
        self,
        apps: dict[str, Any],
        engine: Engine,
        where: tuple[str, int],
        headers: dict[str, str],
    ) -> None:
        for kind in ("open", "demo"):
            client = client_of(apps, kind, engine, where)
            assert client.get("/api/themes", headers=headers).status_code == 401

    def test_a_visitor_of_the_demo_is_whom_they_chose(
        self, apps: dict[str, Any], engine: Engine
    ) -> None:
        client = client_of(apps, "demo", engine)
        assert client.get("/api/account").json()["roles"] == ["administrator"]
        client.cookies.set("vocloop_persona", "agent")
        assert client.get("/api/account").json()["roles"] == ["agent"]
        assert client.get("/api/users").status_code == 403
        # Where people sign in the cookie means nothing.
        closed = client_of(apps, "closed", engine)
        closed.cookies.set("vocloop_persona", "administrator")
        assert closed.get("/api/account").status_code == 401


def test_too_much_at_once_is_429_and_says_when(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, voice: dict[str, Any]
) -> None:
    monkeypatch.setenv("VOCLOOP_READS_A_MINUTE", "2")
    app = applications.api(engine)
    client = TestClient(app, base_url=ADDRESS, client=HERE)
    client.cookies.set(SESSION_COOKIE, signed_in(engine, Role.AGENT))
    statuses = [client.get("/api/account").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = client.get("/api/account")
    assert refused.headers["content-type"] == "application/problem+json"
    assert 1 <= int(refused.headers["retry-after"]) <= 30
    # Writing has a bucket of its own, and so has everyone else.
    assert client.post("/api/feedback", json=voice, headers=OWN).status_code == 201
    client.cookies.set(SESSION_COOKIE, signed_in(engine, Role.AGENT, name="Other"))
    assert client.get("/api/account").status_code == 200
