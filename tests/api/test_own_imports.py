"""Agents bring in voices: their own imports, and nothing that edits customers."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from tests import applications
from tests.doors import HERE
from vocloop.accounts.visitor import AT_THIS_MACHINE, Visitor
from vocloop.intake.importing import work
from vocloop_api.doors import Openness
from vocloop_models import Customer, Feedback, ImportJob, Role, Scope
from vocloop_models.database import reading, transaction

VOICES = b"text,customer\nThe list is slow.,Minato\n"
CUSTOMERS = b"name,industry\nMinato,retail\n"
AGENT = Visitor("Sato", frozenset({Role.AGENT}))
OTHER = Visitor("Ito", frozenset({Role.AGENT}))
MANAGER = Visitor("Suzuki", frozenset({Role.PRODUCT_MANAGER}))


class _Somebody(Openness):
    """Lets in whom the test says."""

    def admits(self, _connection: object) -> Visitor | None:
        return WHO[0]


WHO: list[Visitor] = [AT_THIS_MACHINE]


@pytest.fixture
def client(engine: Engine) -> TestClient:
    app = applications.whole(engine, openness=_Somebody())
    headers = {"accept-language": "en"}
    return TestClient(
        app,
        base_url="http://127.0.0.1:8750",
        client=HERE,
        headers=headers,
        follow_redirects=False,
    )


def upload(
    client: TestClient, engine: Engine, who: Visitor, content: bytes = VOICES, **params: str
) -> Any:
    WHO[0] = who
    answer = client.post("/api/imports", params={"name": "t.csv"} | params, content=content)
    if answer.status_code == 201:
        work(engine, uuid.UUID(answer.json()["id"]))
    return answer


def brought(client: TestClient, engine: Engine, who: Visitor, **params: Any) -> str:
    return str(upload(client, engine, who, **params).json()["id"])


def state(engine: Engine, import_id: str) -> str:
    with reading(engine) as session:
        return session.get_one(ImportJob, uuid.UUID(import_id)).state.value


def stored(engine: Engine) -> tuple[int, int]:
    """(voices, customers with an industry)"""
    with reading(engine) as session:
        known = select(Customer).where(Customer.industry != None)  # noqa: E711
        return len(session.exec(select(Feedback)).all()), len(session.exec(known).all())


def test_an_agent_checks_stores_and_undoes_voices(client: TestClient, engine: Engine) -> None:
    mine = brought(client, engine, AGENT)
    assert state(engine, mine) == "checked"
    for step, after in (("start", 1), ("undo", 0)):
        assert client.post(f"/api/imports/{mine}:{step}").status_code == 202
        work(engine, uuid.UUID(mine))
        assert stored(engine)[0] == after
    assert client.get(f"/api/imports/{mine}").json()["by"] == "Sato"


def test_an_agent_sees_and_touches_only_their_own(client: TestClient, engine: Engine) -> None:
    other, mine = brought(client, engine, OTHER), brought(client, engine, AGENT)
    listed = client.get("/api/imports").json()
    assert [each["id"] for each in listed] == [mine]
    page = client.get("/imports").text
    assert mine in page
    assert other not in page
    for step in ("check", "start", "cancel", "undo"):
        assert client.post(f"/api/imports/{other}:{step}").status_code == 404
        assert client.post(f"/imports/{other}/{step}").status_code == 404
    for part in ("", "/state", "/refused.csv"):
        assert client.get(f"/imports/{other}{part}").status_code == 404
    assert client.get(f"/api/imports/{other}/refused.csv").status_code == 404
    for who in (MANAGER, Visitor("x", frozenset({Role.AUDITOR})), AT_THIS_MACHINE):
        WHO[0] = who
        assert len(client.get("/api/imports").json()) == 2
    # A program that may only read sees what its owner sees.
    for roles, seen in ((MANAGER.roles, 2), (AGENT.roles, 0)):
        WHO[0] = Visitor("x", roles, scopes=frozenset({Scope.READ}))
        assert len(client.get("/api/imports").json()) == seen


@pytest.mark.parametrize("kind", ["customers", "contacts", "departments"])
def test_an_agent_brings_in_no_master_data(client: TestClient, engine: Engine, kind: str) -> None:
    refused = upload(client, engine, AGENT, CUSTOMERS, format=kind)
    assert refused.status_code == 403
    assert "you may not edit customers" in refused.json()["detail"]
    form = client.post("/imports", files={"file": ("t.csv", CUSTOMERS)}, data={"kind": kind})
    assert form.status_code == 403
    assert client.get("/api/imports").json() == []
    mine = brought(client, engine, AGENT)
    assert client.post(f"/api/imports/{mine}:check", params={"format": kind}).status_code == 403
    assert client.post(f"/imports/{mine}/check", data={"kind": kind}).status_code == 403
    assert upload(client, engine, MANAGER, CUSTOMERS, format=kind).status_code == 201


def test_a_file_that_turns_out_to_hold_customers_is_not_stored(
    client: TestClient, engine: Engine
) -> None:
    mine = brought(client, engine, AGENT, content=CUSTOMERS)
    page = client.get(f"/imports/{mine}").text
    assert "seems to hold Customers" in page
    assert f"/imports/{mine}/start" not in page
    assert 'value="customers"' not in page
    for start in (f"/api/imports/{mine}:start", f"/imports/{mine}/start"):
        assert client.post(start).status_code == 403
    assert stored(engine) == (0, 0)
    # It may be voices all the same, if a person says so.
    client.post(f"/api/imports/{mine}:check", params={"map": "text=industry"})
    work(engine, uuid.UUID(mine))
    assert client.post(f"/api/imports/{mine}:start").status_code == 202
    work(engine, uuid.UUID(mine))
    assert stored(engine) == (1, 0)


def test_nothing_of_it_is_stored_when_the_start_came_before_the_check(
    client: TestClient, engine: Engine
) -> None:
    WHO[0] = AGENT
    mine = client.post("/api/imports?name=t.csv", content=CUSTOMERS).json()["id"]
    assert client.post(f"/api/imports/{mine}:start").status_code == 202
    work(engine, uuid.UUID(mine))
    assert state(engine, mine) == "failed"
    assert stored(engine) == (0, 0)


def test_columns_that_held_customers_before_are_not_taken_for_them_again(
    client: TestClient, engine: Engine
) -> None:
    content = b"issue,name\nThe list is slow.,Minato\n"
    first = brought(client, engine, MANAGER, content=content, format="customers", map="name=name")
    client.post(f"/api/imports/{first}:start")
    work(engine, uuid.UUID(first))
    mine = brought(client, engine, AGENT, content=content, map="text=issue")
    assert client.post(f"/api/imports/{mine}:start").status_code == 202
    again = brought(client, engine, AGENT, content=content)
    report = client.get(f"/api/imports/{again}").json()["report"]
    assert "remembered" not in report


def test_what_stored_customers_is_not_undone_by_who_may_no_longer_edit_them(
    client: TestClient, engine: Engine
) -> None:
    mine = brought(client, engine, Visitor("Sato", MANAGER.roles), content=CUSTOMERS)
    client.post(f"/api/imports/{mine}:start")
    work(engine, uuid.UUID(mine))
    assert stored(engine) == (0, 1)
    WHO[0] = AGENT
    page = client.get(f"/imports/{mine}").text
    assert f"/imports/{mine}/undo" not in page
    for undo in (f"/api/imports/{mine}:undo", f"/imports/{mine}/undo"):
        assert client.post(undo).status_code == 403
    assert stored(engine) == (0, 1)


def test_a_manager_may_store_what_an_agent_could_not(client: TestClient, engine: Engine) -> None:
    mine = brought(client, engine, AGENT, content=CUSTOMERS)
    WHO[0] = MANAGER
    with transaction(engine) as session:
        assert session.get_one(ImportJob, uuid.UUID(mine)).by == "Sato"
    client.post(f"/api/imports/{mine}:check")
    work(engine, uuid.UUID(mine))
    assert client.post(f"/api/imports/{mine}:start").status_code == 202
    work(engine, uuid.UUID(mine))
    assert stored(engine) == (0, 1)


def test_voices_of_a_file_are_the_agents_who_brought_it(client: TestClient, engine: Engine) -> None:
    content = b"text,submitted_by\nThe list is slow.,\nThe export stops.,Ito\n"
    for who in (AGENT, MANAGER):
        mine = brought(client, engine, who, content=content, source=who.name)
        assert client.post(f"/api/imports/{mine}:start").status_code == 202
        work(engine, uuid.UUID(mine))
    assert stored(engine) == (4, 0)
    listed = {
        who.name: client.get(f"/voices?by={who.name}").text for who in (AGENT, OTHER, MANAGER)
    }
    assert "The list is slow." in listed["Sato"]
    assert "The export stops." not in listed["Sato"], "the file says that it is Ito's"
    assert listed["Ito"].count("The export stops.") >= 2
    assert "The list is slow." not in listed["Suzuki"], "a manager brings in voices of others"
