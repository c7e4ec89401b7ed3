from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum

from sqlalchemy import Index, desc
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, now, words


class AssignedBy(StrEnum):
    RUN = "run"
    ARRIVAL = "arrival"
    PERSON = "person"


class ThemeMembership(Record, table=True):
    """A statement's theme. A statement has at most one; a feedback may have several."""

    __table_args__ = (
        # In the order in which a theme's quotes are read.
        Index(
            "ix_thememembership_quotes",
            "theme_id",
            desc("central"),
            desc("confidence"),
            "statement_id",
        ),
    )

    statement_id: uuid.UUID = Field(foreign_key="statement.id", primary_key=True)
    theme_id: uuid.UUID = Field(foreign_key="theme.id", index=True)
    confidence: float = Field(ge=0, le=1)
    central: bool = Field(default=False, description="One of the theme's representative quotes")
    part: int | None = Field(
        default=None, description="Its sub-theme within the theme, 0 the largest; None: of none"
    )
    assigned_by: AssignedBy = Field(sa_type=words(AssignedBy))
    assigned_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True)
