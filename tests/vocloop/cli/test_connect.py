"""`vocloop connect`, and kill -9 at any point of a poll: the same final state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from tests.vocloop.cli.processes import Commands
from tests.vocloop.cli.voices import holds
from tests.vocloop.intake.connectors.recorded import Recorded, Reply, serving
from tests.vocloop.intake.connectors.services import KEY, SERVICES, Service
from vocloop_models import Connector, Record, now
from vocloop_models.database import reading, transaction

pytestmark = pytest.mark.slow

# (what has just been done when the process is killed, the how manieth time)
POINTS = {
    "before the first request": ("vocloop.intake.polling:_Run._client", 1),
    "between two requests": ("vocloop.intake.connectors.client:Client._ask", 4),
    "inside a transaction": ("vocloop.intake.polling:take", 2),
    "after a commit": ("vocloop.intake.polling:_Run.store", 2),
    "at the very end": ("vocloop.intake.polling:_Run.end", 1),
}


@pytest.fixture
def service() -> Service:
    found = SERVICES["freshdesk"]()
    for number in range(1, 31):
        found.changed[number] = number * 60
    return found


@pytest.fixture
def server(service: Service) -> Iterator[Recorded]:
    with serving(service.answer) as recorded:
        yield recorded


@pytest.fixture
def desk(commands: Commands, server: Recorded) -> Commands:
    """Commands whose settings allow the local server."""
    commands.env |= {
        "VOCLOOP_OUTGOING_ALLOWED": '["127.0.0.1"]',
        "VOCLOOP_CONNECTOR_DESK_KEY": KEY,
    }
    return commands


def add(desk: Commands, server: Recorded) -> None:
    added = desk.run(
        *("connect", "add", "freshdesk", "--source", "desk"),
        *("--address", server.url, "--since", "2026-10-01"),
    )
    assert added.code == 0, added.said
    assert "VOCLOOP_CONNECTOR_DESK_KEY is set" in added.out


def state(engine: Engine) -> dict[str, Any]:
    with reading(engine) as session:
        connector = session.exec(select(Connector)).one()
    counts = connector.model_dump(include={"read", "stored", "repeated", "refused", "cursor"})
    return holds(engine) | {"connector": counts}


def empty(engine: Engine) -> None:
    with transaction(engine) as session:
        for table in reversed(Record.metadata.sorted_tables):
            session.execute(table.delete())


def let_leases_run_out(engine: Engine) -> None:
    with transaction(engine) as session:
        connector = session.exec(select(Connector)).one()
        if connector.leased_until is not None:
            connector.leased_until = now() - dt.timedelta(seconds=1)


def test_a_poll_killed_at_any_point_ends_as_if_nothing_had_happened(
    desk: Commands, engine: Engine, server: Recorded, service: Service
) -> None:
    add(desk, server)
    polled = desk.run("connect", "poll", "desk")
    assert f"{len(service.expected())} stored" in polled.out, polled.said
    undisturbed = state(engine)
    for target, call in POINTS.values():
        empty(engine)
        add(desk, server)
        desk.kill_at(target, "connect", "poll", "desk", call=call)
        let_leases_run_out(engine)
        again = desk.run("connect", "poll", "desk")
        assert again.code == 0, again.said
        assert state(engine) == undisturbed, target


def test_a_connector_from_the_command_line(
    desk: Commands, engine: Engine, server: Recorded
) -> None:
    add(desk, server)
    server.faults[1] = Reply(401, {})
    refused = desk.run("connect", "poll", "desk")
    assert refused.code == 1
    assert "Freshdesk refuses the key (401); VOCLOOP_CONNECTOR_DESK_KEY is to hold" in refused.err
    assert "failing" in desk.run("connect", "list").out
    assert KEY not in refused.said + desk.run("connect", "status", "desk").said
    assert desk.run("connect", "pause", "desk").code == 0
    assert "paused; resume it" in desk.run("connect", "poll", "desk").err
    assert desk.run("connect", "resume", "desk").code == 0
    assert desk.run("connect", "poll", "desk").code == 0
    assert "desk: Freshdesk, working" in desk.run("connect", "status", "desk").out
    assert desk.run("connect", "remove", "desk").code == 0
    assert "has no connector" in desk.run("connect", "status", "desk").err
    assert "zendesk: Zendesk" in desk.run("connect", "kinds").out
