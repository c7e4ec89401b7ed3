"""Spot checks: memberships drawn at random, which people mark right or wrong."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import func
from sqlmodel import Session, col, select

from vocloop.errors import NotFoundError
from vocloop_models import (
    AssignedBy,
    SpotCheck,
    Statement,
    Theme,
    ThemeMembership,
    now,
)

A_MONTH = 50
# A 90 % interval, as everywhere in vocloop.
DEVIATIONS = 1.645


@dataclass(frozen=True)
class Accuracy:
    """Of the ``checked`` memberships ``right`` are right: ``value`` with its 90 % interval, None
    before the first one is checked. ``drawn``: all that were to be checked."""

    month: dt.date | None
    drawn: int
    checked: int
    right: int
    value: float | None
    low: float
    high: float


@dataclass(frozen=True)
class OpenCheck:
    id: uuid.UUID
    statement_id: uuid.UUID
    text: str
    language: str
    theme: Theme


def draw(session: Session, day: dt.date | None = None) -> int:
    """Fill this month's spot checks up to A_MONTH; how many were added. What a person placed is
    not drawn."""
    month = (day or now().date()).replace(day=1)
    taken = select(SpotCheck.statement_id).where(SpotCheck.month == month)
    missing = A_MONTH - len(session.exec(taken).all())
    if missing <= 0:
        return 0
    rows = session.exec(
        select(ThemeMembership.statement_id, ThemeMembership.theme_id)
        .where(
            ThemeMembership.assigned_by != AssignedBy.PERSON,
            col(ThemeMembership.statement_id).not_in(taken),
        )
        .order_by(func.random())
        .limit(missing)
    ).all()
    session.add_all(
        SpotCheck(month=month, statement_id=statement, theme_id=theme) for statement, theme in rows
    )
    session.flush()
    return len(rows)


def open_checks(session: Session, limit: int = A_MONTH) -> list[OpenCheck]:
    """What waits to be looked at in the newest month, oldest draw first. A statement that is of
    another theme by now is left out: its membership is no more."""
    month = select(func.max(SpotCheck.month)).scalar_subquery()
    rows = session.exec(
        select(SpotCheck.id, Statement, Theme)
        .join(Statement, col(Statement.id) == col(SpotCheck.statement_id))
        .join(Theme, col(Theme.id) == col(SpotCheck.theme_id))
        .join(ThemeMembership, col(ThemeMembership.statement_id) == col(SpotCheck.statement_id))
        .where(
            SpotCheck.month == month,
            col(SpotCheck.right).is_(None),
            col(ThemeMembership.theme_id) == col(SpotCheck.theme_id),
        )
        .order_by(col(SpotCheck.id))
        .limit(limit)
    )
    return [OpenCheck(i, s.id, s.text, s.language, theme) for i, s, theme in rows]


def mark(
    session: Session, check_id: uuid.UUID, *, right: bool | None, by: str | None = None
) -> SpotCheck:
    """Say whether a drawn membership is right; None takes it back. Raises NotFoundError."""
    check = session.get(SpotCheck, check_id)
    if check is None:
        raise NotFoundError(f"there is no spot check {check_id}; open one from the list of checks")
    check.right, check.by, check.at = right, by, now()
    if right is None:
        check.by = check.at = None
    session.flush()
    return check


def accuracy(session: Session, months: int = 12) -> list[Accuracy]:
    """Month by month, newest first."""
    rows = session.execute(
        sa.select(
            col(SpotCheck.month),
            func.count(),
            func.count(col(SpotCheck.right)),
            func.count().filter(col(SpotCheck.right).is_(True)),
        )
        .group_by(col(SpotCheck.month))
        .order_by(col(SpotCheck.month).desc())
        .limit(months)
    )
    return [_accuracy(month, drawn, checked, right) for month, drawn, checked, right in rows]


def _accuracy(month: dt.date, drawn: int, checked: int, right: int) -> Accuracy:
    low, high = wilson(right, checked)
    value = right / checked if checked else None
    return Accuracy(month, drawn, checked, right, value, low, high)


def wilson(right: int, checked: int) -> tuple[float, float]:
    """90 % interval of a share (Wilson 1927); 0 … 1 when nothing was checked."""
    if not checked:
        return 0.0, 1.0
    share, z2 = right / checked, DEVIATIONS**2
    middle = share + z2 / (2 * checked)
    half = DEVIATIONS * math.sqrt(share * (1 - share) / checked + z2 / (4 * checked**2))
    scale = 1 + z2 / checked
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)
