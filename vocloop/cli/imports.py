"""``vocloop import …``: look at a file first, store it, take it out again."""

from __future__ import annotations

import csv
import json
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vocloop.cli.console import progress_bar, say
from vocloop.cli.workspace import connect
from vocloop.config import settings
from vocloop.errors import InvalidInputError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from vocloop_models import ImportJob

app = typer.Typer(help="Import files with a look first, and undo.", no_args_is_help=True)

Id = Annotated[uuid.UUID, typer.Argument(help="The import's id, as `vocloop import list` says.")]
_PIECE_BYTES = 1 << 20


@app.command("start")
def start(
    file: Annotated[Path, typer.Argument(help="The file to import.")],
    source: Annotated[
        str | None, typer.Option(help="Name of where it comes from; else the file's name.")
    ] = None,
    map: Annotated[  # noqa: A002 - reads as what it does
        list[str] | None, typer.Option(help="A column by name, e.g. --map text=Body; repeatable.")
    ] = None,
    segment: Annotated[
        list[str] | None,
        typer.Option(help="A column to keep as a segment of customers; repeatable."),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Zone of dates that name none (VOCLOOP_TIMEZONE).")
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look at it only.")] = False,
) -> None:
    """Look at a file, then store its rows.

    With --dry-run it ends after the look, and the import waits for `vocloop import resume ID`. So
    does one that was interrupted; nothing is stored twice.

    Example: vocloop import start tickets.csv --dry-run
    """
    from vocloop.intake import imports
    from vocloop.intake.reader import Options, mapping_of
    from vocloop_models.database import transaction

    engine = connect()
    options = Options(
        source=source or file.stem,
        mapping=mapping_of(map or []),
        timezone=timezone or settings().timezone,
        segments=tuple(segment or ()),
    )
    with transaction(engine) as session:
        job = imports.upload(session, file.name, _pieces(file), options)
    job = _work(engine, job.id)
    _tell_check(job)
    if job.error:
        raise typer.Exit(1)
    if dry_run:
        say(f"store them with: vocloop import resume {job.id}")
        return
    _resume(engine, job.id)


@app.command("resume")
def resume(import_id: Id) -> None:
    """Store the rows of a checked import, or go on with one that was interrupted.

    Example: vocloop import resume 0198c0de-0000-7000-8000-000000000000
    """
    _resume(connect(), import_id)


@app.command("undo")
def undo(import_id: Id) -> None:
    """Take out again what an import stored. Themes and what people said of them stay.

    Safe to interrupt and to run again.

    Example: vocloop import undo 0198c0de-0000-7000-8000-000000000000
    """
    from vocloop.intake import imports
    from vocloop_models.database import transaction

    engine = connect()
    with transaction(engine) as session:
        imports.undo(session, import_id)
    told = _work(engine, import_id).report["undone"]
    typer.echo(f"{told['feedback']:,} feedback and {told['statements']:,} statements removed")
    kept = told["kept"]
    empty = ", ".join(f"T-{number:04d}" for number in kept["themes_without_statements"])
    typer.echo(
        f"kept: {kept['themes']} themes they were in{f' (now empty: {empty})' if empty else ''},"
        f" {kept['customers']} customers and {kept['contacts']} contacts that others use"
    )


@app.command("list")
def list_imports() -> None:
    """Print the imports, newest first: id, state, rows stored, source, file.

    Example: vocloop import list
    """
    from vocloop.intake import imports
    from vocloop_models.database import reading

    with reading(connect()) as session:
        for job in imports.listed(session):
            typer.echo(f"{job.id}  {job.state:9}  {job.stored:9,}  {job.source}  {job.name}")


@app.command("refused")
def refused(import_id: Id) -> None:
    """Print the refused rows of an import, with the reasons, as CSV without personal data.

    Example: vocloop import refused 0198c0de-0000-7000-8000-000000000000 > refused.csv
    """
    from vocloop.intake import imports
    from vocloop.intake.tables_out import safe
    from vocloop_models.database import reading

    table = csv.writer(sys.stdout)
    table.writerow(["line", "reason", "row"])
    with reading(connect()) as session:
        for each in imports.refusals(session, import_id):
            row = json.dumps(each.row, ensure_ascii=False)
            table.writerow([each.line, safe(each.reason), safe(row)])


def _resume(engine: Engine, import_id: uuid.UUID) -> None:
    from vocloop.intake import imports
    from vocloop_models.database import transaction

    with transaction(engine) as session:
        imports.start(session, import_id)
    job = _work(engine, import_id)
    typer.echo(
        f"import {job.id}: {job.state}; {job.read:,} rows read: {job.stored:,} stored,"
        f" {job.updated:,} updated, {job.repeated:,} repeated, {job.refused:,} refused"
    )
    if job.error:
        say(f"vocloop: {job.error}")
    if job.error or job.refused:
        raise typer.Exit(1)


def _work(engine: Engine, import_id: uuid.UUID) -> ImportJob:
    from vocloop.intake import imports
    from vocloop.intake.importing import work
    from vocloop_models.database import reading

    with progress_bar() as show:
        work(engine, import_id, show)
    with reading(engine) as session:
        return imports.get(session, import_id)


def _tell_check(job: ImportJob) -> None:
    report = job.report
    if job.error:
        say(f"vocloop: {job.error}")
        say("say which column is which with --map, or mend the file")
        return
    counts = report["counts"]
    typer.echo(
        f"{report['kind']}: {counts['read']:,} rows ({report['format']}, {report['encoding']}):"
        f" {counts['stored']:,} to store, {counts['repeated']:,} repeated,"
        f" {counts['refused']:,} refused"
    )
    used = ", ".join(f"{field} = '{column}'" for field, column in report["columns"].items())
    typer.echo(f"columns: {used}")
    if report["ignored_columns"]:
        typer.echo(f"ignored columns: {', '.join(report['ignored_columns'])}")
    for sample in report["samples"]:
        typer.echo(f"line {sample['line']}: {json.dumps(sample['row'], ensure_ascii=False)}")


def _pieces(file: Path) -> Iterator[bytes]:
    try:
        with file.open("rb") as stream:
            while piece := stream.read(_PIECE_BYTES):
                yield piece
    except OSError as error:
        raise InvalidInputError(
            f"{file} can't be read ({error.strerror}); give the path of a file"
        ) from error
