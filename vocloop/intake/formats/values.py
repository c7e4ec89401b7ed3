"""Values as tools write them, and the voice that is made of them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from vocloop.intake.formats.port import Refused, Thing, Values
from vocloop.intake.mail import strip_mail
from vocloop.intake.rows import Refusal, Row, Table, key
from vocloop.intake.text import clean

_LONGEST_TITLE = 500
_LONGEST_LINE = 200


def voice(
    *,
    text: Any = None,
    title: Any = None,
    external_id: Any = None,
    said_at: Any = None,
    channel: str | None = None,
    customer_id: Any = None,
    customer: Any = None,
    contact: Any = None,
    email: Any = None,
    names: Iterable[Any] = (),
    language: Any = None,
    rating: Any = None,
    rating_scale: str | None = None,
    priority: str | None = None,
    tags: Iterable[Any] = (),
    product: Any = None,
    url: Any = None,
    submitted_by: Any = None,
) -> Values:
    """A voice with the same keys whatever is known. Without words of its own the title is what
    was said; what no field can hold (a title of 600 letters) is cut, not refused."""
    words = line(title)
    body = text if isinstance(text, str) and clean(text) else None
    return {
        "external_id": word(external_id),
        "title": _cut(words, _LONGEST_TITLE) if body else None,
        "text": body or words or "",
        "said_at": said_at if isinstance(said_at, (str, int, float)) else None,
        "channel": channel,
        "customer_id": word(customer_id),
        "customer": _cut(line(customer), 300),
        "contact": word(contact),
        "email": _cut(line(email), 300),
        "names": tuple(html.unescape(name) for each in names if (name := line(each))),
        "language": _language(language),
        "rating": rating,
        "rating_scale": rating_scale if rating is not None else None,
        "priority": priority,
        "tags": tuple(tag for each in tags if (tag := line(each))),
        "product": _cut(line(product), _LONGEST_LINE),
        "url": web(url),
        "submitted_by": _cut(word(submitted_by), _LONGEST_LINE),
    }


def said(turns: Iterable[Any]) -> str:
    """A customer's turns as one text. The first stays as it is; later ones lose the mail quoted
    below them, which would repeat the first and hide what follows."""
    words = [clean(turn) for turn in turns if isinstance(turn, str)]
    words = [turn for turn in words if turn]
    if len(words) < 2:
        return "".join(words)
    stripped = [strip_mail(turn) for turn in words]
    return "\n\n".join(dict.fromkeys(turn for turn in stripped if turn))


def words_of(value: Any) -> list[Any]:
    """The words of a list (tags, labels), also when each is an object with a name."""
    if not isinstance(value, list):
        return []
    return [each.get("name") if isinstance(each, Mapping) else each for each in value]


def mapped(value: Any) -> Thing:
    """The object, or an empty one if there is none."""
    return value if isinstance(value, Mapping) else {}


def at(value: Any, *path: str | int) -> Any:
    """What stands under ``path``; None where it breaks off."""
    for step in path:
        if isinstance(step, int):
            value = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
        if value is None:
            return None
    return value


def first(*values: Any) -> Any:
    """The first value that says something."""
    return next((each for each in values if each not in (None, "", [], {})), None)


def word(value: Any) -> str | None:
    """An id as text: tools write them as numbers and as strings."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    if isinstance(value, float):
        value = int(value) if value.is_integer() else value
    return str(value).strip() or None


def line(value: Any) -> str | None:
    """Words on one line, None if there are none."""
    written = word(value)
    return (" ".join(clean(written).split()) or None) if written else None


def number(value: Any) -> float | None:
    """A number, also when written as text; None otherwise."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d+(?:\.\d+)?\s*", value):
        return float(value)
    return None


def web(value: Any) -> str | None:
    written = word(value)
    if written is None or len(written) > 2_000:
        return None
    return written if re.fullmatch("https?://[^\\s\"'<>]+", written) else None


_PRIORITIES = {
    "urgent": "urgent blocker critical highest 緊急 至急 最高 最優先 p0",
    "high": "high major important 高 高い",
    "normal": "normal medium moderate 中 普通 通常 標準",
    "low": "low lowest minor trivial 低 低い 最低",
}
_PRIORITY_OF = {name: level for level, names in _PRIORITIES.items() for name in names.split()}


def priority(value: Any) -> str | None:
    """A tool's word for priority as one of ours; None for words of a company's own."""
    written = line(value)
    if written is None:
        return None
    tokens = re.findall(r"[^\W\d_]+|p\d", written.casefold())
    return next((_PRIORITY_OF[token] for token in tokens if token in _PRIORITY_OF), None)


_CHANNELS = {
    "mail": "email mail e-mail gmail outlook メール eメール",
    "call": "phone voice call telephone 電話",
    "survey": "survey アンケート",
    "ticket": "web webform webwidget webservice portal chat api messaging mobile widget form ticket"
    " community twitter facebook line whatsapp sms",
}
_CHANNEL_OF = {name: channel for channel, names in _CHANNELS.items() for name in names.split()}


def ticket_channel(value: Any) -> str:
    """How a ticket came in: mail, call or (every other way) ticket."""
    written = (line(value) or "").casefold()
    tokens = re.findall(r"[\w-]+", written.replace("_", " "))
    return next((_CHANNEL_OF[token] for token in tokens if token in _CHANNEL_OF), "ticket")


_LANGUAGES = {
    "english": "en",
    "japanese": "ja",
    "日本語": "ja",
    "英語": "en",
    "jp": "ja",
    "german": "de",
    "deutsch": "de",
    "french": "fr",
    "français": "fr",
    "spanish": "es",
    "español": "es",
    "portuguese": "pt",
    "português": "pt",
    "italian": "it",
    "italiano": "it",
    "dutch": "nl",
    "chinese": "zh",
    "korean": "ko",
}


def _language(value: Any) -> str | None:
    """A code only where the tool surely gives one: the text tells its language itself."""
    written = (line(value) or "").casefold()
    named = _LANGUAGES.get(written)
    if named:
        return named
    match = re.fullmatch(r"([a-z]{2})(?:[-_][a-z0-9]{2,8})*", written)
    return match[1] if match else None


def _cut(value: str | None, length: int) -> str | None:
    return value if value is None or len(value) <= length else f"{value[: length - 1]}…"


def named_rows(table: Table) -> Iterator[tuple[int, dict[str, list[str]]] | Refusal]:
    """Rows by the keys of their columns; a name that stands several times gathers its cells."""
    keys = [key(name) for name in table.header]
    for row in table.rows:
        if isinstance(row, Refusal):
            yield row
            continue
        values: dict[str, list[str]] = {}
        for name, cell in zip(keys, row.cells, strict=False):
            if name and cell.strip():
                values.setdefault(name, []).append(cell)
        yield row.line, values


def cell(values: Mapping[str, list[str]], names: str) -> str | None:
    """The first cell under any of ``names`` (separated by commas) that is filled."""
    for name in names.split(","):
        found = values.get(key(name))
        if found:
            return found[0]
    return None


def table_voices(
    table: Table, read: Callable[[dict[str, list[str]]], Values | Refused]
) -> Iterator[Row | Refusal]:
    """Each row as ``read`` makes it of its cells by the keys of their columns."""
    for entry in named_rows(table):
        if isinstance(entry, Refusal):
            yield entry
            continue
        line, values = entry
        yield table_voice(line, read(values))


def table_voice(line_: int, result: Values | Refused) -> Row | Refusal:
    if isinstance(result, Refused):
        return Refusal(line_, result.reason)
    return Row(line_, result)
