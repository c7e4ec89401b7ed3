"""Messages are claimed, tried again with growing pauses, given up with a reason; never twice."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.receivers import Mailbox, Receiver
from vocloop.errors import ConflictError, NotFoundError
from vocloop.notify import endpoints, outbox
from vocloop.notify.outbox import About, Outcome
from vocloop.worker.postman import Postman
from vocloop_models import (
    EventKind,
    LoopEvent,
    Message,
    MessageState,
    Transport,
    new_id,
    now,
)
from vocloop_models.database import reading, transaction


def put(session: Session, key: str = "k") -> None:
    outbox.put(session, key, About(), Transport.WEBHOOK)
    session.flush()


def only(session: Session) -> Message:
    return session.exec(select(Message)).one()


def test_a_key_makes_one_message(engine: Engine) -> None:
    for _ in range(2):
        with transaction(engine) as session:
            put(session)
    with reading(engine) as session:
        only(session)


def test_a_claimed_message_is_nobody_elses_until_its_lease_ends(engine: Engine) -> None:
    with transaction(engine) as session:
        put(session)
        assert len(outbox.claim(session, 5)) == 1
        assert len(outbox.claim(session, 5)) == 0
        only(session).leased_until = now() - dt.timedelta(seconds=1)
        [again] = outbox.claim(session, 5)
        assert again.attempts == 2


@pytest.mark.parametrize("drawn", [min, max])
def test_a_failed_attempt_waits_longer_each_time_and_is_given_up(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, drawn: Callable[[float, float], float]
) -> None:
    monkeypatch.setattr("random.uniform", drawn)
    with transaction(engine) as session:
        put(session)
        pauses = []
        for attempt in range(1, outbox.MOST_ATTEMPTS + 1):
            [message] = outbox.claim(session, 5)
            outbox.settle(session, message.id, attempt, Outcome("it answered 500"))
            pauses.append(message.next_at - now())
            message.next_at = now() - dt.timedelta(seconds=1)
        assert message.state is MessageState.FAILED
        assert message.error == "it answered 500"
        assert outbox.claim(session, 5) == []
    first = outbox.FIRST_PAUSE * drawn(0.5, 1.0)
    assert first - dt.timedelta(seconds=1) < pauses[0] <= first
    assert pauses[5] > pauses[1]
    assert max(pauses) <= outbox.LONGEST_PAUSE
    # The promise of docs/notify.md, about a day and a half: no pause follows the last attempt.
    assert dt.timedelta(hours=22) < sum(pauses[:-1], dt.timedelta()) < dt.timedelta(days=2)


def test_a_receiver_may_ask_for_a_longer_pause_but_not_for_ever(engine: Engine) -> None:
    with transaction(engine) as session:
        put(session)
        for asked, given in ((600, 600), (10**8, 24 * 3600)):
            [message] = outbox.claim(session, 5)
            outbox.settle(session, message.id, message.attempts, Outcome("later", seconds=asked))
            waits = (message.next_at - now()).total_seconds()
            assert given - 5 < waits <= given
            message.next_at = now() - dt.timedelta(seconds=1)


def test_what_kills_its_sender_each_time_is_given_up(engine: Engine) -> None:
    with transaction(engine) as session:
        put(session)
        for _ in range(outbox.MOST_ATTEMPTS):
            [message] = outbox.claim(session, 5)
            message.leased_until = now() - dt.timedelta(seconds=1)
        assert outbox.claim(session, 5) == []
        assert message.state is MessageState.FAILED
        assert "stopped" in (message.error or "")


def test_an_old_attempt_can_say_that_it_was_taken_but_not_that_it_failed(engine: Engine) -> None:
    with transaction(engine) as session:
        put(session)
        [message] = outbox.claim(session, 5)
        message.leased_until = now() - dt.timedelta(seconds=1)
        outbox.claim(session, 5)
        outbox.settle(session, message.id, 1, Outcome("timed out"))
        assert message.state is MessageState.SENDING
        outbox.settle(session, message.id, 1, Outcome())
        assert message.state is MessageState.SENT
        outbox.settle(session, message.id, 2, Outcome("refused"))
        assert message.state is MessageState.SENT


def test_only_what_was_given_up_is_retried(engine: Engine) -> None:
    with transaction(engine) as session:
        put(session)
        message = only(session)
        with pytest.raises(ConflictError, match="did not fail"):
            outbox.retry(session, message.id)
        outbox.give_up(message, "gone")
        assert outbox.retry(session, message.id).state is MessageState.WAITING
        assert len(outbox.claim(session, 5)) == 1
        with pytest.raises(NotFoundError):
            outbox.retry(session, uuid.uuid4())


def test_one_message_that_can_not_be_put_together_holds_up_no_other(
    engine: Engine, receiver: Receiver
) -> None:
    with transaction(engine) as session:
        made, _ = endpoints.subscribe(session, "hook", receiver.url, [EventKind.IMPORT_DONE])
        for number in range(2):
            event = LoopEvent(
                key=f"import:{number}",
                kind=EventKind.IMPORT_DONE,
                subject_id=new_id(),
                # A verdict that does not exist can't be told in words; webhooks tell none.
                detail={"verdict": "nonsense"} if number == 0 else {},
                at=now(),
            )
            session.add(event)
            session.flush()
            transport = Transport.SLACK if number == 0 else Transport.WEBHOOK
            about = About(event_id=event.id)
            outbox.put(session, f"k{number}", about, transport, endpoint_id=made.id)
    assert Postman(engine).deliver() == 2
    with reading(engine) as session:
        by_key = {each.key: each for each in session.exec(select(Message))}
    assert by_key["k1"].state is MessageState.SENT
    assert by_key["k0"].state is MessageState.WAITING
    assert "KeyError" in (by_key["k0"].error or "")
    assert len(receiver.calls) == 1


def test_a_mail_that_is_put_off_keeps_its_message_id(
    engine: Engine, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from vocloop.config import settings
    from vocloop.notify.letters import Letter
    from vocloop.notify.mail import Mail, send

    mail = Mail(new_id(), "sato@vendor.example", Letter("s", "t", "<p>t</p>"))
    mailbox.refuse["sato@vendor.example"] = "451 try again later"
    first = send(mail, settings())
    assert (first.final, first.reason) == (False, "451 try again later")
    mailbox.refuse.clear()
    assert [send(mail, settings()), send(mail, settings())] == [Outcome(), Outcome()]
    assert mailbox.ids() == {f"<{mail.id}@vendor.example>": 2}
