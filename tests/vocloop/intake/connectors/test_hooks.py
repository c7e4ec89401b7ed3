"""What tools send: proved by a signature, taken once, each turn a voice."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from sqlalchemy import Engine, text
from sqlmodel import select

from vocloop.errors import ConflictError, InvalidInputError, NotFoundError, SignatureError
from vocloop.intake import connections, hooks
from vocloop.intake.hooks import receive
from vocloop.intake.taking import Taken
from vocloop_models import ConnectorKind, Customer, Feedback
from vocloop_models.database import reading, transaction

SECRET = "-".join(("not", "in", "a", "log"))
NOW = dt.datetime(2026, 11, 2, 10, tzinfo=dt.UTC)
Headers = dict[str, str]


def zendesk(body: bytes, secret: str = SECRET, at: dt.datetime = NOW) -> Headers:
    written = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = hmac.digest(secret.encode(), written.encode() + body, hashlib.sha256)
    return {
        "x-zendesk-webhook-signature": base64.b64encode(digest).decode(),
        "x-zendesk-webhook-signature-timestamp": written,
    }


def intercom(body: bytes, secret: str = SECRET, at: dt.datetime = NOW) -> Headers:
    digest = hmac.digest(secret.encode(), body, hashlib.sha1)
    return {"x-hub-signature": f"sha1={digest.hex()}"}


def typeform(body: bytes, secret: str = SECRET, at: dt.datetime = NOW) -> Headers:
    digest = hmac.digest(secret.encode(), body, hashlib.sha256)
    return {"typeform-signature": f"sha256={base64.b64encode(digest).decode()}"}


def github(body: bytes, secret: str = SECRET, at: dt.datetime = NOW) -> Headers:
    digest = hmac.digest(secret.encode(), body, hashlib.sha256)
    return {"x-hub-signature-256": f"sha256={digest.hex()}"}


def webhook(body: bytes, secret: str = SECRET, at: dt.datetime = NOW) -> Headers:
    written = str(int(at.timestamp()))
    digest = hmac.digest(secret.encode(), written.encode() + b"." + body, hashlib.sha256)
    return {"x-vocloop-timestamp": written, "x-vocloop-signature": f"sha256={digest.hex()}"}


SIGNED: dict[str, Callable[..., Headers]] = {
    "zendesk": zendesk,
    "intercom": intercom,
    "typeform": typeform,
    "github": github,
    "webhook": webhook,
}
_TICKET = {
    "id": "48213",
    "subject": "Export stops",
    "description": "The export stops half-way and nobody tells us why.",
    "requester_id": "501",
    "organization_id": "71",
    "priority": "HIGH",
    "tags": ["export"],
    "created_at": "2026-11-01T09:00:00Z",
    "updated_at": "2026-11-01T09:00:00Z",
    "via": {"channel": "email"},
}
_EVENT = {"account_id": 1, "id": "e-1", "time": "2026-11-02T09:59:59Z", "detail": _TICKET}
EVENTS: dict[str, dict[str, Any]] = {
    "zendesk": _EVENT
    | {"type": "zen:event-type:ticket.created", "subject": "zen:ticket:48213", "event": {}},
    "intercom": {
        "type": "notification_event",
        "topic": "conversation.user.created",
        "data": {
            "type": "notification_event_data",
            "item": {
                "type": "conversation",
                "id": "7001",
                "created_at": 1793523600,
                "source": {
                    "type": "conversation",
                    "body": "<p>The export stops half-way.</p>",
                    "author": {"type": "user", "id": "c1", "name": "Aoi"},
                },
                "contacts": {"type": "contact.list", "contacts": [{"id": "c1"}]},
                "conversation_parts": {"conversation_parts": []},
            },
        },
    },
    "typeform": {
        "event_id": "e-2",
        "event_type": "form_response",
        "form_response": {
            "form_id": "f1",
            "token": "t-1",
            "submitted_at": "2026-11-01T09:00:00Z",
            "hidden": {"company": "Acme Inc."},
            "definition": {
                "title": "Autumn",
                "fields": [{"id": "q1", "title": "What is hard?", "type": "long_text"}],
            },
            "answers": [
                {
                    "type": "text",
                    "text": "The export stops half-way.",
                    "field": {"id": "q1", "type": "long_text"},
                }
            ],
        },
    },
    "github": {
        "action": "opened",
        "issue": {
            "id": 1,
            "number": 12,
            "title": "Export stops",
            "body": "The export stops half-way.",
            "user": {"login": "aoi"},
            "html_url": "https://github.com/minamo/app/issues/12",
            "labels": [],
            "state": "open",
            "created_at": "2026-11-01T09:00:00Z",
        },
        "repository": {"full_name": "minamo/app"},
    },
    "webhook": {
        "id": "r-1",
        "text": "The export stops half-way.",
        "said_at": "2026-11-01T09:00:00Z",
        "customer": {"name": "Acme Inc."},
    },
}


@pytest.fixture
def connected(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Every tool that sends, each under its own name and secret."""
    with transaction(engine) as session:
        for name in SIGNED:
            address = {
                "zendesk": "https://acme.zendesk.com",
                "github": "https://api.github.com/repos/minamo/app",
            }
            connections.create(session, ConnectorKind(name), address=address.get(name))
            monkeypatch.setenv(f"VOCLOOP_CONNECTOR_{name.upper()}_SECRET", SECRET)
    return engine


