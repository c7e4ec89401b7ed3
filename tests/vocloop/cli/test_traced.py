"""Processes that send traces to a collector over HTTP."""

from __future__ import annotations

import contextlib
import signal
import socket
import time

import pytest

from tests.receivers import HOST, Collector, told
from tests.vocloop.cli.processes import Commands, until
from tests.vocloop.cli.test_serve import STOP_SECONDS, address, get

pytest.importorskip("opentelemetry.sdk", reason='needs pip install "vocloop[traces]"')

NAME = "Yamada"


def test_processes_tell_of_requests_and_of_the_worker(
    loose: Commands, collector: Collector
) -> None:
    running = loose.start("serve", "--port", "0", env={"VOCLOOP_TRACES_URL": collector.base})
    home = address(running)
    voice = {"source": "web", "external_id": "n-1", "text": f"phone app signs {NAME} out again"}
    assert get(f"{home}/api/feedback", voice)[0] == 201
    assert get(f"{home}/themes")[0] == 200
    until(lambda: {"encode", "assign", "score"} <= collector.names(), running)
    running.signal(signal.SIGTERM)
    assert running.wait().code == 0
    assert {"POST /api/feedback", "GET /themes"} <= collector.names()
    # Looking for work that is not there is none.
    assert all(each.parent_span_id for each in collector.spans() if "db.query.text" in told(each))
    assert NAME not in collector.everything()
    handed_in = next(each for each in collector.spans() if each.name == "POST /api/feedback")
    assert f"trace_id={handed_in.trace_id.hex()}" in running.err()


def test_a_collector_that_does_not_answer_holds_nothing_up(loose: Commands) -> None:
    with contextlib.closing(socket.create_server((HOST, 0))) as silent:
        base = f"http://{HOST}:{silent.getsockname()[1]}"
        running = loose.start("serve", "--port", "0", env={"VOCLOOP_TRACES_URL": base})
        home = address(running)
        for _ in range(20):
            assert get(f"{home}/api/themes")[0] == 200
        start = time.monotonic()
        running.signal(signal.SIGTERM)
        assert running.wait().code == 0
        assert time.monotonic() - start < STOP_SECONDS
