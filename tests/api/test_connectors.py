"""/api/connectors and /api/hooks."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import time

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.api.records import stored_rows

SECRET = b"a secret of the tests"


def signed(body: bytes, secret: bytes = SECRET) -> dict[str, str]:
    moment = str(int(time.time()))
    digest = hmac.digest(secret, moment.encode() + b"." + body, hashlib.sha256)
    return {"X-Vocloop-Timestamp": moment, "X-Vocloop-Signature": f"sha256={digest.hex()}"}


def test_a_connector_from_creation_to_deletion(client: TestClient, engine: Engine) -> None:
    made = client.post(
        "/api/connectors", json={"kind": "zendesk", "address": "https://acme.zendesk.com/"}
    )
    assert made.status_code == 201
    path = made.headers["location"]
    assert path == "/api/connectors/zendesk"
    told = client.get(path).json()
    assert (told["state"], told["address"]) == ("new", "https://acme.zendesk.com")
    assert told["key"] == "VOCLOOP_CONNECTOR_ZENDESK_KEY"
    assert told["key_is_set"] is False
    assert client.post(f"{path}:pause").json()["state"] == "paused"
    assert client.post(f"{path}:poll").status_code == 409
    assert client.post(f"{path}:resume").json()["state"] == "new"
    asked = client.post(f"{path}:poll")
    assert asked.status_code == 202
    assert dt.datetime.fromisoformat(asked.json()["next_at"]) <= dt.datetime.now(dt.UTC)
    assert [each["source"] for each in client.get("/api/connectors").json()] == ["zendesk"]
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.delete(path).status_code == 404


def test_what_each_tool_needs_is_told(client: TestClient, engine: Engine) -> None:
    found = {each["kind"]: each for each in client.get("/api/connector-kinds").json()}
    assert found["freshdesk"]["is_asked"]
    assert not found["freshdesk"]["sends"]
    assert found["typeform"]["sends"]
    assert not found["typeform"]["is_asked"]
    assert "API_TOKEN" in found["zendesk"]["key"]


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ({"kind": "zendesk", "address": "https://evil.example"}, 422),
        ({"kind": "zendesk", "address": "http://169.254.169.254/"}, 422),
        ({"kind": "zendesk"}, 422),
        ({"kind": "fax"}, 422),
        ({"kind": "webhook", "since": "2026-01-01T00:00:00"}, 422),
        ({"kind": "webhook", "secret": "x"}, 422),
    ],
)
def test_what_can_not_work_is_refused(
    client: TestClient, engine: Engine, row: dict[str, str], status: int
) -> None:
    assert client.post("/api/connectors", json=row).status_code == status
    assert client.get("/api/connectors").json() == []


def test_a_hook_takes_what_is_signed(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_CONNECTOR_FORMS_SECRET", SECRET.decode())
    client.post("/api/connectors", json={"kind": "webhook", "source": "forms"})
    assert client.head("/api/hooks/forms").status_code == 200
    body = json.dumps({"id": "1", "text": "Too slow."}).encode()
    headers = signed(body)
    first = client.post("/api/hooks/forms", content=body, headers=headers)
    assert (first.status_code, first.json()["stored"]) == (200, 1)
    again = client.post("/api/hooks/forms", content=body, headers=headers)
    assert (again.status_code, again.json()["repeated"]) == (200, 1)
    forged = client.post("/api/hooks/forms", content=body, headers=signed(body, b"guessed"))
    assert forged.status_code == 401
    assert forged.headers["content-type"] == "application/problem+json"
    assert SECRET.decode() not in forged.text
    assert client.post("/api/hooks/forms", content=body).status_code == 401
    assert client.post("/api/hooks/nobody", content=body, headers=headers).status_code == 404
    assert stored_rows(engine) == 1


def test_a_hook_reads_no_endless_body(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_CONNECTOR_FORMS_SECRET", SECRET.decode())
    client.post("/api/connectors", json={"kind": "webhook", "source": "forms"})
    body = b"x" * (2 << 20) + b"x"
    assert client.post("/api/hooks/forms", content=body, headers=signed(body)).status_code == 413
