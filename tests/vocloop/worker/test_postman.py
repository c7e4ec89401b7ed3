"""The worker tells what happened by itself, and a slow receiver holds up nobody for long."""

from __future__ import annotations

import threading
import time

from sqlalchemy import Engine

from tests.fakes import WordEncoder
from tests.receivers import Mailbox
from tests.vocloop.notify.story import approve, tell
from vocloop.worker.worker import Worker

PATIENCE = 60.0


def test_a_running_worker_tells_what_is_decided(engine: Engine, mailbox: Mailbox) -> None:
    stop = threading.Event()
    working = threading.Thread(target=Worker(engine, WordEncoder).run, args=(stop,))
    working.start()
    try:
        approve(engine, tell(engine))
        end = time.monotonic() + PATIENCE
        while not mailbox.to("sato@vendor.example") and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        stop.set()
        working.join(PATIENCE)
    assert len(mailbox.to("sato@vendor.example")) == 1
