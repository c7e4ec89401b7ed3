"""``vocloop audit …``: for those who check what was done."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from vocloop import audit
from vocloop.cli.console import say
from vocloop.cli.workspace import connect
from vocloop.jsonl import STANDARD, atomic
from vocloop_models.database import reading

app = typer.Typer(help="The audit log, a chain of digests.", no_args_is_help=True)


@app.command("verify")
def verify(
    file: Annotated[
        Path | None, typer.Argument(help="An export (jsonl) instead of the database.")
    ] = None,
    *,
    known: Annotated[
        str | None, typer.Option("--known", help="The digest that an earlier verify told.")
    ] = None,
) -> None:
    """Check that no line of the audit log was changed, removed or put in later.

    Note the digest that it tells, away from this machine: with --known, later checks also find
    lines taken off the end. Ends with 1 at the first broken line.

    Example: vocloop audit verify --known 5f1c…
    """
    if file is not None:
        found = audit.verify(audit.read_jsonl(file), known)
    else:
        with reading(connect()) as session:
            found = audit.verify(audit.lines(session), known)
    if found.broken is not None:
        typer.echo(f"BROKEN after {found.entries:,} good lines: {found.broken}")
        raise typer.Exit(1)
    typer.echo(f"{found.entries:,} lines, unbroken; digest {found.head}")


@app.command("export")
def export(
    out: Annotated[
        str, typer.Option("--out", "-o", help="File, - for standard output.")
    ] = STANDARD,
    format: Annotated[  # noqa: A002 - the option's name
        Literal["jsonl", "csv"], typer.Option(help="jsonl can be verified again.")
    ] = "jsonl",
) -> None:
    """Write the audit log as a file, oldest line first.

    Example: vocloop audit export -o audit.jsonl
    """
    write = audit.write_jsonl if format == "jsonl" else audit.write_csv
    with reading(connect()) as session, atomic(out) as file:
        write(audit.lines(session), file)
    if out != STANDARD:
        say(f"{out} is written")
