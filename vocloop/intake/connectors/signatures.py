"""Proofs that a request comes from whoever shares a secret. Comparisons take constant time."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

from vocloop.errors import SignatureError
from vocloop.intake.connectors.port import Received

# As Zendesk, Stripe and Slack advise: enough for clocks and retries, too little for a replay.
FRESH = dt.timedelta(minutes=5)


def header(received: Received, name: str) -> str:
    value = received.headers.get(name.lower(), "")
    if not value:
        raise SignatureError(f"the header {name} is missing; turn signing on where the tool sends")
    return value


def proved(given: str, secret: bytes, message: bytes, algorithm: str = "sha256") -> bytes:
    """The signature, in hexadecimal digits. Raises SignatureError when ``given`` is another."""
    return matched(given, hmac.digest(secret, message, getattr(hashlib, algorithm)).hex())


def matched(given: str, expected: str) -> bytes:
    if not hmac.compare_digest(given.strip().encode("utf-8", "replace"), expected.encode()):
        raise SignatureError("the signature does not fit; use the secret of this webhook")
    return expected.encode()


def fresh(sent_at: dt.datetime, moment: dt.datetime) -> None:
    """Raises SignatureError for a request that is too old, or from the future."""
    age = moment - sent_at
    if abs(age) > FRESH:
        raise SignatureError(
            f"the request was signed {age.total_seconds():.0f} s ago, at most"
            f" {FRESH.total_seconds():.0f} are taken; set the clocks, or send it anew"
        )


def after(value: str, prefix: str) -> str:
    """What follows ``prefix`` (``sha256=``)."""
    if not value.startswith(prefix):
        raise SignatureError(f"the signature does not begin with {prefix}; send it as documented")
    return value.removeprefix(prefix)
