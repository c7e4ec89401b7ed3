"""POST /api/themes:refresh and GET /api/jobs/{id}."""

from __future__ import annotations

import uuid

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from vocloop.worker import jobs
from vocloop_models import Job
from vocloop_models.database import transaction


def test_a_refresh_is_queued_and_can_be_watched(client: TestClient, engine: Engine) -> None:
    answer = client.post("/api/themes:refresh")
    assert answer.status_code == 202
    assert (answer.json()["kind"], answer.json()["state"]) == ("refresh_themes", "queued")
    job_id = uuid.UUID(answer.json()["id"])
    assert answer.headers["location"] == f"/api/jobs/{job_id}"
    jobs.claim(engine)
    jobs.report(engine, job_id, "naming themes", 3, 9)
    seen = client.get(answer.headers["location"]).json()
    assert (seen["state"], seen["stage"]) == ("running", "naming themes")
    assert (seen["done"], seen["total"]) == (3, 9)


def test_asking_twice_answers_the_job_that_waits(client: TestClient) -> None:
    first = client.post("/api/themes:refresh").json()
    again = client.post("/api/themes:refresh")
    assert (again.status_code, again.json()["id"]) == (202, first["id"])


def test_a_refresh_asked_for_while_one_runs_is_queued_behind_it(
    client: TestClient, engine: Engine
) -> None:
    first = client.post("/api/themes:refresh").json()
    jobs.claim(engine)
    assert client.post("/api/themes:refresh").json()["id"] != first["id"]


def test_a_failed_job_says_why(client: TestClient, engine: Engine) -> None:
    job_id = client.post("/api/themes:refresh").json()["id"]
    jobs.finish(engine, uuid.UUID(job_id), error="the encoder's model can't be found")
    seen = client.get(f"/api/jobs/{job_id}").json()
    assert (seen["state"], seen["error"]) == ("failed", "the encoder's model can't be found")
    assert seen["finished_at"].endswith("Z")


def test_an_unknown_job_is_404(client: TestClient) -> None:
    assert client.get(f"/api/jobs/{uuid.uuid4()}").status_code == 404


def test_the_payload_stays_inside(client: TestClient, engine: Engine) -> None:
    job_id = client.post("/api/themes:refresh").json()["id"]
    with transaction(engine) as session:
        job = session.get(Job, uuid.UUID(job_id))
        assert job is not None
        job.payload = {"path": "/srv"}
    assert "payload" not in client.get(f"/api/jobs/{job_id}").json()


def test_a_search_for_themes_is_cancelled_once(client: TestClient) -> None:
    job_id = client.post("/api/themes:refresh").json()["id"]
    answer = client.post(f"/api/jobs/{job_id}:cancel")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert client.post(f"/api/jobs/{job_id}:cancel").status_code == 409
    assert client.post("/api/themes:refresh").json()["id"] != job_id
