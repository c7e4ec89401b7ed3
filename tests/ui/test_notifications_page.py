"""What became of my voices, what waits, what happened; the outbox, trackers, connectors."""

from __future__ import annotations

import csv
import io
import uuid

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from vocloop.intake import connections
from vocloop.notify import people
from vocloop.roadmap.trackers import store
from vocloop.worker import jobs
from vocloop_models import (
    BacklogItem,
    ConnectorKind,
    EventKind,
    JobKind,
    LinkState,
    LoopEvent,
    Message,
    MessageState,
    Note,
    Theme,
    Topic,
    TrackerKind,
    TrackerLink,
    Transport,
    now,
)
from vocloop_models.database import reading, transaction


@pytest.fixture
def note(engine: Engine) -> str:
    """Of a task for Hanako: tell a customer that a theme was heard."""
    with transaction(engine) as session:
        theme = Theme(number=7, title_ja="承認が止まる", title_en="Approval stalls")
        session.add(theme)
        session.flush()
        hanako = people.put_colleague(session, "Hanako", language="en")
        people.put_colleague(session, "Taro", language="en")
        made = Note(
            key="n", recipient_id=hanako.id, topic=Topic.HEARD, theme_id=theme.id, task=True
        )
        session.add(made)
        session.add(
            LoopEvent(key="e", kind=EventKind.THEME_BORN, subject_id=theme.id, detail={}, at=now())
        )
        return str(made.id)


def as_(client: TestClient, name: str) -> TestClient:
    client.cookies.set("vocloop_name", name)
    return client


def test_a_stranger_is_asked_for_a_name_and_sees_no_notes(client: TestClient, note: str) -> None:
    page = client.get("/notifications").text
    assert "Show my notes" in page
    assert note not in page
    answer = client.post("/notifications/name", data={"name": "Hanako"})
    assert answer.status_code == 303
    assert "vocloop_name=Hanako" in answer.headers["set-cookie"]


def test_my_notes_are_told_counted_and_read(client: TestClient, note: str) -> None:
    as_(client, "Hanako")
    assert "1 new note" in client.get("/notifications/count").text
    assert f"/notifications/{note}/done" in client.get("/notifications").text
    assert client.post("/notifications/read").status_code == 303
    assert client.get("/notifications/count").text.strip() == ""


def test_all_notes_are_read_also_those_that_the_page_has_no_room_for(
    client: TestClient, engine: Engine, note: str
) -> None:
    with transaction(engine) as session:
        hanako = session.get_one(Note, uuid.UUID(note)).recipient_id
        for i in range(60):
            session.add(Note(key=f"n{i}", recipient_id=hanako, topic=Topic.HEARD))
    as_(client, "Hanako")
    assert "61 new notes" in client.get("/notifications/count").text
    client.post("/notifications/read")
    assert client.get("/notifications/count").text.strip() == ""


def test_nobody_marks_the_note_of_another(client: TestClient, note: str) -> None:
    assert as_(client, "Taro").post(f"/notifications/{note}/done").status_code == 404
    assert as_(client, "Hanako").post(f"/notifications/{note}/done").status_code == 303
    assert "told on" in client.get("/notifications").text
    assert client.post(f"/notifications/{note}/not-done").status_code == 303
    assert "I told the customer" in client.get("/notifications").text
    assert client.post(f"/notifications/{note}/eaten").status_code == 404


def test_what_happened_leads_to_where_it_is_shown_and_is_a_file_too(
    client: TestClient, note: str
) -> None:
    page = client.get("/notifications").text
    assert "T-0007</code>" in page
    assert "Approval stalls</a>" in page
    rows = list(csv.reader(io.StringIO(client.get("/notifications?format=csv").text)))
    assert "T-0007" in rows[1][1]
    assert note


def test_what_waits_is_counted_and_leads_there(client: TestClient, engine: Engine) -> None:
    assert "Nothing waits." in client.get("/notifications").text
    with transaction(engine) as session:
        session.add_all([BacklogItem(number=n, title="x") for n in (1, 2)])
    page = client.get("/notifications").text
    assert 'href="/backlog"' in page.split("backlog items without a decision")[0][-120:]
    assert "Nothing waits." not in page


def test_what_waits_stands_before_what_is_over(client: TestClient) -> None:
    page = client.get("/notifications").text
    assert page.index('id="h-mine"') < page.index('id="h-waits"') < page.index('id="h-late"')


def test_a_message_that_was_given_up_is_sent_again(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        person = people.put_colleague(session, "=Hanako")
        failed = Message(
            key="m",
            transport=Transport.MAIL,
            recipient_id=person.id,
            topic=Topic.DECIDED,
            state=MessageState.FAILED,
            error="550 unknown mailbox",
        )
        session.add(failed)
        number = failed.id
    assert "550 unknown mailbox" in client.get("/outbox?state=failed").text
    assert "No message in this state" in client.get("/outbox?state=sent").text
    assert client.get("/outbox?state=eaten").status_code == 422
    assert "'=Hanako" in client.get("/outbox?format=csv").text
    assert client.post(f"/outbox/{number}/retry").status_code == 303
    assert client.post(f"/outbox/{number}/retry").status_code == 409
    with reading(engine) as session:
        assert session.get_one(Message, number).state is MessageState.WAITING


def test_an_item_that_a_tracker_did_not_take_is_put_there_again(
    client: TestClient, engine: Engine
) -> None:
    assert "No tracker yet" in client.get("/trackers").text
    with transaction(engine) as session:
        tracker = store.add(session, "web", TrackerKind.GITHUB, "acme/web")
        item = BacklogItem(number=1, title="Approve on the phone")
        session.add(item)
        session.flush()
        link = TrackerLink(
            tracker_id=tracker.id, item_id=item.id, state=LinkState.FAILED, error="gone"
        )
        session.add(link)
        number = link.id
    assert "Approve on the phone" in client.get("/trackers").text
    assert client.post(f"/trackers/links/{number}/push").status_code == 303
    with reading(engine) as session:
        assert session.get_one(TrackerLink, number).state is LinkState.WAITING
    # Without a job nobody would do it.
    asked = jobs.claim(engine, (JobKind.PUSH_ITEM,))
    assert asked is not None
    assert asked.payload == {"link_id": str(number)}


def test_connectors_tell_how_they_do_and_what_they_miss(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        connections.create(
            session, ConnectorKind.FRESHDESK, source="desk", address="https://acme.freshdesk.com"
        )
    page = client.get("/sources").text
    assert "Nothing came yet" in page
    assert "Its key is missing: set VOCLOOP_" in page
