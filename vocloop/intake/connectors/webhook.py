"""Anything that can sign what it sends: rows of feedback, or what a known tool's API answers.

The signature is HMAC-SHA-256 over ``timestamp.body``, in hexadecimal digits (docs/connectors.md).
"""

from __future__ import annotations

import datetime as dt

from vocloop.errors import SignatureError, says
from vocloop.intake.connectors.port import Received, Sending, Tool, whole
from vocloop.intake.connectors.signatures import after, fresh, header, proved
from vocloop_models import ConnectorKind


def _proof(received: Received, secret: bytes, moment: dt.datetime) -> bytes:
    given = after(header(received, "X-Vocloop-Signature"), "sha256=")
    written = header(received, "X-Vocloop-Timestamp").strip()
    # The time is part of what is signed, so that the same body can't be sent as a new one.
    signature = proved(given, secret, written.encode("utf-8", "replace") + b"." + received.body)
    if not (written.isascii() and written.isdigit() and len(written) < 12):
        raise SignatureError("X-Vocloop-Timestamp is no time; send seconds since 1970")
    fresh(dt.datetime.fromtimestamp(int(written), dt.UTC), moment)
    return signature


TOOL = Tool(
    ConnectorKind.WEBHOOK,
    "Webhook",
    None,
    sending=Sending(_proof, whole, meaning=says("a secret of your own that the sender signs with")),
)
