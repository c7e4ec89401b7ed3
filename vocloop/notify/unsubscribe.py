"""Links that stop mail: they name a person and a topic, and nobody can make one but us."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import uuid
from dataclasses import dataclass

from sqlmodel import Session

from vocloop.config import settings
from vocloop.errors import NotFoundError
from vocloop.keys import kept_key
from vocloop.notify import people
from vocloop_models import Recipient, RecipientKind, Topic

_KEY = "unsubscribe"
# 128 bits cannot be found by trying.
_MAC_BYTES = 16
_TOPICS = tuple(Topic)


@dataclass(frozen=True)
class Stop:
    recipient: Recipient
    topic: Topic


def address(session: Session, recipient: Recipient, topic: Topic) -> str:
    """Where the link leads; empty while nobody has said where this vocloop is reached."""
    base = settings().public_url.rstrip("/")
    if not base:
        return ""
    body = recipient.id.bytes + bytes([_TOPICS.index(topic)])
    token = base64.urlsafe_b64encode(body + _mac(session, body)).decode().rstrip("=")
    return f"{base}/unsubscribe/{token}"


def read(session: Session, token: str) -> Stop:
    """Whom and what a link means. Raises NotFoundError for one that we did not make, and for
    somebody who is not known any more."""
    missing = NotFoundError("this link stops nothing: it is cut, or who it was for is forgotten")
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError) as error:
        raise missing from error
    body, mac = raw[:17], raw[17:]
    if len(body) != 17 or not hmac.compare_digest(mac, _mac(session, body, writing=False)):
        raise missing
    recipient = session.get(Recipient, uuid.UUID(bytes=body[:16]))
    if recipient is None or body[16] >= len(_TOPICS):
        raise missing
    return Stop(recipient, _TOPICS[body[16]])


def stop(session: Session, token: str, *, everything: bool = False) -> Stop:
    """Send no more mail of the topic; to a customer's contact, or when asked, none at all."""
    found = read(session, token)
    if everything or found.recipient.kind is RecipientKind.CONTACT:
        people.stop_all(session, found.recipient.id)
        return found
    note = people.wish(session, found.recipient, found.topic).note
    wanted = people.Wish(note=note, mail=False)
    people.set_wish(session, found.recipient.id, found.topic, wanted)
    return found


def _mac(session: Session, body: bytes, *, writing: bool = True) -> bytes:
    key = kept_key(session, _KEY, writing=writing)
    return hmac.digest(key, body, hashlib.sha256)[:_MAC_BYTES]
