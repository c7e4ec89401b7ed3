"""A file into the database, safe to kill and to run again."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel
from sqlalchemy import Engine
from sqlmodel import Session

from vocloop.errors import InvalidInputError
from vocloop.intake.columns import Columns, Kind, find, kind_of, missing, record
from vocloop.intake.customers import (
    Directory,
    upsert_contacts,
    upsert_customers,
    upsert_departments,
)
from vocloop.intake.files import FileFormat, Refusal, Row, Source, open_rows
from vocloop.intake.records import ContactIn, CustomerIn, DepartmentIn, FeedbackIn
from vocloop.intake.store import content_digest, content_id, known_keys, store_many
from vocloop_models import Channel
from vocloop_models.database import reading, transaction

Format = Literal["auto", "jsonl", "json", "csv", "tsv", "customers", "contacts", "departments"]
Progress: TypeAlias = Callable[[int, int], None]
"""Called with (bytes read, bytes in all) after each batch; the last call has both equal."""

# Small enough that a page's writer never waits long for the lock on SQLite and that a killed
# import loses a fraction of a second, large enough that commits cost little.
ROWS_A_TRANSACTION = 500
# JSON rows name their own fields: so many are looked at before a file is refused as a whole.
_ROWS_LOOKED_AT = 100
_KINDS = ("customers", "contacts", "departments")


@dataclass
class IngestReport:
    """What came of a file. ``read`` = stored + updated + repeated + refused; lines from 1.

    ``updated`` counts customers, contacts and departments that got new values.
    """

    kind: Kind = "feedback"
    format: FileFormat = "csv"
    encoding: str = "utf-8"
    read: int = 0
    stored: int = 0
    updated: int = 0
    repeated: int = 0
    refused: list[Refusal] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)
    ignored_columns: list[str] = field(default_factory=list)
    dry_run: bool = False
    seconds: float = 0.0


def ingest(
    engine: Engine,
    path: str | Path,
    *,
    format: Format = "auto",  # noqa: A002 - the word of the command line
    source: str | None = None,
    mapping: Mapping[str, str] | None = None,
    timezone: str = "Asia/Tokyo",
    channel: Channel | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> IngestReport:
    """Store what ``path`` (``-`` is standard input) holds, ROWS_A_TRANSACTION at a time.

    Rows that can't be taken are named in the report, the others are stored. Running a file again
    stores what is missing and repeats the rest. ``source`` (default: the file's name without its
    ending) is what external ids are unique under; ``mapping`` is field → column; ``timezone``
    is that of times without a zone; ``channel`` overrides the file's. ``dry_run`` reads and
    judges all rows but writes nothing. Raises InvalidInputError when the file as a whole can't
    be used.
    """
    started = time.monotonic()
    reader = _Reader(_zone(timezone), source or _source(path), mapping or {}, channel)
    forced = cast("Kind", format) if format in _KINDS else None
    kind = cast("FileFormat", format) if format != "auto" and not forced else None
    with open_rows(path, file_format=kind) as opened, _counting() as count:
        rows = reader.start(opened, forced)
        report = reader.report
        report.dry_run = dry_run
        writer = _Writer(engine, report, count)
        while batch := list(islice(rows, ROWS_A_TRANSACTION)):
            records = reader.records(batch)
            if dry_run:
                writer.judge(records)
            else:
                writer.write(records)
            if progress:
                progress(opened.position(), opened.size)
        if progress:
            progress(opened.size, opened.size)
    report.ignored_columns = reader.ignored()
    report.seconds = time.monotonic() - started
    return report


def report_lines(report: IngestReport) -> list[str]:
    """The report for people, one fact a line, refused rows last."""
    done = "would be stored" if report.dry_run else "stored"
    counts = [f"{report.stored:,} {done}"]
    if report.updated:
        counts.append(f"{report.updated:,} updated")
    counts += [f"{report.repeated:,} repeated", f"{len(report.refused):,} refused"]
    how = f"{report.format}, {report.encoding}, {report.seconds:.1f} s"
    lines = [f"{report.kind}: {report.read:,} rows read ({how}): {', '.join(counts)}"]
    if report.columns:
        used = ", ".join(f"{name} = '{column}'" for name, column in report.columns.items())
        lines.append(f"columns: {used}")
    if report.ignored_columns:
        lines.append(f"ignored columns: {', '.join(report.ignored_columns)}")
    lines += [f"line {refusal.line}: {refusal.reason}" for refusal in report.refused]
    return lines


def _source(path: str | Path) -> str:
    if str(path) == "-":
        raise InvalidInputError("standard input has no name; give --source NAME")
    return Path(path).stem


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInputError(
            f"time zone '{name}' is not known; use one such as Asia/Tokyo or UTC"
        ) from error


class _Reader:
    """Turns the rows of one file into records, and notes those that can't be."""

    def __init__(
        self, zone: ZoneInfo, source: str, mapping: Mapping[str, str], channel: Channel | None
    ) -> None:
        self._zone, self._source, self._mapping, self._channel = zone, source, mapping, channel
        self._kind: Kind = "feedback"
        self._found: dict[tuple[str, ...], Columns] = {}
        self._seen: dict[str, None] = {}
        self._used: set[str] = set()
        self.report = IngestReport()

    def start(self, opened: Source, forced: Kind | None) -> Iterator[Row | Refusal]:
        """Find out what the file holds; returns its rows, none of them lost."""
        entries = opened.entries
        names: tuple[str, ...] | None = None
        if opened.columns is not None:
            names = tuple(opened.columns)
            head: list[Row | Refusal] = []
        else:
            head = list(islice(entries, _ROWS_LOOKED_AT))
            rows = [entry for entry in head if isinstance(entry, Row)]
            names = tuple(dict.fromkeys(name for row in rows for name in row.values))
        self._kind = forced or ("feedback" if "text" in self._mapping else kind_of(names))
        # Names of all rows together: a row of its own may lack what the next one has.
        columns = find(self._kind, names, self._mapping)
        if names and not columns.complete:
            raise missing(columns, names)
        self.report.kind = self._kind
        self.report.format, self.report.encoding = opened.format, opened.encoding
        self.report.columns = dict(columns.of)
        return chain(head, entries)

    def ignored(self) -> list[str]:
        return [name for name in self._seen if name not in self._used]

    def records(self, batch: list[Row | Refusal]) -> list[tuple[int, BaseModel]]:
        """(line, record) for the rows that can be taken."""
        taken = []
        for entry in batch:
            self.report.read += 1
            if isinstance(entry, Refusal):
                self.report.refused.append(entry)
                continue
            try:
                taken.append((entry.line, self._record(entry)))
            except InvalidInputError as error:
                self.report.refused.append(Refusal(entry.line, str(error)))
        return taken

    def _record(self, row: Row) -> BaseModel:
        names = tuple(row.values)
        columns = self._found.get(names)
        if columns is None:
            columns = self._columns(names)
        if not columns.complete:
            raise missing(columns, names)
        return record(
            columns, row.values, timezone=self._zone, source=self._source, channel=self._channel
        )

    def _columns(self, names: tuple[str, ...]) -> Columns:
        mapping = {key: column for key, column in self._mapping.items() if column in names}
        columns = find(self._kind, names, mapping)
        # Rows of one program have a handful of shapes; a file where every row has its own must
        # not fill the memory with them.
        if len(self._found) < _ROWS_LOOKED_AT:
            self._found[names] = columns
            self._seen |= dict.fromkeys(names)
            self._used |= set(columns.of.values())
        return columns


