"""Every refusal is problem details; no answer shows what is inside."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import IntegrityError, OperationalError

from tests.api.records import stored_rows
from tests.doors import HERE, OPEN
from tests.meanwhile import Step, meanwhile
from vocloop import errors
from vocloop.accounts import permissions, users
from vocloop.intake import connections
from vocloop.success import goals
from vocloop_api.app import create_app
from vocloop_api.errors import status_of
from vocloop_models import (
    ConnectorKind,
    Contact,
    Customer,
    Department,
    GoalMetric,
    Record,
    Role,
    new_id,
)
from vocloop_models.database import transaction


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


TWICE: dict[str, tuple[Step, str, dict[str, Any]]] = {
    "users": (
        lambda session: users.add(session, "sato", "Sato", [Role.AGENT]),
        "/api/users",
        {"login": "sato", "name": "Sato", "roles": ["agent"]},
    ),
    "connectors": (
        lambda session: connections.create(session, ConnectorKind.WEBHOOK, source="forms"),
        "/api/connectors",
        {"kind": "webhook", "source": "forms"},
    ),
    "goals": (
        lambda session: goals.add(session, "Fewer calls", GoalMetric.OWN, 9),
        "/api/goals",
        {"name": "Fewer calls", "metric": "own", "target": 9},
    ),
}


@pytest.mark.parametrize("what", TWICE)
def test_what_two_add_at_once_is_a_conflict_for_the_second(
    client: TestClient, engine: Engine, what: str
) -> None:
    add, path, row = TWICE[what]
    client.get("/api/health")  # what a first answer takes is not waited for
    told: list[tuple[int, str]] = []

    def add_too() -> None:
        answer = client.post(path, json=row)
        told.append((answer.status_code, answer.headers["content-type"]))

    assert meanwhile(engine, add, add_too) is None
    assert told == [(409, PROBLEM)]


REFUSED: dict[str, tuple[Callable[[], Record], int]] = {
    "there already": (lambda: Department(key="sales", name_en="Sales", name_ja="営業"), 409),
    "of nobody": (lambda: Contact(external_id="c1", customer_id=new_id()), 500),
    "without a name": (lambda: Customer(industry="IT"), 500),
}


@pytest.mark.parametrize("row", REFUSED)
def test_only_what_is_there_already_is_a_conflict(app: FastAPI, engine: Engine, row: str) -> None:
    make, status = REFUSED[row]
    with transaction(engine) as session:
        session.add(REFUSED["there already"][0]())

    def add() -> None:
        with transaction(engine) as session:
            session.add(make())

    with pytest.raises(IntegrityError) as refused:
        add()
    app.state.broken = refused.value
    with TestClient(
        app, base_url="http://localhost", client=HERE, raise_server_exceptions=False
    ) as client:
        answer = client.get("/api/broken")
    assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM)
    assert ("look at what is there" in answer.text) == (status == 409)
    assert "sales" not in answer.text


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
