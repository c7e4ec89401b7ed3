"""Other programs hear of events: signed, guarded, logged, each once by its id."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Sequence

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.api.records import add_score, add_theme, keep
from tests.receivers import Receiver
from tests.vocloop.notify.story import approve, review, ship, tell
from vocloop.notify import endpoints, outbox
from vocloop.outgoing import RefusedAddressError
from vocloop.roadmap import rounds
from vocloop.worker.postman import Postman
from vocloop_models import (
    DecidedBy,
    Department,
    Endpoint,
    EventKind,
    ImportJob,
    ImportState,
    Message,
    MessageState,
    OverdueAlert,
    Routing,
    RoutingState,
    ThemeEvent,
    ThemeEventKind,
    Transport,
    now,
)
from vocloop_models.database import reading, transaction

ALL = tuple(EventKind)


def subscribe(
    engine: Engine, url: str, events: Sequence[EventKind] = ALL, transport: str = "webhook"
) -> str:
    with transaction(engine) as session:
        _, secret = endpoints.subscribe(
            session, "hook", url, events, transport=Transport(transport), language="en"
        )
    return secret


def deliver(engine: Engine) -> None:
    postman = Postman(engine)
    postman.notice()
    while postman.deliver():
        pass


def messages(engine: Engine) -> list[Message]:
    with reading(engine) as session:
        return list(session.exec(select(Message)))


def test_every_kind_of_event_is_told(engine: Engine, receiver: Receiver) -> None:
    subscribe(engine, receiver.url)
    story = tell(engine)
    approve(engine, story)
    ship(engine, story)
    review(engine, story)
    with transaction(engine) as session:
        _other_events(session)
    deliver(engine)
    told = receiver.bodies()
    assert {each["type"] for each in told} == {kind.value for kind in EventKind}
    by_type = {each["type"]: each["data"] for each in told}
    assert by_type["decision.recorded"]["verdict"] == "approve"
    assert by_type["decision.recorded"]["item"]["title"] == "途中から再開できる書き出し"
    assert by_type["review.closed"]["next_step"] == "develop"
    assert by_type["import.done"]["stored"] == 3
    assert by_type["score.moved"]["before"] == 0.1
    assert by_type["theme.born"]["theme"]["title_en"] == "Signs out"


def _other_events(session: Session) -> None:
    import datetime as dt

    from vocloop.roadmap import backlog
    from vocloop_models import BacklogItem, ItemState

    theme = add_theme(session, "Signs out", impact=0.9)
    add_score(session, theme, day=dt.date(2026, 9, 20), impact=0.1, impact_high=0.2)
    keep(session, ThemeEvent(theme_id=theme.id, kind=ThemeEventKind.BORN))
    keep(
        session,
        ImportJob(
            name="a.csv",
            source="desk",
            size=1,
            digest="d",
            state=ImportState.DONE,
            stored=3,
            finished_at=now(),
        ),
    )
    department = keep(session, Department(key="support", name_ja="サポート", name_en="Support"))
    routing = keep(
        session,
        Routing(
            theme_id=theme.id,
            department_id=department.id,
            confidence=1,
            decided_by=DecidedBy.PERSON,
            state=RoutingState.WAITING,
        ),
    )
    keep(
        session,
        OverdueAlert(routing_id=routing.id, department_id=department.id, due_at=now()),
    )
    made = rounds.open_round(session, "R", ["2026Q4"], {"support": [1.0]})
    rounds.close(session, made.id)
    item = session.exec(select(BacklogItem)).one()
    backlog.move(session, item.id, ItemState.REOPENED)


def test_it_is_signed_as_standard_webhooks_say(engine: Engine, receiver: Receiver) -> None:
    secret = subscribe(engine, receiver.url)
    approve(engine, tell(engine))
    deliver(engine)
    [(headers, body)] = receiver.calls
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{mac}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert headers["idempotency-key"] == headers["webhook-id"]


def test_the_key_stays_when_it_is_sent_again(engine: Engine, receiver: Receiver) -> None:
    subscribe(engine, receiver.url)
    approve(engine, tell(engine))
    receiver.answers = [(500, {}), (503, {"Retry-After": "900"}), (204, {})]
    deliver(engine)
    for attempt in (1, 2):
        with transaction(engine) as session:
            message = session.exec(select(Message)).one()
            assert (message.state, message.attempts) == (MessageState.WAITING, attempt)
            waits = (message.next_at - now()).total_seconds()
            assert waits > 800 if attempt == 2 else waits < 16
            message.next_at = now()
        deliver(engine)
    [message] = messages(engine)
    assert message.state is MessageState.SENT
    assert receiver.ids() == {str(message.id): 3}


def test_gone_for_good_is_given_up_at_once_and_can_be_retried(
    engine: Engine, receiver: Receiver
) -> None:
    subscribe(engine, receiver.url)
    approve(engine, tell(engine))
    receiver.answers = [(410, {}), (200, {})]
    deliver(engine)
    [message] = messages(engine)
    assert (message.state, message.attempts) == (MessageState.FAILED, 1)
    assert "410" in (message.error or "")
    with transaction(engine) as session:
        outbox.retry(session, message.id)
    deliver(engine)
    assert messages(engine)[0].state is MessageState.SENT


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/x", "https://10.0.0.1/x", "file:///etc"])
def test_an_address_inside_is_refused_when_it_is_given(engine: Engine, url: str) -> None:
    with transaction(engine) as session, pytest.raises(RefusedAddressError):
        endpoints.subscribe(session, "hook", url, ALL)


def test_an_address_that_is_no_longer_allowed_gets_nothing(
    engine: Engine, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe(engine, receiver.url)
    approve(engine, tell(engine))
    monkeypatch.setenv("VOCLOOP_OUTGOING_ALLOWED", "[]")
    deliver(engine)
    [message] = messages(engine)
    assert message.state is MessageState.FAILED
    assert "VOCLOOP_OUTGOING_ALLOWED" in (message.error or "")
    assert receiver.calls == []


def test_slack_and_teams_get_a_line_for_people(
    engine: Engine, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_PUBLIC_URL", "https://voc.example")
    for transport in ("slack", "teams"):
        subscribe(engine, receiver.url, [EventKind.DECISION_RECORDED], transport)
    story = tell(engine)
    approve(engine, story)
    deliver(engine)
    slack = next(each for each in receiver.bodies() if "text" in each)
    teams = next(each for each in receiver.bodies() if "attachments" in each)
    line = "A decision was recorded — B-0001 途中から再開できる書き出し — it goes ahead"
    assert slack["text"] == f"{line}\nhttps://voc.example/themes/{story.theme}"
    card = teams["attachments"][0]["content"]
    assert card["body"][0]["inlines"] == [{"type": "TextRun", "text": line}]
    assert card["actions"][0]["url"] == f"https://voc.example/themes/{story.theme}"


def test_slack_mark_up_in_a_title_is_shown_not_obeyed() -> None:
    assert endpoints.slack("<!channel> & <http://evil|x>", "")["text"] == (
        "&lt;!channel&gt; &amp; &lt;http://evil|x&gt;"
    )


def test_mark_down_in_a_title_is_shown_not_obeyed_by_teams() -> None:
    title = "[**Pay** here](https://evil.example) {{DATE(2026-11-30T00:00:00Z)}}"
    (block,) = endpoints.teams(title, "")["attachments"][0]["content"]["body"]
    assert block["type"] == "RichTextBlock", "a TextBlock obeys it"
    assert block["inlines"][0]["text"] == title


def test_only_what_was_subscribed_to_is_told_and_nothing_while_paused(
    engine: Engine, receiver: Receiver
) -> None:
    subscribe(engine, receiver.url, [EventKind.ITEM_SHIPPED])
    story = tell(engine)
    approve(engine, story)
    deliver(engine)
    assert receiver.calls == []
    with transaction(engine) as session:
        [endpoint] = endpoints.listed(session)
        endpoints.switch(session, endpoint.id, active=False)
    ship(engine, story)
    deliver(engine)
    assert receiver.calls == []


def test_neither_address_nor_secret_can_be_read_in_the_database(
    engine: Engine, receiver: Receiver
) -> None:
    secret = subscribe(engine, receiver.url)
    with reading(engine) as session:
        kept = session.exec(select(Endpoint)).one()
    assert b"s3cret" not in kept.url
    assert secret.encode() not in kept.secret
    assert "s3cret" not in kept.host
