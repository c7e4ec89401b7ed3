"""A file into the database, safe to kill and to run again."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from sqlalchemy import Engine
from sqlmodel import Session

from vocloop.errors import InvalidInputError
from vocloop.intake import imports
from vocloop.intake.columns import Kind
from vocloop.intake.files import FileFormat, Refusal, Source, open_rows
from vocloop.intake.importing import add_refusals, count_rows
from vocloop.intake.privacy import privacy
from vocloop.intake.reader import Format, Options, Reader, RefusedRow
from vocloop.intake.redact import redact
from vocloop.intake.writer import ROWS_A_TRANSACTION, Writer, counting
from vocloop_models import Channel, ImportJob, ImportState
from vocloop_models.database import reading, transaction

Progress: TypeAlias = Callable[[int, int], None]
"""Called with (bytes read, bytes in all) after each batch; the last call has both equal."""


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
    import_id: uuid.UUID | None = None
    cancelled: bool = False

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
    stores what is missing and repeats the rest. Each run is an import (imports.py) that can be
    undone, and cancelled while it is under way. ``source`` is the file's name without its ending
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
            job = None if dry_run else _begun(session, Path(path).name, options, opened, report)
            report.import_id = job.id if job else None
            writer = Writer(privacy(session, writing=not dry_run), count, report.import_id)
        with _ended(engine, report):
            while batch := list(islice(rows, ROWS_A_TRANSACTION)):
                records, refused = reader.records(batch)
                values = [value for _, value in records]
                with (reading if dry_run else transaction)(engine) as session:
                    outcomes = (writer.judge if dry_run else writer.store)(session, values)
                    if not dry_run:
                        report.cancelled = _noted(session, report, opened, outcomes, refused)
                report.add(len(batch), outcomes)
                report.refused += [Refusal(each.line, each.reason) for each in refused]
                if progress:
                    progress(opened.position(), opened.size)
                if report.cancelled:
                    break
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
    if report.cancelled:
        lines.append("cancelled; give the same command again to go on")
    if report.import_id is not None and (report.stored or report.updated):
        lines.append(f"to take it out again: vocloop import undo {report.import_id}")
    lines += [f"line {refusal.line}: {refusal.reason}" for refusal in report.refused]
    return lines


def _begun(
    session: Session, name: str, options: Options, opened: Source, report: IngestReport
) -> ImportJob:
    """The import that this run is. Those whose process was killed are closed first, so that they
    can be undone."""
    for job in imports.abandoned(session):
        imports.end(session, job, ImportState.CANCELLED)
    job = ImportJob(
        name=imports.bare_name(name) or "-",
        source=options.source,
        size=opened.size,
        digest="",
        state=ImportState.RUNNING,
        options=imports.written_options(options),
        report={
            "process": imports.this_process(),
            "kind": report.kind,
            "format": report.format,
            "encoding": report.encoding,
            "columns": report.columns,
        },
    )
    session.add(job)
    session.flush()
    return job


def _noted(
    session: Session,
    report: IngestReport,
    opened: Source,
    outcomes: Sequence[str],
    refused: Sequence[RefusedRow],
) -> bool:
    """Count a batch in its import, in the transaction that stores it; whether somebody wants the
    import to stop."""
    assert report.import_id is not None  # noqa: S101 - only runs that write have batches to note
    job = imports.locked(session, report.import_id)
    count_rows(job, len(outcomes) + len(refused), outcomes, len(refused))
    job.position = opened.position()
    add_refusals(session, job, refused)
    return job.cancelling


@contextmanager
def _ended(engine: Engine, report: IngestReport) -> Iterator[None]:
    """Close the import when its rows are through. What breaks otherwise leaves it to the next run,
    like a process that is killed."""
    try:
        yield
    except InvalidInputError as error:
        _close(engine, report, ImportState.FAILED, redact([str(error)]).texts[0])
        raise
    except KeyboardInterrupt:
        _close(engine, report, ImportState.CANCELLED)
        raise
    _close(engine, report, ImportState.CANCELLED if report.cancelled else ImportState.DONE)


def _close(
    engine: Engine, report: IngestReport, state: ImportState, error: str | None = None
) -> None:
    if report.import_id is None:
        return
    with transaction(engine) as session:
        job = imports.locked(session, report.import_id)
        job.error = error
        imports.end(session, job, state)


def _source(path: str | Path) -> str:
    if str(path) == "-":
        raise InvalidInputError("standard input has no name; give --source NAME")
    return Path(path).stem
