"""Departments, inboxes, triage and rules over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.api.records import add_theme, keep
from vocloop_models import DecidedBy, Routing, RoutingState
from vocloop_models.database import transaction

SALES = {
    "name_ja": "営業",
    "name_en": "Sales",
    "working_hours": {"mon": ["09:00", "18:00"]},
    "answer_within": 8,
}


@pytest.fixture
def triaged(engine: Engine, client: TestClient) -> dict[str, str]:
    """Two departments, and a theme in triage: its id and that of its routing."""
    for key in ("sales", "support"):
        assert client.put(f"/api/departments/{key}", json=SALES).status_code == 200
    with transaction(engine) as session:
        theme = add_theme(session)
        routing = keep(
            session,
            Routing(
                theme_id=theme.id,
                confidence=0.2,
                decided_by=DecidedBy.CLASSIFIER,
                state=RoutingState.TRIAGE,
            ),
        )
        return {"theme": str(theme.id), "routing": str(routing.id)}


def post(client: TestClient, triaged: dict[str, str], verb: str, **body: str) -> Any:
    return client.post(f"/api/routings/{triaged['routing']}:{verb}", json=body)


def test_a_theme_walks_from_triage_to_its_answer(
    client: TestClient, triaged: dict[str, str]
) -> None:
    assert [r["id"] for r in client.get("/api/triage").json()] == [triaged["routing"]]
    assert post(client, triaged, "accept").status_code == 409
    assert post(client, triaged, "assign", department="sales", by="Aki").json()["due_at"]
    handed = post(client, triaged, "hand-over", department="support", reason="a fault")
    assert handed.json()["state"] == "waiting"
    assert post(client, triaged, "accept").json()["state"] == "accepted"
    assert len(client.get("/api/departments/support/inbox").json()) == 1
    assert post(client, triaged, "answer", answer="mended").json()["answer"] == "mended"
    assert client.get("/api/departments/support/inbox").json() == []
    events = client.get(f"/api/routings/{triaged['routing']}/events").json()
    assert [e["kind"] for e in events] == ["assigned", "handed_over", "accepted", "answered"]
    assert client.get(f"/api/themes/{triaged['theme']}/routing").json()["state"] == "answered"


def test_rules_are_added_listed_and_removed(client: TestClient, triaged: dict[str, str]) -> None:
    rule = {"field": "tag", "value": "billing", "department": "sales"}
    made = client.post("/api/routing-rules", json=rule)
    assert made.status_code == 201
    assert [r["value"] for r in client.get("/api/routing-rules").json()] == ["billing"]
    assert client.delete(f"/api/routing-rules/{made.json()['id']}").status_code == 204
    assert client.get("/api/routing-rules").json() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"timezone": "Mars/Base"},
        {"working_hours": {"mon": ["18:00", "09:00"]}},
        {"working_hours": {"someday": ["09:00", "18:00"]}},
        {"answer_within": 0},
    ],
)
def test_an_impossible_department_is_refused(client: TestClient, wrong: dict[str, Any]) -> None:
    answer = client.put("/api/departments/sales", json=SALES | wrong)
    assert answer.status_code == 422
    assert answer.json()["problems"]


def test_what_is_unknown_is_not_found(client: TestClient, triaged: dict[str, str]) -> None:
    assert client.get("/api/departments/nobody/inbox").status_code == 404
    assert post(client, triaged, "assign", department="nobody").status_code == 404
