"""The postman: notes what happened, and delivers what waits. It works beside the worker, so that a
receiver that is slow keeps no voice from its theme."""

from __future__ import annotations

import datetime as dt
import logging
import threading
import uuid
from collections.abc import Callable

from sqlalchemy import Engine
from sqlmodel import Session

from vocloop import traces
from vocloop.config import Settings, settings
from vocloop.errors import VocloopError
from vocloop.notify import deliver, digests, events, forgetting, hearing, outbox
from vocloop.notify.deliver import Parcel
from vocloop.notify.outbox import Outcome
from vocloop.worker.pace import Pace
from vocloop_models import Message, now
from vocloop_models.database import transaction
from vocloop_models.turns import Turn, take

log = logging.getLogger(__name__)
_OUR_FAULT = "vocloop failed in a way it did not foresee; its log says where"

# Messages under way at once: so many slow receivers hold up the others.
HANDS = 4
IDLE_SECONDS = 1.0
# What happened is looked for so often, in seconds; found themes, digests and moved scores, which
# read more rows, less often.
EVENTS_SECONDS = 2.0
HEARD_SECONDS = 20.0
DIGEST_SECONDS = 60.0
MOVES_SECONDS = 300.0
FORGET_SECONDS = 3_600.0
# Each of these takes at most this share of the postman's time.
ROUND_SHARE = 0.02


class Postman:
    """One on one database; several share the work."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._rounds: list[tuple[Pace, Callable[[dt.datetime], None]]] = [
            (Pace(EVENTS_SECONDS, ROUND_SHARE), self._events),
            (Pace(HEARD_SECONDS, ROUND_SHARE), self._heard),
            (Pace(DIGEST_SECONDS, ROUND_SHARE), self._digests),
            (Pace(MOVES_SECONDS, ROUND_SHARE), self._moves),
            (Pace(FORGET_SECONDS, ROUND_SHARE), self._forget),
        ]

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set. A step that fails is logged and tried again later."""
        while not stop.is_set():
            try:
                busy = self.step()
            except VocloopError as error:
                log.error("%s; trying again", error)
                stop.wait(5)
                continue
            except Exception:
                log.exception("a step of the postman failed; it will be tried again")
                stop.wait(5)
                continue
            if not busy:
                stop.wait(IDLE_SECONDS)

    def step(self) -> bool:
        """Note what is due to be noted, deliver a handful; False when nothing waits."""
        for pace, note in self._rounds:
            if pace.due:
                with pace.look():
                    note(now())
        return self.deliver() > 0

    def notice(self, moment: dt.datetime | None = None) -> None:
        """Note all that happened until now, due or not."""
        for _, note in self._rounds:
            note(moment or now())

    def deliver(self) -> int:
        """Try a handful of messages; how many were claimed."""
        configured = settings()
        with transaction(self.engine) as session:
            claimed = outbox.claim(session, HANDS)
            parcels = [(each.id, each.attempts, _prepared(session, each)) for each in claimed]
        hands = [
            # Daemons: a receiver that is slow to answer must not hold up the end of the process.
            threading.Thread(target=self._hand_over, args=(*each, parcel, configured), daemon=True)
            for *each, parcel in parcels
            if parcel is not None
        ]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        return len(claimed)

    @traces.span("deliver a message")
    def _hand_over(
        self, message_id: uuid.UUID, attempt: int, parcel: Parcel, configured: Settings
    ) -> None:
        try:
            outcome = deliver.send(parcel, configured)
        except Exception as error:
            log.exception("message %s could not be sent", message_id)
            outcome = Outcome(f"{_OUR_FAULT}: {type(error).__name__}")
        try:
            with transaction(self.engine) as session:
                outbox.settle(session, message_id, attempt, outcome)
        except Exception:
            # Its lease runs out, and it is sent again under the same id.
            log.exception("how message %s went could not be written down", message_id)

    def _events(self, moment: dt.datetime) -> None:
        with transaction(self.engine) as session:
            take(session, Turn.TELLING)
            hearing.announce(session, events.collect(session, moment))

    def _heard(self, moment: dt.datetime) -> None:
        with transaction(self.engine) as session:
            take(session, Turn.TELLING)
            hearing.hear(session, moment)

    def _digests(self, moment: dt.datetime) -> None:
        with transaction(self.engine) as session:
            digests.schedule(session, moment)

    def _moves(self, _: dt.datetime) -> None:
        with transaction(self.engine) as session:
            take(session, Turn.TELLING)
            hearing.announce(session, events.collect_moves(session))

    def _forget(self, moment: dt.datetime) -> None:
        gone = 1
        while gone:
            with transaction(self.engine) as session:
                take(session, Turn.TELLING)
                gone = forgetting.forget(session, moment)


def _prepared(session: Session, message: Message) -> Parcel | None:
    try:
        return deliver.prepare(session, message)
    except Exception as error:
        # One message must not hold up all others.
        log.exception("message %s could not be put together", message.id)
        outbox.failed(message, Outcome(f"{_OUR_FAULT}: {type(error).__name__}"))
        return None
