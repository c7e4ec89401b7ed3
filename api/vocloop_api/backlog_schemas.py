"""What people send and read of backlog items."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vocloop.roadmap.backlog import Work
from vocloop.roadmap.priority import Ratings
from vocloop.roadmap.selection import Judged
from vocloop_api.roadmap_schemas import MOST_ITEMS, Amount, Line, Name, Prose, Rating, Title, Word
from vocloop_api.schemas import Answer
from vocloop_models import Direction, Horizon, ItemState, Stage


class WorkIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    effort: Amount = Field(default=0, description="Person-weeks")
    effect: Annotated[float, Field(ge=-1, le=1)] = Field(
        default=0, description="Above 0 the department is helped, below 0 burdened"
    )


class ItemEdit(Word):
    title: Title | None = None
    problem: Prose | None = None
    horizon: Horizon | None = None
    quarter: str | None = Field(default=None, examples=["2026Q4"])
    cost: Amount | None = Field(default=None, description="Money, in the unit of budgets")
    goals: list[Name] | None = Field(default=None, max_length=100)
    hypothesis_id: uuid.UUID | None = None
    tracker_url: Annotated[Line, StringConstraints(pattern=r"^https?://")] | None = None
    themes: dict[uuid.UUID, float] | None = Field(
        default=None, description="Share in 0 … 1 of each theme that it solves", max_length=100
    )
    departments: dict[str, WorkIn] | None = Field(default=None, description="By key")
    needs: list[uuid.UUID] | None = Field(default=None, max_length=MOST_ITEMS)

    def fields(self) -> dict[str, Any]:
        clearing = ("quarter", "hypothesis_id", "tracker_url")
        found = {n: v for n, v in self.given().items() if v is not None or n in clearing}
        if "departments" in found:
            work = found["departments"].items()
            found["departments"] = {key: Work(each.effort, each.effect) for key, each in work}
        return found


class ItemIn(ItemEdit):
    title: Title
    themes: dict[uuid.UUID, float] = Field(min_length=1, max_length=100)


class MoveIn(Word):
    state: ItemState


class StageIn(Word):
    stage: Stage


class RatingIn(Word):
    expertise: Rating
    relationship: Rating
    alternatives: Rating
    difficulty: Rating
    initial_cost: Amount = Field(description="Person-weeks until the first success")
    operating_cost: Amount = Field(description="Person-weeks a quarter afterwards")

    def ratings(self) -> Ratings:
        return Ratings(**self.given())


class RatingRow(Answer):
    id: uuid.UUID
    expertise: int
    relationship: int
    alternatives: int
    difficulty: int
    initial_cost: float
    operating_cost: float
    note: str | None
    by: str | None
    at: dt.datetime


class RangeRow(Answer):
    value: float
    low: float
    high: float


class WorkRow(Answer):
    effort: float
    effect: float


class ItemRow(Answer):
    id: uuid.UUID
    number: int = Field(description="Shown to people as B-0147")
    title: str
    problem: str
    state: ItemState
    stage: Stage
    horizon: Horizon
    quarter: str | None
    cost: float
    goals: list[str]
    hypothesis_id: uuid.UUID | None
    part_of: uuid.UUID | None
    develops: uuid.UUID | None = Field(description="The success that it develops")
    direction: Direction | None
    tracker_url: str | None
    shipped_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


class StakesRow(Answer):
    companies: int
    arr: int = Field(description="Yearly revenue, in VOCLOOP_CURRENCY")
    renewing: int = Field(description="Of arr, what renews within 90 days")
    unpriced: int = Field(description="Companies in a currency without a rate: not in arr")
    renewals: list[dt.date]
    segments: dict[str, int]
    suggested_relationship: int | None


class ItemDetail(ItemRow):
    themes: dict[uuid.UUID, float]
    departments: dict[str, WorkRow]
    needs: list[uuid.UUID]
    rated: bool
    impact: RangeRow
    contribution: RangeRow
    person_weeks: RangeRow
    priority: RangeRow
    rice: float
    wsjf: float
    stakes: StakesRow

    @classmethod
    def of(cls, judged: Judged) -> ItemDetail:
        parts, found = judged.parts, judged.priority
        return cls.model_validate(
            {
                **ItemRow.model_validate(parts.item).model_dump(),
                "themes": parts.themes,
                "departments": {k: vars(work) for k, work in parts.departments.items()},
                "needs": parts.needs,
                "rated": judged.rating is not None,
                "impact": vars(found.impact),
                "contribution": vars(found.contribution),
                "person_weeks": vars(found.cost),
                "priority": vars(found.priority),
                "rice": judged.rice,
                "wsjf": judged.wsjf,
                "stakes": StakesRow.model_validate(judged.stakes),
            }
        )


class ChangeRow(Answer):
    id: uuid.UUID
    subject_id: uuid.UUID
    action: str
    detail: dict[str, Any]
    note: str | None
    by: str | None
    at: dt.datetime
