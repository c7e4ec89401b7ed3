"""Themes by who said them, where and when: conditions on the voices behind a theme."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from vocloop.errors import InvalidInputError
from vocloop.said import said
from vocloop_models import (
    COMPANY_ATTRIBUTES,
    Customer,
    Department,
    Feedback,
    Routing,
    Theme,
    TouchTier,
)
from vocloop_models.bulk import among

# Choices that are offered for one filter; a workspace with more of them types the address.
MOST_CHOICES = 200


@dataclass(frozen=True)
class Heard:
    """Conditions that are None do not filter. All of them hold for one and the same voice.

    ``segment``: attribute of the company and its value; ``since``: said at that moment or later;
    ``department``: the theme was routed there."""

    source: str | None = None
    segment: tuple[str, str] | None = None
    since: dt.datetime | None = None
    department: uuid.UUID | None = None


@dataclass(frozen=True)
class Choices:
    """What a workspace can be narrowed down by; values by attribute."""

    sources: list[str]
    segments: dict[str, list[str]]
    departments: list[Department]


def conditions(session: Session, heard: Heard) -> list[ColumnElement[bool]]:
    """On Theme. Raises InvalidInputError for a segment of an attribute that is none."""
    found: list[ColumnElement[bool]] = []
    if heard.department is not None:
        found.append(
            exists().where(
                col(Routing.theme_id) == col(Theme.id),
                col(Routing.department_id) == heard.department,
            )
        )
    companies = None
    if heard.segment is not None:
        of_segment = select(Customer.id).where(_of_segment(*heard.segment))
        companies = session.exec(of_segment).all()
    if (heard.source, heard.since, companies) != (None, None, None):
        passing = said(session).themes_said(
            source=heard.source, since=heard.since, companies=companies
        )
        found.append(among(session, col(Theme.id), passing))
    return found


def _of_segment(attribute: str, value: str) -> ColumnElement[bool]:
    if attribute not in COMPANY_ATTRIBUTES:
        every = ", ".join(COMPANY_ATTRIBUTES)
        reason = f"{attribute!r} is no attribute of a company; use one of {every}"
        raise InvalidInputError(f"segment: {reason}", [("segment", reason)])
    column = getattr(Customer, attribute)
    if attribute == "touch_tier":
        return col(column) == (TouchTier(value) if value in list(TouchTier) else None)
    return col(column) == value


def choices(session: Session) -> Choices:
    """Sources, segments and departments of the workspace, in the order of their names."""
    # All attributes in one look at the customers: these are few, each look costs.
    columns = [col(getattr(Customer, attribute)) for attribute in COMPANY_ATTRIBUTES]
    rows = session.execute(rows_of(*columns).distinct()).all()
    segments = {}
    for place, attribute in enumerate(COMPANY_ATTRIBUTES):
        values = sorted({str(row[place]) for row in rows if row[place] is not None})
        if values:
            segments[attribute] = values[:MOST_CHOICES]
    departments = session.exec(select(Department).order_by(col(Department.key))).all()
    return Choices(_sources(session), segments, list(departments))


def _sources(session: Session) -> list[str]:
    """One look into the index for each source: to read all voices for a handful takes longer."""
    first = rows_of(func.min(Feedback.source).label("source")).cte("sources", recursive=True)
    following = rows_of(func.min(Feedback.source)).where(col(Feedback.source) > first.c.source)
    steps = first.union_all(
        rows_of(following.correlate(first).scalar_subquery()).where(first.c.source.is_not(None))
    )
    found = rows_of(steps.c.source).where(steps.c.source.is_not(None)).limit(MOST_CHOICES)
    return list(session.execute(found).scalars())
