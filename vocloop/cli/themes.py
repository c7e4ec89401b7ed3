"""``vocloop themes …``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from vocloop.cli.console import progress_bar, say
from vocloop.cli.workspace import connect, encoder

# Clustering and scoring take seconds to import: only the commands that do it wait for them.
if TYPE_CHECKING:
    from vocloop.worker.worker import Worker

app = typer.Typer(help="Find, list and refresh themes.", no_args_is_help=True)

Source = Annotated[str, typer.Argument(help="A JSONL file, - for standard input.")]
Out = Annotated[str, typer.Option("--out", "-o", help="Where to write, - for standard output.")]


@app.command()
def discover(
    source: Source,
    out: Out,
    *,
    themes: Annotated[
        str | None, typer.Option(help="Also write titles, keywords and examples to this JSON file.")
    ] = None,
    tree: Annotated[
        str | None,
        typer.Option(help="Where to write the areas above and the parts below each row's theme."),
    ] = None,
    registry: Annotated[
        str | None,
        typer.Option(help="A file that keeps the themes' ids from run to run; made when missing."),
    ] = None,
    language: Annotated[
        str, typer.Option(help="auto, or the language of all rows that name none: ja, en, …")
    ] = "auto",
) -> None:
    """Find the themes of a file, without any database.

    Rows are {"id", "text", "language"?, "customer"?, "product"?, "channel"?}; the answer has one
    row each, in the same order: {"id", "theme": "T-0001" or null, "confidence": 0..1}. The same
    rows give the same themes, in whatever order they come.

    Example: vocloop themes discover tickets.jsonl -o themes.jsonl --themes titles.json
    """
    from vocloop.intake.language import language_of
    from vocloop.themes.files import discover_file

    with progress_bar() as show:
        found = discover_file(
            source,
            out,
            encode=lambda texts: encoder().encode(
                texts, progress=lambda done, total: show("encoding", done, total)
            ),
            language_of=language_of,
            language=language,
            themes=themes,
            tree=tree,
            registry=registry,
        )
    say(
        f"{found} theme{'' if found == 1 else 's'}"
        if found
        else "no theme yet: there are not enough rows that say alike; add more and run this again"
    )


@app.command()
def refresh() -> None:
    """Encode what waits, find all themes anew, and score them. Known themes keep their ids.

    Safe to interrupt and to run again.

    Example: vocloop themes refresh
    """
    from vocloop.themes import query
    from vocloop.worker.worker import Worker
    from vocloop_models.database import reading

    engine = connect()
    worker = Worker(engine, encoder)
    with progress_bar() as show:
        catch_up(worker, show)
        worker.refresh_themes(show)
    with reading(engine) as session:
        totals = query.totals(session)
    say(
        f"{totals.themes} themes from {totals.statements} statements of {totals.customers} "
        f"customers; {totals.unassigned} statements have no theme"
    )


def catch_up(worker: Worker, show: Callable[[str, int, int], None]) -> None:
    """Encode and theme all feedback that waits."""
    from vocloop.worker.pipeline import waiting
    from vocloop_models import FeedbackState

    engine = worker.engine
    for stage, state, step in (
        ("encoding", FeedbackState.RECEIVED, worker.encode_some),
        ("assigning", FeedbackState.ENCODED, worker.assign_some),
    ):
        total = waiting(engine, state)
        done = 0
        while moved := step():
            done += moved
            show(stage, min(done, total), total)


@app.command("list")
def list_themes(
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many.")] = 25,
    min_customers: Annotated[
        int, typer.Option(min=0, help="Leave out themes that fewer companies say.")
    ] = 3,
) -> None:
    """Print the ranked themes: rank, impact, companies, id, title.

    Example: vocloop themes list --limit 10
    """
    from vocloop.themes import query
    from vocloop_models.database import reading

    with reading(connect()) as session:
        page = query.ranked(session, query.ThemeFilter(min_customers=min_customers), limit=limit)
    for row in page.rows:
        title = row.theme.title_ja or row.theme.title_en or "–"
        both = f" / {row.theme.title_en}" if row.theme.title_ja and row.theme.title_en else ""
        typer.echo(
            f"{row.rank:4}  {100 * row.score.impact:5.1f}  {row.score.customers:4}  "
            f"T-{row.theme.number:04d}  {title}{both}"
        )
    say(f"{len(page.rows)} of {page.total} themes; {page.too_few} have too few companies to rank")
