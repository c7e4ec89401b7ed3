"""What an import job does when its turn comes: the check, the rows, the undoing.

Each batch is committed with the import's own counts, so a killed import goes on at the row where it
stood, and ends as if nothing had happened.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import Engine, delete, func, select
from sqlmodel import Session, col

from vocloop.config import settings
from vocloop.errors import InvalidInputError
from vocloop.intake.columns import Kind
from vocloop.intake.files import open_rows
from vocloop.intake.glance import glance, names_of
from vocloop.intake.imports import (
    end,
    get,
    is_of_a_process,
    locked,
    read_options,
    remembered,
    written_options,
)
from vocloop.intake.privacy import privacy
from vocloop.intake.reader import Options, Reader, RefusedRow
from vocloop.intake.redact import redact
from vocloop.intake.removal import (
    Removed,
    empty_themes,
    remove_feedback,
    remove_unused,
    take_turns,
)
from vocloop.intake.uploaded import on_disk
from vocloop.intake.writer import ROWS_A_TRANSACTION, Writer, counting
from vocloop_models import (
    AuditAction,
    AuditEntry,
    Feedback,
    ImportJob,
    ImportRefusal,
    ImportState,
)
from vocloop_models.bulk import insert_all
from vocloop_models.database import reading, transaction

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with (stage, done, total) after each batch."""

SAMPLES = 10
# Refused rows kept for the list of an import; a file with more is better mended at its source.
MOST_REFUSALS = 10_000
_LONGEST_CELL = 500


def work(engine: Engine, import_id: uuid.UUID, progress: Progress = lambda *_: None) -> None:
    """Do what an import waits for: its check, its rows, or its undoing. A file that can't be used
    ends the import as failed, with the reason; nothing is raised for it."""
    with reading(engine) as session:
        begun = get(session, import_id)
    steps = {
        ImportState.UPLOADED: _check,
        ImportState.QUEUED: _run,
        ImportState.RUNNING: _run,
        ImportState.UNDOING: _undo,
    }
    step = steps.get(begun.state)
    # What another process brings in itself (``vocloop ingest``) has no file here.
    if step is None or (step is _run and is_of_a_process(begun)):
        return
    try:
        step(engine, begun, progress)
    except _OtherwiseError:
        return
    except InvalidInputError as error:
        with transaction(engine) as session:
            job = locked(session, import_id)
            if not _is_wanted(job, begun):
                return
            if isinstance(error, _NotVoicesError):
                job.report = job.report | {"holds": error.kind}
            job.error = redact([str(error)]).texts[0]
            # What can't be read may be readable with other options: the file stays for that.
            if begun.state is ImportState.UPLOADED:
                job.state, job.report = ImportState.CHECKED, job.report | {"unusable": True}
            else:
                end(session, job, ImportState.FAILED)


class _OtherwiseError(Exception):
    """People want something else of an import than what is being done, or another worker goes on
    with it; another job does that."""


def _is_wanted(job: ImportJob, begun: ImportJob) -> bool:
    """Whether an import still waits for what was ``begun`` of it. A check is not wanted any more
    when other options were given meanwhile."""
    if begun.state is ImportState.UPLOADED:
        same = job.options == begun.options or job.report.get("remembered", False)
        return job.state is ImportState.UPLOADED and same
    if begun.state is ImportState.UNDOING:
        return job.state is ImportState.UNDOING
    return job.state in {ImportState.QUEUED, ImportState.RUNNING}


def _wanted(session: Session, begun: ImportJob) -> ImportJob:
    """The import, locked. Raises _OtherwiseError."""
    job = locked(session, begun.id)
    if not _is_wanted(job, begun):
        raise _OtherwiseError
    return job


