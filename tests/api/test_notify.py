"""People, notes, words for customers, subscriptions and the outbox, through the API."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import col, select

from tests.api.records import keep
from tests.receivers import Mailbox, Receiver
from tests.vocloop.notify.story import Story, approve, mail_of, tell
from vocloop.worker.postman import Postman
from vocloop_models import Department, LoopEvent, Message, Note, Preference, Recipient, RecipientKey
from vocloop_models.database import reading, transaction


def deliver(engine: Engine) -> None:
    postman = Postman(engine)
    postman.notice()
    while postman.deliver():
        pass


def get(client: TestClient, path: str) -> Any:
    answer = client.get(f"/api/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def story(engine: Engine, mailbox: Mailbox) -> Story:
    return tell(engine)


def test_a_colleague_is_made_known_and_changed(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        keep(session, Department(key="support", name_ja="サポート", name_en="Support"))
    body = {"name": "佐藤", "address": "sato@vendor.example", "department": "support"}
    made = client.post("/api/people", json=body)
    assert made.status_code == 201
    assert made.json()["has_address"] is True
    assert "sato@" not in made.text
    path = f"people/{made.json()['id']}"
    changed = client.put(f"/api/{path}", json={"name": "佐藤", "language": "en"}).json()
    assert (changed["has_address"], changed["language"]) == (False, "en")
    assert [each["name"] for each in get(client, "people")] == ["佐藤"]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"address": "no address"}, 422),
        ({"address": "a@b.example\r\nBcc: x@y.example"}, 422),
        ({"address": "a@b.example, c@d.example"}, 422),
        ({"department": "nowhere"}, 422),
        ({"known_as": ["agent-7"]}, 409),
        ({"language": "fr"}, 422),
    ],
)
def test_what_can_not_be_kept_of_a_colleague_is_refused(
    client: TestClient, story: Story, change: dict[str, Any], status: int
) -> None:
    answer = client.post("/api/people", json={"name": "鈴木"} | change)
    assert answer.status_code == status, answer.text


def test_a_colleague_is_removed_with_what_was_for_them(
    client: TestClient, engine: Engine, story: Story
) -> None:
    approve(engine, story)
    deliver(engine)
    assert get(client, f"people/{story.owner}/notes")
    owned = f"customers/{story.customers['high']}/owners"
    assert get(client, owned) == {"owners": [str(story.owner)]}
    assert client.delete(f"/api/people/{story.owner}").status_code == 204
    assert [each["id"] for each in get(client, "people")] == [str(story.agent)]
    assert get(client, owned) == {"owners": []}
    with reading(engine) as session:
        for kind in (Note, Message, RecipientKey, Preference):
            assert not session.exec(select(kind).where(kind.recipient_id == story.owner)).all()
    assert client.delete(f"/api/people/{story.owner}").status_code == 404
    # The name is free again.
    assert client.post("/api/people", json={"name": "Abe"}).status_code == 201


def test_a_contact_is_no_colleague_to_remove(
    client: TestClient, engine: Engine, story: Story
) -> None:
    with reading(engine) as session:
        contact = session.exec(select(Recipient).where(col(Recipient.contact_id).is_not(None)))
        known = contact.first()
    assert known is not None
    answer = client.delete(f"/api/people/{known.id}")
    assert answer.status_code == 409, answer.text


def test_notes_are_read_and_tasks_done(client: TestClient, engine: Engine, story: Story) -> None:
    approve(engine, story)
    deliver(engine)
    [task] = get(client, f"people/{story.owner}/notes?tasks=true")
    assert task["subject"].startswith("Tell 株式会社high in person")
    done = client.post(f"/api/notes/{task['id']}:done").json()
    assert done["done_at"] is not None
    assert get(client, f"people/{story.owner}/notes?tasks=true") == []
    unread = get(client, f"people/{story.owner}/notes?unread=true")
    assert task["id"] not in {each["id"] for each in unread}
    plain = unread[0]["id"]
    assert client.post(f"/api/notes/{plain}:done").status_code == 409
    assert client.post(f"/api/notes/{plain}:read").json()["read_at"] is not None
    assert client.post(f"/api/notes/{uuid.uuid4()}:read").status_code == 404


def test_words_for_customers_go_out(
    client: TestClient, engine: Engine, story: Story, mailbox: Mailbox
) -> None:
    approve(engine, story)
    path = f"/api/backlog/{story.item}/customer-words"
    assert client.post(path, json={"topic": "heard", "ja": "x"}).status_code == 422
    assert client.post(path, json={"topic": "decided", "ja": " "}).status_code == 422
    answer = client.post(path, json={"topic": "decided", "ja": "できます。", "by": "CCO"})
    assert answer.status_code == 201
    assert get(client, f"backlog/{story.item}/customer-words")[0]["text"] == "できます。"
    deliver(engine)
    assert len(mailbox.to(mail_of("low"))) == 2


def test_preferences_are_kept(client: TestClient, story: Story) -> None:
    path = f"people/{story.agent}/preferences"
    before = {each["topic"]: each for each in get(client, path)}
    assert (before["heard"]["note"], before["heard"]["mail"]) == (True, False)
    client.put(f"/api/{path}/heard", json={"note": False, "mail": True})
    after = {each["topic"]: each for each in get(client, path)}
    assert (after["heard"]["note"], after["heard"]["mail"]) == (False, True)
    assert after["decided"] == before["decided"]


def test_an_address_of_a_contact_is_kept_and_forgotten(
    client: TestClient, engine: Engine, story: Story
) -> None:
    path = f"/api/contacts/{story.contacts['low']}/address"
    wrong = client.put(path, json={"address": "someone@else.example"})
    assert wrong.status_code == 422
    assert client.put(path, json={"address": mail_of("low")}).status_code == 204
    assert client.delete(path).status_code == 204
    with reading(engine) as session:
        query = select(Recipient).where(Recipient.contact_id == story.contacts["low"])
        assert [each.address for each in session.exec(query)] == [None]


def test_without_a_key_no_address_of_a_contact_is_taken(
    client: TestClient, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VOCLOOP_ENCRYPTION_KEY")
    path = f"/api/contacts/{story.contacts['low']}/address"
    answer = client.put(path, json={"address": mail_of("low")})
    assert answer.status_code == 422
    assert "VOCLOOP_ENCRYPTION_KEY" in answer.json()["detail"]


def test_owners_are_read_and_set(client: TestClient, story: Story) -> None:
    path = f"customers/{story.customers['low']}/owners"
    assert get(client, path) == {"owners": [str(story.owner)]}
    answer = client.put(f"/api/{path}", json={"owners": [str(story.agent)]})
    assert answer.json() == {"owners": [str(story.agent)]}
    assert client.put(f"/api/{path}", json={"owners": [str(uuid.uuid4())]}).status_code == 404


def test_a_subscription_hears_and_shows_its_deliveries(
    client: TestClient, engine: Engine, story: Story, receiver: Receiver
) -> None:
    body = {"name": "hook", "url": receiver.url, "events": ["decision.recorded"]}
    made = client.post("/api/subscriptions", json=body).json()
    assert made["secret"].startswith("whsec_")
    [listed] = get(client, "subscriptions")
    assert "secret" not in listed
    assert "s3cret" not in str(listed)
    receiver.answers = [(410, {}), (200, {})]
    approve(engine, story)
    deliver(engine)
    [delivery] = get(client, f"subscriptions/{made['id']}/deliveries")
    assert (delivery["state"], delivery["attempts"]) == ("failed", 1)
    [failed] = get(client, "outbox?state=failed")
    assert client.post(f"/api/outbox/{failed['id']}:retry").json()["state"] == "waiting"
    assert client.post(f"/api/outbox/{failed['id']}:retry").status_code == 409
    deliver(engine)
    assert get(client, f"subscriptions/{made['id']}/deliveries")[0]["state"] == "sent"
    assert [each["kind"] for each in get(client, "events")] == ["decision.recorded"]
    paused = client.post(f"/api/subscriptions/{made['id']}:pause").json()
    assert paused["active"] is False
    assert client.post(f"/api/subscriptions/{made['id']}:resume").json()["active"] is True


def test_an_address_inside_our_network_is_refused(client: TestClient) -> None:
    body = {"name": "x", "url": "https://169.254.169.254/", "events": ["theme.born"]}
    answer = client.post("/api/subscriptions", json=body)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["where"] == "url"


def test_the_decision_and_its_news_are_of_one_database(
    client: TestClient, engine: Engine, story: Story
) -> None:
    body = {"item_id": str(story.item), "verdict": "approve", "rationale": "x", "by": "CCO"}
    client.post("/api/decisions", json=body | {"agree_as_customer": True})
    deliver(engine)
    with reading(engine) as session:
        assert len(session.exec(select(LoopEvent)).all()) == 1
        assert len(session.exec(select(Message)).all()) == 4  # two colleagues, two thanks
