"""A full rediscovery of themes over everything that was said, as one run."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, func
from sqlmodel import Session, col, select

from vocloop.themes import discover as parameters
from vocloop.themes.discover import discover
from vocloop.themes.labels import label
from vocloop.themes.registry import identify, write_labels, write_members
from vocloop_models import ClusterRun, RunState, Statement, StatementVector, now
from vocloop_models.database import reading, transaction

Progress = Callable[[str, int, int], None]

# Any fixed number that no other lock of vocloop has (see vocloop_models.database).
THEMES_LOCK = 7_865_103


@dataclass(frozen=True)
class Corpus:
    """All statements that ``encoder`` has encoded, by id: aligned lists, vectors (n, d)."""

    ids: list[uuid.UUID]
    texts: list[str]
    languages: list[str]
    vectors: NDArray[np.float32]


def load(session: Session, encoder: str) -> Corpus:
    rows = session.exec(
        select(Statement.id, Statement.text, Statement.language, StatementVector.vector)
        .join(StatementVector, col(StatementVector.statement_id) == col(Statement.id))
        .where(StatementVector.encoder == encoder)
        .order_by(col(Statement.id))
    ).all()
    vectors = np.frombuffer(b"".join(v for *_, v in rows), np.dtype("<f2"))
    shape = (len(rows), len(vectors) // len(rows)) if rows else (0, 0)
    return Corpus(
        [r[0] for r in rows],
        [r[1] for r in rows],
        [r[2] for r in rows],
        vectors.reshape(shape).astype(np.float32),
    )


def refresh(engine: Engine, encoder: str, progress: Progress = lambda *_: None) -> ClusterRun:
    """Find themes anew and write them in one transaction: killed half-way, nothing has changed.

    Raises whatever went wrong, after noting it on the run."""
    with transaction(engine) as session:
        close_abandoned(session)
        run = ClusterRun(encoder=encoder, parameters=_parameters())
        session.add(run)
    try:
        with reading(engine) as session:
            corpus = load(session, encoder)
        progress("clusters", 0, 1)
        found = discover(corpus.vectors, corpus.languages)
        progress("clusters", 1, 1)
        # Before the transaction: writers must not wait while words are counted.
        labels = label(
            corpus.texts,
            corpus.languages,
            [c if c >= 0 else None for c in found.labels.tolist()],
            found.points,
            progress=lambda done, total: progress("titles", done, total),
        )
        with transaction(engine) as session:
            take_turns(session)
            themes = identify(session, run.id, corpus.ids, found)
            write_members(session, corpus.ids, found, themes, labels)
            write_labels(session, themes, labels)
            run = session.merge(run)
            run.statements = len(corpus.ids)
            run.themes = len(labels)
            run.unassigned = int((found.labels < 0).sum())
            run.state = RunState.DONE
            run.finished_at = now()
    except BaseException as error:  # Ctrl+C ends a run too
        with transaction(engine) as session:
            run = session.merge(run)
            run.state, run.finished_at = RunState.FAILED, now()
            run.error = str(error) or "interrupted; nothing was changed"
        raise
    return run


def take_turns(session: Session) -> None:
    """Let one transaction at a time write themes or scores: two at once would number new themes
    alike. SQLite has a single writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(select(func.pg_advisory_xact_lock(THEMES_LOCK)))


def open_runs(session: Session) -> list[ClusterRun]:
    return list(
        session.exec(
            select(ClusterRun)
            .where(ClusterRun.state == RunState.RUNNING)
            .order_by(col(ClusterRun.id))
        ).all()
    )


def close_abandoned(session: Session, *, started_before: dt.datetime | None = None) -> None:
    """Note on runs that are still open that their worker stopped. One that is alive after all
    notes its end over it."""
    for run in open_runs(session):
        if started_before is not None and run.started_at >= started_before:
            continue
        run.state = RunState.FAILED
        run.error = "the worker stopped before the end; nothing was changed"
        run.finished_at = now()
    session.flush()


def _parameters() -> dict[str, float]:
    return {
        "likeness": parameters.LIKENESS,
        "min_samples": parameters.MIN_SAMPLES,
        "vote": parameters.VOTE,
    }
