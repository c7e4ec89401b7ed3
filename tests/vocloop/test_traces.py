"""Traces, as a collector receives them over HTTP: what took how long, and no word of anybody."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from tests.doors import HERE, OPEN
from tests.receivers import HOST, Collector, told
from vocloop import traces
from vocloop.config import settings
from vocloop.errors import InvalidInputError
from vocloop.logs import Cleaner
from vocloop_api.app import create_app

pytest.importorskip("opentelemetry.sdk", reason='needs pip install "vocloop[traces]"')

NAME = "Yamada"


@pytest.fixture
def traced(
    engine: Engine, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Engine]:
    monkeypatch.setenv("VOCLOOP_TRACES_URL", collector.base)
    traces.start(settings(), engine)
    yield engine
    traces.stop()


def asked(engine: Engine) -> TestClient:
    app = create_app(engine, openness=OPEN)
    return TestClient(app, base_url="http://127.0.0.1:8750", client=HERE)


def test_a_request_is_told_with_its_statements_and_without_a_word_of_anybody(
    traced: Engine, collector: Collector
) -> None:
    voice = {"source": "desk", "external_id": NAME, "text": f"{NAME} waits", "channel": "ticket"}
    with asked(traced) as client:
        assert client.post("/api/feedback", json=voice).status_code == 201
        headers = {"user-agent": NAME, "cookie": NAME, "tracestate": "x=1"}
        client.get("/api/themes", params={"q": NAME, NAME: "x"}, headers=headers)
        assert client.get(f"/api/feedback/{NAME}").status_code == 422
        client.get(f"/{NAME}")
        client.get("/livez")
    traces.stop()
    by_id = {each.span_id: each for each in collector.spans()}
    handed_in = next(each for each in by_id.values() if each.name == "POST /api/feedback")
    assert told(handed_in) == {
        "http.request.method": "POST",
        "http.route": "/api/feedback",
        "http.response.status_code": 201,
    }
    written = [each for each in by_id.values() if each.name == "INSERT"]
    assert any("INTO feedback" in told(each)["db.query.text"] for each in written)
    for each in written:
        while each.parent_span_id:
            each = by_id[each.parent_span_id]  # noqa: PLW2901 - upwards
        assert each == handed_in
    assert {"GET /api/themes", "GET"} <= collector.names()
    assert NAME not in collector.everything()
    assert HOST not in collector.everything()
    assert all(set(told(each)) <= traces.KEPT for each in by_id.values())
    assert all("livez" not in str(each) for each in by_id.values())


def test_what_failed_is_told_by_its_class_alone(traced: Engine, collector: Collector) -> None:
    def fail() -> None:
        with traces.span("piece"), traced.connect() as connection:
            connection.execute(text("SELECT 'it''s Yamada', x FROM nowhere"))

    with pytest.raises(DBAPIError):
        fail()
    traces.stop()
    by_name = {each.name: each for each in collector.spans()}
    statement, piece = by_name["SELECT"], by_name["piece"]
    assert told(statement)["db.query.text"] == "SELECT '…', x FROM nowhere"
    assert told(statement)["error.type"] in {"OperationalError", "UndefinedTable"}
    assert told(piece)["error.type"] in {"OperationalError", "ProgrammingError"}
    for each in (statement, piece):
        assert (each.status.code, each.status.message, list(each.events)) == (2, "", [])
    assert NAME not in collector.everything()


def test_a_share_is_traced_and_what_belongs_to_a_trace_follows_it(
    engine: Engine, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_TRACES_URL", collector.base)
    monkeypatch.setenv("VOCLOOP_TRACES_SHARE", "0")
    traces.start(settings(), engine)
    theirs = "0af7651916cd43dd8448eb211c80319c"
    with asked(engine) as client:
        client.get("/api/themes")
        client.get("/api/customers", headers={"traceparent": f"00-{theirs}-b7ad6b7169203331-01"})
    traces.stop()
    assert {each.trace_id.hex() for each in collector.spans()} == {theirs}
    assert "GET /api/customers" in collector.names()
    assert "GET /api/themes" not in collector.names()


def test_lines_of_the_log_name_their_trace(traced: Engine, collector: Collector) -> None:
    record = logging.makeLogRecord({"msg": "x"})
    with traces.span("piece"):
        Cleaner().filter(record)
    traces.stop()
    assert record.__dict__["trace_id"] == collector.spans()[0].trace_id.hex()
    Cleaner().filter(record)
    assert record.__dict__["trace_id"] is None


def test_off_means_that_nothing_is_sent_whatever_the_framework_is_told(
    engine: Engine, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.base)
    traces.start(settings(), engine)
    with asked(engine) as client, traces.span("piece"):
        client.get("/api/themes", headers={"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"})
        assert traces.current() is None
    traces.stop()
    assert collector.calls == []


def test_a_collector_without_what_sends_to_it_is_told_with_the_remedy(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_TRACES_URL", "http://127.0.0.1:4318")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    with pytest.raises(InvalidInputError, match=r'pip install "vocloop\[traces\]"'):
        traces.start(settings(), engine)
