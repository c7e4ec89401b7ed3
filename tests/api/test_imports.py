"""/api/imports: upload, look, start, cancel, undo."""

from __future__ import annotations

import csv
import io
import json
import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.api.records import stored_rows
from vocloop.intake import imports
from vocloop.intake.importing import work
from vocloop.worker import jobs
from vocloop_models import ImportState, JobKind
from vocloop_models.database import transaction

CONTENT = json.dumps(
    [
        {"id": "1", "text": "画面が固まる。taro@minamo.example", "customer": "ミナモ"},
        {"id": "2", "text": "", "customer": "=HYPERLINK(1)"},
    ]
).encode()


def upload(client: TestClient, content: bytes = CONTENT, **params: Any) -> Any:
    return client.post("/api/imports", params={"name": "t.json"} | params, content=content)


def do_jobs(engine: Engine) -> None:
    """What the worker does with jobs of this kind."""
    while (job := jobs.claim(engine)) is not None:
        assert job.kind is JobKind.IMPORT
        work(engine, uuid.UUID(job.payload["import_id"]))
        jobs.finish(engine, job.id)


def test_an_import_from_upload_to_undo(client: TestClient, engine: Engine) -> None:
    answer = upload(client)
    assert answer.status_code == 201
    path = answer.headers["location"]
    do_jobs(engine)
    checked = client.get(path).json()
    assert checked["state"] == "checked"
    assert checked["report"]["counts"]["stored"] == 1
    assert checked["report"]["samples"][0]["row"]["text"] == "画面が固まる。[EMAIL-1]"
    assert stored_rows(engine) == 0
    assert client.post(f"{path}:start").status_code == 202
    do_jobs(engine)
    assert client.get(path).json()["stored"] == stored_rows(engine) == 1
    assert client.post(f"{path}:undo").status_code == 202
    do_jobs(engine)
    assert client.get(path).json()["state"] == "undone"
    assert stored_rows(engine) == 0
    assert [each["state"] for each in client.get("/api/imports").json()] == ["undone"]


def test_refused_rows_are_safe_to_open_in_a_spreadsheet(client: TestClient, engine: Engine) -> None:
    path = upload(client).headers["location"]
    do_jobs(engine)
    answer = client.get(f"{path}/refused.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    header, row = csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert header[:2] == ["line", "reason"]
    told = dict(zip(header, row, strict=True))
    assert "text is empty" in told["reason"]
    assert told["customer"] == "'=HYPERLINK(1)"


def test_a_check_can_be_repeated_with_other_columns(client: TestClient, engine: Engine) -> None:
    path = upload(client, b"Words,Date\ntoo slow,2024-05-13\n", name="t.csv").headers["location"]
    do_jobs(engine)
    assert "no column for text" in client.get(path).json()["error"]
    assert client.post(f"{path}:check", params={"map": "text=Words"}).status_code == 202
    do_jobs(engine)
    assert client.get(path).json()["report"]["columns"] == {"text": "Words", "said_at": "Date"}


@pytest.mark.parametrize(
    ("params", "content", "reason"),
    [
        ({"format": "doc"}, CONTENT, "format 'doc' is not known"),
        ({"map": "text"}, CONTENT, "map 'text' is not field=column"),
        ({"timezone": "Mars/Base"}, CONTENT, "time zone 'Mars/Base'"),
        ({}, b"", "the file is empty"),
    ],
)
def test_what_can_not_work_is_refused_at_once(
    client: TestClient, engine: Engine, params: dict[str, str], content: bytes, reason: str
) -> None:
    answer = upload(client, content, **params)
    assert answer.status_code == 422
    assert reason in answer.json()["detail"]
    assert client.get("/api/imports").json() == []


def test_a_file_may_be_larger_than_other_bodies_but_not_endless(
    client: TestClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert upload(client, b"text\n" + b"x" * (9 << 20), name="t.csv").status_code == 201
    monkeypatch.setenv("VOCLOOP_IMPORT_MEGABYTES", "1")
    assert upload(client, b"text\n" + b"x" * (2 << 20)).status_code == 422


def test_cancelling_twice_is_cancelling_once(client: TestClient, engine: Engine) -> None:
    path = upload(client).headers["location"]
    for _ in range(2):
        assert client.post(f"{path}:cancel").json()["state"] == "cancelled"
    assert client.post(f"{path}:start").status_code == 409


def test_an_import_whose_worker_is_gone_is_cancelled_and_can_be_undone(
    client: TestClient, engine: Engine
) -> None:
    path = upload(client).headers["location"]
    do_jobs(engine)
    client.post(f"{path}:start")
    with transaction(engine) as session:
        job = imports.get(session, uuid.UUID(path.rpartition("/")[2]))
        job.state = ImportState.RUNNING
        jobs.cancel_all(session, JobKind.IMPORT, {"import_id": str(job.id)})
    assert client.post(f"{path}:undo").status_code == 409
    assert client.post(f"{path}:cancel").status_code == 202
    do_jobs(engine)
    assert client.get(path).json()["state"] == "cancelled"
    assert client.post(f"{path}:undo").status_code == 202


@pytest.mark.parametrize("step", ["cancel", "start"])
def test_an_import_that_waits_to_be_tried_again_hears_people_at_once(
    client: TestClient, engine: Engine, step: str
) -> None:
    path = upload(client).headers["location"]
    do_jobs(engine)
    client.post(f"{path}:start")
    with transaction(engine) as session:
        imports.get(session, uuid.UUID(path.rpartition("/")[2])).state = ImportState.RUNNING
    job = jobs.claim(engine)
    assert job is not None
    jobs.again(engine, job.id, 120, "KeyError")
    assert client.post(f"{path}:{step}").status_code == 202
    do_jobs(engine)
    assert client.get(path).json()["state"] == {"cancel": "cancelled", "start": "done"}[step]


def test_one_job_waits_for_one_import(engine: Engine) -> None:
    with transaction(engine) as session:
        one = jobs.enqueue(session, JobKind.IMPORT, {"import_id": "a"})
        assert jobs.enqueue(session, JobKind.IMPORT, {"import_id": "a"}).id == one.id
        assert jobs.enqueue(session, JobKind.IMPORT, {"import_id": "b"}).id != one.id
