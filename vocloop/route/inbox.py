"""A department's inbox: accept, hand over with a reason, answer in time. People's word stands: no
classifier moves what a person gave to a department."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import Session, case, col, func, select

from vocloop.errors import ConflictError, InvalidInputError, NotFoundError, says
from vocloop.route.hours import due
from vocloop_models import (
    DecidedBy,
    Department,
    OverdueAlert,
    Routing,
    RoutingEvent,
    RoutingEventKind,
    RoutingRule,
    RoutingState,
    RuleField,
    now,
    of_what_is_there,
)
from vocloop_models.database import held

OPEN = (RoutingState.WAITING, RoutingState.ACCEPTED)


def department(session: Session, key: str) -> Department:
    """Raises NotFoundError for an unknown key."""
    found = session.exec(select(Department).where(Department.key == key)).first()
    if found is None:
        raise NotFoundError(f"there is no department {key!r}; GET /api/departments lists them")
    return found


def departments(session: Session) -> Sequence[Department]:
    return session.exec(select(Department).order_by(col(Department.key))).all()


def get(session: Session, routing_id: uuid.UUID) -> Routing:
    """Raises NotFoundError for an unknown id."""
    found = session.get(Routing, routing_id)
    if found is None:
        raise NotFoundError(f"there is no routing {routing_id}; see the inbox or triage")
    return found


def of_theme(session: Session, theme_id: uuid.UUID) -> Routing:
    """Raises NotFoundError for a theme that is not routed."""
    found = session.exec(select(Routing).where(Routing.theme_id == theme_id)).first()
    if found is None:
        raise NotFoundError(f"theme {theme_id} is not routed yet; the worker does it")
    return found


def inbox(
    session: Session,
    key: str,
    *,
    answered: bool = False,
    start: int = 0,
    limit: int | None = None,
) -> Sequence[Routing]:
    """What a department has to answer, the most pressing first; or what it answered. A theme that
    was merged or dismissed since waits for nobody, here and in triage and alerts. ``limit``
    entries from ``start`` on, all of them when it is None."""
    return session.exec(
        select(Routing)
        .where(*_of(session, key, answered=answered))
        .order_by(col(Routing.due_at).is_(None), col(Routing.due_at), col(Routing.id))
        .offset(start)
        .limit(limit)
    ).all()


def how_many(session: Session, key: str, *, answered: bool = False) -> int:
    """Entries of inbox(), however many are read at once."""
    asked = select(func.count()).select_from(Routing)
    return session.exec(asked.where(*_of(session, key, answered=answered))).one()


def _of(session: Session, key: str, *, answered: bool) -> tuple[ColumnElement[bool], ...]:
    of = col(Routing.department_id) == department(session, key).id
    if answered:
        return of, col(Routing.state) == RoutingState.ANSWERED
    return of, col(Routing.state).in_(OPEN), of_what_is_there()


def triage(session: Session, *, start: int = 0, limit: int | None = None) -> Sequence[Routing]:
    """What nobody is sure of, the oldest first; ``start`` and ``limit`` as of inbox()."""
    return session.exec(
        select(Routing)
        .where(Routing.state == RoutingState.TRIAGE, of_what_is_there())
        .order_by(col(Routing.id))
        .offset(start)
        .limit(limit)
    ).all()


def history(session: Session, routing_id: uuid.UUID) -> Sequence[RoutingEvent]:
    get(session, routing_id)
    return session.exec(
        select(RoutingEvent)
        .where(RoutingEvent.routing_id == routing_id)
        .order_by(col(RoutingEvent.id))
    ).all()


def histories(session: Session, routings: Sequence[Routing]) -> dict[uuid.UUID, list[RoutingEvent]]:
    """By routing, all that happened to it, oldest first."""
    found: dict[uuid.UUID, list[RoutingEvent]] = {each.id: [] for each in routings}
    events = select(RoutingEvent).where(col(RoutingEvent.routing_id).in_(found))
    for event in session.exec(events.order_by(col(RoutingEvent.id))):
        found[event.routing_id].append(event)
    return found


@dataclass(frozen=True)
class Load:
    """What a department has to answer; ``late``: of it, what was due before now."""

    open: int
    late: int


def loads(session: Session) -> dict[uuid.UUID, Load]:
    """By department that has anything open."""
    late = func.count(case((col(Routing.due_at) < now(), 1)))
    rows = session.exec(
        select(Routing.department_id, func.count(), late)
        .where(
            col(Routing.state).in_(OPEN),
            col(Routing.department_id).is_not(None),
            of_what_is_there(),
        )
        .group_by(col(Routing.department_id))
    )
    return {of: Load(count, overdue) for of, count, overdue in rows if of is not None}


def in_triage(session: Session) -> int:
    waits = select(func.count()).where(Routing.state == RoutingState.TRIAGE, of_what_is_there())
    return session.exec(waits).one()


def place(routing: Routing, to: Department | None, at: dt.datetime) -> None:
    """Put it into a department's inbox, or into triage; the time to answer starts anew."""
    routing.department_id = to.id if to else None
    routing.state = RoutingState.WAITING if to else RoutingState.TRIAGE
    routing.routed_at = at
    routing.due_at = (
        due(at, to.answer_within, to.working_hours, to.timezone)
        if to and to.answer_within
        else None
    )


def assign(session: Session, routing_id: uuid.UUID, key: str, by: str | None = None) -> Routing:
    """A person says whose it is; classifiers learn from it. Raises NotFoundError."""
    routing = _held(session, routing_id)
    to = department(session, key)
    return _give(session, routing, to, kind=RoutingEventKind.ASSIGNED, reason=None, by=by)


