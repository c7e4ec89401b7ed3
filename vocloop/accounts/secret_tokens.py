"""Secrets that we give out: 256 random bits, of which the database holds a hash only."""

from __future__ import annotations

import hashlib
import secrets

_BYTES = 32


def fresh(prefix: str = "") -> str:
    return prefix + secrets.token_urlsafe(_BYTES)


def digest(token: str) -> str:
    """Nothing slower is needed: what is hashed can't be guessed."""
    return hashlib.sha256(token.encode()).hexdigest()
