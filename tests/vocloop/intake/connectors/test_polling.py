"""Five tools asked for what is new: nothing lost, nothing doubled, whatever goes wrong."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import select

from tests.vocloop.intake.connectors.recorded import Recorded, Reply
from tests.vocloop.intake.connectors.services import (
    COMPANIES,
    KEY,
    START,
    Service,
    words,
)
from vocloop.errors import ConflictError, RemoteError
from vocloop.intake import connections, polling
from vocloop.intake.connections import ConnectorState
from vocloop.intake.polling import poll, poll_until_done
from vocloop_models import (
    Connector,
    ConnectorKind,
    Customer,
    Feedback,
    Priority,
    now,
)
from vocloop_models.database import reading, transaction


def connect(engine: Engine, server: Recorded, service: Service) -> None:
    with transaction(engine) as session:
        address = server.url + service.path
        connections.create(session, service.kind, source="desk", address=address, since=START)


def connector(engine: Engine) -> Connector:
    with reading(engine) as session:
        return connections.get(session, "desk")


def _has_asked(server: Recorded, requests: int) -> bool:
    return len(server.asked) >= requests


def texts(engine: Engine) -> list[str]:
    with reading(engine) as session:
        return sorted(session.exec(select(Feedback.text)))


def test_every_voice_arrives_once_with_all_that_is_known(
    engine: Engine, server: Recorded, service: Service
) -> None:
    connect(engine, server, service)
    told = poll(engine, "desk")
    assert told.error is None
    assert told.finished
    assert texts(engine) == sorted(service.expected())
    found = connector(engine)
    assert (found.stored, found.refused, found.failures) == (len(service.expected()), 0, 0)
    assert found.last_success_at is not None
    assert found.leased_until is None
    with reading(engine) as session:
        row = session.exec(select(Feedback).where(Feedback.text == words(1))).one()
        assert row.said_at == START + dt.timedelta(seconds=1)
        assert row.priority is Priority.HIGH
        names = set(session.exec(select(Customer.name)))
        customers = session.exec(select(Feedback.customer_id)).all()
    if service.kind is not ConnectorKind.GITHUB:
        assert names == set(COMPANIES)
        assert None not in customers, "later turns know their company too"


def test_what_is_new_comes_with_the_next_poll_and_nothing_is_fetched_again(
    engine: Engine, server: Recorded, service: Service
) -> None:
    connect(engine, server, service)
    poll(engine, "desk")
    asked = len(server.asked)
    assert poll(engine, "desk").read == 0
    again = server.asked[asked:]
    assert {each.path for each in again} == {server.asked[0].path}, "only the list is asked for"
    service.change(5, "One more thing: the button is gone.")
    service.changed[99] = max(service.changed.values()) + 60
    poll(engine, "desk")
    assert texts(engine) == sorted(service.expected())


def test_a_poll_ended_before_any_of_its_requests_goes_on_as_if_nothing_happened(
    engine: Engine, server: Recorded, service: Service
) -> None:
    connect(engine, server, service)
    for _ in range(60):
        # Each poll may make some requests only: between them it has stored what it could.
        told = poll(engine, "desk", stop=partial(_has_asked, server, len(server.asked) + 8))
        assert told.error is None
        if told.finished:
            break
    assert told.finished
    assert texts(engine) == sorted(service.expected())
    assert connector(engine).stored == len(service.expected())


def test_a_ticket_that_changes_between_pages_hides_no_other(
    engine: Engine, server: Recorded, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(engine, server, service)
    answer = server.answer
    lists = 0

    def moving(asked: Any) -> Reply:
        nonlocal lists
        reply = answer(asked)
        if asked.path.endswith(("/search", "/cursor.json", "/tickets", f"{service.path}/issues")):
            lists += 1
            if lists == 1:
                # The first two move to the end: every row after them moves up by two.
                service.change(1)
                service.change(2)
        return reply

    server.answer = moving
    assert poll(engine, "desk").finished
    assert texts(engine) == sorted(service.expected())


def test_rows_of_one_moment_fill_pages_without_end_or_loss(
    engine: Engine, server: Recorded, service: Service
) -> None:
    if service.kind is ConnectorKind.ZENDESK:
        pytest.skip("its cursor pages by itself")
    service.changed = dict.fromkeys(service.changed, 600)
    connect(engine, server, service)
    assert poll(engine, "desk").finished
    assert texts(engine) == sorted(service.expected())


@pytest.mark.parametrize(
    ("request_number", "fault"),
    [
        (1, Reply(200, {"unexpected": True})),
        (3, Reply(500, {"error": "oops"})),
        (4, Reply(200, {"a": "b" * 100}, cut=10)),
        (5, Reply(200, b"<html>maintenance</html>")),
    ],
    ids=["shape", "500", "cut", "html"],
)
def test_a_fault_is_noted_and_the_next_poll_completes(
    engine: Engine, server: Recorded, service: Service, fault: Reply, request_number: int
) -> None:
    connect(engine, server, service)
    server.faults[request_number] = fault
    told = poll(engine, "desk")
    found = connector(engine)
    assert found.failures == 1
    assert found.last_error == told.error
    assert found.leased_until is None
    assert found.next_at is not None
    assert 10 < (found.next_at - now()).total_seconds() < 31
    assert poll(engine, "desk").finished
    found = connector(engine)
    assert (found.failures, found.last_error) == (0, None)
    assert texts(engine) == sorted(service.expected())


@pytest.mark.parametrize("service", ["zendesk"], indirect=True)
def test_an_expired_cursor_begins_again_from_the_newest_change(
    engine: Engine, server: Recorded, service: Service
) -> None:
    connect(engine, server, service)
    poll(engine, "desk")
    service.change(2, "One more thing: the button is gone.")
    asked = len(server.asked)
    server.faults[asked + 1] = Reply(422, {"error": "InvalidCursor"})
    told = poll(engine, "desk")
    assert told.finished
    assert told.error is None
    assert "start_time" in server.asked[asked + 1].query
    assert texts(engine) == sorted(service.expected())


@pytest.mark.parametrize("service", ["zendesk"], indirect=True)
def test_a_first_look_at_this_moment_is_not_too_recent(
    engine: Engine, server: Recorded, service: Service
) -> None:
    with transaction(engine) as session:
        connections.create(session, service.kind, source="desk", address=server.url, since=now())
    assert poll(engine, "desk").finished
    assert now().timestamp() - int(server.asked[0].query["start_time"]) > 60


@pytest.mark.parametrize("service", ["freshdesk"], indirect=True)
def test_waits_double_up_to_an_hour(
    engine: Engine, server: Recorded, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling, "_draw", lambda _, high: high)
    connect(engine, server, service)
    server.answer = lambda _: Reply(503, {})
    waits = []
    for _ in range(9):
        poll(engine, "desk")
        next_at = connector(engine).next_at
        assert next_at is not None
        waits.append(round((next_at - now()).total_seconds()))
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


@pytest.mark.parametrize("request_number", [1, 4])
def test_a_limit_is_waited_out_not_counted_as_a_failure(
    engine: Engine, server: Recorded, service: Service, request_number: int
) -> None:
    connect(engine, server, service)
    server.faults[request_number] = Reply(429, {}, {"Retry-After": "37"})
    told = poll(engine, "desk")
    assert told.error is not None
    assert "asks to wait (429)" in told.error
    found = connector(engine)
    assert found.failures == 0
    assert found.next_at is not None
    assert 35 < (found.next_at - now()).total_seconds() < 39
    assert poll(engine, "desk").finished
    assert texts(engine) == sorted(service.expected())


def test_a_tool_that_allows_a_few_requests_at_a_time_is_read_to_the_end(
    engine: Engine, server: Recorded, service: Service
) -> None:
    connect(engine, server, service)
    answer, left = server.answer, [0]

    def limited(asked: Any) -> Reply:
        if left[0] == 0:
            left[0] = 8
            return Reply(429, {}, {"Retry-After": "0"})
        left[0] -= 1
        return answer(asked)

    server.answer = limited
    told = poll_until_done(engine, "desk", wait=lambda _: None, say=lambda _: None)
    assert told.finished
    assert texts(engine) == sorted(service.expected())


@pytest.mark.parametrize("service", ["hubspot"], indirect=True)
@pytest.mark.parametrize(("status", "word"), [(401, "refuses the key"), (403, "lacks a right")])
def test_a_refused_key_says_which_variable_holds_it(
    engine: Engine, server: Recorded, service: Service, status: int, word: str
) -> None:
    connect(engine, server, service)
    server.faults[1] = Reply(status, {"message": "no"})
    told = poll(engine, "desk")
    assert told.error is not None
    assert word in told.error
    assert "VOCLOOP_CONNECTOR_DESK_KEY is to hold " in told.error
    assert KEY not in told.error


@pytest.mark.parametrize("service", ["freshdesk"], indirect=True)
def test_a_missing_key_is_named(
    engine: Engine, server: Recorded, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VOCLOOP_CONNECTOR_DESK_KEY")
    connect(engine, server, service)
    told = poll(engine, "desk")
    assert told.error is not None
    assert told.error.startswith("set VOCLOOP_CONNECTOR_DESK_KEY (or VOCLOOP_CONNECTOR_DESK_KEY_FI")
    assert not server.asked


@pytest.mark.parametrize("service", ["freshdesk"], indirect=True)
def test_the_key_stands_nowhere_in_the_database(
    engine: Engine, server: Recorded, service: Service
) -> None:
    connect(engine, server, service)
    server.faults[2] = Reply(500, {})
    poll(engine, "desk")
    poll(engine, "desk")
    with reading(engine) as session:
        row = session.connection().execute(text("SELECT * FROM connector")).one()
    assert "k-123" not in str(row)


def test_rows_that_come_twice_are_kept_once(
    engine: Engine, server: Recorded, service: Service
) -> None:
    connect(engine, server, service)
    answer = server.answer

    def doubled(asked: Any) -> Reply:
        reply = answer(asked)
        for name in ("tickets", "conversations", "results"):
            if isinstance(reply.body, dict) and asked.path.endswith(("search", "cursor.json")):
                found = reply.body.get(name)
                reply.body |= {name: [each for each in found for _ in "ab"]} if found else {}
        if isinstance(reply.body, list):
            reply.body = [each for each in reply.body for _ in "ab"]
        return reply

    server.answer = doubled
    assert poll(engine, "desk").finished
    assert texts(engine) == sorted(service.expected())


@pytest.mark.parametrize("service", ["freshdesk"], indirect=True)
def test_two_polls_at_once_are_one(engine: Engine, server: Recorded, service: Service) -> None:
    connect(engine, server, service)
    with transaction(engine) as session:
        found = connections.locked(session, "desk")
        found.leased_until = now() + dt.timedelta(minutes=1)
        assert connections.due(session) == []
    assert poll(engine, "desk").read == 0
    assert not server.asked
    with pytest.raises(ConflictError, match="being polled already"):
        poll_until_done(engine, "desk", wait=lambda _: None, say=lambda _: None)


@pytest.mark.parametrize("service", ["freshdesk"], indirect=True)
def test_a_poll_that_lost_its_lease_stores_nothing_more(
    engine: Engine, server: Recorded, service: Service
) -> None:
    connect(engine, server, service)
    answer = server.answer

    def stolen(asked: Any) -> Reply:
        if len(server.asked) == 2:
            with transaction(engine) as session:
                connections.locked(session, "desk").lease = None
        return answer(asked)

    server.answer = stolen
    told = poll(engine, "desk")
    assert not told.finished
    assert len(texts(engine)) == told.stored < len(service.expected())


@pytest.mark.parametrize("service", ["freshdesk"], indirect=True)
def test_pausing_ends_a_poll_and_keeps_its_place(
    engine: Engine, server: Recorded, service: Service
) -> None:
    connect(engine, server, service)
    answer = server.answer

    def pausing(asked: Any) -> Reply:
        if len(server.asked) == 4:
            with transaction(engine) as session:
                connections.pause(session, "desk")
        return answer(asked)

    server.answer = pausing
    assert not poll(engine, "desk").finished
    assert poll(engine, "desk").read == 0
    assert connections.status(connector(engine)).state is ConnectorState.PAUSED
    server.answer = answer
    with transaction(engine) as session:
        connections.resume(session, "desk")
        assert connections.due(session) == ["desk"]
    assert poll(engine, "desk").finished
    assert texts(engine) == sorted(service.expected())


@pytest.mark.parametrize("service", ["freshdesk"], indirect=True)
def test_a_connector_that_is_removed_while_polled_ends_quietly(
    engine: Engine, server: Recorded, service: Service
) -> None:
    connect(engine, server, service)
    answer = server.answer

    def removing(asked: Any) -> Reply:
        if len(server.asked) == 2:
            with transaction(engine) as session:
                connections.remove(session, "desk")
        return answer(asked)

    server.answer = removing
    assert not poll(engine, "desk").finished


@pytest.mark.parametrize("service", ["freshdesk"], indirect=True)
def test_a_person_who_looks_on_is_told_why_it_ends(
    engine: Engine, server: Recorded, service: Service
) -> None:
    connect(engine, server, service)
    server.faults[1] = Reply(404, {})
    with pytest.raises(RemoteError, match=r"has nothing at .* check the connector's address"):
        poll_until_done(engine, "desk", wait=lambda _: None, say=lambda _: None)
