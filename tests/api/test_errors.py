"""Every refusal is problem details; no answer shows what is inside."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import OperationalError

from tests.api.records import stored_rows
from tests.doors import HERE, OPEN
from vocloop import errors
from vocloop.accounts import permissions
from vocloop_api.app import create_app
from vocloop_api.errors import status_of


@pytest.fixture(scope="module")
def breaking() -> FastAPI:
    """With a route more, which raises what it is told to."""
    app = create_app(create_engine("sqlite://"), openness=OPEN)

    @app.get("/api/broken")
    def broken() -> None:
        raise app.state.broken

    return app


@pytest.fixture
def app(breaking: FastAPI, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    monkeypatch.setitem(permissions.RULES, "GET /api/broken", permissions.Permission.SELF)  # type: ignore[arg-type]
    breaking.state.engine = engine
    return breaking


PROBLEM = "application/problem+json"


def family() -> list[type[errors.VocloopError]]:
    classes = [each for _, each in inspect.getmembers(errors, inspect.isclass)]
    return [c for c in classes if issubclass(c, errors.VocloopError) and c.__subclasses__() == []]


@pytest.mark.parametrize("kind", family())
def test_each_class_of_error_has_its_status(kind: type[errors.VocloopError]) -> None:
    assert status_of(kind("")) in {401, 403, 404, 409, 422, 503}


def test_a_subclass_has_the_status_of_its_parent() -> None:
    class StaleVersionError(errors.ConflictError):
        """An error of tomorrow."""

    assert status_of(StaleVersionError("")) == 409


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotFoundError("no such thing"), 404),
        (errors.ConflictError("changed by someone else"), 409),
        (errors.InvalidInputError("row 3: no", [("row 3", "no")]), 422),
        (errors.EncoderError("the model is not there"), 503),
        (errors.DatabaseError("another schema"), 503),
    ],
)
def test_an_error_of_the_domain_becomes_problem_details(
    app: FastAPI, client: TestClient, error: errors.VocloopError, status: int
) -> None:
    app.state.broken = error
    answer = client.get("/api/broken")
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    body = answer.json()
    assert (body["type"], body["status"], body["instance"]) == (
        "about:blank",
        status,
        "/api/broken",
    )
    assert (body["detail"], bool(body["title"])) == (str(error), True)
    expected = [{"where": "row 3", "reason": "no"}] if status == 422 else []
    assert body["problems"] == expected


def test_an_unknown_route_is_404(client: TestClient) -> None:
    answer = client.get("/api/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    assert "/api/openapi.json" in answer.json()["detail"]


def test_a_method_that_is_not_possible_is_405_and_names_those_that_are(client: TestClient) -> None:
    answer = client.delete("/api/health")
    assert (answer.status_code, answer.headers["content-type"]) == (405, PROBLEM)
    assert answer.headers["allow"] == "GET"


def test_what_was_not_foreseen_is_500_without_its_text(app: FastAPI) -> None:
    app.state.broken = RuntimeError("the words of a customer")
    with TestClient(
        app, base_url="http://localhost", client=HERE, raise_server_exceptions=False
    ) as client:
        answer = client.get("/api/broken")
    assert (answer.status_code, answer.headers["content-type"]) == (500, PROBLEM)
    assert "customer" not in answer.text
    assert "Content-Security-Policy" in answer.headers


def test_a_commit_that_fails_is_never_answered_as_stored(
    client: TestClient, engine: Engine, voice: dict[str, Any]
) -> None:
    def refuse(_connection: object) -> None:
        raise OperationalError("COMMIT", {}, Exception("disk full"))

    event.listen(engine, "commit", refuse)
    try:
        answer = client.post("/api/feedback", json=voice)
    finally:
        event.remove(engine, "commit", refuse)
    assert answer.status_code == 503
    assert "disk full" not in answer.text
    assert stored_rows(engine) == 0


def test_a_request_that_fails_keeps_nothing(
    app: FastAPI, client: TestClient, engine: Engine, voice: dict[str, Any]
) -> None:
    def refuse(*_: object) -> None:
        raise errors.ConflictError("changed by someone else")

    # Fails after the feedback is written, when its statements are.
    def on_statements(_c: object, _cu: object, sql: str, *_rest: object) -> None:
        if "INTO statement" in sql:
            refuse()

    event.listen(engine, "before_cursor_execute", on_statements)
    try:
        answer = client.post("/api/feedback", json=voice)
    finally:
        event.remove(engine, "before_cursor_execute", on_statements)
    assert answer.status_code == 409
    assert stored_rows(engine) == 0
