"""What people send and read of rounds, scenarios, votes and comments."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vocloop.roadmap.rounds import Taken
from vocloop_api.roadmap_schemas import MOST_ITEMS, Amount, Name, Prose, Word
from vocloop_api.schemas import Answer
from vocloop_models import RoundRule, RoundState, ScenarioState, VoteChoice


class RoundIn(Word):
    name: Name
    periods: list[str] = Field(min_length=1, max_length=12, examples=[["2026Q4", "2027Q1"]])
    capacity: dict[str, list[Amount]] = Field(description="Person-weeks by department and period")
    department_weights: dict[str, Amount] = Field(default={})
    goal_weights: dict[str, Amount] = Field(default={})
    budget: Amount | None = None


class RoundRow(Answer):
    id: uuid.UUID
    name: str
    state: RoundState
    periods: list[str]
    capacity: dict[str, list[float]]
    department_weights: dict[str, float]
    goal_weights: dict[str, float]
    budget: float | None
    created_at: dt.datetime
    closed_at: dt.datetime | None


class TakenIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rule: RoundRule = RoundRule.FREE
    exclusive: Name | None = Field(default=None, description="Of one group at most one is taken")


class ConsiderIn(Word):
    items: dict[uuid.UUID, TakenIn] = Field(min_length=1, max_length=MOST_ITEMS)

    def taken(self) -> dict[uuid.UUID, Taken]:
        return {item: Taken(each.rule, each.exclusive) for item, each in self.items.items()}


class ChangesIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    capacity: dict[str, list[Amount]] | None = None
    department_weights: dict[str, Amount] | None = None
    goal_weights: dict[str, Amount] | None = None
    budget: Amount | None = Field(default=None, description="null: no limit")
    must: list[uuid.UUID] | None = None
    must_not: list[uuid.UUID] | None = None

    def changed(self) -> dict[str, Any]:
        sent = self.model_dump(mode="json", exclude_unset=True)
        return {n: v for n, v in sent.items() if v is not None or n == "budget"}


class ScenarioIn(Word):
    name: Name
    changes: ChangesIn = ChangesIn()


class AgainIn(Word):
    changes: ChangesIn | None = Field(default=None, description="Left out: the same as before")


class ScenarioRow(Answer):
    id: uuid.UUID
    name: str
    changes: dict[str, Any]
    result: dict[str, Any] = Field(
        description="period of each item taken, value, optimal, gap, effects, conflicts; of the "
        "last time that it was solved, empty before"
    )
    state: ScenarioState
    error: str | None = Field(description="Why the last solving failed")
    by: str | None
    at: dt.datetime
    solved_at: dt.datetime | None


class WhyRow(Answer):
    """Why an item is in or out: just beyond value_to or effort_to it changes sides."""

    taken: bool
    value: float
    value_to: float | None
    effort_to: float | None = Field(description="As a share of its effort today")
    costs: float | None = Field(description="What forcing it to the other side costs")
    bound_by: list[str]
    proven: bool = Field(description="False: time ran out before the numbers were sure")


class StretchRow(Answer):
    start: float
    end: float
    period: dict[str, int]
    value: float
    gain: dict[str, float] = Field(description="By department")


class VoteIn(Word):
    item_id: uuid.UUID
    department: Name
    choice: VoteChoice


class VoteRow(Answer):
    item_id: uuid.UUID
    department_id: uuid.UUID
    choice: VoteChoice
    by: str | None
    at: dt.datetime


class CommentIn(Word):
    text: Annotated[Prose, StringConstraints(min_length=1)]
    item_id: uuid.UUID | None = None
    department: Name | None = None


class CommentRow(Answer):
    id: uuid.UUID
    item_id: uuid.UUID | None
    department_id: uuid.UUID | None
    text: str
    by: str | None
    at: dt.datetime
