"""Our section of an issue's text, between two marks: what people write around it stays theirs."""

from __future__ import annotations

import datetime as dt
import re
import uuid

_SECTION = re.compile(r"<!-- vocloop:[0-9a-f-]{36} -->.*?<!-- /vocloop -->", re.S)
_PLAIN = re.compile(r"\[vocloop:[0-9a-f-]{36}\].*?\[/vocloop\]", re.S)


def mark(marker: uuid.UUID, *, plain: bool = False) -> str:
    """``plain``: for trackers that keep no comments in their text."""
    return f"[vocloop:{marker}]" if plain else f"<!-- vocloop:{marker} -->"


def section(marker: uuid.UUID, body: str, *, plain: bool = False) -> str:
    end = "[/vocloop]" if plain else "<!-- /vocloop -->"
    return f"{mark(marker, plain=plain)}\n{body}\n{end}"


def merged(text: str, ours: str, *, plain: bool = False) -> str:
    """``text`` with our section replaced by ``ours``, or with it at the end."""
    found, count = (_PLAIN if plain else _SECTION).subn(lambda _: ours, text, count=1)
    if count:
        return found
    return f"{text.rstrip()}\n\n{ours}" if text.strip() else ours


def title(now: str, wanted: str, before: str | None) -> str:
    """The title to set: ours, unless people gave the issue another since we set it."""
    return wanted if before is None or now == before else now


def moment(written: str) -> dt.datetime:
    """A time as trackers write it: ISO 8601, with or without a colon in the offset, or "2026-11-28
    03:04:05 UTC". Raises ValueError."""
    plain = re.sub(r" UTC$", "+00:00", written.strip())
    plain = re.sub(r"([+-]\d{2})(\d{2})$", r"\1:\2", plain)
    found = dt.datetime.fromisoformat(plain)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
