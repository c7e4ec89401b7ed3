"""``vocloop demo``: the sample company, loaded, themed and served."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import vocloop
from vocloop.cli.console import progress_bar, say
from vocloop.cli.serve import Host, Port, run
from vocloop.cli.themes import catch_up
from vocloop.cli.workspace import connect, encoder, shown_url
from vocloop.config import settings
from vocloop.encode import prepare_default
from vocloop.errors import NotFoundError

if TYPE_CHECKING:
    from sqlalchemy import Engine

Progress = Callable[[str, int, int], None]

# The sample's customers pay in four currencies.
SAMPLE_RATES = '{"USD": 150, "GBP": 190, "SGD": 110}'


def demo(
    host: Host = None,
    port: Port = None,
    *,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve at the end.")] = True,
) -> None:
    """Load the invented sample company, find its themes, and serve them on this machine.

    Nobody has to sign in, on this machine only. What is done already is not done again: a second
    run serves within seconds.

    Example: vocloop demo --port 9000
    """
    from vocloop.worker.routing import Router
    from vocloop.worker.worker import Worker

    start = time.monotonic()
    os.environ.setdefault("VOCLOOP_EXCHANGE_RATES", SAMPLE_RATES)
    engine = connect()
    say(f"database {shown_url(settings())}")
    worker = Worker(engine, encoder)
    with progress_bar() as show:
        if settings().encoder_model == "default":
            prepare_default(
                settings().cache_dir, progress=lambda done, total: show("model", done, total)
            )
        themed = is_themed(engine)
        if not themed:
            load_sample(engine, show)
            catch_up(worker, show)
            worker.refresh_themes(show)
    plan(engine)
    # Inboxes are full when the first page opens, not minutes after it.
    router = Router()
    while not themed and router.some(engine, encoder):
        pass
    say(f"ready after {time.monotonic() - start:.0f} s; the sample company is invented")
    if serve:
        from vocloop.accounts.personas import FIRST, PERSONAS
        from vocloop_api.doors import Openness

        say("demo: you come in as an administrator; the strip above each page lets you look as an")
        say("agent, a product manager, an executive or an auditor")
        openness = Openness(FIRST, PERSONAS)
        run(engine, worker, host, port, with_worker=True, openness=openness)


def is_themed(engine: Engine) -> bool:
    """Whether a run came to its end, and its scores too: they are written after it."""
    from sqlmodel import col, select

    from vocloop.themes.registry import newest
    from vocloop_models import RunState, Theme, ThemeState
    from vocloop_models.database import reading

    with reading(engine) as session:
        unscored = session.exec(
            select(Theme.id)
            .where(Theme.state == ThemeState.ACTIVE, col(Theme.scored_on).is_(None))
            .limit(1)
        ).first()
        return unscored is None and newest(session, RunState.DONE) is not None


def load_sample(engine: Engine, show: Progress) -> None:
    from vocloop.intake.ingest import ingest

    folder = sample_folder()
    for name in ("departments.csv", "customers.csv", "contacts.csv", "feedback.jsonl"):
        report = ingest(
            engine,
            folder / name,
            source="minamo",
            progress=lambda done, total: show("sample", done, total),
        )
        for refused in report.refused:
            say(f"{name} line {refused.line}: {refused.reason}")


def plan(engine: Engine) -> None:
    """Backlog, decisions and a round of arbitration, unless there is a backlog already."""
    from vocloop.cli.sample_roadmap import load_roadmap
    from vocloop.roadmap import rounds, scenarios
    from vocloop_models.database import reading, transaction

    with transaction(engine) as session:
        load_roadmap(session, sample_folder())
    with reading(engine) as session:
        asked = [s.id for r in rounds.listed(session) for s in scenarios.listed(session, r.id)]
    for scenario in asked:
        scenarios.work(engine, scenario)


def sample_folder() -> Path:
    """Beside the package in a checkout, inside it in a wheel."""
    package = Path(vocloop.__file__).parent
    for folder in (package / "examples" / "minamo", package.parent / "examples" / "minamo"):
        if (folder / "feedback.jsonl").exists():
            return folder
    raise NotFoundError(
        "the sample company's files are not here; run from a checkout, or reinstall vocloop"
    )