def _check(engine: Engine, begun: ImportJob, progress: Progress) -> None:
    """Read and judge all rows, store none; note what a person needs to decide."""
    with (
        on_disk(engine, begun.id) as (given, path),
        _looked_at(engine, begun, path, given) as (options, known),
        _opened(path, options) as opened,
    ):
        reader, source, rows, count = opened
        with reading(engine) as session:
            writer = Writer(privacy(session, writing=False), count)
        counts = {"read": 0, "stored": 0, "repeated": 0, "refused": 0}
        samples: list[dict[str, Any]] = []
        found: list[RefusedRow] = []
        while batch := list(islice(rows, ROWS_A_TRANSACTION)):
            records, refused = reader.records(batch)
            with reading(engine) as session:
                outcomes = writer.judge(session, [value for _, value in records])
            counts["read"] += len(batch)
            counts["stored"] += outcomes.count("stored")
            counts["repeated"] += outcomes.count("repeated")
            counts["refused"] += len(refused)
            _within_limit(counts["read"])
            found += refused[: MOST_REFUSALS - len(found)]
            for line, value in records[: SAMPLES - len(samples)]:
                samples.append({"line": line, "row": writer.preview(value)})
            progress("checking", source.position(), source.size)
        report = known | {
            "kind": reader.kind,
            "format": source.format,
            "encoding": source.encoding,
            "columns": reader.columns,
            "ignored_columns": reader.ignored(),
            "counts": counts,
            "samples": samples,
        }
    with transaction(engine) as session:
        job = _wanted(session, begun)
        job.state, job.report, job.error = ImportState.CHECKED, report, None
        _replace_refusals(session, job.id, found)


@contextmanager
def _looked_at(
    engine: Engine, begun: ImportJob, path: Path, given: Options
) -> Iterator[tuple[Options, dict[str, Any]]]:
    """The options to read with, and what is known of the file before it is read: its columns, and
    whether they are held as in an earlier import. Kept at once, since a file that can't be used
    needs a person to say what its columns hold."""
    header = glance(path, given)
    options = given
    known: dict[str, Any] = {"header": header}
    with transaction(engine) as session:
        job = _wanted(session, begun)
        said = given.mapping or given.segments or given.unused
        last = None if said or not header else remembered(session, names_of(header))
        then = read_options(last.options) if last is not None else given
        if last is not None and not (given.voices_only and then.kind):
            options = replace(
                given,
                format=then.format,
                mapping=then.mapping,
                segments=then.segments,
                unused=then.unused,
            )
            job.options = written_options(options)
            known["remembered"] = True
        job.report = known
    yield options, known


def _run(engine: Engine, begun: ImportJob, progress: Progress) -> None:
    """Store the rows that are not stored yet, a batch a transaction."""
    import_id = begun.id
    with transaction(engine) as session:
        job = _wanted(session, begun)
        if job.cancelling:
            end(session, job, ImportState.CANCELLED)
            return
        if job.state is ImportState.QUEUED:
            job.state = ImportState.RUNNING
            _replace_refusals(session, import_id, [])
        done = job.read
        guard = privacy(session)
    with on_disk(engine, import_id) as (options, path), _opened(path, options) as opened:
        reader, source, rows, count = opened
        writer = Writer(guard, count, import_id)
        _skip(reader, writer, rows, done)
        while batch := list(islice(rows, ROWS_A_TRANSACTION)):
            records, refused = reader.records(batch)
            with transaction(engine) as session:
                job = _wanted(session, begun)
                if job.cancelling:
                    end(session, job, ImportState.CANCELLED)
                    return
                if job.read != done:
                    raise _OtherwiseError
                _within_limit(job.read + len(batch))
                outcomes = writer.store(session, [value for _, value in records])
                count_rows(job, len(batch), outcomes, len(refused))
                job.position = source.position()
                add_refusals(session, job, refused)
            done += len(batch)
            progress("importing", source.position(), source.size)
    with transaction(engine) as session:
        job = _wanted(session, begun)
        job.position = job.size
        end(session, job, ImportState.DONE)


def _undo(engine: Engine, begun: ImportJob, progress: Progress) -> None:
    """Remove the feedback of an import, then the customers and contacts that it made and nobody
    else refers to. Themes and what people said of them stay."""
    import_id = begun.id
    while True:
        with transaction(engine) as session:
            take_turns(session)
            job = _wanted(session, begun)
            query = select(col(Feedback.id)).where(col(Feedback.import_id) == import_id)
            ids = list(session.scalars(query.order_by(col(Feedback.id)).limit(ROWS_A_TRANSACTION)))
            if not ids:
                _undone(session, job)
                return
            removed = remove_feedback(session, ids)
            job = get(session, import_id)
            job.report = job.report | {"undone": _added(job.report.get("undone", {}), removed)}
            done, total = int(job.report["undone"]["feedback"]), job.stored
        progress("undoing", done, max(done, total))


def _added(so_far: Mapping[str, Any], removed: Removed) -> dict[str, Any]:
    return {
        "feedback": so_far.get("feedback", 0) + removed.feedback,
        "statements": so_far.get("statements", 0) + removed.statements,
        "themes": sorted({*so_far.get("themes", []), *map(str, removed.themes)}),
    }


