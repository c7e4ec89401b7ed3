"""The application over each database, asked as a client on the same machine asks it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine

from tests import applications
from tests.doors import HERE, OPEN


@pytest.fixture(scope="session")
def shared() -> FastAPI:
    """Made once: its routes take longer to prepare than most tests take."""
    return applications.api(create_engine("sqlite://"), openness=OPEN)


@pytest.fixture(scope="session")
def whole() -> FastAPI:
    """With its pages, and as it is served: whoever comes has to sign in."""
    return applications.whole(create_engine("sqlite://"))


@pytest.fixture
def app(shared: FastAPI, engine: Engine) -> FastAPI:
    shared.state.engine = engine
    return shared


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, base_url="http://127.0.0.1:8750", client=HERE) as client:
        yield client


@pytest.fixture
def voice() -> dict[str, Any]:
    """A row that intake takes."""
    return {
        "text": "シフトを代わってもらうたびに店長の承認が要ります。",
        "source": "desk",
        "external_id": "T-1",
        "channel": "ticket",
        "customer": {"external_id": "C-1", "name": "株式会社みなも"},
        "said_at": "2026-09-11T10:30:00+09:00",
        "severity_mark": 3,
    }