def send(engine: Engine, tool: str, payload: Any, **how: Any) -> Taken:
    body = json.dumps(payload).encode()
    return receive(engine, tool, SIGNED[tool](body, **how), body, NOW)


def _not_opened(_: Engine) -> NoReturn:
    raise AssertionError("a transaction is opened for a request that proves nothing")


def rows(engine: Engine) -> list[Feedback]:
    with reading(engine) as session:
        return list(session.exec(select(Feedback).order_by(Feedback.external_id)))


@pytest.mark.parametrize("tool", SIGNED)
def test_a_signed_event_is_a_voice_and_the_same_again_is_none(connected: Engine, tool: str) -> None:
    assert send(connected, tool, EVENTS[tool]).stored == 1
    (row,) = rows(connected)
    assert "export stops half-way" in row.text
    assert row.said_at is not None
    assert row.said_at.isoformat() == "2026-11-01T09:00:00+00:00"
    again = send(connected, tool, EVENTS[tool])
    assert (again.stored, again.repeated) == (0, 1)
    # Signed anew, what it holds is still known by its id.
    moved = dict(EVENTS[tool]) | {"sent": "again"}
    assert send(connected, tool, moved).stored == 0
    assert len(rows(connected)) == 1


@pytest.mark.parametrize("tool", SIGNED)
@pytest.mark.parametrize("fault", ["wrong", "missing", "changed", "empty", "not ascii"])
def test_what_is_not_signed_with_the_secret_is_refused(
    connected: Engine, tool: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = json.dumps(EVENTS[tool]).encode()
    headers = SIGNED[tool](body, secret="another" if fault == "wrong" else SECRET)
    name = next(each for each in headers if "signature" in each)
    if fault == "missing":
        del headers[name]
    if fault == "empty":
        headers[name] = ""
    if fault == "not ascii":
        headers[name] = headers[name].split("=")[0] + "=é\udcff"
    if fault == "changed":
        body += b" "
    variable = f"VOCLOOP_CONNECTOR_{tool.upper()}_SECRET"
    # Nobody without the secret may keep writers waiting.
    monkeypatch.setattr(hooks, "transaction", _not_opened)
    with pytest.raises(SignatureError, match=variable) as error:
        receive(connected, tool, headers, body, NOW)
    assert SECRET not in str(error.value)
    assert rows(connected) == []


@pytest.mark.parametrize("tool", ["zendesk", "webhook"])
@pytest.mark.parametrize(
    ("seconds", "taken"), [(-301, False), (-299, True), (299, True), (301, False)]
)
def test_a_signed_time_must_be_near(
    connected: Engine, tool: str, seconds: int, taken: bool
) -> None:
    at = NOW + dt.timedelta(seconds=seconds)
    if taken:
        assert send(connected, tool, EVENTS[tool], at=at).stored == 1
        return
    with pytest.raises(SignatureError, match="set the clocks"):
        send(connected, tool, EVENTS[tool], at=at)


@pytest.mark.parametrize("tool", ["zendesk", "webhook"])
def test_the_time_is_part_of_what_is_signed(connected: Engine, tool: str) -> None:
    body = json.dumps(EVENTS[tool]).encode()
    old = SIGNED[tool](body, at=NOW - dt.timedelta(hours=1))
    name = next(each for each in old if "timestamp" in each)
    old[name] = SIGNED[tool](body)[name]
    with pytest.raises(SignatureError, match="does not fit"):
        receive(connected, tool, old, body, NOW)


def test_a_comment_on_a_ticket_is_a_voice_of_its_own(connected: Engine) -> None:
    def commented(number: int, words: str, *, staff: bool = False, public: bool = True) -> Taken:
        comment = {
            "id": str(number),
            "body": words,
            "is_public": public,
            "author": {"id": "501", "name": "Aoi Sato", "is_staff": staff},
        }
        event = _EVENT | {
            "id": f"e-{number}",
            "type": "zen:event-type:ticket.comment_added",
            "event": {"comment": comment},
        }
        return send(connected, "zendesk", event)

    assert send(connected, "zendesk", EVENTS["zendesk"]).stored == 1
    assert commented(1, _TICKET["description"]).read == 0, "it opened the ticket"
    assert commented(2, "Please try again.", staff=True).read == 0
    assert commented(3, "Angry customer!", public=False).read == 0
    assert commented(4, "Aoi Sato here: it happened again.").stored == 1
    found = {each.external_id: each for each in rows(connected)}
    assert set(found) == {"48213", "comment-4"}
    assert found["comment-4"].customer_id == found["48213"].customer_id
    assert found["comment-4"].contact_id == found["48213"].contact_id
    assert "Aoi" not in found["comment-4"].text


def test_a_trigger_sends_a_ticket_by_itself(connected: Engine) -> None:
    assert send(connected, "zendesk", {"ticket": _TICKET}).stored == 1


def test_a_reply_and_a_rating_in_intercom_are_turns(connected: Engine) -> None:
    item = EVENTS["intercom"]["data"]["item"]
    part = {
        "type": "conversation_part",
        "id": "1",
        "body": "<p>Still broken.</p>",
        "created_at": 1793527200,
        "author": {"type": "user", "id": "c1"},
    }
    grown = item | {
        "conversation_parts": {
            "conversation_parts": [part, part | {"id": "2", "author": {"type": "admin"}}]
        },
        "conversation_rating": {"rating": 2, "remark": "Too slow.", "created_at": 1793530800},
    }
    payload = EVENTS["intercom"] | {"data": {"item": grown}}
    assert send(connected, "intercom", payload).stored == 3
    found = {each.external_id: each for each in rows(connected)}
    assert set(found) == {"7001", "part-1", "part-rating-7001"}
    assert found["part-rating-7001"].text == "Too slow."
    assert found["part-rating-7001"].rating == 2


def test_only_whoever_opened_an_issue_is_heard(connected: Engine) -> None:
    def commented(number: int, login: str) -> Taken:
        comment = {"id": number, "body": f"Again {number}.", "user": {"login": login}}
        comment |= {"created_at": "2026-11-02T09:00:00Z"}
        return send(
            connected, "github", EVENTS["github"] | {"action": "created", "comment": comment}
        )

    assert commented(1, "aoi").stored == 2
    assert commented(2, "maintainer").stored == 0
    pull = {"action": "opened", "issue": EVENTS["github"]["issue"] | {"pull_request": {"url": "x"}}}
    assert send(connected, "github", pull).read == 0


@pytest.mark.parametrize(
    "payload",
    [
        [{"id": "1", "text": "One."}, {"id": "2", "text": "Two."}],
        {"rows": [{"id": "1", "text": "One."}, {"id": "2", "text": "Two."}]},
        {"tickets": [{**_TICKET, "id": 1}, {**_TICKET, "id": 2}]},
    ],
)
def test_a_webhook_takes_rows_and_what_a_tool_answers(connected: Engine, payload: Any) -> None:
    assert send(connected, "webhook", payload).stored == 2


def test_what_can_not_be_taken_is_told_with_its_reason(connected: Engine) -> None:
    taken = send(connected, "webhook", [{"id": "1", "text": "One."}, {"id": "2", "text": ""}])
    assert (taken.stored, len(taken.reasons)) == (1, 1)
    with reading(connected) as session:
        found = connections.statuses(session)["webhook"]
    assert (found.stored, found.refused) == (1, 1)
    assert "empty" in found.refusals[0]
    with pytest.raises(InvalidInputError, match="not JSON"):
        receive(connected, "webhook", webhook(b"{"), b"{", NOW)
    with pytest.raises(InvalidInputError, match="not a JSON object"):
        send(connected, "webhook", "words")


def test_the_company_of_a_form_is_known(connected: Engine) -> None:
    send(connected, "typeform", EVENTS["typeform"])
    with reading(connected) as session:
        assert session.exec(select(Customer.name)).one() == "Acme Inc."


def test_a_paused_connector_takes_nothing_and_a_removed_one_is_unknown(connected: Engine) -> None:
    with transaction(connected) as session:
        connections.pause(session, "webhook")
    with pytest.raises(ConflictError, match="paused"):
        send(connected, "webhook", EVENTS["webhook"])
    send(connected, "typeform", EVENTS["typeform"])
    with transaction(connected) as session:
        connections.remove(session, "typeform")
    with pytest.raises(NotFoundError, match="no connector"):
        send(connected, "typeform", EVENTS["typeform"])
    assert len(rows(connected)) == 1


def test_without_a_secret_nothing_is_believed(
    connected: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_CONNECTOR_WEBHOOK_SECRET", "")
    with pytest.raises(InvalidInputError, match="set VOCLOOP_CONNECTOR_WEBHOOK_SECRET"):
        send(connected, "webhook", EVENTS["webhook"], secret="")


def test_a_secret_may_stand_in_a_file(
    connected: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    monkeypatch.delenv("VOCLOOP_CONNECTOR_WEBHOOK_SECRET")
    monkeypatch.setenv("VOCLOOP_CONNECTOR_WEBHOOK_SECRET_FILE", str(file))
    assert send(connected, "webhook", EVENTS["webhook"]).stored == 1
    file.unlink()
    with pytest.raises(InvalidInputError, match="_SECRET_FILE names can't be read"):
        send(connected, "webhook", EVENTS["webhook"])
    with reading(connected) as session:
        written = session.connection().execute(text("SELECT * FROM connector")).all()
    assert SECRET not in str(written)
