"""What a caller may ask for when reading themes."""

from __future__ import annotations

import re

from vocloop.errors import InvalidInputError

# One page is one answer held in memory; beyond this a caller follows the cursor.
MAX_LIMIT = 200
# ISO 639-1, or 'und'. It becomes a path into a JSON column, so nothing else may pass.
LANGUAGE = re.compile(r"[a-z]{2,3}")


def check_limit(limit: int) -> None:
    if not 1 <= limit <= MAX_LIMIT:
        reason = f"{limit} is outside 1 … {MAX_LIMIT}"
        raise InvalidInputError(f"limit: {reason}", [("limit", reason)])


def language_code(code: str) -> str:
    if not LANGUAGE.fullmatch(code):
        reason = f"{code!r} is not a language; use a code of ISO 639-1 such as ja or en, or und"
        raise InvalidInputError(f"language: {reason}", [("language", reason)])
    return code
