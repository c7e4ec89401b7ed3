"""What went to which department, by which rule, and what became of it."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, ColumnElement, select
from sqlmodel import Field, col

from vocloop_models.base import Record, UtcDateTime, new_id, now, words
from vocloop_models.theme import Theme, ThemeState


class RoutingState(StrEnum):
    TRIAGE = "triage"  # nobody is sure whose it is: a person decides
    WAITING = "waiting"  # in a department's inbox
    ACCEPTED = "accepted"
    ANSWERED = "answered"


class DecidedBy(StrEnum):
    RULE = "rule"
    CLASSIFIER = "classifier"
    PERSON = "person"


class RuleField(StrEnum):
    SOURCE = "source"
    TAG = "tag"
    PRODUCT = "product"
    KEYWORD = "keyword"
    CUSTOMER = "customer"  # id, external id or name


class RoutingEventKind(StrEnum):
    ROUTED = "routed"
    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    HANDED_OVER = "handed_over"
    ANSWERED = "answered"


class RoutingRule(Record, table=True):
    """Feedback with this value goes to that department; the oldest rule that fits counts."""

    __tablename__ = "routingrule"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    field: RuleField = Field(sa_type=words(RuleField))
    value: str = Field(max_length=200)
    department_id: uuid.UUID = Field(foreign_key="department.id", index=True)
    by: str | None = Field(default=None, max_length=200)
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Routing(Record, table=True):
    """Where a theme, or a single urgent feedback, went: one of the two ids is set."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    theme_id: uuid.UUID | None = Field(default=None, foreign_key="theme.id", unique=True)
    # Without a foreign key: feedback may be erased, and its routing goes after it.
    feedback_id: uuid.UUID | None = Field(default=None, unique=True)
    department_id: uuid.UUID | None = Field(default=None, foreign_key="department.id", index=True)
    touched: dict[str, float] = Field(
        default_factory=dict,
        sa_column=Column(JSON, nullable=False),
        description="Other departments by key, with the share of statements that are theirs",
    )
    confidence: float = Field(ge=0, le=1)
    decided_by: DecidedBy = Field(sa_type=words(DecidedBy))
    state: RoutingState = Field(sa_type=words(RoutingState), index=True)
    seen: str = Field(default="", max_length=200, description="What it was decided on")
    due_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    answer: str | None = None
    routed_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


def of_what_is_there() -> ColumnElement[bool]:
    """On Routing: it is of a voice, or of a theme that people neither merged nor dismissed. What is
    of another waits for nobody until that is undone."""
    ended = select(col(Theme.id)).where(
        col(Theme.state).in_((ThemeState.MERGED, ThemeState.DISMISSED))
    )
    return col(Routing.theme_id).is_(None) | col(Routing.theme_id).not_in(ended)


class RoutingEvent(Record, table=True):
    __tablename__ = "routingevent"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    routing_id: uuid.UUID = Field(foreign_key="routing.id", index=True)
    kind: RoutingEventKind = Field(sa_type=words(RoutingEventKind))
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    by: str | None = Field(default=None, max_length=200)
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class OverdueAlert(Record, table=True):
    """A department has not answered in time; one a routing and due time."""

    __tablename__ = "overduealert"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    routing_id: uuid.UUID = Field(foreign_key="routing.id", index=True)
    department_id: uuid.UUID = Field(foreign_key="department.id", index=True)
    due_at: dt.datetime = Field(sa_type=UtcDateTime)
    raised_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    resolved_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
