"""The outbox: messages are rows, claimed with a lease, tried again with growing pauses, given up
with a reason. Each has a key, so that it is made once, and an id, by which its receiver can tell a
repetition."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, col, select

from vocloop.config import settings
from vocloop.errors import ConflictError, NotFoundError, says
from vocloop_models import Message, MessageState, Note, Recipient, Topic, Transport, new_id, now
from vocloop_models.bulk import insert_new
from vocloop_models.clock import due, over
from vocloop_models.database import held

# Longer than any delivery takes: each of its steps has a time-out of its own.
LEASE = dt.timedelta(minutes=5)
# With the pauses below the last attempt is about a day and a half after the first.
MOST_ATTEMPTS = 18
FIRST_PAUSE = dt.timedelta(seconds=15)
LONGEST_PAUSE = dt.timedelta(hours=6)
# A receiver that asks for a longer pause than this is asked again all the same.
LONGEST_WISH = dt.timedelta(days=1)
_LONGEST_REASON = 500


@dataclass(frozen=True)
class About:
    """What a note or message tells of; ``detail`` holds numbers and ids."""

    event_id: uuid.UUID | None = None
    theme_id: uuid.UUID | None = None
    item_id: uuid.UUID | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended. ``reason`` None: it was taken. ``final``: trying again is no use."""

    reason: str | None = None
    final: bool = False
    seconds: int | None = None  # the pause that the receiver asked for


def put(
    session: Session,
    key: str,
    about: About,
    transport: Transport,
    *,
    recipient_id: uuid.UUID | None = None,
    endpoint_id: uuid.UUID | None = None,
    topic: Topic | None = None,
) -> None:
    """Add a message, unless there is one of this key already."""
    moment = now()
    row = {
        "id": new_id(),
        "key": key,
        "transport": transport,
        "recipient_id": recipient_id,
        "endpoint_id": endpoint_id,
        "topic": topic,
        "state": MessageState.WAITING,
        "attempts": 0,
        "next_at": moment,
        "created_at": moment,
        **vars(about),
    }
    insert_new(session, Message, [row], unique=("key",))


def mail(session: Session, key: str, recipient: Recipient, topic: Topic, about: About) -> None:
    """Add a mail, where mail is set up at all."""
    configured = settings()
    if configured.smtp_host and configured.mail_from:
        put(session, f"{key}:mail", about, Transport.MAIL, recipient_id=recipient.id, topic=topic)


def note(
    session: Session,
    key: str,
    recipient: Recipient,
    topic: Topic,
    about: About,
    *,
    customer_id: uuid.UUID | None = None,
) -> None:
    """Add a note, unless there is one of this key; with a customer it is a task."""
    row = {
        "id": new_id(),
        "key": key,
        "recipient_id": recipient.id,
        "topic": topic,
        "customer_id": customer_id,
        "task": customer_id is not None,
        "created_at": now(),
        **vars(about),
    }
    insert_new(session, Note, [row], unique=("key",))


def claim(session: Session, limit: int) -> Sequence[Message]:
    """The messages that may be sent now and waited longest, ours for the time of a lease. Those
    whose sender died so often that it may be their fault are given up."""
    moment = now()
    free = or_(
        (col(Message.state) == MessageState.WAITING)
        & due(col(Message.next_at), col(Message.created_at)),
        (col(Message.state) == MessageState.SENDING) & over(col(Message.leased_until), LEASE),
    )
    found = session.exec(
        select(Message)
        .where(free)
        .order_by(col(Message.next_at), col(Message.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    taken = []
    for message in found:
        if message.attempts >= MOST_ATTEMPTS:
            give_up(message, message.error or "the process that sent it stopped each time")
            continue
        message.state, message.leased_until = MessageState.SENDING, moment + LEASE
        message.attempts += 1
        taken.append(message)
    session.flush()
    return taken


def cancel(message: Message, reason: str) -> None:
    message.state, message.error = MessageState.CANCELLED, reason
    message.leased_until, message.ended_at = None, now()


def settle(session: Session, message_id: uuid.UUID, attempt: int, outcome: Outcome) -> None:
    """Note how attempt number ``attempt`` ended. That a message was taken is true whoever holds it
    now; that it was not counts only for the attempt that is under way."""
    message = held(session, Message, message_id)
    if message is None:
        return
    if outcome.reason is None:
        message.state, message.error = MessageState.SENT, None
        message.leased_until, message.ended_at = None, now()
        return
    if message.state is not MessageState.SENDING or message.attempts != attempt:
        return
    failed(message, outcome)


def failed(message: Message, outcome: Outcome) -> None:
    """Let it be tried again after a pause, or give it up."""
    reason = outcome.reason or ""
    if outcome.final or message.attempts >= MOST_ATTEMPTS:
        give_up(message, reason)
        return
    message.state, message.leased_until = MessageState.WAITING, None
    message.error = reason[:_LONGEST_REASON]
    wanted = dt.timedelta(seconds=outcome.seconds or 0)
    message.next_at = now() + max(pause(message.attempts), min(wanted, LONGEST_WISH))


def pause(attempt: int) -> dt.timedelta:
    """Doubled each time, up to six hours; half of it by chance, so that what failed together does
    not come back together."""
    full: dt.timedelta = min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
    return full * random.uniform(0.5, 1.0)  # noqa: S311 - no secret


def retry(session: Session, message_id: uuid.UUID) -> Message:
    """Let a message that was given up be tried again. Raises NotFoundError, ConflictError."""
    message = session.get(Message, message_id)
    if message is None:
        raise NotFoundError(f"there is no message {message_id}; GET /api/outbox lists them")
    if message.state is not MessageState.FAILED:
        raise ConflictError(says("the message did not fail; only failed ones are sent again"))
    message.state, message.attempts, message.next_at = MessageState.WAITING, 0, now()
    message.ended_at = None
    session.flush()
    return message


def listed(
    session: Session,
    state: MessageState | None,
    *,
    endpoint_id: uuid.UUID | None = None,
    limit: int = 100,
) -> Sequence[Message]:
    """Messages, the newest first."""
    query = select(Message).order_by(col(Message.id).desc()).limit(limit)
    if state is not None:
        query = query.where(Message.state == state)
    if endpoint_id is not None:
        query = query.where(Message.endpoint_id == endpoint_id)
    return session.exec(query).all()


def give_up(message: Message, reason: str) -> None:
    message.state, message.error = MessageState.FAILED, reason[:_LONGEST_REASON]
    message.leased_until, message.ended_at = None, now()
