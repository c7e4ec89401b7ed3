"""How much a statement hurts can be corrected, taken back, and looked up."""

from __future__ import annotations

import uuid
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from vocloop_models import SeverityCorrection, SeverityLesson, Statement
from vocloop_models.database import reading, transaction


def statement(client: TestClient, engine: Engine, voice: dict[str, Any]) -> uuid.UUID:
    assert client.post("/api/feedback", json=voice).status_code < 300
    with reading(engine) as session:
        return session.exec(select(Statement.id)).first() or uuid.UUID(int=0)


def test_a_correction_is_kept_changed_and_taken_back(
    client: TestClient, engine: Engine, voice: dict[str, Any]
) -> None:
    path = f"/api/statements/{statement(client, engine, voice)}/severity"
    assert client.put(path, json={"severity": 0.9, "by": "kato"}).json()["severity"] == 0.9
    assert client.put(path, json={"severity": 0.1}).json()["by"] is None
    with reading(engine) as session:
        assert session.exec(select(SeverityCorrection.severity)).all() == [0.1]
    assert client.delete(path).status_code == 204
    gone = client.delete(path)
    assert gone.status_code == 404
    assert "nobody corrected" in gone.json()["detail"]


def test_it_refuses_what_is_no_severity_or_no_statement(client: TestClient) -> None:
    path = f"/api/statements/{uuid.uuid4()}/severity"
    assert client.put(path, json={"severity": 1.2}).status_code == 422
    assert client.put(path, json={"severity": 0.5}).status_code == 404


def test_the_newest_lesson_is_told_with_its_figures(client: TestClient, engine: Engine) -> None:
    assert client.get("/api/severity/lesson").json() is None
    with transaction(engine) as session:
        for after in (0.6, 0.8):
            session.add(
                SeverityLesson(encoder="e", labels={"mark": 40}, before=0.5, after=after, used=True)
            )
            session.flush()
    told = client.get("/api/severity/lesson").json()
    assert (told["labels"], told["before"], told["after"]) == ({"mark": 40}, 0.5, 0.8)
