from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import JSON, Column
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, now


class ThemePlace(Record, table=True):
    """Where a theme lies on the map, and the themes nearest to it. Made anew with each run."""

    __tablename__ = "themeplace"

    theme_id: uuid.UUID = Field(foreign_key="theme.id", primary_key=True)
    x: float = Field(description="0 … 1; distances tell of likeness, directions of nothing")
    y: float
    near: list[list[str | float]] = Field(
        default_factory=list,
        sa_column=Column(JSON, nullable=False),
        description="[theme id, cosine of the middles] of the nearest themes, nearest first",
    )
    placed_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
