from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id


class SpotCheck(Record, table=True):
    """A membership drawn at random, for a person to say whether it is right."""

    __tablename__ = "spotcheck"
    __table_args__ = (UniqueConstraint("month", "statement_id"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    month: dt.date = Field(index=True, description="Its first day, UTC")
    statement_id: uuid.UUID = Field(foreign_key="statement.id", index=True)
    theme_id: uuid.UUID = Field(foreign_key="theme.id", index=True)
    right: bool | None = Field(default=None, description="None: nobody has looked yet")
    by: str | None = Field(default=None, max_length=200)
    at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
