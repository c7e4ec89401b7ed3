"""The page behind the link that stops mail: reading changes nothing, the button does."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from tests import applications
from tests.receivers import Mailbox
from tests.vocloop.notify.story import Story, tell
from vocloop.notify import people, unsubscribe
from vocloop_models import Recipient, Topic
from vocloop_models.database import reading, transaction

HOST = "voc.example"


@pytest.fixture
def story(engine: Engine, mailbox: Mailbox) -> Story:
    return tell(engine)


@pytest.fixture
def outside(engine: Engine) -> TestClient:
    """The whole application, as someone outside reaches it."""
    app = applications.whole(engine, allowed_hosts=[HOST])
    return TestClient(app, base_url=f"https://{HOST}", headers={"accept-language": "en"})


def link(engine: Engine, story: Story, who: str, topic: Topic = Topic.DECIDED) -> str:
    with transaction(engine) as session:
        recipient = people.get(session, story.agent)
        if who != "agent":
            recipient = people.put_contact(session, story.contacts[who], f"taro@{who}.example")
        found = unsubscribe.address(session, recipient, topic)
    assert found.startswith(f"https://{HOST}/unsubscribe/")
    return found.removeprefix(f"https://{HOST}")


def wants(engine: Engine, story: Story, topic: Topic) -> bool:
    with reading(engine) as session:
        return people.wish(session, people.get(session, story.agent), topic).mail


@pytest.mark.parametrize(
    ("language", "words"), [("ja", "このメールを止める"), ("en", "Stop these mails")]
)
def test_reading_changes_nothing(
    engine: Engine, story: Story, outside: TestClient, language: str, words: str
) -> None:
    page = outside.get(link(engine, story, "agent") + f"?lang={language}")
    assert page.status_code == 200
    assert words in page.text
    assert "佐藤" not in page.text
    assert wants(engine, story, Topic.DECIDED)


def test_the_button_stops_the_topic_and_no_other(
    engine: Engine, story: Story, outside: TestClient
) -> None:
    address = link(engine, story, "agent")
    page = outside.post(address, headers={"origin": f"https://{HOST}"})
    assert "No more mails" in page.text
    assert not wants(engine, story, Topic.DECIDED)
    assert wants(engine, story, Topic.SHIPPED)
    outside.post(address, data={"everything": "1"})
    assert not wants(engine, story, Topic.SHIPPED)


def test_the_button_of_mail_programs_works(
    engine: Engine, story: Story, outside: TestClient
) -> None:
    # RFC 8058: no cookies, no origin, this body.
    body = {"List-Unsubscribe": "One-Click"}
    assert outside.post(link(engine, story, "agent"), data=body).status_code == 200
    assert not wants(engine, story, Topic.DECIDED)


def test_a_contact_gets_nothing_more_at_all(
    engine: Engine, story: Story, outside: TestClient
) -> None:
    outside.post(link(engine, story, "low"))
    with reading(engine) as session:
        [contact] = [
            r for r in session.exec(select(Recipient)) if r.contact_id == story.contacts["low"]
        ]
        assert contact.stopped_at is not None
        assert not people.wish(session, contact, Topic.SHIPPED).mail


@pytest.mark.parametrize("change", ["cut", "other", "nonsense"])
def test_a_link_that_we_did_not_make_stops_nothing(
    engine: Engine, story: Story, outside: TestClient, change: str
) -> None:
    address = link(engine, story, "agent")
    changed = {
        "cut": address[:-3],
        "other": address[:-1] + ("A" if address[-1] != "A" else "Q"),
        "nonsense": "/unsubscribe/%E3%81%82",
    }[change]
    assert outside.get(changed).status_code == 404
    assert outside.post(changed).status_code == 404
    assert wants(engine, story, Topic.DECIDED)
