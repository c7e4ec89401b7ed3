"""The same words from the same person within days: linked to the first, so that nobody who
counts voices counts them twice.

Words are the same when only case, width, spacing, punctuation, greeting, signature or quoted mail
differ. A person who says the same after weeks says it again: that is evidence, not a copy.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import Session, col

from vocloop.intake.mail import strip_mail
from vocloop_models import Feedback
from vocloop_models.bulk import parts, stay

# A form sent twice, a mail sent to two addresses, a reminder: they come within days.
COPY_WITHIN = dt.timedelta(days=7)
# Fewer letters say the same by chance: "good", "特になし".
_FEWEST_LETTERS = 8


@dataclass(frozen=True)
class Copy:
    """A voice that may repeat another: who said what (``likeness``) when."""

    feedback_id: uuid.UUID
    contact_id: uuid.UUID
    likeness: str
    said_at: dt.datetime | None


def likeness(text: str) -> str | None:
    """What texts of the same words share, None for a text too short to tell: 128 bits of BLAKE2b
    over its letters and figures (NFKC, no case), as 32 hexadecimal digits."""
    plain = unicodedata.normalize("NFKC", strip_mail(text)).casefold()
    letters = "".join(each for each in plain if each.isalnum())
    if len(letters) < _FEWEST_LETTERS:
        return None
    return hashlib.blake2b(letters.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def earlier(session: Session, voices: Sequence[Copy]) -> dict[uuid.UUID, uuid.UUID]:
    """For each of ``voices`` that repeats one: the id of the first that said it, among those kept
    and those before it in ``voices``. Nobody removes those kept until the transaction ends."""
    new = {voice.feedback_id for voice in voices}
    found = _earlier(session, voices)
    # When the first goes, another stands for the others, or none.
    while not stay(session, [col(Feedback.id)], {(each,) for each in {*found.values()} - new}):
        found = _earlier(session, voices)
    return found


def _earlier(session: Session, voices: Sequence[Copy]) -> dict[uuid.UUID, uuid.UUID]:
    first: dict[tuple[uuid.UUID, str], list[tuple[uuid.UUID, dt.datetime | None]]] = {}
    wanted = sorted({voice.likeness for voice in voices})
    query = select(
        col(Feedback.contact_id), col(Feedback.likeness), col(Feedback.id), col(Feedback.said_at)
    ).where(col(Feedback.repeats_id).is_(None))
    for some in parts(wanted):
        rows = session.execute(
            query.where(col(Feedback.likeness).in_(some)).order_by(col(Feedback.id))
        )
        for contact_id, said, feedback_id, said_at in rows:
            if contact_id is not None and said is not None:
                first.setdefault((contact_id, said), []).append((feedback_id, said_at))
    found: dict[uuid.UUID, uuid.UUID] = {}
    for voice in voices:
        known = first.setdefault((voice.contact_id, voice.likeness), [])
        origin = next((id_ for id_, said_at in known if _near(said_at, voice.said_at)), None)
        if origin is not None and origin != voice.feedback_id:
            found[voice.feedback_id] = origin
        else:
            known.append((voice.feedback_id, voice.said_at))
    return found


def _near(left: dt.datetime | None, right: dt.datetime | None) -> bool:
    if left is None or right is None:
        return left is right  # without dates only two that both lack one are taken for copies
    return abs(left - right) <= COPY_WITHIN