class _Writer:
    """Stores records of any kind and counts what came of them."""

    def __init__(self, engine: Engine, report: IngestReport, count: _Count) -> None:
        self._engine, self._report, self._count = engine, report, count
        self._directory = Directory()

    def write(self, records: list[tuple[int, BaseModel]]) -> None:
        values = [value for _, value in records]
        if not values:
            return
        with transaction(self._engine) as session:
            outcomes = self._store(session, values)
        for outcome in outcomes:
            self._add(outcome)

    def _store(self, session: Session, values: list[Any]) -> list[str]:
        if isinstance(values[0], CustomerIn):
            return list(upsert_customers(session, values))
        if isinstance(values[0], ContactIn):
            return list(upsert_contacts(session, values))
        if isinstance(values[0], DepartmentIn):
            return list(upsert_departments(session, values))
        rows = [self._identified(value) for value in values]
        return [s.outcome for s in store_many(session, rows, directory=self._directory)]

    def judge(self, records: list[tuple[int, BaseModel]]) -> None:
        """Count what ``write`` would do, for feedback to the row; master data that is already
        known is not told from new, since a row only ever completes it."""
        rows = [self._identified(value) for _, value in records if isinstance(value, FeedbackIn)]
        keys = [(row.source, str(row.external_id)) for row in rows]
        with reading(self._engine) as session:
            known = known_keys(session, keys)
        for key in keys:
            again = self._count("\0".join(key).encode()) > 1
            self._add("repeated" if again or key in known else "stored")
        for _ in range(len(records) - len(rows)):
            self._add("stored")

    def _identified(self, row: FeedbackIn) -> FeedbackIn:
        """Rows without an id are counted over the whole file, so that a batch's end changes no
        id."""
        if row.external_id is not None:
            return row
        digest = content_digest(row)
        return row.model_copy(update={"external_id": content_id(digest, self._count(digest))})

    def _add(self, outcome: str) -> None:
        if outcome == "stored":
            self._report.stored += 1
        elif outcome == "updated":
            self._report.updated += 1
        else:
            self._report.repeated += 1


_Count: TypeAlias = Callable[[bytes], int]


@contextmanager
def _counting() -> Iterator[_Count]:
    """A function that says how often it was given a key, in flat memory: SQLite keeps a database
    without a name in a temporary file of its own and removes it at the end."""
    connection = sqlite3.connect("", isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, n INTEGER) WITHOUT ROWID")
    connection.execute("BEGIN")

    def count(key: bytes) -> int:
        row = connection.execute(
            "INSERT INTO seen VALUES (?, 1) ON CONFLICT (key) DO UPDATE SET n = n + 1 RETURNING n",
            (key,),
        ).fetchone()
        return int(row[0])

    try:
        yield count
    finally:
        connection.close()
