"""Contacts and customers are forgotten, sources have policies, merges are decided."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.api.records import add_score, add_theme, stored_rows
from tests.meanwhile import meanwhile
from vocloop.themes.turns import take_turns
from vocloop_models import ThemeScore
from vocloop_models.database import reading


def say(client: TestClient, voice: dict[str, Any], **values: Any) -> dict[str, Any]:
    answer = client.post("/api/feedback", json=voice | values)
    assert answer.status_code in (200, 201), answer.json()
    found: dict[str, Any] = client.get(f"/api/feedback/{answer.json()['id']}").json()
    return found


def test_what_is_stored_holds_no_address(client: TestClient, voice: dict[str, Any]) -> None:
    said = say(
        client,
        voice,
        title="田中様より",
        text="田中太郎です。taro@minamo.example か 090-1234-5678 へ。",
        names=["田中太郎"],
        email="taro@minamo.example",
    )
    assert said["title"] == "[PERSON-1]様より"
    assert said["text"] == "[PERSON-1]です。[EMAIL-1] か [PHONE-1] へ。"


def test_a_contact_is_found_told_and_forgotten(
    client: TestClient, voice: dict[str, Any], engine: Engine
) -> None:
    said = say(client, voice, email="taro@minamo.example")
    question = {"who": "Taro@minamo.example"}
    [contact] = client.post("/api/contacts:find", json=question).json()
    assert contact["id"] == said["contact_id"]
    known = client.get(f"/api/contacts/{contact['id']}/known").json()
    assert known["feedback"][0]["id"] == said["id"]
    done = client.delete(f"/api/contacts/{contact['id']}")
    assert (done.status_code, done.json()["feedback"]) == (200, 1)
    assert stored_rows(engine) == 0
    assert client.delete(f"/api/contacts/{contact['id']}").status_code == 404
    [line] = client.get("/api/audit").json()
    assert line["action"] == "forgot_contact"


def test_a_customer_is_forgotten(client: TestClient, voice: dict[str, Any], engine: Engine) -> None:
    said = say(client, voice)
    assert client.delete(f"/api/customers/{said['customer']['id']}").json()["feedback"] == 1
    assert stored_rows(engine) == 0


def test_scores_written_just_before_name_nobody_who_is_forgotten(
    client: TestClient, voice: dict[str, Any], engine: Engine
) -> None:
    contact = say(client, voice, email="taro@minamo.example")["contact_id"]

    def score(session: Session) -> None:
        take_turns(session)
        written = add_score(session, add_theme(session, scored=False))
        written.evidence = {"contacts": [contact, "another"]}

    assert meanwhile(engine, score, lambda: client.delete(f"/api/contacts/{contact}")) is None
    with reading(engine) as session:
        assert session.exec(select(ThemeScore.evidence)).one() == {"contacts": ["another"]}


def test_a_source_is_treated_as_its_policy_says(client: TestClient, voice: dict[str, Any]) -> None:
    policy = {"personal_data": "drop", "retention_days": 30}
    answer = client.put("/api/sources/desk", json=policy)
    assert answer.json() == {"source": "desk", "feedback": 0} | policy
    said = say(client, voice, text="taro@minamo.example へ", contact="p1")
    assert (said["text"], said["contact_id"]) == ("[EMAIL] へ", None)
    refused = client.put("/api/sources/desk", json={"personal_data": "encrypt"})
    assert refused.status_code == 422
    assert "VOCLOOP_ENCRYPTION_KEY" in refused.json()["detail"]


def test_a_list_of_customers_is_stored_and_completed(client: TestClient) -> None:
    rows: list[Any] = [
        {"external_id": "C1", "name": "ミナモ", "arr": 1, "segments": {"業態": "飲食"}},
        {"external_id": "C2"},
    ]
    answer = client.post("/api/customers:upsert", json={"rows": rows}).json()
    assert [row["outcome"] for row in answer["rows"]] == ["stored", "refused"]
    rows[0]["plan"] = "Pro"
    answer = client.post("/api/customers:upsert", json={"rows": rows[:1]}).json()
    assert (answer["updated"], answer["refused"]) == (1, 0)


def test_two_customers_are_merged_by_a_person_only(client: TestClient) -> None:
    rows = [
        {"external_id": "C1", "name": "株式会社ミナモ"},
        {"external_id": "C2", "name": "ミナモ"},
    ]
    client.post("/api/customers:upsert", json={"rows": rows})
    [found] = client.post("/api/customer-merges:refresh").json()
    assert (found["kept"]["external_id"], found["reason"]) == ("C1", "same_name")
    path = f"/api/customer-merges/{found['id']}"
    assert client.post(f"{path}:accept").json()["state"] == "accepted"
    assert len(client.get("/api/customers", params={"q": "ミナモ"}).json()) == 1
    assert client.post(f"{path}:undo").json()["state"] == "open"
    assert len(client.get("/api/customers", params={"q": "ミナモ"}).json()) == 2
    assert client.post(f"{path}:dismiss").json()["state"] == "dismissed"
    assert client.post("/api/customer-merges:refresh").json() == []
    ids = {"one": found["kept_id"], "other": found["kept_id"]}
    assert client.post("/api/customer-merges", json=ids).status_code == 409
