"""What people send and read of decisions and outcome reviews."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vocloop.roadmap.decisions import digest
from vocloop_api.roadmap_schemas import Line, Name, Number, Prose, Title, Word
from vocloop_api.schemas import Answer
from vocloop_api.signed_by import BySomeone
from vocloop_models import Decision, Direction, Measure, Movement, NextStep, Verdict


class DecisionIn(Word):
    by: BySomeone
    item_id: uuid.UUID
    verdict: Verdict
    rationale: Annotated[Prose, StringConstraints(min_length=1)]
    agree_as_customer: bool = Field(description="私がカスタマーなら賛成か")
    agree_reason: Line = ""
    round_id: uuid.UUID | None = None
    quarter: str | None = Field(default=None, examples=["2026Q4"])
    into: list[Title] = Field(default=[], max_length=20, description="Titles of a split's parts")


class DecisionRow(Answer):
    id: uuid.UUID
    number: int = Field(description="Shown to people as D-0147")
    item_id: uuid.UUID
    round_id: uuid.UUID | None
    verdict: Verdict
    rationale: str
    agree_as_customer: bool
    agree_reason: str
    quarter: str | None
    by: str
    at: dt.datetime
    evidence: dict[str, Any] = Field(description="What was known then: numbers and ids")
    digest: str
    intact: bool = Field(description="False: it was changed in the database behind vocloop's back")

    @classmethod
    def of(cls, decision: Decision) -> DecisionRow:
        intact = decision.digest == digest(decision)
        return cls.model_validate({**decision.model_dump(), "intact": intact})


class DevelopIn(Word):
    direction: Direction
    title: Title


class MetricIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name
    unit: Name
    baseline: Number
    target: Number
    breakdowns: dict[str, dict[str, dict[str, Number]]] = Field(
        default={}, description="By axis and value: target, actual"
    )


class AgreeIn(Word):
    metrics: list[MetricIn] = Field(min_length=1, max_length=50)


class PartIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    actual: Number | None = Field(description="null takes back what was given before")


class ReviewIn(Word):
    actuals: dict[str, Number]
    quantity_enough: bool
    quality_good: bool
    execution_note: Prose = ""
    analysis: Prose = ""
    breakdowns: dict[str, dict[str, dict[str, PartIn]]] = Field(
        default={}, description="By metric, axis and value; what is left out stays as it is"
    )


class ReviewRow(Answer):
    item_id: uuid.UUID
    metrics: list[dict[str, Any]]
    agreed_at: dt.datetime
    agreed_by: str | None
    result_good: bool | None
    quantity_enough: bool | None
    quality_good: bool | None
    execution_note: str
    next_step: NextStep | None
    reason: str
    analysis: str
    reviewed_at: dt.datetime | None
    reviewed_by: str | None


class OutcomeTestRow(Answer):
    """`effect` is a ratio for volume and companies, a difference for severity; 90 % interval."""

    theme_id: uuid.UUID
    measure: Measure
    movement: Movement
    effect: float | None
    low: float | None
    high: float | None
    evidence: dict[str, Any]
    at: dt.datetime


class OutcomeDetail(Answer):
    review: ReviewRow | None
    tests: list[OutcomeTestRow] = Field(description="Newest first")


class CustomerToPropose(Answer):
    id: uuid.UUID
    name: str
    arr: int | None
    currency: str
