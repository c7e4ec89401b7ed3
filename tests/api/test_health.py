"""GET /api/health."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests import applications
from tests.api.records import say
from tests.doors import HERE, OPEN
from vocloop_models import FeedbackState
from vocloop_models.database import open_database, revisions, transaction

# A port that nothing listens on: refused at once, without a look-up.
NOBODY = "postgresql://nobody@127.0.0.1:1/nothing"


def test_it_knows_the_database_its_schema_and_what_waits(
    client: TestClient, engine: Engine
) -> None:
    with transaction(engine) as session:
        say(session)
        say(session, state=FeedbackState.RECEIVED)
        say(session, state=FeedbackState.ENCODED)
    answer = client.get("/api/health")
    assert answer.status_code == 200
    assert answer.json() == {
        "database": engine.dialect.name,
        "revision": revisions(engine)[1],
        "pending": 2,
    }


def test_a_database_without_the_schema_is_503_and_says_what_to_do(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'empty.db'}")
    with TestClient(
        applications.api(engine, openness=OPEN), base_url="http://localhost", client=HERE
    ) as client:
        answer = client.get("/api/health")
    engine.dispose()
    assert answer.status_code == 503
    assert "restart vocloop" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api/health", "/api/themes"])
def test_a_database_that_does_not_answer_is_503_and_shows_no_address(path: str) -> None:
    engine = open_database(NOBODY)
    with TestClient(
        applications.api(engine, openness=OPEN), base_url="http://localhost", client=HERE
    ) as client:
        answer = client.get(path)
    engine.dispose()
    assert answer.status_code == 503
    assert "nobody" not in answer.text
    assert "try again" in answer.json()["detail"]
