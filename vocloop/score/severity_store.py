"""Severity and the database: what is known of each statement, and what its people teach."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sqlalchemy import String, or_, select, type_coerce, update
from sqlmodel import Session, col

from vocloop.errors import InvalidInputError, NotFoundError
from vocloop.score.severity import MARKS, PRIORITIES, Voice, rating_odds, said_odds, traits
from vocloop.score.severity_adapt import (
    MAX_LABELS,
    MIN_LABELS,
    WORTH,
    Taught,
    Teaching,
    learn,
    nearby,
    pack,
    tried,
    unpack,
)
from vocloop.score.severity_head import BLOCK, Floats, Reading, head_for, read
from vocloop_models import (
    ClusterRun,
    Customer,
    Feedback,
    SeverityCorrection,
    SeverityLesson,
    Statement,
    StatementVector,
    ThemeMembership,
    now,
)
from vocloop_models.database import held

# A customer who leaves within so many days of saying it was hurt, to this degree.
LEFT_DAYS, LEFT_ODDS = 90, 1.5


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one statement besides its words and its feedback's fields."""

    reading: Reading | None = None
    teaching: Teaching | None = None
    correction: float | None = None


NOTHING = Known()


def known(session: Session) -> dict[str, Known]:
    """By statement id, spelled with hyphens: what is known of each statement that has a theme."""
    corrections = {
        str(statement): severity
        for statement, severity in session.execute(
            select(col(SeverityCorrection.statement_id), col(SeverityCorrection.severity))
        )
    }
    found = {statement: Known(correction=said) for statement, said in corrections.items()}
    encoder = _encoder(session)
    if encoder is None:
        return found
    head, taught = head_for(encoder), current_lesson(session, encoder)
    if head is None and taught is None:
        return found
    for ids, vectors in _themed(session, encoder):
        readings = read(head, vectors) if head else [None] * len(ids)
        near = nearby(taught, vectors).tolist() if taught else []
        for i, statement in enumerate(ids):
            teaching = Teaching(near[i], taught.slopes) if taught else None
            found[statement] = Known(readings[i], teaching, corrections.get(statement))
    return found


def _encoder(session: Session) -> str | None:
    """The encoder of the newest run; before any run that of some vector."""
    newest = select(col(ClusterRun.encoder)).order_by(col(ClusterRun.started_at).desc()).limit(1)
    some = select(col(StatementVector.encoder)).limit(1)
    return session.scalar(newest) or session.scalar(some)


def _themed(session: Session, encoder: str) -> Iterator[tuple[list[str], Floats]]:
    rows = session.execute(
        select(type_coerce(col(StatementVector.statement_id), String), col(StatementVector.vector))
        .join(ThemeMembership, col(ThemeMembership.statement_id) == StatementVector.statement_id)
        .where(col(StatementVector.encoder) == encoder)
    )
    for block in rows.partitions(BLOCK):
        yield [_spelled(key) for key, _ in block], _vectors([vector for _, vector in block])


def _spelled(key: object) -> str:
    """SQLite's driver gives 32 digits: an object for each of a million ids takes seconds."""
    digits = str(key)
    if len(digits) != 32:
        return digits
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _vectors(stored: list[bytes]) -> Floats:
    return np.array([np.frombuffer(vector, "<f2") for vector in stored], np.float32)


def correct(
    session: Session, statement_id: uuid.UUID, severity: float, by: str | None = None
) -> SeverityCorrection:
    """Keep what a person says of a statement, over what was said before; counts at the next
    scoring.

    Raises NotFoundError without such a statement, InvalidInputError outside 0–1."""
    if not 0 <= severity <= 1:
        raise InvalidInputError(f"severity is {severity!r}; write a number from 0 to 1")
    if held(session, Statement, statement_id) is None:
        raise NotFoundError(f"there is no statement {statement_id}; look it up in its theme")
    stored = session.get(SeverityCorrection, statement_id) or SeverityCorrection(
        statement_id=statement_id, severity=severity
    )
    stored.severity, stored.by, stored.at = severity, by, now()
    session.add(stored)
    session.flush()
    return stored


def withdraw(session: Session, statement_id: uuid.UUID) -> None:
    """Take a correction back. Raises NotFoundError when there is none."""
    stored = session.get(SeverityCorrection, statement_id)
    if stored is None:
        raise NotFoundError(f"nobody corrected the severity of statement {statement_id}")
    session.delete(stored)
    session.flush()


def newest_lesson(session: Session) -> SeverityLesson | None:
    return session.scalar(select(SeverityLesson).order_by(col(SeverityLesson.id).desc()).limit(1))


def current_lesson(session: Session, encoder: str) -> Taught | None:
    """What was learned last, if it is of use and of this encoder."""
    newest = newest_lesson(session)
    if newest is None or not newest.used or newest.encoder != encoder or newest.learned is None:
        return None
    return unpack(newest.learned)


