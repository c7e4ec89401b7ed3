"""What was told a year ago goes, but for what would then be told a second time."""

from __future__ import annotations

import datetime as dt
import itertools
import uuid
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.api.records import keep
from tests.receivers import Mailbox
from tests.vocloop.notify.story import Story, approve, tell
from vocloop.notify.forgetting import KEPT
from vocloop.worker.postman import Postman
from vocloop_models import (
    Endpoint,
    EventKind,
    LoopEvent,
    Message,
    MessageState,
    Recipient,
    Topic,
    Transport,
    first_id,
    now,
)
from vocloop_models.database import reading, transaction

_numbers = itertools.count()


@pytest.fixture
def story(engine: Engine, mailbox: Mailbox) -> Story:
    return tell(engine)


def old_id(moment: dt.datetime) -> uuid.UUID:
    return uuid.UUID(int=first_id(moment).int + next(_numbers))


def event(session: Session, kind: EventKind, at: dt.datetime) -> LoopEvent:
    subject = uuid.uuid4()
    made = LoopEvent(id=old_id(at), key=str(subject), kind=kind, subject_id=subject, at=at)
    return keep(session, made)


def message(session: Session, key: str, at: dt.datetime, **about: Any) -> None:
    fields = {"transport": Transport.MAIL, "state": MessageState.SENT, "ended_at": at, **about}
    keep(session, Message(id=old_id(at), key=key, created_at=at, **fields))


def left(engine: Engine) -> tuple[set[str], set[EventKind]]:
    with reading(engine) as session:
        keys = set(session.exec(select(Message.key)))
        return keys, set(session.exec(select(LoopEvent.kind)))


def test_what_ended_long_ago_goes_and_what_may_come_up_again_stays(
    engine: Engine, story: Story
) -> None:
    past, lately = now() - KEPT - dt.timedelta(days=1), now() - KEPT + dt.timedelta(days=1)
    with transaction(engine) as session:
        endpoint = Endpoint(name="x", transport=Transport.SLACK, host="x", url=b"", secret=b"")
        to = {"endpoint_id": keep(session, endpoint).id, "transport": Transport.SLACK}
        person = {"recipient_id": session.exec(select(Recipient.id)).first()}
        moved, born = (
            event(session, kind, past) for kind in (EventKind.SCORE_MOVED, EventKind.THEME_BORN)
        )
        event(session, EventKind.ITEM_SHIPPED, past)
        event(session, EventKind.IMPORT_DONE, lately)
        message(session, "moved", past, event_id=moved.id, **to)
        message(session, "refused", past, **to | {"state": MessageState.FAILED})
        message(session, "weekly", past, topic=Topic.WEEKLY, **person)
        message(session, "thanks", past, topic=Topic.HEARD, **person)
        message(session, "lately", lately, **to)
        waits = {"state": MessageState.WAITING, "next_at": now() + KEPT}
        message(session, "waits", past, event_id=born.id, **to | waits | {"ended_at": None})
        message(session, "found", past, topic=Topic.HEARD, theme_id=story.theme, **person)
        message(session, "shipped", past, topic=Topic.SHIPPED, item_id=story.item, **person)
    Postman(engine).step()
    keys, kinds = left(engine)
    old = {"moved", "refused", "weekly", "thanks", "lately", "waits", "found", "shipped"}
    assert keys & old == {"lately", "waits", "found", "shipped"}
    assert {EventKind.ITEM_SHIPPED, EventKind.IMPORT_DONE} <= kinds
    assert EventKind.SCORE_MOVED not in kinds
    assert EventKind.THEME_BORN in kinds, "a message of it waits"


def test_nothing_that_went_is_told_again(engine: Engine, story: Story, mailbox: Mailbox) -> None:
    approve(engine, story)
    postman = Postman(engine)
    postman.notice()
    while postman.deliver():
        pass
    told = len(mailbox.to("sato@vendor.example"))
    postman.notice(now() + KEPT + dt.timedelta(days=1))
    while postman.deliver():
        pass
    assert len(mailbox.to("sato@vendor.example")) == told > 0
