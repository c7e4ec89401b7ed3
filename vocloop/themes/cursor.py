"""Opaque tokens that say where a page ended, so that the next one starts right after it.

A token holds the sort values and the id of the last row, not an offset: rows that arrive in
between neither repeat nor hide any other.
"""

from __future__ import annotations

import base64
import json
import math
import uuid
from typing import Any

from vocloop.errors import InvalidInputError

# Longer than any token made here; a stranger's megabyte is refused before it is decoded.
MAX_LENGTH = 200


def write(of: str, *values: float | bool | uuid.UUID) -> str:
    """The token for ``values`` in the list named ``of``."""
    plain = [str(value) if isinstance(value, uuid.UUID) else value for value in values]
    packed = json.dumps([of, *plain], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def read(token: str, of: str, *kinds: type[float] | type[bool] | type[uuid.UUID]) -> list[Any]:
    """The values of a token, one of each of ``kinds``.

    Raises InvalidInputError for anything that ``write`` did not make for the list ``of``."""
    try:
        return _unpack(token, of, kinds)
    except (ValueError, OverflowError, RecursionError):
        # From None: what was wrong inside an opaque token helps nobody.
        reason = "not a cursor of this list in this order; start again without one"
        raise InvalidInputError(f"cursor: {reason}", [("cursor", reason)]) from None


def _unpack(token: str, of: str, kinds: tuple[type, ...]) -> list[Any]:
    if len(token) > MAX_LENGTH:
        raise ValueError(token)
    packed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    parts = json.loads(packed)
    if not isinstance(parts, list) or len(parts) != len(kinds) + 1 or parts[0] != of:
        raise ValueError(token)
    return [_value(part, kind) for part, kind in zip(parts[1:], kinds, strict=True)]


def _value(part: object, kind: type) -> float | bool | uuid.UUID:
    if kind is uuid.UUID and isinstance(part, str):
        return uuid.UUID(part)
    if kind is bool and isinstance(part, bool):
        return part
    if kind is float and isinstance(part, int | float) and not isinstance(part, bool):
        number = float(part)
        if math.isfinite(number):
            return number
    raise ValueError(part)
