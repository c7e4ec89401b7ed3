"""Typeform: signed webhooks of answers.

https://www.typeform.com/developers/webhooks/secure-your-webhooks/
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac

from vocloop.errors import says
from vocloop.intake.connectors.port import Received, Sending, Tool, whole
from vocloop.intake.connectors.signatures import after, header, matched
from vocloop_models import ConnectorKind


def _proof(received: Received, secret: bytes, moment: dt.datetime) -> bytes:  # noqa: ARG001 - Typeform signs no time
    given = after(header(received, "Typeform-Signature"), "sha256=")
    digest = hmac.digest(secret, received.body, hashlib.sha256)
    return matched(given, base64.b64encode(digest).decode())


TOOL = Tool(
    ConnectorKind.TYPEFORM,
    "Typeform",
    "typeform",
    sending=Sending(_proof, whole, meaning=says("the secret of the form's webhook")),
)
