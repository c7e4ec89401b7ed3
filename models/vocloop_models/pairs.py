"""Titles that hold both languages: 「日本語 / English」. A reader sees their own first."""

from __future__ import annotations

import re

SEPARATOR = " / "
_JAPANESE = re.compile("[぀-ヿ㐀-鿿]")


def language_of(text: str) -> str:
    return "ja" if _JAPANESE.search(text) else "en"


def both(language: str, title: str) -> tuple[str, str]:
    """The part to read and the other one; "" when the title is in one language only."""
    first, separator, second = title.partition(SEPARATOR)
    if not separator or language_of(first) == language_of(second):
        return title, ""
    return (first, second) if language_of(first) == language else (second, first)


def own(language: str, title: str) -> str:
    return both(language, title)[0]
