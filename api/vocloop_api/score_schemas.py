"""What the routes of scores answer with, and take."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vocloop_api.schemas import WITHOUT_NUL, Answer, Scores
from vocloop_api.signed_by import By

Exponent = Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)]


class Words(Answer):
    """A sentence in both languages."""

    ja: str
    en: str


class PartAnswer(Answer):
    """One number opened up, with its 90 % interval."""

    name: str = Field(description="generality, longevity, severity or impact")
    value: float
    low: float
    high: float
    formula: str
    filled: str = Field(description="The formula with its values put in")
    formula_ja: str = Field(description="The formula in Japanese")
    filled_ja: str
    sentences: list[Words]
    inputs: dict[str, Any] = Field(description="What the formula was given, as kept that day")
    ids: dict[str, list[str]] = Field(description="Ids of the customers or statements behind it")


class ExplanationAnswer(Answer):
    theme_id: uuid.UUID
    number: int = Field(description="Shown to people as T-0147", examples=[147])
    title_ja: str | None
    title_en: str | None
    day: dt.date
    as_of: str | None = Field(description="What was said after it does not count")
    parts: list[PartAnswer]


class CauseAnswer(Answer):
    part: str = Field(description="generality, longevity, severity or weights")
    factor: float = Field(description="What it multiplied impact by")
    facts: dict[str, list[Any]] = Field(description="What changed of its evidence: [before, after]")


class MoveAnswer(Answer):
    """Why impact moved; the factors of all causes multiply to after ÷ before."""

    since: dt.date
    day: dt.date
    before: float
    after: float
    rank_before: int | None
    rank_after: int | None
    causes: list[CauseAnswer] = Field(description="The greatest first")
    sentences: list[Words]


class HistoryAnswer(Answer):
    days: list[Scores] = Field(description="One snapshot a day, oldest first")
    move: MoveAnswer | None = Field(description="Null when no snapshot is old enough to compare")


class WeightsIn(BaseModel):
    """Exponents of impact: 1 as it is, 0 leaves a part out."""

    model_config = ConfigDict(extra="forbid")

    generality: Exponent = 1.0
    longevity: Exponent = 1.0
    severity: Exponent = 1.0
    reason: Annotated[str, StringConstraints(max_length=500, pattern=WITHOUT_NUL)] | None = None
    by: By = None


class WeightsAnswer(Answer):
    version: int = Field(description="0: nobody set any, all are 1")
    generality: float
    longevity: float
    severity: float
    reason: str | None = None
    set_by: str | None = None
    set_at: dt.datetime | None = None


class WeightsRows(Answer):
    rows: list[WeightsAnswer] = Field(description="Every version, the newest first")
