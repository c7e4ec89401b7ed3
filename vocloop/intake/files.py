"""Rows out of files: JSON lines, a JSON list, or a table with separators, as a stream.

A row that can't be read is refused alone, with its line number; the rows around it go on.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, Literal

from vocloop.errors import InvalidInputError
from vocloop.intake.encodings import LONGEST_LINE, Line, detect, lines

FileFormat = Literal["jsonl", "json", "csv", "tsv"]

# Standard input up to here waits in memory, beyond in a temporary file: the encoding is decided
# before the first row is read.
_SPOOLED_BYTES = 16 * 1024 * 1024
# A quoted cell runs over at most this many lines; then the quote is taken for a broken one.
_LONGEST_ROW_LINES = 5_000
_SAMPLE_LINES = 50
_DELIMITERS = ",\t;|"
_SUFFIXES: dict[str, FileFormat] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
}


@dataclass(frozen=True)
class Row:
    """``values`` by the file's own column names; ``line`` is where the row begins."""

    line: int
    values: dict[str, Any]


@dataclass(frozen=True)
class Refusal:
    line: int
    reason: str


@dataclass
class Source:
    """An open file: its rows and refusals come in the order of its lines.

    ``columns`` is the header of a table and None for JSON, where each row has its own names.
    """

    encoding: str
    format: FileFormat
    size: int
    columns: list[str] | None
    entries: Iterator[Row | Refusal] = field(repr=False)
    stream: IO[bytes] = field(repr=False)

    def position(self) -> int:
        """Bytes read so far, of ``size``."""
        return min(self.stream.tell(), self.size)


@contextmanager
def open_rows(
    path: str | Path, *, file_format: FileFormat | None = None, encoding: str | None = None
) -> Iterator[Source]:
    """``path`` (``-`` is standard input) ready to be read, in flat memory.

    Format and encoding are found out unless given. Raises InvalidInputError if there is no such
    file or it holds nothing.
    """
    with _opened(path) as stream:
        size = stream.seek(0, 2)
        found = encoding or detect(stream)
        stream.seek(0)
        texts = lines(stream, found)
        head = list(islice(texts, _SAMPLE_LINES))
        if not any(line.text.strip() for line in head):
            raise InvalidInputError(f"{_name(path)} is empty; give a file with rows")
        kind = file_format or _format(path, head)
        texts = chain(head, texts)
        columns: list[str] | None = None
        if kind == "jsonl":
            entries = _json_lines(texts)
        elif kind == "json":
            entries = _json_list(texts)
        else:
            delimiter = "\t" if kind == "tsv" else _delimiter(head)
            rows = _records(texts, delimiter)
            columns, first = _header(rows, path)
            entries = _table(rows, columns, first)
        yield Source(found, kind, size, columns, entries, stream)


@contextmanager
def _opened(path: str | Path) -> Iterator[IO[bytes]]:
    if str(path) == "-":
        with tempfile.SpooledTemporaryFile(max_size=_SPOOLED_BYTES) as spooled:
            shutil.copyfileobj(sys.stdin.buffer, spooled)
            yield spooled
        return
    file = Path(path)
    try:
        stream = file.open("rb")
    except OSError as error:
        raise InvalidInputError(
            f"{file} can't be read ({error.strerror}); give the path of a file"
        ) from error
    with stream:
        yield stream


def _name(path: str | Path) -> str:
    return "standard input" if str(path) == "-" else str(path)


def _format(path: str | Path, head: list[Line]) -> FileFormat:
    start = next(line.text.strip() for line in head if line.text.strip())
    # A ".json" file often holds JSON lines: the first character knows better than the name.
    if start[0] == "[":
        return "json"
    if start[0] == "{":
        return "jsonl"
    named = _SUFFIXES.get(Path(str(path)).suffix.lower())
    return named or "csv"


# JSON


def _json_lines(texts: Iterator[Line]) -> Iterator[Row | Refusal]:
    for line in texts:
        if line.problem:
            yield Refusal(line.number, line.problem)
        elif line.text.strip():
            yield _object(line.number, line.text)


def _object(number: int, text: str) -> Row | Refusal:
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
        return _object(self.line, "".join(self.parts))


def _json_list(texts: Iterator[Line]) -> Iterator[Row | Refusal]:
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


# Tables


def _delimiter(head: list[Line]) -> str:
    """The separator under which the first lines fall into the most columns, all alike."""
    texts = [line.text for line in head]

    def fit(delimiter: str) -> tuple[int, int, int]:
        try:
            rows = [row for row in csv.reader(texts, delimiter=delimiter) if row]
        except csv.Error:
            return (0, 0, 0)
        width = len(rows[0])
        alike = sum(len(row) == width for row in rows)
        return (width > 1, alike * width // len(rows), width)

    _allow_long_cells()
    return max(_DELIMITERS, key=fit)


def _allow_long_cells() -> None:
    # The csv module's own limit (131,072) would refuse cells that a row may hold; the length of
    # a text is judged, and named, where the row becomes a record.
    csv.field_size_limit(LONGEST_LINE)


def _records(texts: Iterator[Line], delimiter: str) -> Iterator[tuple[int, list[str]] | Refusal]:
    """Rows as lists of cells. A quote that never closes refuses its own line; reading goes on
    with the next line, not after wherever a quote happens to follow."""
    _allow_long_cells()
    pending: list[Line] = []  # read while looking for the end of a row that had none

    def take() -> Line | None:
        return pending.pop() if pending else next(texts, None)

    while (line := take()) is not None:
        taken = [line]
        if not line.text.strip("\r\n\ufeff"):
            if line.problem:
                yield Refusal(line.number, line.problem)
            continue

        def feed(taken: list[Line] = taken, first: str = line.text) -> Iterator[str]:
            yield first
            while len(taken) < _LONGEST_ROW_LINES and (more := take()) is not None:
                taken.append(more)
                yield more.text

        try:
            cells = next(csv.reader(feed(), delimiter=delimiter, strict=True))
        except csv.Error as error:
            pending.extend(reversed(taken[1:]))
            broken = f"not a row ({error}); close every quoted cell, and double the quotes in it"
            yield Refusal(line.number, line.problem or broken)
            continue
        problem = next((each for each in taken if each.problem), None)
        if problem:
            yield Refusal(problem.number, str(problem.problem))
            continue
        yield line.number, cells


def _header(
    rows: Iterator[tuple[int, list[str]] | Refusal], path: str | Path
) -> tuple[list[str], list[Refusal]]:
    """The names in the first row that can be read, and the refusals before it."""
    refused: list[Refusal] = []
    for row in rows:
        if isinstance(row, Refusal):
            refused.append(row)
            continue
        names = [cell.strip() for cell in row[1]]
        twice = {name for name in names if name and names.count(name) > 1}
        if twice:
            raise InvalidInputError(
                f"{_name(path)}, line {row[0]}: two columns are called"
                f" {', '.join(sorted(twice))}; give each its own name"
            )
        return names, refused
    raise InvalidInputError(
        f"{_name(path)} has no row of column names that can be read"
        + (f" ({refused[0].reason})" if refused else "")
    )


def _table(
    rows: Iterator[tuple[int, list[str]] | Refusal], columns: list[str], first: list[Refusal]
) -> Iterator[Row | Refusal]:
    yield from first
    for row in rows:
        if isinstance(row, Refusal):
            yield row
            continue
        number, cells = row
        if len(cells) != len(columns):
            yield Refusal(
                number,
                f"{len(cells)} fields where the header has {len(columns)};"
                " quote cells that hold separators or line ends",
            )
            continue
        yield Row(number, dict(zip(columns, cells, strict=True)))