def learn_severity(session: Session, encoder: str) -> SeverityLesson | None:
    """``prepare`` and ``keep`` in one, for callers who need not let others write in between."""
    lesson = prepare(session, encoder)
    keep(session, lesson)
    return lesson


def prepare(session: Session, encoder: str) -> SeverityLesson | None:
    """What corrections, marks, priorities, ratings and outcomes of this workspace teach; None when
    there are fewer than MIN_LABELS. Writes nothing: it takes seconds."""
    labelled = _labelled(session, encoder)
    if len(labelled.targets) < MIN_LABELS or len(set(labelled.group)) < 2:
        return None
    voices, vectors = labelled.voices, _vectors(labelled.vectors)
    head = head_for(encoder)
    if head is not None:
        voices = [
            Voice(v.text, v.language, reading=reading)
            for v, reading in zip(voices, read(head, vectors), strict=True)
        ]
    known_traits = traits(voices)
    targets, weights = np.array(labelled.targets), np.array(labelled.weights)
    group = np.unique(np.array(labelled.group), return_inverse=True)[1].astype(np.int64)
    found = tried(vectors, known_traits, targets, weights, group)
    lesson = SeverityLesson(
        encoder=encoder,
        labels=dict(sorted(labelled.kinds.items())),
        before=found.before,
        after=found.after,
        used=found.used,
    )
    if lesson.used:
        lesson.learned = pack(learn(encoder, vectors, known_traits, targets, weights))
    return lesson


def keep(session: Session, lesson: SeverityLesson | None) -> None:
    """Let the lesson, or none, be the one in use from the next scoring on. Does not commit."""
    # Vectors of what was said are kept once: what is erased must not live on in an old lesson.
    session.execute(update(SeverityLesson).values(learned=None))
    if lesson is not None:
        session.add(lesson)
    session.flush()


@dataclass
class _Labelled:
    voices: list[Voice] = field(default_factory=list)
    vectors: list[bytes] = field(default_factory=list)
    targets: list[float] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)
    group: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)


def _labelled(session: Session, encoder: str) -> _Labelled:
    """The statements that someone said something of: the surest kinds first, then the newest."""
    given: list[Any] = [
        col(SeverityCorrection.severity),
        col(Feedback.severity_mark),
        col(Feedback.priority),
    ]
    rows = session.execute(
        select(
            col(Statement.text),
            col(Statement.language),
            col(StatementVector.vector),
            col(Feedback.id),
            col(Feedback.said_at),
            col(Customer.until),
            *given,
            col(Feedback.rating),
            col(Feedback.rating_scale),
        )
        .join(StatementVector, col(StatementVector.statement_id) == Statement.id)
        .join(Feedback, col(Feedback.id) == Statement.feedback_id)
        .outerjoin(Customer, col(Customer.id) == Feedback.customer_id)
        .outerjoin(SeverityCorrection, col(SeverityCorrection.statement_id) == Statement.id)
        .where(
            col(StatementVector.encoder) == encoder,
            or_(
                *(column.is_not(None) for column in given),
                col(Feedback.rating_scale).is_not(None),
                col(Customer.until).is_not(None),
            ),
        )
        .order_by(*(column.is_(None) for column in given), col(Statement.id).desc())
        # Of customers who left, some said it long before, and nothing is taught by that.
        .limit(2 * MAX_LABELS)
    )
    found = _Labelled()
    for row in rows:
        labels = _labels(dict(row._mapping))
        if not labels:
            continue
        weight = sum(WORTH[kind] for kind in labels)
        found.voices.append(Voice(row.text, row.language))
        found.vectors.append(row.vector)
        found.targets.append(sum(WORTH[k] * odds for k, odds in labels.items()) / weight)
        found.weights.append(weight)
        found.group.append(str(row.id))
        found.kinds.update(labels.keys())
        if len(found.voices) == MAX_LABELS:
            break
    return found


def _labels(row: Mapping[str, Any]) -> dict[str, float]:
    """Log-odds by kind of label. A correction is about the statement: it stands alone."""
    if row["severity"] is not None:
        return {"correction": said_odds(row["severity"])}
    labels = {}
    if row["severity_mark"] is not None:
        labels["mark"] = MARKS[row["severity_mark"]]
    if row["priority"] is not None:
        labels["priority"] = PRIORITIES[row["priority"]]
    if row["rating"] is not None and row["rating_scale"] is not None:
        labels["rating"] = rating_odds(row["rating"], row["rating_scale"])
    if row["until"] is not None and row["said_at"] is not None:
        after: dt.timedelta = row["until"] - row["said_at"].date()
        if 0 <= after.days <= LEFT_DAYS:
            labels["left"] = LEFT_ODDS
    return labels
