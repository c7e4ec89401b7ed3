"""Rows out of files of any kind, as a stream: what the file is made of (JSON, table, workbook,
document) is found out here, which tool wrote it in formats/.

A row that can't be read is refused alone, with its line number; the rows around it go on.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, Literal, TypeVar, cast, get_args

from vocloop.errors import InvalidInputError
from vocloop.intake import formats
from vocloop.intake.dated import dated, settled_cells
from vocloop.intake.documents import docx_text, feed, is_subtitles, subtitles_text
from vocloop.intake.encodings import LONGEST_LINE, Line, detect, lines, pieces, whole
from vocloop.intake.formats.port import Beside, Format, Refused, voices
from vocloop.intake.objects import (
    LONGEST_DOCUMENT,
    json_documents,
    json_lines,
    json_list,
    unwrapped,
)
from vocloop.intake.rows import Cells, Refusal, Row, Table
from vocloop.intake.tables import (
    delimiter_of,
    header_of,
    is_tabular,
    named_rows,
    padded,
    records,
    refuse_doubled,
)
from vocloop.intake.workbook import parts_of, workbook_rows

__all__ = ["FileFormat", "Refusal", "Row", "Source", "open_rows"]

Container = Literal["jsonl", "json", "csv", "tsv", "xlsx"]
FileFormat = Container | formats.FormatName
"""What a file is made of, or the tool that wrote it."""

# Standard input up to here waits in memory, beyond in a temporary file: the encoding is decided
# before the first row is read.
_SPOOLED_BYTES = 16 * 1024 * 1024
_SAMPLE_LINES = 50
# So many rows are looked at to tell which tool wrote them, and which questions are open.
_SAMPLE_ROWS = 100
_PEEKED_BYTES = 64 * 1024
_CONTAINERS = get_args(Container)
_SUFFIXES: dict[str, Container] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
}
_TEXT_SUFFIXES = frozenset({".txt", ".text", ".md", ".markdown"})

Entries = Iterator[Row | Refusal]
Each = TypeVar("Each")

# "[LINE] …" and "[10:02] Aoi" are the first lines of a talk, no list.
_OPENS_JSON = re.compile(r"\{|\[\s*(?:[\[{\"]|$)")


@dataclass
class Source:
    """An open file: its rows and refusals come in the order of its lines.

    ``columns`` is the header of a table that is read by its own names; None for JSON, where each
    row has its own, and for a tool's export, whose rows come by the names of names.FEEDBACK.
    """

    encoding: str
    format: FileFormat
    size: int
    columns: list[str] | None
    entries: Entries = field(repr=False)
    stream: IO[bytes] = field(repr=False)

    def position(self) -> int:
        """Bytes read so far, of ``size``."""
        return min(self.stream.tell(), self.size)


@contextmanager
def open_rows(
    path: str | Path,
    *,
    file_format: FileFormat | None = None,
    encoding: str | None = None,
    mapping: Mapping[str, str] | None = None,
    beside: Sequence[str | Path] = (),
    plain: bool = False,
) -> Iterator[Source]:
    """``path`` (``-`` is standard input) ready to be read, in flat memory.

    Format and encoding are found out unless given. With ``plain`` or a ``mapping`` (field →
    column) the file's own names count, whatever tool wrote it. ``beside`` are files that may hold
    what this one refers to (users, questions). Raises InvalidInputError if there is no such file
    or it holds nothing.
    """
    with _opened(path) as stream:
        opening = _Opening(
            path,
            stream,
            file_format=file_format,
            encoding=encoding,
            beside=beside,
            plain=plain or bool(mapping),
        )
        columns, make = opening.read()
        dates = frozenset(column for name, column in (mapping or {}).items() if name == "said_at")
        entries = dated(make(), dates, lambda: _apart(stream, make))
        yield Source(opening.encoding, opening.format, opening.size, columns, entries, stream)


def _apart(stream: IO[bytes], make: Callable[[], Iterator[Each]]) -> Iterator[Each]:
    """The rows once more from the first, while another reading stands in their midst."""
    position = stream.tell()
    try:
        stream.seek(0)
        yield from make()
    finally:
        stream.seek(position)


class _Opening:
    """Finds out what a file is; ``read`` returns the header and what makes its rows."""

    def __init__(
        self,
        path: str | Path,
        stream: IO[bytes],
        *,
        file_format: FileFormat | None = None,
        encoding: str | None = None,
        beside: Sequence[str | Path] = (),
        plain: bool = False,
        whole_pages: bool = False,
    ) -> None:
        self._whole_pages = whole_pages
        self._path, self._stream, self._name = path, stream, _name(path)
        self._forced = formats.FORMATS.get(str(file_format))
        self._container = file_format if file_format in _CONTAINERS else None
        self._beside, self._plain = beside, plain
        self.size = stream.seek(0, 2)
        self._given_encoding = encoding
        self.encoding = encoding or "utf-8"
        self.format: FileFormat = "csv"

    def read(self) -> tuple[list[str] | None, Callable[[], Entries]]:
        self._stream.seek(0)
        magic = self._stream.read(8)
        if magic.startswith(b"PK\x03\x04"):
            return self._archive()
        if magic.startswith(b"\xd0\xcf\x11\xe0"):
            raise InvalidInputError(
                f"{self._name} is an Office file of the old kind or protected by a password;"
                " save it as .xlsx, .docx or CSV without one"
            )
        self.encoding = self._given_encoding or detect(self._stream)
        head = list(islice(self._lines(), _SAMPLE_LINES))
        filled = (text for line in head if (text := line.text.strip("\ufeff \t\r\n")))
        start = self._start() or next(filled, "")
        if not start:
            raise InvalidInputError(f"{self._name} is empty; give a file with rows")
        if start.startswith(("<?xml", "<feed")) and self._container is None:
            page = feed(self._stream, self._name)
            return self._objects("json", lambda: iter([Row(1, page)]))
        if self._is_text(head):
            return self._text(self._whole(), head)
        kind = self._container or self._kind(start)
        if kind in {"json", "jsonl"}:
            return self._json(start)
        delimiter = "\t" if kind == "tsv" else delimiter_of(head)
        return self._table(
            "tsv" if kind == "tsv" else "csv", lambda: records(self._lines(), delimiter)
        )

    def _lines(self) -> Iterator[Line]:
        self._stream.seek(0)
        return lines(self._stream, self.encoding)

    def _kind(self, start: str) -> FileFormat:
        # A ".json" file often holds JSON lines: the first character knows better than the name.
        if start[0] == "[" and not re.match(r"\[[^\]{}]*\][,;\t]", start):
            return "json"
        if start[0] == "{":
            return "jsonl"
        return _SUFFIXES.get(Path(str(self._path)).suffix.lower()) or "csv"

    # JSON

    def _json(self, start: str) -> tuple[None, Callable[[], Entries]]:
        """A list, one object a line, or objects that run over several lines."""
        if start[0] == "[" and not _is_value(start, list):
            return self._objects("json", lambda: json_list(self._json_lines()))
        if start[0] == "[" and self._is_one_list():
            return self._objects("json", lambda: json_list(self._json_lines()))
        if start[0] == "{" and not _is_value(start, dict) and self.size <= LONGEST_DOCUMENT:
            text = self._whole()
            if isinstance(next(json_documents(text), None), Row):
                return self._objects("json", lambda: json_documents(text))
        return self._objects("jsonl", lambda: json_lines(self._lines()))

    def _is_one_list(self) -> bool:
        """Whether nothing but blank follows a list that ends on its first line."""
        filled = (line for line in self._lines() if line.text.strip("\ufeff \t\r\n"))
        return len(list(islice(filled, 2))) <= 1 or self._container == "json"

    def _objects(
        self, container: Container, make: Callable[[], Entries]
    ) -> tuple[None, Callable[[], Entries]]:
        self.format = container
        pages = [each.values for each in islice(make(), _SAMPLE_ROWS) if isinstance(each, Row)]
        found = self._forced if self._forced and self._forced.objects else None
        if found is None and not (self._plain or self._container):
            found = formats.of_objects(pages)
        if self._forced and found is None:
            raise self._unlike(self._forced, "JSON")
        if found is None:
            return None, make if self._whole_pages else lambda: unwrapped(make())
        self.format = cast("formats.FormatName", found.name)
        companions = Beside(list(chain.from_iterable(map(_pages, self._beside))))
        chosen, forced = found, self._forced is not None
        return None, lambda: voices(make(), chosen, companions, forced=forced)

    # Tables

    def _table(
        self, container: Container, make: Callable[[], Iterator[Cells | Refusal]]
    ) -> tuple[list[str] | None, Callable[[], Entries]]:
        self.format = container
        sample = make()
        header, before = header_of(sample, self._name)
        # Blank rows are left out of both, so that what is a heading row is counted alike.
        sample = padded(islice(sample, _SAMPLE_ROWS), len(header))
        head = [each.cells for each in sample if isinstance(each, Cells)]
        found = self._forced if self._forced and self._forced.tables else None
        if found is None and not self._plain and self._forced is None:
            found = formats.of_table(Table(header, head, iter(())))
        if self._forced and found is None:
            raise self._unlike(self._forced, "a table")

        def below() -> Iterator[Cells | Refusal]:
            again = make()
            header_of(again, self._name)
            return again

        def rows() -> Iterator[Cells | Refusal]:
            """All rows below the header, with the refusals before it."""
            # The heading rows of surveys hold no dates; below them their columns do.
            answers = head[2:] or head[1:] or head
            settled = settled_cells(below(), answers, lambda: _apart(self._stream, below))
            return chain(before, settled)

        if found is None:
            refuse_doubled(header, self._name)
            return header, lambda: named_rows(rows(), header)
        self.format = cast("formats.FormatName", found.name)
        tables = found.tables
        assert tables is not None  # noqa: S101 - chosen because it reads tables
        return None, lambda: tables.read(Table(header, head, padded(rows(), len(header))))

    # Documents

    def _archive(self) -> tuple[list[str] | None, Callable[[], Entries]]:
        parts = parts_of(self._stream, self._name)
        if "xl/workbook.xml" in parts:
            return self._table("xlsx", lambda: workbook_rows(self._stream, self._name))
        if "word/document.xml" in parts:
            return self._text(docx_text(self._stream, self._name), [])
        raise InvalidInputError(
            f"{self._name} is an archive, neither a workbook nor a document; unpack it and give"
            " the files in it"
        )

    def _is_text(self, head: list[Line]) -> bool:
        if self._forced:
            return self._forced.texts is not None
        if self._container or self._plain:
            return False
        if is_subtitles(line.text for line in head):
            return True
        if Path(str(self._path)).suffix.lower() not in _TEXT_SUFFIXES:
            return False
        return not _OPENS_JSON.match(self._start()) and not is_tabular(head)

    def _text(self, text: str, head: list[Line]) -> tuple[None, Callable[[], Entries]]:
        reader = self._forced or formats.FORMATS["interview"]
        if reader.texts is None:
            raise self._unlike(reader, "running text")
        self.format = cast("formats.FormatName", reader.name)
        if head and is_subtitles(line.text for line in head):
            text = subtitles_text(text)
        texts, words = reader.texts, text
        return None, lambda: (
            Refusal(1, each.reason) if isinstance(each, Refused) else Row(1, each)
            for each in texts.read(words)
        )

    def _start(self) -> str:
        """The first line that is not blank, cut where it is long."""
        self._stream.seek(0)
        peek = self._stream.read(_PEEKED_BYTES).decode(self.encoding, errors="ignore")
        stripped = (line.strip("\ufeff \t\r") for line in peek.split("\n"))
        return next((line for line in stripped if line), "")

    def _json_lines(self) -> Iterator[Line]:
        """Lines; where a whole list stands on one, pieces of it."""
        self._stream.seek(0)
        if self.size < LONGEST_LINE or b"\n" in self._stream.read(LONGEST_LINE):
            yield from self._lines()
            return
        self._stream.seek(0)
        try:
            yield from pieces(self._stream, self.encoding)
        except UnicodeDecodeError as error:
            raise self._undecodable(error) from error

    def _whole(self) -> str:
        if self.size > LONGEST_DOCUMENT:
            raise InvalidInputError(
                f"{self._name} is larger than {LONGEST_DOCUMENT // 2**20} MB; split it"
            )
        try:
            return whole(self._stream, self.encoding).lstrip("\ufeff")
        except UnicodeDecodeError as error:
            raise self._undecodable(error) from error

    def _undecodable(self, error: UnicodeDecodeError) -> InvalidInputError:
        return InvalidInputError(
            f"{self._name} is not {self.encoding}: {error.reason} (byte"
            f" 0x{error.object[error.start]:02X}); save it as UTF-8"
        )

    def _unlike(self, forced: Format, what: str) -> InvalidInputError:
        return InvalidInputError(
            f"{self._name} is {what}, which {forced.name} does not export; leave --format out"
        )


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
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InvalidInputError(
            f"{file} can't be read ({reason}); give the path of a file"
        ) from error
    with stream:
        yield stream


def _name(path: str | Path) -> str:
    return "standard input" if str(path) == "-" else str(path)


def _is_value(text: str, kind: type) -> bool:
    try:
        return isinstance(json.loads(text), kind)
    except (ValueError, RecursionError):
        return False


def _pages(path: str | Path) -> list[dict[str, Any]]:
    """The objects of a JSON file given along; none of any other file."""
    if str(path) == "-":
        return []
    with _opened(path) as stream:
        opening = _Opening(path, stream, plain=True, whole_pages=True)
        if opening.size > LONGEST_DOCUMENT:
            return []
        try:
            columns, make = opening.read()
            rows = [] if columns is not None else list(make())
        except InvalidInputError:
            return []  # said when that file itself is read
        return [each.values for each in rows if isinstance(each, Row)]
