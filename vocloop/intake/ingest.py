"""A file into the database, safe to kill and to run again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Engine

from vocloop.errors import InvalidInputError
from vocloop.intake.columns import Kind
from vocloop.intake.files import FileFormat, Refusal, open_rows
from vocloop.intake.privacy import privacy
from vocloop.intake.reader import Format, Options, Reader
from vocloop.intake.writer import Writer, counting
from vocloop_models import Channel
from vocloop_models.database import reading, transaction

Progress: TypeAlias = Callable[[int, int], None]
"""Called with (bytes read, bytes in all) after each batch; the last call has both equal."""

# Small enough that a page's writer never waits long for the lock on SQLite and that a killed
# import loses a fraction of a second, large enough that commits cost little.
ROWS_A_TRANSACTION = 500


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

    def add(self, read: int, outcomes: Sequence[str]) -> None:
        self.read += read
        self.stored += outcomes.count("stored")
        self.updated += outcomes.count("updated")
        self.repeated += outcomes.count("repeated")


def ingest(
    engine: Engine,
    path: str | Path,
    *,
    format: Format = "auto",  # noqa: A002 - the word of the command line
    source: str | None = None,
    mapping: Mapping[str, str] | None = None,
    timezone: str = "Asia/Tokyo",
    channel: Channel | None = None,
    segments: Sequence[str] = (),
    beside: Sequence[str | Path] = (),
    dry_run: bool = False,
    progress: Progress | None = None,
) -> IngestReport:
    """Store what ``path`` (``-`` is standard input) holds, ROWS_A_TRANSACTION at a time.

    Rows that can't be taken are named in the report, the others are stored. Running a file again
    stores what is missing and repeats the rest. ``source`` is the file's name without its ending
    unless given; the other words are those of reader.Options. ``dry_run`` reads and judges all
    rows but writes nothing. Raises InvalidInputError when the file as a whole can't be used.
    """
    started = time.monotonic()
    options = Options(
        source or _source(path), format, mapping or {}, timezone, channel, tuple(segments), beside
    )
    reader = Reader(options)
    with (
        open_rows(
            path,
            file_format=options.file_format,
            mapping=options.mapping,
            beside=beside,
            plain=options.kind is not None,
        ) as opened,
        counting() as count,
    ):
        rows = reader.start(opened)
        report = IngestReport(reader.kind, opened.format, opened.encoding, dry_run=dry_run)
        report.columns = reader.columns
        with (reading if dry_run else transaction)(engine) as session:
            writer = Writer(privacy(session, writing=not dry_run), count)
        while batch := list(islice(rows, ROWS_A_TRANSACTION)):
            records, refused = reader.records(batch)
            values = [value for _, value in records]
            with (reading if dry_run else transaction)(engine) as session:
                outcomes = (writer.judge if dry_run else writer.store)(session, values)
            report.add(len(batch), outcomes)
            report.refused += [Refusal(each.line, each.reason) for each in refused]
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
