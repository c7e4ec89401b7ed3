"""kill -9 at every step of a delivery, then the same command again: every message arrives, and what
comes twice carries the same key."""

from __future__ import annotations

import datetime as dt
import os

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from tests.receivers import Mailbox, Receiver
from tests.vocloop.cli.processes import Commands
from tests.vocloop.notify.story import approve, tell
from vocloop.notify import endpoints
from vocloop.worker.postman import HANDS
from vocloop_models import EventKind, Message, MessageState, now
from vocloop_models.database import reading, transaction

pytestmark = pytest.mark.slow

SUBSCRIPTIONS = 4
# A receiver has said yes, to this hand or to another, and nobody has written it down: sent again,
# with the same key.
UNHELPABLE = {"connected to the mail server", "mail taken", "webhook taken", "while settling"}
MOMENTS = {
    "while events are noted": "vocloop.notify.hearing:announce",
    "while claiming": "vocloop.notify.outbox:claim",
    "while putting together": "vocloop.notify.deliver:prepare",
    "connected to the mail server": "vocloop.notify.mail:_connect",
    "mail taken": "vocloop.notify.mail:send",
    "webhook taken": "vocloop.notify.endpoints:send",
    "while settling": "vocloop.notify.outbox:settle",
}


def run_out(engine: Engine) -> None:
    """As if the time of all leases had passed."""
    with transaction(engine) as session:
        for each in session.exec(select(Message).where(col(Message.leased_until).is_not(None))):
            each.leased_until = now() - dt.timedelta(seconds=1)


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_delivery_loses_nothing_and_repeats_no_key(
    commands: Commands, engine: Engine, mailbox: Mailbox, receiver: Receiver, moment: str
) -> None:
    with transaction(engine) as session:
        for number in range(SUBSCRIPTIONS):
            endpoints.subscribe(session, str(number), receiver.url, [EventKind.DECISION_RECORDED])
    approve(engine, tell(engine))
    env = {name: value for name, value in os.environ.items() if name.startswith("VOCLOOP_")}
    env.pop("VOCLOOP_DATABASE_URL", None)
    commands.kill_at(MOMENTS[moment], "notify", "deliver", env=env)
    run_out(engine)
    assert commands.run("notify", "deliver", env=env).code == 0
    with reading(engine) as session:
        messages = session.exec(select(Message)).all()
    assert {each.state for each in messages} == {MessageState.SENT}
    # Two colleagues and two contacts by mail, and the webhooks.
    assert len(messages) == 4 + SUBSCRIPTIONS
    received = mailbox.ids() + receiver.ids()
    assert len(received) == len(messages)
    again = received.total() - len(messages)
    assert again <= HANDS if moment in UNHELPABLE else again == 0
