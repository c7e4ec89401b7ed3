from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ClusterRun(Record, table=True):
    """One rediscovery of themes: on what, how, and what came of it."""

    __tablename__ = "clusterrun"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    state: RunState = Field(default=RunState.RUNNING, sa_type=words(RunState))
    encoder: str = Field(max_length=200)
    parameters: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    statements: int = 0
    themes: int = 0
    unassigned: int = 0
    quality: dict[str, Any] = Field(
        default_factory=dict,
        sa_column=Column(JSON, nullable=False),
        description="What themes.standing measured of what it found",
    )
    error: str | None = None
    started_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    finished_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
