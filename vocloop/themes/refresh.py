"""A full rediscovery of themes over everything that was said, as one run."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from vocloop.themes import discover as parameters
from vocloop.themes.discover import discover
from vocloop.themes.labels import label
from vocloop.themes.registry import identify, write_labels, write_members
from vocloop_models import ClusterRun, RunState, Statement, StatementVector, now
from vocloop_models.database import reading, transaction

Progress = Callable[[str, int, int], None]


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
        _close_abandoned(session)
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
            themes = identify(session, run.id, corpus.ids, found)
            write_members(session, corpus.ids, found, themes, labels)
            write_labels(session, themes, labels)
            run = session.merge(run)
            run.statements = len(corpus.ids)
            run.themes = len(labels)
            run.unassigned = int((found.labels < 0).sum())
            run.state = RunState.DONE
            run.finished_at = now()
    except Exception as error:
        with transaction(engine) as session:
            run = session.merge(run)
            run.state, run.error, run.finished_at = RunState.FAILED, str(error), now()
        raise
    return run


def _close_abandoned(session: Session) -> None:
    """Runs are made one at a time: one that is still open lost its worker."""
    for run in session.exec(select(ClusterRun).where(ClusterRun.state == RunState.RUNNING)).all():
        run.state = RunState.FAILED
        run.error = "the worker stopped before the end; nothing was changed"
        run.finished_at = now()
    session.flush()


def _parameters() -> dict[str, float]:
    return {
        "smoothing_steps": parameters.SMOOTHING_STEPS,
        "smoothing_keep": parameters.SMOOTHING_KEEP,
        "smoothed_dimensions": parameters.SMOOTHED_DIMENSIONS,
        "min_samples": parameters.MIN_SAMPLES,
        "vote": parameters.VOTE,
    }
