"""Themes and urgent feedback go to departments: by rules first, then by the classifier, and to
triage when neither is sure. What people decided stays."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import String, cast, func, or_
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from vocloop.route.classify import Encode, Floats, Lessons
from vocloop.route.departments import Described, encoded
from vocloop.route.fields import Fields, fields_of
from vocloop.route.inbox import departments, place, resolve, rules
from vocloop.route.machine import Machine, Texts, learn
from vocloop_models import (
    SHOWN_STATES,
    Customer,
    DecidedBy,
    Department,
    Feedback,
    FeedbackState,
    Priority,
    Routing,
    RoutingEvent,
    RoutingEventKind,
    RoutingRule,
    RoutingState,
    RuleField,
    Statement,
    StatementVector,
    Theme,
    ThemeMembership,
    now,
)
from vocloop_models.bulk import among

# Below this a person decides: confidence is calibrated, so it would be wrong more often than not.
SURE = 0.4
# A rule decides for a theme when it fits this share of its feedback.
RULED = 0.5
# Other departments are touched when this share of the statements is theirs.
TOUCHED = 0.2
BLOCKED = 4  # Feedback.severity_mark
MOST_LESSONS, MOST_STATEMENTS, STEP = 2_000, 100, 50


@dataclass(frozen=True)
class Setup:
    """What decides, and its digest: a change of it lets machines decide again."""

    departments: Sequence[Department]
    rules: Sequence[RoutingRule]
    digest: str


@dataclass(frozen=True)
class Pending:
    """A theme or a feedback to route, and the mark of what it holds now."""

    theme: uuid.UUID | None
    feedback: uuid.UUID | None
    seen: str


@dataclass(frozen=True)
class Taught:
    """A machine, and the row in its pool of each statement that is there."""

    machine: Machine
    rows: Mapping[uuid.UUID, int]


@dataclass(frozen=True)
class _Voice:
    """One statement with what rules look at."""

    statement: Statement
    vector: bytes
    feedback: Feedback
    customer: Customer | None


def setup(session: Session) -> Setup | None:
    """None while there are no two departments: there is nothing to choose."""
    every, ruled = departments(session), rules(session)
    if len(every) < 2:
        return None
    told = [(d.key, d.name_ja, d.name_en, d.description_ja, d.description_en) for d in every]
    told_rules = [(r.field.value, r.value, str(r.department_id)) for r in ruled]
    taught = session.exec(
        select(func.count()).select_from(Routing).where(Routing.decided_by == DecidedBy.PERSON)
    ).one()
    digest = hashlib.sha256(repr((told, told_rules, taught)).encode()).hexdigest()[:16]
    return Setup(every, ruled, digest)


def pending(session: Session, known: Setup, encoder: str) -> list[Pending]:
    """The first STEP themes and urgent feedback that are new, or changed since they were routed
    by a machine."""
    held = session.exec(
        select(
            ThemeMembership.theme_id,
            func.count(),
            func.max(ThemeMembership.assigned_at),
        )
        .join(Theme, col(Theme.id) == ThemeMembership.theme_id)
        .join(
            StatementVector,
            (col(StatementVector.statement_id) == ThemeMembership.statement_id)
            & (col(StatementVector.encoder) == encoder),
        )
        .where(col(Theme.state).in_(SHOWN_STATES))
        .group_by(col(ThemeMembership.theme_id))
        .order_by(col(ThemeMembership.theme_id))
    ).all()
    stored = {
        theme: seen if by is not DecidedBy.PERSON else None
        for theme, seen, by in session.exec(
            select(Routing.theme_id, Routing.seen, Routing.decided_by)
        )
        if theme is not None
    }
    found = []
    for theme, count, newest in held:
        seen = f"{known.digest}:{count}:{newest}"
        # None: a person decided.
        if stored.get(theme, "") not in (seen, None):
            found.append(Pending(theme, None, seen))
    urgent = session.exec(
        select(Feedback.id)
        .outerjoin(Routing, col(Routing.feedback_id) == Feedback.id)
        .where(
            Feedback.state == FeedbackState.THEMED,
            or_(col(Feedback.priority) == Priority.URGENT, col(Feedback.severity_mark) == BLOCKED),
            col(Routing.id).is_(None),
            select(StatementVector.statement_id)
            .join(Statement, col(Statement.id) == StatementVector.statement_id)
            .where(Statement.feedback_id == Feedback.id, StatementVector.encoder == encoder)
            .exists(),
        )
        .order_by(col(Feedback.id))
        .limit(STEP)
    )
    found += [Pending(None, feedback, known.digest) for feedback in urgent]
    return found[:STEP]


def _is_machines(routing: Routing) -> bool:
    return routing.decided_by is not DecidedBy.PERSON


def _told(known: Setup) -> list[Described]:
    return [
        Described(
            d.key,
            tuple(n for n in (d.name_en, d.name_ja) if n) or (d.key,),
            tuple(t for t in (d.description_en, d.description_ja) if t),
        )
        for d in known.departments
    ]


def described(known: Setup, encode: Encode) -> list[Floats]:
    """The vectors of each department's names and descriptions; takes a moment."""
    return encoded(_told(known), encode)