def hand_over(
    session: Session, routing_id: uuid.UUID, key: str, reason: str, by: str | None = None
) -> Routing:
    """Give it to another department. Raises InvalidInputError without a reason, ConflictError
    when it is there already or not in any inbox, NotFoundError."""
    routing, to = _in_inbox(session, routing_id), department(session, key)
    if not reason.strip():
        raise InvalidInputError(says("a reason is missing; say why"), [("reason", "is empty")])
    if routing.department_id == to.id:
        raise ConflictError(says("it is with %(key)s already; name another department", key=key))
    kind = RoutingEventKind.HANDED_OVER
    return _give(session, routing, to, kind=kind, reason=reason.strip(), by=by)


def accept(session: Session, routing_id: uuid.UUID, by: str | None = None) -> Routing:
    """The department says that it is theirs. Raises ConflictError when it is in no inbox."""
    routing = _in_inbox(session, routing_id)
    routing.state, routing.decided_by = RoutingState.ACCEPTED, DecidedBy.PERSON
    _tell(session, routing, RoutingEventKind.ACCEPTED, by)
    return routing


def answer(session: Session, routing_id: uuid.UUID, text: str, by: str | None = None) -> Routing:
    """Answer it: an alert about it is over. Raises InvalidInputError without words,
    ConflictError when it is in no inbox."""
    routing = _in_inbox(session, routing_id)
    if not text.strip():
        raise InvalidInputError(says("the answer is missing; write it"), [("answer", "is empty")])
    routing.state, routing.answer = RoutingState.ANSWERED, text.strip()
    routing.decided_by = DecidedBy.PERSON
    resolve(session, routing)
    _tell(session, routing, RoutingEventKind.ANSWERED, by)
    return routing


def raise_overdue(session: Session, at: dt.datetime | None = None) -> list[OverdueAlert]:
    """Alerts for all that was due before ``at`` (now) and has none yet; repeating adds none."""
    moment = at or now()
    late = session.exec(
        select(Routing)
        .outerjoin(
            OverdueAlert,
            (col(OverdueAlert.routing_id) == Routing.id)
            & (col(OverdueAlert.due_at) == Routing.due_at),
        )
        .where(
            col(Routing.state).in_(OPEN),
            col(Routing.due_at) < moment,
            col(OverdueAlert.id).is_(None),
            of_what_is_there(),
        )
        .order_by(col(Routing.id))
        # Who holds one may be answering it: the next look tells.
        .with_for_update(of=Routing, skip_locked=True)
    ).all()
    raised = [
        OverdueAlert(
            routing_id=routing.id,
            department_id=routing.department_id,
            due_at=routing.due_at,
            raised_at=moment,
        )
        for routing in late
        if routing.department_id is not None and routing.due_at is not None
    ]
    session.add_all(raised)
    session.flush()
    return raised


def alerts(session: Session) -> Sequence[OverdueAlert]:
    """Those that stand, the longest overdue first."""
    return session.exec(
        select(OverdueAlert)
        .join(Routing, col(Routing.id) == col(OverdueAlert.routing_id))
        .where(col(OverdueAlert.resolved_at).is_(None), of_what_is_there())
        .order_by(col(OverdueAlert.due_at), col(OverdueAlert.id))
    ).all()


def rules(session: Session) -> Sequence[RoutingRule]:
    return session.exec(select(RoutingRule).order_by(col(RoutingRule.id))).all()


def add_rule(
    session: Session, field: RuleField, value: str, key: str, by: str | None = None
) -> RoutingRule:
    """Raises NotFoundError without such a department, InvalidInputError without a value."""
    if not value.strip():
        raise InvalidInputError(
            says("the rule's value is missing; write one"), [("value", "is empty")]
        )
    to = department(session, key)
    rule = RoutingRule(field=field, value=value.strip(), department_id=to.id, by=by)
    session.add(rule)
    session.flush()
    return rule


def remove_rule(session: Session, rule_id: uuid.UUID) -> None:
    rule = held(session, RoutingRule, rule_id)
    if rule is None:
        raise NotFoundError(f"there is no rule {rule_id}; GET /api/routing-rules lists them")
    session.delete(rule)
    session.flush()


def _held(session: Session, routing_id: uuid.UUID) -> Routing:
    return held(session, Routing, routing_id) or get(session, routing_id)


def _in_inbox(session: Session, routing_id: uuid.UUID) -> Routing:
    routing = _held(session, routing_id)
    if routing.state not in OPEN:
        raise ConflictError(says("it is in no inbox; assign it to one first"))
    return routing


def _give(
    session: Session,
    routing: Routing,
    to: Department,
    *,
    kind: RoutingEventKind,
    reason: str | None,
    by: str | None,
) -> Routing:
    before = session.get(Department, routing.department_id) if routing.department_id else None
    place(routing, to, now())
    routing.decided_by, routing.confidence = DecidedBy.PERSON, 1.0
    resolve(session, routing)
    detail = {"from": before.key if before else None, "to": to.key}
    _tell(session, routing, kind, by, **detail, **({"reason": reason} if reason else {}))
    return routing


def _tell(
    session: Session, routing: Routing, kind: RoutingEventKind, by: str | None, **detail: str | None
) -> None:
    session.add(RoutingEvent(routing_id=routing.id, kind=kind, detail=detail, by=by))
    session.flush()


def resolve(session: Session, routing: Routing) -> None:
    """No answer to it is overdue any more."""
    standing = select(OverdueAlert).where(
        OverdueAlert.routing_id == routing.id, col(OverdueAlert.resolved_at).is_(None)
    )
    for alert in session.exec(standing):
        alert.resolved_at = now()
