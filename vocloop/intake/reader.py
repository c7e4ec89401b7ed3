"""The rows of one file as records of intake, and those that can't be, with the reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel

from vocloop.errors import InvalidInputError
from vocloop.intake import formats
from vocloop.intake.columns import Columns, Kind, find, kind_of, missing, record
from vocloop.intake.files import FileFormat, Refusal, Row, Source
from vocloop.intake.records import CustomerIn, FeedbackIn
from vocloop.intake.redact import redact
from vocloop_models import MASTER_DATA, Channel

Format = Literal["auto", "customers", "contacts", "departments"] | FileFormat
Entry = Row | Refusal

# JSON rows name their own fields: so many are looked at before a file is refused as a whole.
_ROWS_LOOKED_AT = 100


@dataclass(frozen=True)
class Options:
    """How a file is to be read.

    ``source`` is what external ids are unique under; ``mapping`` is field → column; ``timezone``
    that of times without a zone; ``channel`` overrides the file's; ``segments`` are columns of a
    list of customers that are kept as segments; ``beside`` other files of the same export;
    ``unused`` columns that hold nothing, whatever they are called; ``voices_only``: a file of
    anything else is refused, since who brings it may not edit customers;
    ``submitted_by``: who hands in the voices of which the file does not say it.
    """

    source: str
    format: Format = "auto"
    mapping: Mapping[str, str] = field(default_factory=dict)
    timezone: str = "Asia/Tokyo"
    channel: Channel | None = None
    segments: tuple[str, ...] = ()
    beside: Sequence[str | Path] = ()
    unused: tuple[str, ...] = ()
    voices_only: bool = False
    submitted_by: str | None = None

    @property
    def kind(self) -> Kind | None:
        """What the file holds, when the format says so."""
        return cast("Kind", self.format) if self.format in MASTER_DATA else None

    @property
    def file_format(self) -> FileFormat | None:
        forced = self.format != "auto" and self.kind is None
        return cast("FileFormat", self.format) if forced else None


def mapping_of(pairs: Iterable[str]) -> dict[str, str]:
    """``field=column`` pairs as a mapping. Raises InvalidInputError for one that is none."""
    mapping = {}
    for pair in pairs:
        field_name, equals, column = pair.partition("=")
        if not (field_name and equals and column):
            raise InvalidInputError(f"map '{pair[:60]}' is not field=column, e.g. text=Body")
        mapping[field_name] = column
    return mapping


@dataclass(frozen=True)
class RefusedRow:
    """A row that can't be taken; ``values`` as the file has them, empty if it could not be read."""

    line: int
    reason: str
    values: Mapping[str, Any] = field(default_factory=dict)


class Reader:
    """Turns the rows of one file into records. ``kind``, ``columns`` (field → column) and
    ``ignored`` are known after ``start``."""

    def __init__(self, options: Options) -> None:
        self._options, self._zone = options, _zone(options.timezone)
        self._found: dict[tuple[str, ...], Columns] = {}
        self._seen: dict[str, None] = {}
        self._used: set[str] = set(options.segments)
        self.kind: Kind = "feedback"
        self.columns: dict[str, str] = {}

    def start(self, opened: Source) -> Iterator[Entry]:
        """Find out what the file holds; returns its rows, none of them lost."""
        entries = opened.entries
        names: tuple[str, ...] | None = None
        if opened.columns is not None:
            names = tuple(opened.columns)
            head: list[Entry] = []
        else:
            head = list(islice(entries, _ROWS_LOOKED_AT))
            rows = [entry for entry in head if isinstance(entry, Row)]
            names = tuple(dict.fromkeys(name for row in rows for name in row.values))
        mapping = self._options.mapping
        self.kind = self._options.kind or ("feedback" if "text" in mapping else kind_of(names))
        # Names of all rows together: a row of its own may lack what the next one has.
        columns = find(self.kind, self._useful(names), mapping)
        if names and not columns.complete:
            raise missing(columns, names)
        lacking = [name for name in self._options.segments if name not in names]
        if lacking and names:
            raise InvalidInputError(
                f"there is no column {', '.join(lacking)} to make a segment of;"
                f" the file has {', '.join(names)}"
            )
        # A tool's export comes by our own names; docs/intake.md says from which of its columns.
        self.columns = {} if opened.format in formats.FORMATS else dict(columns.of)
        return chain(head, entries)

    def ignored(self) -> list[str]:
        return [name for name in self._seen if name not in self._used]

    def records(
        self, batch: Sequence[Entry]
    ) -> tuple[list[tuple[int, BaseModel]], list[RefusedRow]]:
        """(line, record) for the rows that can be taken, and the others. Reasons repeat what
        stands in the row, so personal data is taken out of them."""
        taken: list[tuple[int, BaseModel]] = []
        refused: list[RefusedRow] = []
        for entry in batch:
            if isinstance(entry, Refusal):
                refused.append(RefusedRow(entry.line, redact([entry.reason]).texts[0]))
                continue
            try:
                taken.append((entry.line, self._record(entry)))
            except InvalidInputError as error:
                reason = redact([str(error)]).texts[0]
                refused.append(RefusedRow(entry.line, reason, entry.values))
        return taken, refused

    def _record(self, row: Row) -> BaseModel:
        names = tuple(row.values)
        columns = self._found.get(names)
        if columns is None:
            columns = self._columns(names)
        if not columns.complete:
            raise missing(columns, names)
        options = self._options
        found = record(
            columns,
            row.values,
            timezone=self._zone,
            source=options.source,
            channel=options.channel,
        )
        if options.segments and isinstance(found, CustomerIn):
            return _with_segments(found, row.values, options.segments)
        if options.submitted_by and isinstance(found, FeedbackIn) and not found.submitted_by:
            return found.model_copy(update={"submitted_by": options.submitted_by})
        return found

    def _useful(self, names: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for name in names if name not in self._options.unused)

    def _columns(self, names: tuple[str, ...]) -> Columns:
        mapping = {key: column for key, column in self._options.mapping.items() if column in names}
        columns = find(self.kind, self._useful(names), mapping)
        # Rows of one program have a handful of shapes; a file where every row has its own must
        # not fill the memory with them.
        if len(self._found) < _ROWS_LOOKED_AT:
            self._found[names] = columns
            self._seen |= dict.fromkeys(names)
            self._used |= set(columns.of.values())
        return columns


def _with_segments(
    customer: CustomerIn, values: Mapping[str, Any], wanted: Sequence[str]
) -> CustomerIn:
    told = {name: str(values[name]).strip() for name in wanted if values.get(name) is not None}
    segments = (customer.segments or {}) | {name: value for name, value in told.items() if value}
    return CustomerIn.model_validate(
        customer.model_dump(exclude_none=True) | {"segments": segments or None}
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInputError(
            f"time zone '{name}' is not known; use one such as Asia/Tokyo or UTC"
        ) from error
