"""Requests that tools send: proved, taken once, stored like what is polled."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping

from sqlalchemy import Engine, delete
from sqlmodel import Session, col

from vocloop.errors import ConflictError, InvalidInputError, SignatureError
from vocloop.intake.connections import get, locked
from vocloop.intake.connectors import TOOLS
from vocloop.intake.connectors.port import Received, Sending
from vocloop.intake.connectors.secrets import secret, variable
from vocloop.intake.formats.port import Thing, listed
from vocloop.intake.taking import Taken, take
from vocloop_models import Connector, ConnectorEvent, now
from vocloop_models.bulk import insert_new
from vocloop_models.database import reading, transaction

# The largest event of these tools is a conversation of a few hundred turns.
MOST_BYTES = 2 << 20
# A request without a time in its signature could be sent again at any time; for so long it is
# known by its signature, and after that by the ids of what it holds.
_REMEMBERED = dt.timedelta(days=90)


def receive(
    engine: Engine,
    source: str,
    headers: Mapping[str, str],
    body: bytes,
    moment: dt.datetime | None = None,
) -> Taken:
    """Take in one request; ``headers`` by lower-case names. The same request again is repeated.

    Raises SignatureError unless it is proved to come from the tool, InvalidInputError for a body
    that is not JSON, ConflictError while the connector is paused."""
    moment = moment or now()
    # Proved before anything is locked: whoever has no secret must not keep writers waiting.
    with reading(engine) as session:
        tool = TOOLS[get(session, source).kind]
    if tool.sending is None:
        raise ConflictError(f"{tool.title} is asked, it does not send")
    signature = _proved(tool.sending, source, Received(headers, body), moment)
    pages = tool.sending.pages(_payload(body))
    with transaction(engine) as session:
        connector = locked(session, source)
        if connector.paused:
            raise ConflictError(f"the connector of {source} is paused; resume it first")
        if not _is_new(session, connector, signature, moment):
            return Taken(repeated=1)
        connector.last_event_at = moment
        return take(session, connector, tool, pages)


def _proved(sending: Sending, source: str, received: Received, moment: dt.datetime) -> bytes:
    key = secret(source, "SECRET", sending.meaning).encode()
    try:
        return sending.proof(received, key, moment)
    except SignatureError as error:
        raise SignatureError(f"{error} ({variable(source, 'SECRET')} holds it here)") from error


def _is_new(session: Session, connector: Connector, signature: bytes, moment: dt.datetime) -> bool:
    old = col(ConnectorEvent.received_at) < moment - _REMEMBERED
    session.execute(delete(ConnectorEvent).where(old))
    row = {
        "source": connector.source,
        "digest": hashlib.sha256(signature).digest(),
        "received_at": moment,
    }
    return insert_new(session, ConnectorEvent, [row], unique=("source", "digest"))


def _payload(body: bytes) -> Thing:
    try:
        payload = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError("the body is not JSON in UTF-8; send a JSON object") from error
    if isinstance(payload, list):
        return {"rows": listed(payload)}
    if not isinstance(payload, dict):
        raise InvalidInputError("the body is not a JSON object; send {…}")
    return payload


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")
