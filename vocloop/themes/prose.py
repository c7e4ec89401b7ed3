"""Texts as a reader takes them in: without code, links and masks; in sentences; so many columns."""

from __future__ import annotations

import re
import unicodedata

# Columns of a list: 40 full-width characters or 80 half-width ones.
LONGEST_TITLE = 80

# What stands for personal data in a text, such as [PERSON-3], or was blacked out before it came.
MASK = re.compile(r"\[[A-Z]+(?:-[0-9]+)?\]|\{\$[^}]*\}|\b[X/]*X{2,}[X/0-9]*\b")
# Code, comments and pictures of issue trackers, links, headings of forms, checkboxes.
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|<!--.*?(?:-->|\Z)|<[a-zA-Z/][^>\n]*>", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\((?:[^)\n]*)\)|https?://\S+|www\.\S+|\S+@\S+\.\w+")
_HEADING = re.compile(r"^\s*(?:#{1,6}\s.*|[-=*_]{3,}|[-*]\s*\[[ xX]\].*|>.*)$", re.MULTILINE)
_BULLET = re.compile(
    r"^[\s>]*(?:[-*+•・■□◆●○]|[0-9０-９]{1,2}[.)．）]|(?:Subject|件名)[:：])\s*", re.MULTILINE
)
_SENTENCE = re.compile(r"(?<=[。!?！？])\s*|(?<=[.!?])\s+(?=[A-Z\"'(\d])|\n+")


def width(text: str) -> int:
    """Columns that ``text`` takes where a full-width character takes two (UAX #11)."""
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in text)


def balanced(text: str) -> bool:
    """Whether every bracket and quotation mark of ``text`` has its other half."""
    pairs = zip("(（[「『【“", ")）]」』】”", strict=True)
    return all(text.count(a) == text.count(b) for a, b in pairs) and not text.count('"') % 2


def readable(text: str) -> str:
    """``text`` without what nobody says: code, markup, links, headings of a form."""
    told = _LINK.sub(r"\1", _CODE.sub(" ", text))
    return _BULLET.sub("", _HEADING.sub("", told))


def sentences(text: str) -> list[str]:
    """The sentences of a readable text, in its order, none of them empty."""
    return [" ".join(s.split()) for s in _SENTENCE.split(readable(text)) if s.strip()]
