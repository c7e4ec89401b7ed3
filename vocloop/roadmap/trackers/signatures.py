"""Proofs that a webhook's request comes from whoever shares its secret. Comparisons take constant
time."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from typing import Any

from vocloop.errors import InvalidInputError, SignatureError, says
from vocloop.roadmap.trackers.port import Received

# As Linear advises.
FRESH = dt.timedelta(minutes=1)


def header(received: Received, name: str) -> str:
    value = received.headers.get(name.lower(), "")
    if not value:
        raise SignatureError(
            says("the header %(name)s is missing; set a secret where the tracker sends", name=name)
        )
    return value


def matched(given: str, expected: str) -> None:
    if not hmac.compare_digest(given.strip().encode("utf-8", "replace"), expected.encode()):
        raise SignatureError(says("the signature does not fit; use the secret of this webhook"))


def signed(received: Received, name: str, secret: str, prefix: str = "") -> None:
    """Raises SignatureError unless the header holds the HMAC-SHA-256 of the body."""
    expected = hmac.digest(secret.encode(), received.body, hashlib.sha256).hex()
    matched(header(received, name), prefix + expected)


def payload(received: Received) -> dict[str, Any]:
    """The body as an object. Raises InvalidInputError."""
    try:
        found = json.loads(received.body)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(
            says("the webhook's body is not JSON; have it sent as JSON")
        ) from error
    if not isinstance(found, dict):
        raise InvalidInputError(says("the webhook's body is no object; have it sent as documented"))
    return found


def fresh(sent_at: dt.datetime, moment: dt.datetime) -> None:
    if abs(moment - sent_at) > FRESH:
        raise SignatureError(says("the request is too old to be taken; set the clocks"))
