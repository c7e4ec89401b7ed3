"""The steps that a feedback walks after it was received: encoded, then themed.

The state column is the queue. A step that is repeated changes nothing, so a killed worker loses
nothing: what it had not committed is still waiting."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Engine, exists, func, update
from sqlalchemy import select as rows_of
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from vocloop import metrics, traces
from vocloop.encode.port import Encoder
from vocloop.themes.assign import KnownThemes
from vocloop.themes.placing import destinations
from vocloop_models import (
    AssignedBy,
    Feedback,
    FeedbackState,
    Statement,
    StatementVector,
    ThemeMembership,
    now,
)
from vocloop_models.bulk import insert_new, parts
from vocloop_models.database import reading, transaction

Spoken = tuple[uuid.UUID, str]
# A theme and how sure it is.
Assigned = tuple[uuid.UUID, float] | None

# Feedback per step: large enough for full batches of the encoder, small enough that little work
# is lost with a worker.
STEP = 128


def waiting(engine: Engine, state: FeedbackState) -> int:
    with reading(engine) as session:
        return session.exec(
            select(func.count()).select_from(Feedback).where(Feedback.state == state)
        ).one()


def _oldest(session: Session, state: FeedbackState, *, ours: bool = False) -> Sequence[uuid.UUID]:
    """``ours``: not those that another worker holds, and nobody else's until the transaction ends
    (PostgreSQL)."""
    query = (
        select(Feedback.id).where(Feedback.state == state).order_by(col(Feedback.id)).limit(STEP)
    )
    if ours:
        # Not a full lock: rows may still be added that refer to the feedback.
        query = query.with_for_update(skip_locked=True, key_share=True)
    return session.exec(query).all()


def _shares(engine: Engine) -> bool:
    """Whether workers can hold rows while they work on them. SQLite only has a lock on everything:
    there a batch is read first and written later, and two workers may do the same work twice."""
    return engine.dialect.name == "postgresql"


@traces.span("encode")
def encode_some(engine: Engine, encoder: Encoder) -> int:
    """Encode the statements of the oldest received feedback; the number of feedback done."""
    if _shares(engine):
        with transaction(engine) as session:
            ids, statements = _unencoded(session, ours=True)
            _keep_vectors(session, encoder, ids, statements, _encoded(encoder, statements))
            return len(ids)
    with reading(engine) as session:
        ids, statements = _unencoded(session, ours=False)
    # Outside any transaction: encoding takes seconds, and writers must not wait for it.
    vectors = _encoded(encoder, statements)
    if ids:
        with transaction(engine) as session:
            _keep_vectors(session, encoder, ids, statements, vectors)
    return len(ids)


def _unencoded(session: Session, *, ours: bool) -> tuple[Sequence[uuid.UUID], Sequence[Spoken]]:
    ids = _oldest(session, FeedbackState.RECEIVED, ours=ours)
    statements = session.exec(
        select(Statement.id, Statement.text)
        .where(col(Statement.feedback_id).in_(ids))
        .order_by(col(Statement.id))
    ).all()
    return ids, statements


def _encoded(encoder: Encoder, statements: Sequence[Spoken]) -> list[bytes]:
    if not statements:
        return []
    start = time.perf_counter()
    vectors = encoder.encode([text for _, text in statements])
    metrics.ENCODING.inc(time.perf_counter() - start)
    metrics.ENCODED.inc(len(statements))
    return [v.astype("<f2").tobytes() for v in vectors]


def _keep_vectors(
    session: Session,
    encoder: Encoder,
    ids: Sequence[uuid.UUID],
    statements: Sequence[Spoken],
    packed: Sequence[bytes],
) -> None:
    # Another worker may have been at the same feedback: its vectors are as good.
    fresh = [
        {"statement_id": s, "encoder": encoder.name, "vector": v}
        for (s, _), v in zip(statements, packed, strict=True)
    ]
    if fresh:
        insert_new(session, StatementVector, fresh, unique=("statement_id", "encoder"))
    _move(session.connection(), ids, FeedbackState.RECEIVED, FeedbackState.ENCODED)


@dataclass(frozen=True)
class _Batch:
    """Statements of encoded feedback, by id: aligned lists, vectors (n, d)."""

    feedback: Sequence[uuid.UUID]
    ids: list[uuid.UUID]
    vectors: NDArray[np.float32]
    languages: list[str]
    fields: tuple[Sequence[Any], ...]


@traces.span("assign")
def assign_some(engine: Engine, known: KnownThemes, encoder: str) -> int:
    """Give the statements of encoded feedback their theme, or none; the number of feedback done."""
    if _shares(engine):
        with transaction(engine) as session:
            batch = _unthemed(session, known, encoder, ours=True)
            found = known.assign(batch.vectors, batch.languages, *batch.fields)
            found = _keep_themes(session, batch, found)
    else:
        with reading(engine) as session:
            batch = _unthemed(session, known, encoder, ours=False)
        found = known.assign(batch.vectors, batch.languages, *batch.fields)
        if batch.feedback:
            with transaction(engine) as session:
                found = _keep_themes(session, batch, found)
    themes: list[uuid.UUID | None] = [f[0] if f else None for f in found]
    known.add(batch.ids, batch.vectors, batch.languages, themes, *batch.fields)
    return len(batch.feedback)


def _unthemed(session: Session, known: KnownThemes, encoder: str, *, ours: bool) -> _Batch:
    ids = _oldest(session, FeedbackState.ENCODED, ours=ours)
    return _batch(session, known, encoder, ids, col(Statement.feedback_id).in_(ids))


def _batch(
    session: Session,
    known: KnownThemes,
    encoder: str,
    feedback: Sequence[uuid.UUID],
    where: ColumnElement[bool],
) -> _Batch:
    # A voice's own text is not needed: its statements have it.
    rows = session.execute(
        rows_of(
            Statement,
            col(Feedback.customer_id),
            col(Feedback.product),
            col(Feedback.channel),
            col(StatementVector.vector),
        )
        .join(StatementVector, col(StatementVector.statement_id) == col(Statement.id))
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
        .where(where, col(StatementVector.encoder) == encoder)
        .order_by(col(Statement.id))
    ).all()
    languages = [said.language for said, *_ in rows]
    fields = known.fields(
        [str(customer) if customer else None for _, customer, *_ in rows],
        [product for *_, product, _, _ in rows],
        [said.text for said, *_ in rows],
        [channel for *_, channel, _ in rows],
        languages,
    )
    return _Batch(
        feedback,
        [said.id for said, *_ in rows],
        np.array([np.frombuffer(v, "<f2") for *_, v in rows], np.float32),
        languages,
        fields,
    )


def _keep_themes(session: Session, batch: _Batch, found: Sequence[Assigned]) -> list[Assigned]:
    # What people merged or dismissed since the known themes were read is one no more.
    ended = destinations(session)
    found = [_standing(each, ended) for each in found]
    moment = now()
    fresh = [
        {
            "statement_id": s,
            "theme_id": theme[0],
            "confidence": theme[1],
            "central": False,
            "assigned_by": AssignedBy.ARRIVAL,
            "assigned_at": moment,
        }
        for s, theme in zip(batch.ids, found, strict=True)
        if theme is not None
    ]
    if fresh:
        # What a run or another worker said of a statement meanwhile stands.
        insert_new(session, ThemeMembership, fresh, unique=("statement_id",))
    _move(session.connection(), batch.feedback, FeedbackState.ENCODED, FeedbackState.THEMED)
    return found


def catch_up(session: Session, known: KnownThemes, encoder: str) -> None:
    """Let what other workers themed since the run vote here too, and be seen when new themes are
    looked for."""
    if known.since is None:
        return
    query = select(Statement.id).join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
    after = col(Statement.id) > known.since
    arrived = session.exec(query.where(after, Feedback.state == FeedbackState.THEMED)).all()
    for some in parts(known.missing(arrived)):
        batch = _batch(session, known, encoder, (), col(Statement.id).in_(some))
        placed = select(ThemeMembership.statement_id, ThemeMembership.theme_id)
        themes = dict(session.exec(placed.where(col(ThemeMembership.statement_id).in_(some))).all())
        chosen = [themes.get(each) for each in batch.ids]
        known.add(batch.ids, batch.vectors, batch.languages, chosen, *batch.fields)


def _standing(found: Assigned, ended: Mapping[uuid.UUID, uuid.UUID | None]) -> Assigned:
    theme = ended.get(found[0], found[0]) if found else None
    return (theme, found[1]) if found and theme else None


def requeue_foreign(engine: Engine, encoder: str) -> int:
    """Let feedback be encoded again whose statements only another encoder has encoded; how many.

    After a change of the model nothing could be compared otherwise, and every theme would fade."""
    other = aliased(StatementVector)
    has_other = exists().where(
        col(other.statement_id) == col(Statement.id), col(other.encoder) != encoder
    )
    has_own = exists().where(
        col(StatementVector.statement_id) == col(Statement.id),
        col(StatementVector.encoder) == encoder,
    )
    foreign = select(Statement.feedback_id).where(has_other, ~has_own)
    with transaction(engine) as session:
        changed = session.connection().execute(
            update(Feedback)
            .where(col(Feedback.id).in_(foreign), col(Feedback.state) != FeedbackState.RECEIVED)
            .values(state=FeedbackState.RECEIVED)
        )
        return changed.rowcount


def _move(
    connection: Connection, ids: Sequence[uuid.UUID], old: FeedbackState, new: FeedbackState
) -> None:
    connection.execute(
        update(Feedback)
        .where(col(Feedback.id).in_(ids), col(Feedback.state) == old)
        .values(state=new)
    )
