from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import JSON, Column
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now


class SeverityCorrection(Record, table=True):
    """How much a person says that a statement hurts: it stands, whatever the signals say."""

    statement_id: uuid.UUID = Field(foreign_key="statement.id", primary_key=True)
    severity: float = Field(ge=0, le=1)
    by: str | None = Field(default=None, max_length=200)
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class SeverityLesson(Record, table=True):
    """What severity learned from the people of this workspace, one row a lesson, newest in use.

    before, after: share of pairs that the words alone, and the words with the lesson, put into the
    order that people gave, each statement judged by a lesson without it. Only a lesson that does
    better is used, and only the newest keeps what it learned."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    encoder: str = Field(max_length=200)
    labels: dict[str, int] = Field(
        default_factory=dict,
        sa_column=Column(JSON, nullable=False),
        description="How many statements each kind of label taught",
    )
    before: float
    after: float
    used: bool
    learned: bytes | None = None
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
