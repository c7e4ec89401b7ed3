from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum

from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class HypothesisState(StrEnum):
    OPEN = "open"
    SUPPORTED = "supported"
    REFUTED = "refuted"
    DROPPED = "dropped"


class Side(StrEnum):
    FOR = "for"
    AGAINST = "against"


class Hypothesis(Record, table=True):
    """What is behind a theme, as people suppose (METHOD.md 5); its words are in its versions."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    theme_id: uuid.UUID = Field(foreign_key="theme.id", index=True)
    state: HypothesisState = Field(default=HypothesisState.OPEN, sa_type=words(HypothesisState))
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class HypothesisVersion(Record, table=True):
    __tablename__ = "hypothesisversion"

    hypothesis_id: uuid.UUID = Field(foreign_key="hypothesis.id", primary_key=True)
    version: int = Field(primary_key=True, ge=1)
    segment: str = Field(max_length=500)
    job: str = Field(max_length=2_000, description="The job to be done")
    cause: str = Field(max_length=2_000, description="The suspected cause")
    by: str | None = Field(default=None, max_length=200)
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class HypothesisEvidence(Record, table=True):
    """A statement, of an interview for example, that speaks for or against a hypothesis."""

    __tablename__ = "hypothesisevidence"

    hypothesis_id: uuid.UUID = Field(foreign_key="hypothesis.id", primary_key=True)
    # A statement that is erased takes what it was linked to with it.
    statement_id: uuid.UUID = Field(
        foreign_key="statement.id", primary_key=True, index=True, ondelete="CASCADE"
    )
    side: Side = Field(sa_type=words(Side))
    version: int = Field(ge=1, description="The version that it was held against")
    by: str | None = Field(default=None, max_length=200)
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
