from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class MeasureLevel(StrEnum):
    """METHOD.md 3: what a customer wants to reach, and what leads there."""

    KGI = "kgi"
    KPI = "kpi"


class GoalMetric(StrEnum):
    """What a company's goal is read from: ratings, or values that people enter."""

    NPS = "nps"
    CSAT = "csat"
    CES = "ces"
    OWN = "own"


class AlertKind(StrEnum):
    RENEWAL_AT_RISK = "renewal_at_risk"
    CHAMPION_GONE = "champion_gone"
    EFFORT_FALLING = "effort_falling"
    SILENCE = "silence"


class AlertState(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class SuccessPattern(Record, table=True):
    """What success looks like for customers of a kind (成功パターンの類型化). ``measures``: rows
    {"level", "name", "unit"} that each of them is measured by."""

    __tablename__ = "successpattern"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(unique=True, max_length=200)
    description: str = Field(default="", max_length=4_000)
    measures: list[dict[str, str]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class SuccessMeasure(Record, table=True):
    """A KGI or KPI of one customer: where it started, where it shall be, and when."""

    __tablename__ = "successmeasure"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    customer_id: uuid.UUID = Field(foreign_key="customer.id", index=True)
    pattern_id: uuid.UUID | None = Field(default=None, foreign_key="successpattern.id", index=True)
    level: MeasureLevel = Field(sa_type=words(MeasureLevel))
    name: str = Field(max_length=200)
    unit: str = Field(default="", max_length=40)
    baseline: float | None = None
    target: float | None = None
    due_on: dt.date | None = None
    updated_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class SuccessActual(Record, table=True):
    """The value of a measure on a day; the newest one counts."""

    __tablename__ = "successactual"

    measure_id: uuid.UUID = Field(foreign_key="successmeasure.id", primary_key=True)
    day: dt.date = Field(primary_key=True)
    value: float
    by: str | None = Field(default=None, max_length=200)


class CompanyGoal(Record, table=True):
    """What our own company wants to reach. ``name`` is what items and rounds call it."""

    __tablename__ = "companygoal"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(unique=True, max_length=200)
    metric: GoalMetric = Field(sa_type=words(GoalMetric))
    unit: str = Field(default="", max_length=40)
    baseline: float | None = None
    target: float
    due_on: dt.date | None = None
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class GoalActual(Record, table=True):
    """The value of a goal of metric ``own`` on a day."""

    __tablename__ = "goalactual"

    goal_id: uuid.UUID = Field(foreign_key="companygoal.id", primary_key=True)
    day: dt.date = Field(primary_key=True)
    value: float
    by: str | None = Field(default=None, max_length=200)


class ChampionSpell(Record, table=True):
    """From when until when a contact drove the use of the product at a customer."""

    __tablename__ = "championspell"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    customer_id: uuid.UUID = Field(foreign_key="customer.id", index=True)
    # Null when the contact was forgotten: that there was a champion stays.
    contact_id: uuid.UUID | None = Field(default=None, foreign_key="contact.id", index=True)
    since: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    until: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = Field(default=None, max_length=500)
    by: str | None = Field(default=None, max_length=200)


class Alert(Record, table=True):
    """Something about a customer that nobody asked for and somebody has to see.

    ``episode`` tells one cause from the next of its kind (a renewal's date): an alert that a person
    closed stays closed for its episode. ``evidence``: numbers and ids, never words or names."""

    __table_args__ = (Index("ix_alert_state_kind", "state", "kind"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    kind: AlertKind = Field(sa_type=words(AlertKind))
    customer_id: uuid.UUID = Field(foreign_key="customer.id", index=True)
    episode: str = Field(max_length=100)
    state: AlertState = Field(default=AlertState.OPEN, sa_type=words(AlertState))
    evidence: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    raised_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    acknowledged_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_by: str | None = Field(default=None, max_length=200)
    closed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_by: str | None = Field(
        default=None, max_length=200, description="None: it closed by itself, its reason was gone"
    )
    reason: str | None = Field(default=None, max_length=2_000)
