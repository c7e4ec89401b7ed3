"""What was told long ago goes: of messages and events only those stay without which something would
be told a second time."""

from __future__ import annotations

import datetime as dt

from sqlmodel import Session, and_, col, delete, or_, select

from vocloop.notify.telling import ABOUT_ITEMS, DIGESTS
from vocloop_models import LoopEvent, Message, Topic, first_id

# Longer than any period of a digest, and than anyone looks for what became of a message.
KEPT = dt.timedelta(days=365)
# At a time: others write meanwhile.
MOST = 1_000


def forget(session: Session, moment: dt.datetime) -> int:
    """Delete some messages that ended ``KEPT`` ago and can't come up again, and events that nothing
    refers to any more; how many rows went. Call it again until it is 0.

    Mails of a theme that was found, or of an item, stay: the theme may take up further voices, and
    words for customers may be written years later."""
    before = moment - KEPT
    old = select(Message.id).where(
        col(Message.id) < first_id(before),
        col(Message.ended_at) < before,
        or_(
            col(Message.endpoint_id).is_not(None),
            col(Message.topic).in_(DIGESTS),
            and_(col(Message.topic) == Topic.HEARD, col(Message.theme_id).is_(None)),
        ),
    )
    gone = session.exec(old.order_by(col(Message.id)).limit(MOST)).all()
    session.exec(delete(Message).where(col(Message.id).in_(gone)))
    told = select(Message.event_id).where(col(Message.event_id).is_not(None))
    spent = select(LoopEvent.id).where(
        col(LoopEvent.id) < first_id(before),
        col(LoopEvent.at) < before,
        col(LoopEvent.kind).not_in(ABOUT_ITEMS),
        col(LoopEvent.id).not_in(told),
    )
    events = session.exec(spent.order_by(col(LoopEvent.id)).limit(MOST)).all()
    session.exec(delete(LoopEvent).where(col(LoopEvent.id).in_(events)))
    return len(gone) + len(events)
