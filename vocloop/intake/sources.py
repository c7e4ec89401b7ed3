"""What each source's policy is: personal data, and for how long its feedback is kept."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import Session, col

from vocloop.config import settings
from vocloop.intake.removal import Removed, remove_feedback, take_turns
from vocloop.keys import cipher
from vocloop_models import (
    AuditAction,
    AuditEntry,
    Feedback,
    PersonalData,
    SourcePolicy,
    now,
)
from vocloop_models.bulk import insert_new


@dataclass(frozen=True)
class SourceRow:
    """A source with its policy; None: as the settings say, for ever."""

    source: str
    feedback: int
    personal_data: PersonalData | None
    retention_days: int | None


def sources(session: Session) -> list[SourceRow]:
    """Every source that has feedback or a policy, by name."""
    query = select(col(Feedback.source), func.count()).group_by(col(Feedback.source))
    counts = {source: int(count) for source, count in session.execute(query)}
    policies = {each.source: each for each in session.scalars(select(SourcePolicy))}
    rows = []
    for source in sorted({*counts, *policies}):
        policy = policies.get(source)
        rows.append(
            SourceRow(
                source,
                counts.get(source, 0),
                policy.personal_data if policy else None,
                policy.retention_days if policy else None,
            )
        )
    return rows


def set_policy(
    session: Session,
    source: str,
    *,
    personal_data: PersonalData | None,
    retention_days: int | None,
) -> SourcePolicy:
    """Say how ``source`` is treated from now on; what is stored already stays as it is until its
    retention ends. Raises InvalidInputError for ``encrypt`` without a key."""
    if personal_data is PersonalData.ENCRYPT:
        cipher(settings())
    insert_new(session, SourcePolicy, [SourcePolicy(source=source).model_dump()], unique=["source"])
    policy = session.get_one(SourcePolicy, source, with_for_update=True)
    policy.personal_data, policy.retention_days = personal_data, retention_days
    policy.updated_at = now()
    detail = {"source": source, "personal_data": personal_data, "retention_days": retention_days}
    session.add(AuditEntry(action=AuditAction.SET_POLICY, detail=detail))
    session.flush()
    return policy


def expire_some(session: Session, limit: int = 500, moment: dt.datetime | None = None) -> Removed:
    """Remove at most ``limit`` feedback that its source's retention no longer allows; call again
    until nothing is removed. Feedback without a date counts from the day it was received."""
    take_turns(session)
    removed = Removed()
    policies = select(SourcePolicy).where(col(SourcePolicy.retention_days).is_not(None))
    for policy in session.scalars(policies.order_by(col(SourcePolicy.source))).all():
        days = dt.timedelta(days=policy.retention_days or 0)
        ids = _expired(session, policy.source, (moment or now()) - days, limit - removed.feedback)
        if ids:
            gone = remove_feedback(session, ids)
            detail = {"source": policy.source, "feedback": gone.feedback}
            session.add(AuditEntry(action=AuditAction.EXPIRED, detail=detail))
            removed.add(gone)
        if removed.feedback >= limit:
            break
    session.flush()
    return removed


def _expired(session: Session, source: str, until: dt.datetime, limit: int) -> list[uuid.UUID]:
    said = func.coalesce(col(Feedback.said_at), col(Feedback.received_at))
    query = select(col(Feedback.id)).where(col(Feedback.source) == source, said < until)
    return list(session.scalars(query.order_by(col(Feedback.id)).limit(limit)))
