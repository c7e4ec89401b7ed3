"""The ``vocloop`` command."""

from __future__ import annotations

import os
import sys

import typer

from vocloop.cli import demo, doctor, ingest, serve, themes
from vocloop.cli.console import complain
from vocloop.errors import VocloopError

app = typer.Typer(
    name="vocloop",
    help="A voice-of-customer feedback loop: feedback in, ranked themes out.\n\n"
    "Settings come from the environment (VOCLOOP_DATABASE_URL, …; see docs/settings.md). "
    "Start with `vocloop demo`, or with your own data:\n\n"
    "  vocloop db upgrade\n\n"
    "  vocloop ingest tickets.csv\n\n"
    "  vocloop themes refresh\n\n"
    "  vocloop serve",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("serve")(serve.serve)
app.command("worker")(serve.worker)
app.command("ingest")(ingest.ingest_files)
app.add_typer(themes.app, name="themes")
app.add_typer(themes.score_app, name="score")
app.add_typer(ingest.db_app, name="db")
app.command("doctor")(doctor.doctor)


def main() -> None:
    """Run the command; an error that vocloop knows is told in words, and the exit code is 1."""
    # The tokenizers warn about threads when a process forks; none is used across a fork here.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    try:
        app()
    except VocloopError as error:
        complain(error)
        sys.exit(1)
