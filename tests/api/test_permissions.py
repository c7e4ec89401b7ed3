"""Every route has a rule, and every role gets what the table says, no more and no less."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import create_engine
from starlette.types import Message, Receive, Send
from starlette.types import Scope as Asked

from tests import applications
from tests.doors import HERE
from vocloop.accounts.permissions import ROLES, RULES, SCOPES, Permission, may, rule
from vocloop.accounts.rates import Rates
from vocloop.accounts.visitor import Visitor
from vocloop_api.app import create_app
from vocloop_api.doors import Doors, Openness, Routes
from vocloop_models import Role, Scope


class _Anyone(Openness):
    """Lets in whom the test says."""

    def admits(self, _connection: object) -> Visitor | None:
        return WHO[0]


WHO: list[Visitor | None] = [None]


def whole() -> FastAPI:
    return applications.whole(create_engine("sqlite://"))


APP = whole()
ALL = Routes(APP).all()


def test_every_route_has_a_rule() -> None:
    missing = [f"{method} {path}" for method, path in ALL if rule(method, path) is None]
    assert not missing, (
        "these routes are refused for everyone until they have a rule; add each as a line of "
        "vocloop/accounts/permissions/, under the permission that it needs (reading "
        f"voices and themes is READ_VOICES, the roadmap READ_ROADMAP, …): {missing}"
    )


def test_every_rule_has_a_route() -> None:
    there = {f"{method} {path}" for method, path in ALL}
    gone = [line for line in RULES if line not in there]
    assert not gone, f"remove these lines from vocloop/accounts/permissions/: {gone}"


def test_a_route_without_a_rule_is_refused_for_everyone() -> None:
    app = create_app(create_engine("sqlite://"), openness=_Anyone())
    app.add_api_route("/api/new", lambda: "secret")
    WHO[0] = Visitor("x", frozenset(Role))
    answer = TestClient(app, base_url="http://localhost", client=HERE).get("/api/new")
    assert answer.status_code == 403
    assert "vocloop/accounts/permissions/" in answer.json()["detail"]


async def _inside(_scope: Asked, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})


DOORS = Doors(_inside, Routes(APP), _Anyone(), Rates({}))


def asked(method: str, template: str) -> int:
    """The status for a request with ids that lead nowhere: 204 for one that gets past the doors."""
    path = re.sub(r"\{\w+\}", "01890000-0000-7000-8000-000000000000", template)
    scope = {
        "type": "http",
        "method": "GET" if method == "*" else method,
        "path": path + ("/x" if method == "*" else ""),
        "query_string": b"",
        "scheme": "http",
        "server": ("127.0.0.1", 8750),
        "client": HERE,
        "headers": [(b"host", b"127.0.0.1:8750"), (b"accept-language", b"en")],
        "app": APP,
    }
    statuses = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def ask() -> None:
        await DOORS(scope, lambda: None, send)  # type: ignore[arg-type]

    anyio.run(ask)
    return int(statuses[0])


@pytest.mark.parametrize("role", [None, *Role])
def test_every_route_is_open_to_whom_the_table_says(role: Role | None) -> None:
    WHO[0] = Visitor("x", frozenset({role})) if role else None
    wrong = []
    for method, path in ALL:
        permission = rule(method, path)
        assert permission is not None
        allowed = permission is Permission.PUBLIC or (role in ROLES[permission])
        status = asked(method, path)
        # Who is not signed in is sent to do so where a person asks for a page.
        refused = status == 403 if role else status in (401, 303)
        if allowed == refused or (allowed and status != 204):
            wrong.append((method, path, status))
    assert wrong == []


def test_an_auditor_changes_nothing() -> None:
    auditor = Visitor("x", frozenset({Role.AUDITOR}))
    writes = {
        line
        for line, permission in RULES.items()
        if not line.startswith(("GET ", "HEAD ", "* "))
        and permission not in (Permission.PUBLIC, Permission.SELF)
        and may(auditor, permission)
    }
    assert writes == set()


def test_an_auditor_reads_all_but_what_is_known_of_a_person() -> None:
    auditor = Visitor("x", frozenset({Role.AUDITOR}))
    kept = {
        line
        for line, permission in RULES.items()
        if line.startswith("GET /api/") and not may(auditor, permission)
    }
    assert kept == {"GET /api/contacts/{contact_id}/known"}


def test_an_administrator_may_all() -> None:
    administrator = Visitor("x", frozenset({Role.ADMINISTRATOR}))
    assert all(may(administrator, permission) for permission in Permission)


@pytest.mark.parametrize("permission", [p for p in Permission if p is not Permission.PUBLIC])
def test_a_token_needs_both_the_role_and_the_scope(permission: Permission) -> None:
    full = Visitor("x", frozenset(Role), scopes=frozenset(Scope))
    assert may(full, permission) == (permission is not Permission.SELF)
    needed = SCOPES.get(permission)
    others = frozenset(Scope) - ({needed} if needed else set())
    assert not may(replace(full, scopes=others), permission)
    assert not may(replace(full, roles=frozenset()), permission)


def test_the_documentation_shows_the_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "accounts.md").read_text("utf-8")
    for permission in set(Permission) - {Permission.PUBLIC}:
        cells = [permission, *("✓" if role in ROLES[permission] else "" for role in Role)]
        row = f"| {' | '.join([*cells, SCOPES.get(permission, '')])} |"
        assert row in page, f"docs/accounts.md needs the row: {row}"
