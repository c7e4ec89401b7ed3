"""Addresses that are told of events: other programs, Slack, Teams.

What goes to programs is signed as Standard Webhooks says (standardwebhooks.com, HMAC-SHA256 over
id, time and body), so that receivers can check it with a library."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.fernet import InvalidToken
from sqlmodel import Session, col, select

from vocloop.config import settings
from vocloop.errors import InvalidInputError, NotFoundError, says
from vocloop.keys import workspace_cipher
from vocloop.notify.outbox import Outcome
from vocloop.outgoing import RefusedAddressError, UnreachableError, checked, request
from vocloop_models import Endpoint, EventKind, Message, MessageState, Transport, now

_SECRET_BYTES = 32
_SECRET_PREFIX = "whsec_"  # noqa: S105 - the standard's, it is none
_LONGEST_ADDRESS = 2_000
GONE = 410
# "Ask again later": everything else from 400 on may be mended by a person, so it is tried too.
_WAIT = frozenset({429, 503})


@dataclass(frozen=True)
class Call:
    """A request that is ready: built anew at each attempt, since its time is signed."""

    id: uuid.UUID
    url: str
    secret: str
    transport: Transport
    body: bytes


def subscribe(
    session: Session,
    name: str,
    url: str,
    events: Sequence[EventKind],
    *,
    transport: Transport = Transport.WEBHOOK,
    language: str = "ja",
    by: str | None = None,
) -> tuple[Endpoint, str]:
    """A new subscription and its secret, which is told this once. Raises RefusedAddressError for
    an address that leads into our own network, InvalidInputError."""
    if transport is Transport.MAIL or not events:
        reason = "choose webhook, slack or teams, and at least one event"
        raise InvalidInputError(f"subscription: {reason}", [("transport", reason)])
    if len(url) > _LONGEST_ADDRESS:
        raise InvalidInputError("the address is too long", [("url", "give 2,000 letters at most")])
    parts = checked(url, settings().outgoing_allowed)
    secret = _SECRET_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
    cipher = workspace_cipher(session)
    made = Endpoint(
        name=name,
        transport=transport,
        host=parts.netloc,
        url=cipher.encrypt(url.encode()),
        secret=cipher.encrypt(secret.encode()),
        events=sorted({each.value for each in events}),
        language=language,
        created_by=by,
    )
    session.add(made)
    session.flush()
    return made, secret


def listed(session: Session) -> Sequence[Endpoint]:
    return session.exec(select(Endpoint).order_by(col(Endpoint.id))).all()


def get(session: Session, endpoint_id: uuid.UUID) -> Endpoint:
    """Raises NotFoundError."""
    found = session.get(Endpoint, endpoint_id)
    if found is None:
        raise NotFoundError(f"there is no subscription {endpoint_id}; list them to see which are")
    return found


def switch(session: Session, endpoint_id: uuid.UUID, *, active: bool) -> Endpoint:
    """On or off; what waits for one that is off is cancelled."""
    found = get(session, endpoint_id)
    found.active = active
    waiting = select(Message).where(
        Message.endpoint_id == endpoint_id, Message.state == MessageState.WAITING
    )
    for message in session.exec(waiting).all() if not active else ():
        message.state, message.ended_at = MessageState.CANCELLED, now()
    session.flush()
    return found


def prepared(session: Session, message: Message, endpoint: Endpoint, body: Any) -> Call | None:
    """None when the endpoint was encrypted with another key."""
    cipher = workspace_cipher(session)
    try:
        url, secret = (cipher.decrypt(each).decode() for each in (endpoint.url, endpoint.secret))
    except InvalidToken:
        return None
    packed = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Call(message.id, url, secret, endpoint.transport, packed)


def send(call: Call) -> Outcome:
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "vocloop"}
    if call.transport is Transport.WEBHOOK:
        headers |= signature(call.secret, str(call.id), int(time.time()), call.body)
        headers["Idempotency-Key"] = str(call.id)
    try:
        answer = request(
            "POST",
            call.url,
            body=call.body,
            headers=headers,
            allowed=settings().outgoing_allowed,
        )
    except RefusedAddressError as error:
        return Outcome(str(error), final=True)
    except UnreachableError as error:
        return Outcome(str(error))
    if 200 <= answer.status < 300:
        return Outcome()
    reason = says("it answered %(status)s", status=answer.status)
    if answer.status == GONE:
        return Outcome(
            says("it answered %(status)s: gone for good", status=answer.status), final=True
        )
    wanted = answer.headers.get("retry-after", "") if answer.status in _WAIT else ""
    return Outcome(reason, seconds=int(wanted[:9]) if wanted.isdecimal() else None)


def signature(secret: str, message_id: str, moment: int, body: bytes) -> Mapping[str, str]:
    """The three headers of Standard Webhooks."""
    key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX))
    signed = b".".join([message_id.encode(), str(moment).encode(), body])
    mac = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(moment),
        "webhook-signature": f"v1,{mac}",
    }


def slack(text: str, link: str) -> dict[str, Any]:
    """An incoming webhook's message; what would be mark-up in the text is shown as it is."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return {"text": f"{safe}\n{link}".strip()}


def teams(text: str, link: str) -> dict[str, Any]:
    """An adaptive card, as workflows of Teams take it; mark-up in the text is shown as it is, which
    a TextBlock would obey."""
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text}]}],
    }
    if link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "vocloop", "url": link}]
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [content]}
