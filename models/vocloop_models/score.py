from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlalchemy.orm import defer
from sqlalchemy.orm.interfaces import ORMOption
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, now, words


class LongevityKind(StrEnum):
    """METHOD.md 4.1: how a theme lives in time."""

    TRANSIENT = "transient"
    EMERGING = "emerging"
    LASTING = "lasting"
    RECURRING = "recurring"
    FADING = "fading"


class ThemeScore(Record, table=True):
    """The scores of a theme on one day: value and 90 % interval, all in [0, 1].

    ``evidence`` holds what each number was made of, with the ids to check it by."""

    __table_args__ = (Index("ix_themescore_day_impact", "day", "impact"),)

    theme_id: uuid.UUID = Field(foreign_key="theme.id", primary_key=True)
    day: dt.date = Field(primary_key=True)
    generality: float
    generality_low: float
    generality_high: float
    longevity: float
    longevity_low: float
    longevity_high: float
    longevity_kind: LongevityKind | None = Field(default=None, sa_type=words(LongevityKind))
    severity: float
    severity_low: float
    severity_high: float
    impact: float
    impact_low: float
    impact_high: float
    statements: int
    customers: int
    languages: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    weeks: list[int] = Field(
        default_factory=list,
        sa_column=Column(JSON, nullable=False),
        description="Distinct customers in each of the last 26 weeks, oldest first",
    )
    evidence: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    scored_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


def without_evidence() -> list[ORMOption]:
    """For scores of which only the numbers are needed: evidence is most of what is read else."""
    # SQLModel types a column as its value, which defer() does not take.
    return [defer(each) for each in (ThemeScore.evidence, ThemeScore.weeks)]  # type: ignore[arg-type]


class ScoreWeights(Record, table=True):
    """The exponents of impact that this workspace set; the newest version counts.

    Versions are kept: a score says which one it was made with, and people can see who changed
    what the company holds important."""

    version: int | None = Field(default=None, primary_key=True)
    generality: float = Field(ge=0)
    longevity: float = Field(ge=0)
    severity: float = Field(ge=0)
    reason: str | None = Field(default=None, max_length=500)
    set_by: str | None = Field(default=None, max_length=200)
    set_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