def taught(session: Session, known: Setup, told: Sequence[Floats], encoder: str) -> Taught | None:
    """Descriptions, the statements of what people gave to departments, and the newest others. None
    before anything is encoded."""
    number = {department.id: i for i, department in enumerate(known.departments)}
    newest = session.exec(
        select(Statement.id, StatementVector.vector, Statement.text)
        .join(StatementVector, col(StatementVector.statement_id) == Statement.id)
        .where(StatementVector.encoder == encoder)
        .order_by(col(Statement.id).desc())
        .limit(MOST_LESSONS)
    ).all()
    decided = session.exec(
        select(Statement.id, StatementVector.vector, Statement.text, Routing)
        .join(StatementVector, col(StatementVector.statement_id) == Statement.id)
        .outerjoin(ThemeMembership, col(ThemeMembership.statement_id) == Statement.id)
        .join(
            Routing,
            or_(
                col(Routing.theme_id) == ThemeMembership.theme_id,
                col(Routing.feedback_id) == Statement.feedback_id,
            ),
        )
        .where(StatementVector.encoder == encoder, Routing.decided_by == DecidedBy.PERSON)
        .order_by(col(Routing.routed_at).desc(), col(Statement.id))
        .limit(MOST_LESSONS)
    ).all()
    # What was decided last of a statement counts.
    lessons = {row[0]: row for row in reversed(decided) if row[3].department_id in number}
    by = [row[3] for row in lessons.values()]
    every = [row[:3] for row in lessons.values()]
    every += [row for row in newest if row[0] not in lessons]
    if not every:
        return None
    vectors, texts = _vectors([row[1] for row in every]), [row[2] for row in every]
    count = len(lessons)
    fields = _fields(session, [row[0] for row in every]) if count else []
    machine = learn(
        told,
        [d.words() for d in _told(known)],
        Texts(vectors[count:], texts[count:], fields[count:]),
        Lessons(
            vectors[:count],
            texts[:count],
            np.array([number[each.department_id] for each in by if each.department_id], np.int64),
            np.unique([str(each.id) for each in by], return_inverse=True)[1],
            fields[:count],
        ),
    )
    places = [*range(count), *machine.sampled]
    rows = {row[0]: int(place) for row, place in zip(every, places, strict=True)}
    return Taught(machine, rows)


def route(
    session: Session, known: Setup, ready: Taught, waiting: Sequence[Pending], encoder: str
) -> int:
    """Route ``waiting``; how many. A person who decided meanwhile is not overruled."""
    done = 0
    # One worker at a time: what another routed meanwhile is seen below, not made twice.
    first = select(Department.id).order_by(col(Department.id)).limit(1)
    session.exec(first.with_for_update(key_share=True)).all()
    for each in waiting:
        voices = _voices(session, each, encoder)
        where = (
            Routing.theme_id == each.theme if each.theme else Routing.feedback_id == each.feedback
        )
        # Held: a person who decides on it from here on has the last word.
        stored = session.exec(select(Routing).where(where).with_for_update()).first()
        if not voices or (stored is not None and not _is_machines(stored)):
            continue
        _decide(session, known, ready, each, voices, stored)
        done += 1
    session.flush()
    return done


