from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class JobKind(StrEnum):
    REFRESH_THEMES = "refresh_themes"
    IMPORT = "import"
    SOLVE_SCENARIO = "solve_scenario"
    POLL = "poll"
    PUSH_ITEM = "push_item"
    WRITE_TITLES = "write_titles"  # by a language model


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Record, table=True):
    """Work for a worker. A running job whose lease has run out is anyone's again."""

    __table_args__ = (Index("ix_job_state_run_after", "state", "run_after"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    kind: JobKind = Field(sa_type=words(JobKind))
    state: JobState = Field(default=JobState.QUEUED, sa_type=words(JobState))
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    attempts: int = 0
    run_after: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    leased_until: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    stage: str | None = Field(default=None, max_length=100)
    done: int = 0
    total: int = 0
    error: str | None = None
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    finished_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
