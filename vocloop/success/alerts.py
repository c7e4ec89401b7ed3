"""Alerts: raised from data without anyone asking, seen by a person, closed with a reason or by
themselves when their cause is gone."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import select as rows_of
from sqlmodel import Session, col, func, select

from vocloop.errors import ConflictError, InvalidInputError, NotFoundError, says
from vocloop.success import champions
from vocloop.success.signals import Found, signals
from vocloop_models import Alert, AlertKind, AlertState, Customer, now, turns
from vocloop_models.database import held
from vocloop_models.turns import Turn

STANDING = (AlertState.OPEN, AlertState.ACKNOWLEDGED)
GONE = "its cause is gone"


def sweep(session: Session, moment: dt.datetime | None = None) -> int:
    """Look at the data and bring alerts in step: raise, renew the evidence, close. How many were
    raised or closed. A second sweep over the same data changes nothing."""
    turns.take(session, Turn.ALERTS)
    champions.sync(session)
    at = moment or now()
    found = signals(session, at)
    standing: dict[tuple[AlertKind, uuid.UUID], Alert] = {}
    closed = 0
    # Those that a person closes meanwhile are left to them.
    kept = select(Alert).where(col(Alert.state).in_(STANDING)).order_by(col(Alert.id))
    for alert in session.exec(kept.with_for_update()):
        pair = (alert.kind, alert.customer_id)
        if pair in found and pair not in standing:
            standing[pair] = alert
        else:
            alert.state, alert.closed_at, alert.reason = AlertState.CLOSED, at, GONE
            closed += 1
    by_people = rows_of(col(Alert.kind), col(Alert.customer_id), col(Alert.episode)).where(
        col(Alert.state) == AlertState.CLOSED, col(Alert.closed_by).is_not(None)
    )
    quiet = {(kind, of, episode) for kind, of, episode in session.execute(by_people)}
    raised = _raise(session, found, standing, quiet, at)
    session.flush()
    return raised + closed


def _raise(
    session: Session,
    found: Found,
    standing: dict[tuple[AlertKind, uuid.UUID], Alert],
    quiet: set[tuple[AlertKind, uuid.UUID, str]],
    at: dt.datetime,
) -> int:
    raised = 0
    for pair, signal in found.items():
        alert = standing.get(pair)
        if alert is not None:
            alert.episode, alert.evidence = signal.episode, signal.evidence
        elif (*pair, signal.episode) not in quiet:
            kind, customer = pair
            session.add(
                Alert(
                    kind=kind,
                    customer_id=customer,
                    episode=signal.episode,
                    evidence=signal.evidence,
                    raised_at=at,
                )
            )
            raised += 1
    return raised


def listed(
    session: Session,
    *,
    states: Sequence[AlertState] = STANDING,
    kind: AlertKind | None = None,
    customer_id: uuid.UUID | None = None,
    start: int = 0,
    limit: int = 200,
) -> list[tuple[Alert, Customer]]:
    """With their customers: what nobody has seen first, then the newest first. ``limit`` of them
    from ``start`` on."""
    query = (
        select(Alert, Customer)
        .join(Customer, col(Customer.id) == col(Alert.customer_id))
        .where(col(Alert.state).in_(states))
        .order_by(col(Alert.state).desc(), col(Alert.id).desc())
        .offset(start)
        .limit(limit)
    )
    if kind is not None:
        query = query.where(Alert.kind == kind)
    if customer_id is not None:
        query = query.where(Alert.customer_id == customer_id)
    return list(session.exec(query).all())


def how_many(session: Session) -> dict[tuple[AlertState, AlertKind], int]:
    """Alerts by state and kind, however many are read at once."""
    state, kind = col(Alert.state), col(Alert.kind)
    counted = (
        rows_of(state, kind, func.count())
        .join(Customer, col(Customer.id) == col(Alert.customer_id))
        .group_by(state, kind)
    )
    return {(state, kind): count for state, kind, count in session.execute(counted)}


def acknowledge(session: Session, alert_id: uuid.UUID, by: str) -> Alert:
    """Someone has seen it and takes it on. Raises ConflictError for one that is closed."""
    alert = standing(session, alert_id)
    alert.state = AlertState.ACKNOWLEDGED
    alert.acknowledged_at, alert.acknowledged_by = now(), _named(by)
    session.flush()
    return alert


def close(session: Session, alert_id: uuid.UUID, by: str, reason: str) -> Alert:
    """Close it; it stays closed for its episode. Raises InvalidInputError without a reason."""
    alert = standing(session, alert_id)
    if not reason.strip():
        raise InvalidInputError(
            says("an alert is closed with a reason; give it"), [("reason", "give it")]
        )
    alert.state, alert.closed_at = AlertState.CLOSED, now()
    alert.closed_by, alert.reason = _named(by), reason.strip()
    session.flush()
    return alert


def standing(session: Session, alert_id: uuid.UUID) -> Alert:
    """Kept from others until the transaction ends. Raises NotFoundError; ConflictError for one that
    is closed."""
    found = held(session, Alert, alert_id)
    # Of a customer that is hidden from who asks there is no alert either.
    if found is None or session.get(Customer, found.customer_id) is None:
        raise NotFoundError(f"there is no alert {alert_id}; list them first")
    if found.state is AlertState.CLOSED:
        raise ConflictError(says("the alert is closed already; nothing is left to do"))
    return found


def _named(by: str) -> str:
    if not by.strip():
        raise InvalidInputError(says("say who does it"), [("by", "give a name")])
    return by.strip()