def _decide(  # noqa: PLR0917 - what decides, on what
    session: Session,
    known: Setup,
    ready: Taught,
    each: Pending,
    voices: Sequence[_Voice],
    stored: Routing | None,
) -> None:
    asked = Texts(
        _vectors([voice.vector for voice in voices]),
        [voice.statement.text for voice in voices],
        _fields(session, [voice.statement.id for voice in voices]),
    )
    odds = ready.machine.odds(
        asked,
        np.array([ready.rows.get(voice.statement.id, -1) for voice in voices]),
    )
    mean = odds.mean(axis=0)
    best = int(mean.argmax())
    to: Department | None = known.departments[best]
    confidence, by = float(ready.machine.confidence(mean[None])[0]), DecidedBy.CLASSIFIER
    if ruled := _ruled(known.rules, voices):
        to = next(d for d in known.departments if d.id == ruled[0])
        confidence, by = ruled[1], DecidedBy.RULE
    elif confidence < SURE:
        to = None
    shares = np.bincount(odds.argmax(axis=1), minlength=len(mean)) / len(voices)
    before = stored.department_id if stored else None
    routing = stored or Routing(
        theme_id=each.theme,
        feedback_id=each.feedback,
        confidence=0,
        decided_by=by,
        state=RoutingState.TRIAGE,
    )
    routing.confidence, routing.decided_by, routing.seen = min(confidence, 1.0), by, each.seen
    routing.touched = {
        d.key: round(float(share), 3)
        for d, share in zip(known.departments, shares, strict=True)
        if share >= TOUCHED and d is not to
    }
    session.add(routing)
    if stored is not None and before == (to.id if to else None):
        return
    # Only a new owner starts the clock anew.
    place(routing, to, now())
    resolve(session, routing)
    session.flush()
    detail: dict[str, Any] = {"to": to.key if to else None, "decided_by": by.value}
    if to is not None and by is DecidedBy.CLASSIFIER:
        # Names only: a value may be what few may see.
        detail["fields"] = ready.machine.classifier.reasons(asked.fields, best)
    session.add(RoutingEvent(routing_id=routing.id, kind=RoutingEventKind.ROUTED, detail=detail))


def _ruled(
    every: Sequence[RoutingRule], voices: Sequence[_Voice]
) -> tuple[uuid.UUID, float] | None:
    """The department that rules send most of ``voices`` to, and the share."""
    votes: dict[uuid.UUID, int] = {}
    for voice in voices:
        to = next((r.department_id for r in every if fits(r, voice)), None)
        if to is not None:
            votes[to] = votes.get(to, 0) + 1
    if not votes:
        return None
    winner = max(votes, key=lambda to: votes[to])
    share = votes[winner] / len(voices)
    return (winner, share) if share >= RULED else None


def fits(rule: RoutingRule, voice: _Voice) -> bool:
    """Whether ``rule`` speaks of ``voice``, whatever the case of letters."""
    value, feedback, customer = rule.value.casefold(), voice.feedback, voice.customer
    looked_at: Mapping[RuleField, Sequence[str | None]] = {
        RuleField.SOURCE: [feedback.source],
        RuleField.TAG: feedback.tags,
        RuleField.PRODUCT: [feedback.product],
        RuleField.CUSTOMER: (
            [str(customer.id), customer.external_id, customer.name] if customer else []
        ),
    }
    if rule.field is RuleField.KEYWORD:
        return value in f"{feedback.title or ''}\n{voice.statement.text}".casefold()
    return any(word is not None and word.casefold() == value for word in looked_at[rule.field])


def _fields(session: Session, statements: Sequence[uuid.UUID]) -> list[Fields]:
    """What each of ``statements`` comes with."""
    of = {
        "tags": col(Feedback.tags),
        "product": col(Feedback.product),
        "source": col(Feedback.source),
        "channel": col(Feedback.channel),
        "priority": col(Feedback.priority),
        "customer": cast(col(Feedback.customer_id), String),
        "industry": col(Customer.industry),
    }
    asked = (
        rows_of(col(Statement.id), *of.values())
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
        .join(Customer, col(Customer.id) == col(Feedback.customer_id), isouter=True)
        .where(among(session, col(Statement.id), statements))
    )
    found = {
        statement: fields_of(dict(zip(of, values, strict=True)))
        for statement, *values in session.execute(asked)
    }
    return [found.get(statement, ()) for statement in statements]


def _voices(session: Session, each: Pending, encoder: str) -> list[_Voice]:
    query = (
        select(Statement, StatementVector.vector, Feedback, Customer)
        .join(StatementVector, col(StatementVector.statement_id) == Statement.id)
        .join(Feedback, col(Feedback.id) == Statement.feedback_id)
        .outerjoin(Customer, col(Customer.id) == Feedback.customer_id)
        .where(StatementVector.encoder == encoder)
        .order_by(col(Statement.id).desc())
        .limit(MOST_STATEMENTS)
    )
    if each.theme is not None:
        query = query.join(
            ThemeMembership, col(ThemeMembership.statement_id) == Statement.id
        ).where(ThemeMembership.theme_id == each.theme)
    if each.feedback is not None:
        query = query.where(Feedback.id == each.feedback)
    return [_Voice(*row) for row in session.exec(query)]


def _vectors(stored: Sequence[bytes]) -> Floats:
    return np.array([np.frombuffer(vector, "<f2") for vector in stored], np.float32)
