"""Where personal data stands in a text, and the one way of writing that all finders read."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a placeholder says was there."""

    PERSON = "PERSON"
    EMAIL = "EMAIL"
    PHONE = "PHONE"
    ADDRESS = "ADDRESS"
    CARD = "CARD"
    BANK = "BANK"
    ID = "ID"
    IP = "IP"
    SECRET = "SECRET"  # noqa: S105 - a label


class Span(NamedTuple):
    start: int
    end: int
    kind: Kind


PLACEHOLDER = re.compile(rf"\[(?P<kind>{'|'.join(Kind)})(?:-(?P<number>\d{{1,9}}))?\]")

# One character becomes one character, so that positions stay those of the text. The long vowel
# mark stays: between digits finders read it as a hyphen, elsewhere it spells words.
_FOLDS = {0xFF01 + n: 0x21 + n for n in range(94)}
_FOLDS |= dict.fromkeys(map(ord, "‐‑‒–—―−－﹣ｰ➖─"), ord("-"))
_FOLDS |= dict.fromkeys(map(ord, "\u3000\u00a0\u2002\u2003\u2007\u2009\u202f"), ord(" "))
_FOLDABLE = re.compile("[" + "".join(map(re.escape, map(chr, _FOLDS))) + "]")
# What separates the groups of a number.
HYPHEN = "[-ー]"


def fold(text: str) -> str:
    """``text`` with half-width letters, digits and signs; as long as ``text``."""
    if text.isascii() or not _FOLDABLE.search(text):
        return text
    return text.translate(_FOLDS)
