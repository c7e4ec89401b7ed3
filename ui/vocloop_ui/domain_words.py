"""What the domain says of its errors (vocloop.errors.says), in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any

from vocloop.errors import Says, VocloopError
from vocloop_models import ImportState, ItemState, Stage, Verdict
from vocloop_ui import import_words, roadmap_words
from vocloop_ui.i18n import DOMAIN, Reader, domain_messages

# Enumerations that messages hold, with what says them.
NAMED: Mapping[type, Callable[[Reader, Any], str]] = {
    ImportState: import_words.state,
    ItemState: roadmap_words.state,
    Stage: roadmap_words.stage,
    Verdict: roadmap_words.decided,
}
# A message that says less by itself would be seen in almost any text.
LEAST_LETTERS = 10
_HOLE = re.compile(r"%\((\w+)\)s")


def told(reader: Reader, said: object) -> str:
    """``said``: an error of the domain, its message, or the text that was kept of one. "" for what
    the domain says in English only to a reader of another language."""
    if reader.language == "en":
        return str(said)
    message = said.args[0] if isinstance(said, VocloopError) and said.args else said
    if isinstance(message, Says):
        values = {name: _value(reader, value) for name, value in message.values.items()}
        if message.many is None:
            return reader.pgettext(DOMAIN, message.pattern) % values
        return reader.npgettext(DOMAIN, message.pattern, *message.many) % values
    return _kept(reader.language, str(said))


def _value(reader: Reader, value: object) -> str:
    named = NAMED.get(type(value))
    if named is not None:
        return named(reader, value)
    if isinstance(value, tuple):
        return reader.gettext(", ").join(_value(reader, each) for each in value)
    if isinstance(value, Says | VocloopError):
        return told(reader, value) or str(value)
    return str(value)


@lru_cache(maxsize=1024)
def _kept(language: str, text: str) -> str:
    for pattern, translation in _patterns(language):
        match = pattern.fullmatch(text)
        if match:
            values = {name: _kept(language, v) or v for name, v in match.groupdict().items()}
            return translation % values
    return ""


@cache
def _patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    """What each message looks like in English, and its translation; the one that says most by
    itself first."""
    every = [
        (len(_HOLE.sub("", pattern)), pattern, said) for pattern, said in domain_messages(language)
    ]
    return [
        (_looks(pattern), said)
        for letters, pattern, said in sorted(every, reverse=True)
        if letters >= LEAST_LETTERS
    ]


def _looks(pattern: str) -> re.Pattern[str]:
    parts, seen = [], set()
    for number, part in enumerate(_HOLE.split(pattern)):
        if number % 2 == 0:
            parts.append(re.escape(part.replace("%%", "%")))
        elif part in seen:
            parts.append(f"(?P={part})")
        else:
            seen.add(part)
            parts.append(f"(?P<{part}>.+?)")
    return re.compile("".join(parts), re.DOTALL)