def _undone(session: Session, job: ImportJob) -> None:
    contacts, customers = remove_unused(session, job.id)
    told = _added(job.report.get("undone", {}), Removed())
    touched = [uuid.UUID(each) for each in told.pop("themes")]
    told["kept"] = {
        "themes": len(touched),
        "themes_without_statements": empty_themes(session, touched),
        "contacts": contacts,
        "customers": customers,
        "updated": job.updated,
    }
    job.report = job.report | {"undone": told}
    counts = {key: told[key] for key in ("feedback", "statements")}
    detail = {"import": str(job.id), "source": job.source} | counts
    session.add(AuditEntry(action=AuditAction.UNDID_IMPORT, detail=detail))
    end(session, job, ImportState.UNDONE)
    # Samples are of rows that are gone.
    job.report = {key: value for key, value in job.report.items() if key != "samples"}
    session.execute(delete(ImportRefusal).where(col(ImportRefusal.import_id) == job.id))


def count_rows(job: ImportJob, read: int, outcomes: Sequence[str], refused: int) -> None:
    """Add a batch to what an import has done so far."""
    job.read += read
    job.stored += outcomes.count("stored")
    job.updated += outcomes.count("updated")
    job.repeated += outcomes.count("repeated")
    job.refused += refused


def _within_limit(rows: int) -> None:
    most = settings().import_rows
    if rows > most:
        raise InvalidInputError(
            f"the file has more than {most:,} rows; split it, or raise VOCLOOP_IMPORT_ROWS"
        )


def _skip(reader: Reader, writer: Writer, rows: Iterator[Any], done: int) -> None:
    """Pass over rows that are stored already. Rows without an id are still counted: which copy of
    a text a row is decides its id."""
    while done and (batch := list(islice(rows, min(done, ROWS_A_TRANSACTION)))):
        done -= len(batch)
        for _, value in reader.records(batch)[0]:
            if hasattr(value, "external_id") and hasattr(value, "text"):
                writer.identified(value)  # type: ignore[arg-type]


def _replace_refusals(
    session: Session, import_id: uuid.UUID, refused: Sequence[RefusedRow]
) -> None:
    session.execute(delete(ImportRefusal).where(col(ImportRefusal.import_id) == import_id))
    _insert_refusals(session, import_id, 0, refused)


def add_refusals(session: Session, job: ImportJob, refused: Sequence[RefusedRow]) -> None:
    """Keep refused rows for the list of the import, MOST_REFUSALS at most."""
    query = select(func.count()).where(col(ImportRefusal.import_id) == job.id)
    kept = int(session.execute(query).scalar_one()) if refused else 0
    _insert_refusals(session, job.id, kept, refused[: MOST_REFUSALS - kept])


def _insert_refusals(
    session: Session, import_id: uuid.UUID, after: int, refused: Sequence[RefusedRow]
) -> None:
    rows = [
        {
            "import_id": import_id,
            "number": number,
            "line": each.line,
            "reason": each.reason,
            "row": _shown(each.values),
        }
        for number, each in enumerate(refused, start=after + 1)
    ]
    if rows:
        insert_all(session, ImportRefusal, rows)


def _shown(values: Mapping[str, Any]) -> dict[str, str]:
    """The cells of a refused row without personal data, to know it by."""
    names = list(values)
    cells = [str(values[name])[:_LONGEST_CELL] for name in names if values[name] is not None]
    kept = [name for name in names if values[name] is not None]
    texts = [text.replace("\0", "") for text in redact(cells).texts]
    return dict(zip(kept, texts, strict=True))


@contextmanager
def _opened(path: Path, options: Options) -> Iterator[tuple[Reader, Any, Iterator[Any], Any]]:
    reader = Reader(options)
    with (
        open_rows(
            path,
            file_format=options.file_format,
            mapping=options.mapping,
            plain=options.kind is not None,
        ) as source,
        counting() as count,
    ):
        rows = reader.start(source)
        if options.voices_only and reader.kind != "feedback":
            raise _NotVoicesError(reader.kind)
        yield reader, source, rows, count


class _NotVoicesError(InvalidInputError):
    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        super().__init__(
            f"the file holds {kind}, which someone who may edit customers has to import; if it"
            " holds voices, say which column is text"
        )
