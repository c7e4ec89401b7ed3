"""JSON out of files: lines, a list of any length, or whole documents, as a stream of objects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from vocloop.intake.columns import FIELD_KEYS
from vocloop.intake.encodings import LONGEST_LINE, Line
from vocloop.intake.rows import Refusal, Row, key

# A document is one value: it is parsed as a whole. What is longer is a list or lines, which are
# read piece by piece.
LONGEST_DOCUMENT = 64 * 1024 * 1024


def json_lines(texts: Iterator[Line]) -> Iterator[Row | Refusal]:
    for line in texts:
        if line.problem:
            yield Refusal(line.number, line.problem)
        elif line.text.strip():
            yield json_object(line.number, line.text)


def json_object(number: int, text: str) -> Row | Refusal:
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except ValueError as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
        return Refusal(number, f"not JSON: {reason}; write one object, {{…}}")
    except RecursionError:
        return Refusal(number, "not JSON that can be read: nested too deeply; write flat objects")
    if not isinstance(value, dict):
        kind = type(value).__name__
        return Refusal(number, f'a JSON {kind}, not an object; write {{"text": …}}')
    return Row(number, value)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


# A string in one match, or one character that opens, closes or separates.
_MARKS = re.compile(r'[\[\]{},]|"')
_STRING_END = re.compile(r'["\\]')


@dataclass
class _Element:
    """The element of a JSON list that is being gathered."""

    depth: int = 0
    quoted: bool = False
    length: int = 0
    line: int = 0
    problem: str | None = None
    parts: list[str] = field(default_factory=list)

    def add(self, text: str, line: Line) -> None:
        if not self.parts and not text.strip():
            return
        self.line = self.line or line.number
        self.length += len(text)
        if self.length > LONGEST_LINE:
            self.problem = f"the object is longer than {LONGEST_LINE // 2**20} MB"
            return
        self.problem = self.problem or line.problem
        self.parts.append(text)

    def done(self) -> Row | Refusal | None:
        if not self.parts:
            return None
        if self.problem:
            return Refusal(self.line, self.problem)
        return json_object(self.line, "".join(self.parts))


def json_list(texts: Iterator[Line]) -> Iterator[Row | Refusal]:
    """The elements of ``[…]`` without holding the list: only brackets and strings are followed,
    each element is then parsed alone."""
    element = _Element()
    last = 0
    opened = False
    for line in texts:
        last = line.number
        position = 0
        if not opened and line.text.strip():
            position = line.text.index("[") + 1
            opened = True
        start = position
        while True:
            position = _next_mark(line.text, position, element)
            if position < 0:
                break
            mark = line.text[position]
            position += 1
            if mark == '"':
                element.quoted = True
            elif mark in "[{":
                element.depth += 1
            elif element.depth and mark in "]}":
                element.depth -= 1
            elif not element.depth and mark in ",]":
                element.add(line.text[start : position - 1], line)
                found = element.done()
                if found:
                    yield found
                element, start = _Element(), position
                if mark == "]":
                    return
        element.add(line.text[start:], line)
    yield Refusal(element.line or last, "the JSON list does not end; add the missing bracket")


def _next_mark(text: str, position: int, element: _Element) -> int:
    while element.quoted:
        end = _STRING_END.search(text, position)
        if end is None:
            return -1
        position = end.end()
        if end[0] == "\\":
            position += 1
        else:
            element.quoted = False
    match = _MARKS.search(text, position)
    return match.start() if match else -1


class Located(dict[str, Any]):
    """A JSON object of a document that knows the ``line`` where it begins."""

    line = 1


def json_documents(text: str) -> Iterator[Row | Refusal]:
    """The objects (Located, all of them) that stand one after another in ``text``, however they
    are laid out. What follows something that is not JSON can't be told apart: reading ends there.
    """
    begins = iter(_beginnings(text))

    def located(pairs: list[tuple[str, Any]]) -> Located:
        found = Located(pairs)
        found.line = next(begins, 1)
        return found

    decoder = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=located)
    position = 0
    while True:
        start = _BLANK.match(text, position).end()  # type: ignore[union-attr]
        if start >= len(text):
            return
        try:
            value, position = decoder.raw_decode(text, start)
        except ValueError as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
            at = error.pos if isinstance(error, json.JSONDecodeError) else start
            line = text.count("\n", 0, at) + 1
            yield Refusal(line, f"not JSON: {reason}; write one object, {{…}}")
            return
        except RecursionError:
            line = text.count("\n", 0, start) + 1
            yield Refusal(line, "not JSON that can be read: nested too deeply")
            return
        if isinstance(value, Located):
            yield Row(value.line, value)
        else:
            line = text.count("\n", 0, start) + 1
            kind = type(value).__name__
            yield Refusal(line, f'a JSON {kind}, not an object; write {{"text": …}}')


_BLANK = re.compile(r"[\s,]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[{}\n]', re.DOTALL)


def _beginnings(text: str) -> Iterator[int]:
    """The line on which each object begins, in the order in which the objects end: the order in
    which a parser hands them over."""
    line = 1
    open_: list[int] = []
    for token in _TOKEN.finditer(text):
        mark = token[0][0]
        if mark == "\n":
            line += 1
        elif mark == "{":
            open_.append(line)
        elif mark == "}" and open_:
            yield open_.pop()
        elif mark == '"':
            line += token[0].count("\n")


def unwrapped(entries: Iterable[Row | Refusal]) -> Iterator[Row | Refusal]:
    """Rows of JSON that no tool is known for; of {"data": [{…}, …]} the objects inside."""
    for entry in entries:
        inside = _inside(entry.values) if isinstance(entry, Row) else None
        if isinstance(entry, Refusal) or inside is None:
            yield entry
            continue
        for number, each in enumerate(inside, start=1):
            if isinstance(each, dict):
                yield Row(entry.line, each)
            else:
                yield Refusal(entry.line, f"object {number} is not an object; write {{…}}")


def _inside(page: Mapping[str, Any]) -> list[Any] | None:
    """The list whose objects have words, on a page that has none itself."""
    if _has_words(page):
        return None
    lists = [value for value in page.values() if isinstance(value, list)]
    return next((value for value in lists if any(map(_has_words, value))), None)


def _has_words(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    return any(isinstance(each, str) and key(name) in _WORDS for name, each in value.items())


_WORDS = FIELD_KEYS["text"] | FIELD_KEYS["title"]
