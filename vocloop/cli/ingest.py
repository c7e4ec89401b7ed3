"""``vocloop ingest`` and ``vocloop db …``."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from vocloop.cli.console import complain, progress_bar, say
from vocloop.cli.workspace import connect, shown_url
from vocloop.config import settings
from vocloop.errors import InvalidInputError
from vocloop.intake.ingest import Format, ingest, report_lines
from vocloop_models.database import revisions, upgrade

db_app = typer.Typer(help="Look after the database.", no_args_is_help=True)


def ingest_files(
    files: Annotated[list[str], typer.Argument(help="Files to read, - for standard input.")],
    format: Annotated[  # noqa: A002 - the option's name is part of the file contract
        Format, typer.Option(help="What the files are; auto looks at their content.")
    ] = "auto",
    source: Annotated[
        str | None, typer.Option(help="Name of where it comes from; else the file's name.")
    ] = None,
    map: Annotated[  # noqa: A002 - reads as what it does
        list[str] | None,
        typer.Option(help="A column by name, e.g. --map text=Body --map date=Opened; repeatable."),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Zone of dates that name none (VOCLOOP_TIMEZONE).")
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and report only.")] = False,
) -> None:
    """Read feedback (or customers, contacts, departments) from files.

    Reports what was read, stored, repeated and refused, with line and reason; the good rows of a
    file with bad ones are stored. Running it again stores nothing twice: after an interruption,
    give the same command again.

    Example: vocloop ingest tickets.csv --map text=Description --map customer=Account
    """
    mapping = _mapping(map or [])
    engine = connect()
    bad = False
    for name in files:
        try:
            with progress_bar() as show:
                report = ingest(
                    engine,
                    name,
                    format=format,
                    source=source,
                    mapping=mapping,
                    timezone=timezone or settings().timezone,
                    dry_run=dry_run,
                    progress=partial(show, "reading"),
                )
        except InvalidInputError as error:
            # The other files may be good; told like the bad rows of a file.
            complain(error)
            bad = True
            continue
        if len(files) > 1:
            typer.echo(f"{name}:")
        for line in report_lines(report):
            typer.echo(line)
        bad = bad or bool(report.refused)
    if bad:
        raise typer.Exit(1)


def _mapping(pairs: list[str]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or not field or not column:
            raise InvalidInputError(f"--map {pair!r} is not field=column, e.g. --map text=Body")
        mapping[field] = column
    return mapping


@db_app.command("upgrade")
def upgrade_database() -> None:
    """Bring the database to this version's tables; safe to run again.

    Example: vocloop db upgrade
    """
    engine = connect(upgraded=False)
    before, head = revisions(engine)
    upgrade(engine)
    said = "is up to date" if before == head else f"upgraded from {before or 'empty'} to {head}"
    say(f"{shown_url(settings())} {said}")
