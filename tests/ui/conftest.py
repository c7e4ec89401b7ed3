"""The pages over real databases, asked as a browser on the same machine asks them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests import applications
from tests.doors import HERE
from tests.ui.planned import Plan, plan
from tests.ui.seed import seed
from vocloop_models.database import open_database, transaction, upgrade


def client_of(app: FastAPI, language: str = "en") -> TestClient:
    return TestClient(
        app,
        headers={"accept-language": language},
        follow_redirects=False,
        raise_server_exceptions=False,
    )


def at_this_machine(app: FastAPI, language: str) -> TestClient:
    """A client of the whole application, as a browser on the same machine is."""
    return TestClient(
        app,
        base_url="http://127.0.0.1:8750",
        client=HERE,
        headers={"accept-language": language},
        follow_redirects=False,
        raise_server_exceptions=False,
    )


@pytest.fixture
def app(engine: Engine) -> FastAPI:
    """Pages over an empty database."""
    return applications.pages(engine)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return client_of(app)


@pytest.fixture
def made(engine: Engine) -> Plan:
    """Themes, companies and three backlog items with what stands behind them."""
    with transaction(engine) as session:
        return plan(session)


@pytest.fixture(scope="session")
def seeded_engine(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Engine, dict[str, uuid.UUID]]]:
    """The invented company, filled in once: only for tests that read."""
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('seeded') / 'vocloop.db'}")
    upgrade(engine)
    ids = seed(engine)
    yield engine, ids
    engine.dispose()


@pytest.fixture(scope="session")
def themes(seeded_engine: tuple[Engine, dict[str, uuid.UUID]]) -> dict[str, uuid.UUID]:
    return seeded_engine[1]


@pytest.fixture(scope="session")
def reader(
    seeded_engine: tuple[Engine, dict[str, uuid.UUID]],
) -> Callable[[str], TestClient]:
    """A client over the invented company, by the reader's language."""
    app = applications.pages(seeded_engine[0])
    return lambda language: client_of(app, language)
