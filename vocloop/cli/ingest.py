"""``vocloop ingest``."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from vocloop.cli.console import complain, progress_bar, say
from vocloop.cli.workspace import connect
from vocloop.config import settings
from vocloop.errors import InvalidInputError
from vocloop.intake import formats
from vocloop.intake.dated import without_zone
from vocloop.intake.files import Container, FileFormat, open_rows
from vocloop.intake.ingest import ingest, report_lines
from vocloop.intake.reader import Format
from vocloop.jsonl import STANDARD, atomic

_KINDS = ("customers", "contacts", "departments")
_FORMATS = ("auto", *get_args(Container), *formats.NAMES, *_KINDS)
# With more files than these only those named by --beside are looked into for users and questions.
_MOST_BESIDE = 8
_ROWS_LOOKED_AT = 100


def _known_format(name: str) -> str:
    if name not in _FORMATS:
        raise typer.BadParameter(f"'{name}' is none of {', '.join(_FORMATS)}")
    return name


def ingest_files(
    files: Annotated[list[str], typer.Argument(help="Files to read, - for standard input.")],
    format: Annotated[  # noqa: A002 - the option's name is part of the file contract
        str,
        typer.Option(
            callback=_known_format,
            metavar="FORMAT",
            help=f"What the files are: {', '.join(_FORMATS)}. auto looks at their content.",
        ),
    ] = "auto",
    source: Annotated[
        str | None, typer.Option(help="Name of where it comes from; else the file's name.")
    ] = None,
    *,
    map: Annotated[  # noqa: A002 - reads as what it does
        list[str] | None,
        typer.Option(help="A column by name, e.g. --map text=Body --map date=Opened; repeatable."),
    ] = None,
    mapping: Annotated[
        str | None, typer.Option(help="A file of such a mapping, as --save-mapping writes it.")
    ] = None,
    save_mapping: Annotated[
        str | None, typer.Option(help="Keep the mapping of this call in a file.")
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(help="A file that holds what others refer to (users, questions)."),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="Zone of dates that name none (VOCLOOP_TIMEZONE).")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and report only.")] = False,
) -> None:
    """Read feedback (or customers, contacts, departments) from files.

    Takes exports of Zendesk, Intercom, Freshdesk, HubSpot, Salesforce, Jira, Linear, GitHub,
    Google Play, App Store, SurveyMonkey, Typeform, Google Forms and Qualtrics, tables (CSV, TSV,
    Excel), JSON, and interview notes (text, Word, subtitles). Files of one call are read together:
    comments find their tickets, answers their questions.

    Reports what was read, stored, repeated and refused, with line and reason; the good rows of a
    file with bad ones are stored. Running it again stores nothing twice: after an interruption,
    give the same command again. `vocloop import undo` takes a run out again.

    Example: vocloop ingest tickets.csv --map text=Description --map customer=Account
    """
    columns = _saved(mapping) | _mapping(map or [])
    if save_mapping:
        with atomic(save_mapping) as out:
            out.write(json.dumps(columns, ensure_ascii=False, indent=1) + "\n")
    engine = connect()
    bad = False
    for name in files:
        others = files if len(files) <= _MOST_BESIDE else []
        along = [*(beside or []), *(each for each in others if each not in (name, STANDARD))]
        try:
            zone = timezone or _zone(name, format, columns)
            with progress_bar() as show:
                report = ingest(
                    engine,
                    name,
                    format=cast("Format", format),
                    source=source,
                    mapping=columns,
                    timezone=zone,
                    beside=along,
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


def _zone(name: str, format_: str, columns: Mapping[str, str]) -> str:
    """The zone of times that name none: asked of a person at a terminal, else the setting's, and
    said unless somebody chose it."""
    chosen = settings()
    if name == STANDARD or "timezone" in chosen.model_fields_set or format_ in _KINDS:
        return chosen.timezone
    forced = cast("FileFormat", format_) if format_ != "auto" else None
    with open_rows(name, file_format=forced, mapping=columns) as opened:
        found = without_zone(islice(opened.entries, _ROWS_LOOKED_AT))
    if found is None:
        return chosen.timezone
    if sys.stdin.isatty() and sys.stdout.isatty():
        asked = f"{name}: '{found}' names no time zone. Which one is it in?"
        return str(typer.prompt(asked, default=chosen.timezone))
    say(f"{name}: times such as '{found}' are read as {chosen.timezone}; --timezone says otherwise")
    return chosen.timezone


def _saved(path: str | None) -> dict[str, str]:
    if path is None:
        return {}
    try:
        held = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise InvalidInputError(
            f"the mapping {path} can't be read ({error}); write one with --save-mapping"
        ) from error
    if not isinstance(held, dict) or not all(isinstance(each, str) for each in held.values()):
        raise InvalidInputError(f'the mapping {path} is not {{"field": "column", …}}')
    return held


def _mapping(pairs: list[str]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or not field or not column:
            raise InvalidInputError(f"--map {pair!r} is not field=column, e.g. --map text=Body")
        mapping[field] = column
    return mapping
