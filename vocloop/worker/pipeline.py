"""The steps that a feedback walks after it was received: encoded, then themed.

The state column is the queue. A step that is repeated changes nothing, so a killed worker loses
nothing: what it had not committed is still waiting."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy import Connection, Engine, exists, func, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from vocloop import metrics
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
from vocloop_models.bulk import insert_new
from vocloop_models.database import reading, transaction

# Feedback per step: large enough for full batches of the encoder, small enough that little work
# is lost with a worker.
STEP = 128


def waiting(engine: Engine, state: FeedbackState) -> int:
    with reading(engine) as session:
        return session.exec(
            select(func.count()).select_from(Feedback).where(Feedback.state == state)
        ).one()


def _oldest(session: Session, state: FeedbackState) -> Sequence[uuid.UUID]:
    return session.exec(
        select(Feedback.id).where(Feedback.state == state).order_by(col(Feedback.id)).limit(STEP)
    ).all()


def encode_some(engine: Engine, encoder: Encoder) -> int:
    """Encode the statements of the oldest received feedback; the number of feedback done."""
    with reading(engine) as session:
        ids = _oldest(session, FeedbackState.RECEIVED)
        statements = session.exec(
            select(Statement.id, Statement.text)
            .where(col(Statement.feedback_id).in_(ids))
            .order_by(col(Statement.id))
        ).all()
    if not ids:
        return 0
    # Outside any transaction: encoding takes seconds, and writers must not wait for it.
    start = time.perf_counter()
    vectors = encoder.encode([text for _, text in statements])
    metrics.ENCODING.inc(time.perf_counter() - start)
    metrics.ENCODED.inc(len(statements))
    packed = [v.astype("<f2").tobytes() for v in vectors]
    with transaction(engine) as session:
        # Another worker may have been at the same feedback: its vectors are as good.
        fresh = [
            {"statement_id": s, "encoder": encoder.name, "vector": v}
            for (s, _), v in zip(statements, packed, strict=True)
        ]
        if fresh:
            insert_new(session, StatementVector, fresh, unique=("statement_id", "encoder"))
        _move(session.connection(), ids, FeedbackState.RECEIVED, FeedbackState.ENCODED)
    return len(ids)


def assign_some(engine: Engine, known: KnownThemes, encoder: str) -> int:
    """Give the statements of encoded feedback their theme, or none; the number of feedback done."""
    with reading(engine) as session:
        ids = _oldest(session, FeedbackState.ENCODED)
        rows = session.exec(
            select(Statement, Feedback.customer_id, Feedback.product, StatementVector.vector)
            .join(StatementVector, col(StatementVector.statement_id) == col(Statement.id))
            .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
            .where(col(Statement.feedback_id).in_(ids), StatementVector.encoder == encoder)
            .order_by(col(Statement.id))
        ).all()
    if not ids:
        return 0
    statements = [said.id for said, *_ in rows]
    languages = [said.language for said, *_ in rows]
    fields = known.fields(
        [str(customer) if customer else None for _, customer, *_ in rows],
        [product for *_, product, _ in rows],
        [said.text for said, *_ in rows],
    )
    vectors = np.array([np.frombuffer(v, "<f2") for *_, v in rows], np.float32)
    found = known.assign(vectors, languages, *fields)
    with transaction(engine) as session:
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
            for s, theme in zip(statements, found, strict=True)
            if theme is not None
        ]
        if fresh:
            # What a run or another worker said of a statement meanwhile stands.
            insert_new(session, ThemeMembership, fresh, unique=("statement_id",))
        _move(session.connection(), ids, FeedbackState.ENCODED, FeedbackState.THEMED)
    themes: list[uuid.UUID | None] = [f[0] if f else None for f in found]
    known.add(statements, vectors, languages, themes, *fields)
    return len(ids)


def _standing(
    found: tuple[uuid.UUID, float] | None, ended: Mapping[uuid.UUID, uuid.UUID | None]
) -> tuple[uuid.UUID, float] | None:
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
