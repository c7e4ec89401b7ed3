from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class NextStep(StrEnum):
    """What the rule of reading proposes (METHOD.md 6)."""

    REDRAW_HYPOTHESIS = "redraw_hypothesis"
    RAISE_EXECUTION = "raise_execution"
    DEVELOP = "develop"


class Measure(StrEnum):
    """What a theme is watched by after an item shipped."""

    VOLUME = "volume"
    COMPANIES = "companies"
    SEVERITY = "severity"


class Movement(StrEnum):
    FELL = "fell"
    ROSE = "rose"
    UNCLEAR = "unclear"
    TOO_FEW = "too_few"


class OutcomeReview(Record, table=True):
    """Facts before opinions, in three blocks that are filled in this order.

    ``metrics``: rows {"name", "unit", "baseline", "target", "actual", "breakdowns"}."""

    __tablename__ = "outcomereview"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    item_id: uuid.UUID = Field(foreign_key="backlogitem.id", unique=True)
    metrics: list[dict[str, Any]] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False)
    )
    agreed_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    agreed_by: str | None = Field(default=None, max_length=200)
    result_good: bool | None = None
    quantity_enough: bool | None = Field(default=None, description="Was enough of it done")
    quality_good: bool | None = Field(default=None, description="Was it done well enough")
    execution_note: str = Field(default="", max_length=4_000)
    next_step: NextStep | None = Field(default=None, sa_type=words(NextStep))
    reason: str = Field(default="", max_length=2_000)
    analysis: str = Field(default="", max_length=8_000)
    reviewed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    reviewed_by: str | None = Field(default=None, max_length=200)


class OutcomeTest(Record, table=True):
    """Whether a theme moved after an item shipped, against themes that nobody touched.

    ``effect`` is a ratio for volume and companies (0.6: 40 % fewer than without the item), a
    difference for severity; 90 % interval."""

    __tablename__ = "outcometest"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    item_id: uuid.UUID = Field(foreign_key="backlogitem.id", index=True)
    theme_id: uuid.UUID = Field(foreign_key="theme.id", index=True)
    measure: Measure = Field(sa_type=words(Measure))
    movement: Movement = Field(sa_type=words(Movement))
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    evidence: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
