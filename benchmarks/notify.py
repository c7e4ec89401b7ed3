"""Deliveries whose process is killed at every step: what is lost, what comes twice.

    python benchmarks/notify.py [--messages 1000] [--database postgresql://…]

Half of the messages are mails, half webhooks. A process delivers until it kills itself (SIGKILL) at
a step of a delivery that goes round, after a random number of them; then the next one starts, until
every message is sent. Real servers on loopback count what arrives by key.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT)]

STEPS = (
    "vocloop.notify.outbox:claim",
    "vocloop.notify.deliver:prepare",
    "vocloop.notify.mail:_connect",
    "vocloop.notify.mail:send",
    "vocloop.notify.endpoints:send",
    "vocloop.notify.outbox:settle",
)
# One process at a time holds leases; the next need not wait long for those of a dead one.
LEASE_SECONDS = 0.2
MOST_CALLS = 40
SEED = 20261128


def deliver_until_killed(url: str, step: str, calls: int) -> None:
    import datetime as dt
    import importlib

    from vocloop.notify import outbox
    from vocloop.worker.postman import Postman
    from vocloop_models.database import open_database

    outbox.LEASE = dt.timedelta(seconds=LEASE_SECONDS)
    module, _, name = step.partition(":")
    owner: Any = importlib.import_module(module)
    real = getattr(owner, name)
    left = calls

    def killing(*args: Any, **more: Any) -> Any:
        nonlocal left
        result = real(*args, **more)
        left -= 1
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, killing)
    postman = Postman(open_database(url))
    idle = time.monotonic() + 2 * LEASE_SECONDS
    while time.monotonic() < idle:
        if postman.deliver():
            idle = time.monotonic() + 2 * LEASE_SECONDS


def fill(url: str, messages: int, hook: str) -> None:
    from vocloop.notify import endpoints, outbox
    from vocloop.notify.outbox import About
    from vocloop.notify.people import put_colleague
    from vocloop_models import EventKind, LoopEvent, Theme, Topic, Transport, new_id, now
    from vocloop_models.database import open_database, transaction, upgrade

    engine = open_database(url)
    upgrade(engine)
    with transaction(engine) as session:
        reader = put_colleague(session, "Sato", address="sato@vendor.example")
        endpoint, _ = endpoints.subscribe(session, "hook", hook, [EventKind.THEME_BORN])
        for number in range(messages // 2):
            theme = Theme(number=number + 1, title_ja=f"題{number}", title_en=f"Title {number}")
            session.add(theme)
            session.flush()
            event = LoopEvent(
                key=f"theme:{number}", kind=EventKind.THEME_BORN, subject_id=theme.id, at=now()
            )
            session.add(event)
            session.flush()
            outbox.mail(session, f"{new_id()}", reader, Topic.HEARD, About(theme_id=theme.id))
            about = About(event_id=event.id)
            outbox.put(session, event.key, about, Transport.WEBHOOK, endpoint_id=endpoint.id)
        # Preferences keep mails of this topic off by default.
        from vocloop.notify.people import Wish, set_wish

        set_wish(session, reader.id, Topic.HEARD, Wish(note=True, mail=True))
    engine.dispose()


def states(url: str) -> Counter[str]:
    from sqlmodel import select

    from vocloop_models import Message
    from vocloop_models.database import open_database, reading

    engine = open_database(url)
    with reading(engine) as session:
        found = Counter(state.value for state in session.exec(select(Message.state)))
    engine.dispose()
    return found


def main() -> int:
    from tests.receivers import HOST, Mailbox, Receiver

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=1_000)
    parser.add_argument("--database", default="")
    asked = parser.parse_args()
    draws = random.Random(SEED)  # noqa: S311 - where to kill, not a secret
    mailbox, receiver = Mailbox(), Receiver()
    os.environ |= {
        "VOCLOOP_SMTP_HOST": HOST,
        "VOCLOOP_SMTP_PORT": str(mailbox.port),
        "VOCLOOP_SMTP_SECURITY": "none",
        "VOCLOOP_MAIL_FROM": "voc@vendor.example",
        "VOCLOOP_OUTGOING_ALLOWED": f'["{HOST}"]',
        "VOCLOOP_ENCRYPTION_KEY": "a key of the benchmark",
    }
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["vocloop.worker.postman"])
    kills: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.database or f"sqlite:///{folder}/notify.db"
        fill(url, asked.messages, receiver.url)
        while states(url)["sent"] < asked.messages:
            step = STEPS[kills.total() % len(STEPS)]
            child = context.Process(
                target=deliver_until_killed, args=(url, step, draws.randint(1, MOST_CALLS))
            )
            child.start()
            child.join()
            if child.exitcode == -signal.SIGKILL:
                kills[step.partition(":")[2] + " of " + step.split(".")[2].split(":")[0]] += 1
        ended = states(url)
    mailbox.stop()
    receiver.stop()
    half = asked.messages // 2
    for name, count in sorted(kills.items()):
        print(f"killed after {name:20} {count:4} times")
    print(f"states: {dict(ended)}")
    for name, ids in (("mail", mailbox.ids()), ("webhook", receiver.ids())):
        print(
            f"{name}: {half} messages, {len(ids)} keys received, {half - len(ids)} lost,"
            f" {ids.total() - len(ids)} repetitions of a key on the wire"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
