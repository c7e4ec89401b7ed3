"""What those who run vocloop see: request ids, /livez, /readyz, /metrics."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, text

from tests import applications
from vocloop.config import settings
from vocloop_api.probes import Probes, nothing_else
from vocloop_models import Job, JobKind
from vocloop_models.database import open_database, revisions, transaction

TOKEN = "a token that is long enough"  # noqa: S105 - of the test


def asked(app: Any, *, client: str = "127.0.0.1") -> TestClient:
    return TestClient(app, base_url="http://10.0.0.7:8750", client=(client, 5000))


def probes(engine: Engine, **state: Any) -> Probes:
    return Probes(nothing_else, lambda: engine, settings(), **state)


def samples(said: str) -> dict[tuple[str, ...], float]:
    return {
        (each.name, *each.labels.values()): each.value
        for family in text_string_to_metric_families(said)
        for each in family.samples
    }


def test_every_answer_has_a_request_id_and_a_sane_one_is_kept(client: TestClient) -> None:
    own = client.get("/api/themes").headers["x-request-id"]
    assert len(own) == 32
    for given, kept in (("proxy-1.2_3", True), ("a b", False), ("x" * 65, False)):
        found = client.get("/api/nothing", headers={"X-Request-Id": given}).headers["x-request-id"]
        assert (found == given) == kept


def test_a_request_is_one_line_that_names_the_route_and_never_the_path(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "vocloop.request"):
        client.get("/api/jobs/0193a7c2-1234-7000-8123-123456789012?who=Yamada")
        client.get("/api/Yamada")
    [known, unknown] = [r.__dict__ for r in caplog.records if r.name == "vocloop.request"]
    assert known["route"] == "/api/jobs/{job_id}"
    assert known["status"] == unknown["status"] == 404
    assert unknown["route"] == "unknown"
    assert "Yamada" not in caplog.text


def test_a_database_that_fails_is_told_without_the_path(
    whole: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    whole.state.engine = open_database("postgresql://nobody@127.0.0.1:1/nothing")
    client = TestClient(whole, base_url="http://127.0.0.1:8750")
    assert client.get("/setup/let-me-in").status_code == 503
    assert "database error" in caplog.text
    assert "let-me-in" not in caplog.text


def test_it_is_alive_without_a_database_but_not_ready() -> None:
    app = applications.api(open_database("postgresql://nobody@127.0.0.1:1/nothing"))
    with asked(app) as client:
        assert client.get("/livez").status_code == 200
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert "database does not answer" in answer.text
        assert "vocloop_database_up 0.0" in client.get("/metrics").text


def test_it_is_ready_with_its_database_until_it_stops(engine: Engine) -> None:
    assert asked(probes(engine)).get("/readyz").text == "ready\n"
    stopping = asked(probes(engine, taking=lambda: False, alive=lambda: False))
    assert stopping.get("/readyz").status_code == 503
    assert stopping.get("/livez").status_code == 503
    assert stopping.get("/api/themes").status_code == 404
    with engine.execution_options(vocloop_write=True).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    try:
        assert "vocloop db upgrade" in asked(probes(engine)).get("/readyz").text
    finally:
        with engine.execution_options(vocloop_write=True).begin() as connection:
            back = {"head": revisions(engine)[1]}
            connection.execute(text("UPDATE alembic_version SET version_num = :head"), back)


def test_the_database_is_told_in_numbers(
    app: FastAPI, client: TestClient, engine: Engine, voice: dict[str, Any]
) -> None:
    client.post("/api/feedback", json=voice)
    with transaction(engine) as session:
        session.add(Job(kind=JobKind.REFRESH_THEMES))
    told = samples(asked(probes(engine)).get("/metrics").text)
    assert told["vocloop_feedback", "received"] == 1
    assert told["vocloop_jobs", "refresh_themes", "queued"] == 1
    assert told["vocloop_oldest_job_seconds", "refresh_themes", "queued"] >= 0
    assert told["vocloop_database_up",] == 1
    assert told["vocloop_oldest_message_seconds",] == 0
    assert ("vocloop_http_request_seconds_count", "POST", "/api/feedback", "201") in told


@pytest.mark.parametrize(
    ("setting", "client", "headers", "status"),
    [
        ("loopback", "127.0.0.1", {}, 200),
        ("loopback", "::1", {}, 200),
        ("loopback", "10.0.0.9", {}, 404),
        ("loopback", "127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 404),
        ("token", "127.0.0.1", {}, 404),
        ("token", "10.0.0.9", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("token", "10.0.0.9", {"Authorization": "Bearer another"}, 404),
        ("off", "127.0.0.1", {"Authorization": f"Bearer {TOKEN}"}, 404),
    ],
)
def test_metrics_are_for_whom_the_setting_says(
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    client: str,
    headers: dict[str, str],
    status: int,
) -> None:
    monkeypatch.setenv("VOCLOOP_METRICS", setting)
    monkeypatch.setenv("VOCLOOP_METRICS_TOKEN", TOKEN)
    unused = open_database("postgresql://nobody@127.0.0.1:1/nothing")
    answer = asked(probes(unused), client=client).get("/metrics", headers=headers)
    assert answer.status_code == status
