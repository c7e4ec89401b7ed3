"""What happened, read from the rows that say so: each change is news once.

Domains that change something write their own row of it in their own transaction; here those rows
are read after the fact. So nothing is announced that was not committed, and nothing that was
committed is missed, whoever was killed when (docs/notify.md)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from vocloop_models import (
    Decision,
    EventKind,
    EventWatch,
    ImportJob,
    ImportState,
    ItemState,
    LoopEvent,
    OverdueAlert,
    RoadmapChange,
    ThemeEvent,
    ThemeEventKind,
    ThemeScore,
    first_id,
    without_evidence,
)
from vocloop_models.bulk import parts

# Rows are read again for so long after their time: a transaction that was open when its row was
# stamped may have been committed later. None is open for a day.
OVERLAP = dt.timedelta(days=1)
# A score has moved strongly when it left the 90 % interval that it had a week before.
WEEK = dt.timedelta(days=7)
# Scores older than this say nothing of last week.
OLDEST = dt.timedelta(days=35)
_MOVES = {ItemState.SHIPPED: EventKind.ITEM_SHIPPED, ItemState.REOPENED: EventKind.ITEM_REOPENED}
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Happened:
    key: str
    kind: EventKind
    subject_id: uuid.UUID
    at: dt.datetime
    detail: dict[str, Any] = field(default_factory=dict)


def watch(session: Session, name: str) -> EventWatch:
    """How far ``name`` has been read; from the beginning where nobody said otherwise."""
    found = session.get(EventWatch, name)
    if found is None:
        found = EventWatch(name=name, since=_EPOCH, upto=_EPOCH)
        session.add(found)
        session.flush()
    return found


def collect(session: Session, moment: dt.datetime) -> list[LoopEvent]:
    """Note what happened since the last time; the new events, oldest first. Call it in turn."""
    seen = watch(session, "events")
    after = max(seen.since, seen.upto - OVERLAP)
    found = {each.key: each for each in _happened(session, after)}
    seen.upto = max(seen.upto, moment)
    return _new(session, found)


def collect_moves(session: Session) -> list[LoopEvent]:
    """Note themes whose impact moved strongly within a week; once a theme and calendar week."""
    return _new(session, {each.key: each for each in _moved(session)})


def listed(session: Session, kind: EventKind | None, *, limit: int = 100) -> list[LoopEvent]:
    """Newest first."""
    query = select(LoopEvent).order_by(col(LoopEvent.at).desc(), col(LoopEvent.id).desc())
    if kind is not None:
        query = query.where(LoopEvent.kind == kind)
    return list(session.exec(query.limit(limit)))


def _new(session: Session, found: dict[str, Happened]) -> list[LoopEvent]:
    known: set[str] = set()
    for some in parts(sorted(found)):
        known |= set(session.exec(select(LoopEvent.key).where(col(LoopEvent.key).in_(some))))
    fresh = sorted((e for k, e in found.items() if k not in known), key=lambda e: (e.at, e.key))
    events = [LoopEvent(**vars(each)) for each in fresh]
    session.add_all(events)
    session.flush()
    return events


def _happened(session: Session, after: dt.datetime) -> Iterator[Happened]:
    yield from _roadmap(session, after)
    first = first_id(after)
    born = select(ThemeEvent).where(
        col(ThemeEvent.id) >= first, ThemeEvent.kind == ThemeEventKind.BORN
    )
    for row in session.exec(born):
        yield Happened(f"theme:{row.id}", EventKind.THEME_BORN, row.theme_id, row.at)
    imports = select(ImportJob).where(
        ImportJob.state == ImportState.DONE, col(ImportJob.finished_at) >= after
    )
    for job in session.exec(imports):
        counts = {"stored": job.stored, "repeated": job.repeated, "refused": job.refused}
        moment = job.finished_at or job.created_at
        yield Happened(f"import:{job.id}", EventKind.IMPORT_DONE, job.id, moment, counts)
    for late in session.exec(select(OverdueAlert).where(OverdueAlert.raised_at >= after)):
        told = {"routing": str(late.routing_id), "due_at": late.due_at.isoformat()}
        yield Happened(
            f"overdue:{late.id}",
            EventKind.ANSWER_OVERDUE,
            late.department_id,
            late.raised_at,
            told,
        )


def _roadmap(session: Session, after: dt.datetime) -> Iterator[Happened]:
    rows = session.exec(
        select(RoadmapChange).where(
            col(RoadmapChange.id) >= first_id(after),
            col(RoadmapChange.action).in_(["decided", "moved", "reviewed", "closed"]),
        )
    ).all()
    for row in rows:
        if row.action == "decided":
            decision = session.get_one(Decision, row.subject_id)
            told = {
                "decision": str(decision.id),
                "number": decision.number,
                "verdict": decision.verdict.value,
            }
            yield Happened(
                f"decision:{decision.id}",
                EventKind.DECISION_RECORDED,
                decision.item_id,
                decision.at,
                told,
            )
        elif row.action == "moved" and row.detail.get("after") in _MOVES:
            kind = _MOVES[ItemState(row.detail["after"])]
            yield Happened(f"change:{row.id}", kind, row.subject_id, row.at)
        elif row.action == "reviewed":
            told = {name: row.detail.get(name) for name in ("next_step", "result_good")}
            yield Happened(
                f"change:{row.id}", EventKind.REVIEW_CLOSED, row.subject_id, row.at, told
            )
        elif row.action == "closed":
            yield Happened(f"change:{row.id}", EventKind.ROUND_CLOSED, row.subject_id, row.at)


def _moved(session: Session) -> Iterator[Happened]:
    today = session.exec(select(func.max(ThemeScore.day))).one()
    if today is None:
        return
    week = f"{today.isocalendar().year}W{today.isocalendar().week:02d}"
    before: dict[uuid.UUID, ThemeScore] = {}
    numbers = select(ThemeScore).options(*without_evidence())
    earlier = numbers.where(
        col(ThemeScore.day) <= today - WEEK, col(ThemeScore.day) >= today - OLDEST
    )
    for score in session.exec(earlier.order_by(col(ThemeScore.day))):
        before[score.theme_id] = score
    for score in session.exec(numbers.where(ThemeScore.day == today)):
        was = before.get(score.theme_id)
        if was is None or was.impact_low <= score.impact <= was.impact_high:
            continue
        told = {
            "day": today.isoformat(),
            "impact": score.impact,
            "before": was.impact,
            "before_day": was.day.isoformat(),
            "before_low": was.impact_low,
            "before_high": was.impact_high,
        }
        key = f"score:{score.theme_id}:{week}"
        yield Happened(key, EventKind.SCORE_MOVED, score.theme_id, score.scored_at, told)
