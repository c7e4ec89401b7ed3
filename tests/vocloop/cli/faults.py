"""A client that keeps sending whatever breaks, and the account of what was stored."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

from sqlalchemy import Engine
from sqlmodel import func, select

from tests.vocloop.cli.processes import PATIENCE
from vocloop_models import Feedback, FeedbackState
from vocloop_models.database import reading

# Between two tries, when nobody answers or the answer is "not now".
PAUSE_SECONDS = 0.05


class Client:
    """Sends one voice after another. ``again``: sends it until it is accepted, as a client with
    ids of its own may; else ends when nobody answers any more."""

    def __init__(self, *, again: bool = False) -> None:
        self.sent: list[str] = []
        self.accepted: list[str] = []
        # By status; None: no answer.
        self.answers: Counter[int | None] = Counter()
        self.stop = threading.Event()
        self._again = again

    def send(self, home: str) -> None:
        host = urlsplit(home).netloc
        while not self.stop.is_set():
            key = f"voice-{len(self.sent)}"
            self.sent.append(key)
            while not self.stop.is_set():
                status = _post(host, key)
                self.answers[status] += 1
                if status in (200, 201):
                    self.accepted.append(key)
                    break
                if not self._again:
                    return
                time.sleep(PAUSE_SECONDS)


def _post(host: str, key: str) -> int | None:
    body = {"source": "load", "external_id": key, "text": f"phone app signs out again {key}"}
    # The first voice waits for what reads it to load: seconds on a busy machine.
    connection = HTTPConnection(host, timeout=PATIENCE)
    try:
        headers = {"content-type": "application/json"}
        connection.request("POST", "/api/feedback", json.dumps(body), headers)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


def account(engine: Engine) -> dict[str, str]:
    """The state of all that is stored, by its own id; an id that is there twice is an error."""
    with reading(engine) as session:
        rows = session.exec(select(Feedback.external_id, Feedback.state)).all()
    found = {key: str(state) for key, state in rows}
    assert len(found) == len(rows), "something was stored twice"
    return found


def settled(engine: Engine) -> int:
    """How many are themed."""
    with reading(engine) as session:
        themed = select(func.count()).where(Feedback.state == FeedbackState.THEMED)
        return session.exec(themed).one()
