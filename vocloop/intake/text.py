"""A customer's words without what carried them: markup and invisible characters."""

from __future__ import annotations

import re
import unicodedata

from vocloop.intake.markup import looks_like_html, text_of

_NEWLINES = re.compile("\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
# C0 and C1 controls but tab and newline; zero-width spaces, word joiner, byte order mark, soft
# hyphen; directional marks, which can make a text read differently from what it says.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069"
    "\ufeff]"
)
# Joiners spell words in some scripts and build emoji; between these characters they do nothing.
_IDLE_JOINER = re.compile("(?:^|(?<=[\\sA-Za-z0-9\u3000-\u30ff\u3400-\u9fff]))[\u200c\u200d]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def clean(text: str) -> str:
    """``text`` in NFC (never NFKC: the customer's own letters stay) without markup, invisible and
    control characters; newlines are ``\\n``, at most one blank line in a row, ends trimmed."""
    plain = text_of(text) if looks_like_html(text) else text
    plain = _NEWLINES.sub("\n", plain)
    plain = _IDLE_JOINER.sub("", _INVISIBLE.sub("", plain))
    plain = unicodedata.normalize("NFC", plain)
    plain = _trim_line_ends(plain)
    return _BLANK_LINES.sub("\n\n", plain).strip()


def _trim_line_ends(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n"))
