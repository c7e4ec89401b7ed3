"""What people send and read of backlog, rounds, decisions, outcomes and hypotheses."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vocloop.roadmap.audit import Author
from vocloop.roadmap.backlog import Work
from vocloop.roadmap.decisions import digest
from vocloop.roadmap.hypotheses import HypothesisParts, Words
from vocloop.roadmap.priority import Ratings
from vocloop.roadmap.rounds import Taken
from vocloop.roadmap.selection import Judged
from vocloop_api.schemas import Answer
from vocloop_models import (
    Decision,
    Horizon,
    HypothesisState,
    ItemState,
    Measure,
    Movement,
    NextStep,
    RoundRule,
    RoundState,
    Side,
    Stage,
    Verdict,
    VoteChoice,
)

# PostgreSQL takes no NUL in text.
WITHOUT_NUL = r"^[^\x00]*$"
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=WITHOUT_NUL)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=WITHOUT_NUL)]
Line = Annotated[str, StringConstraints(max_length=2_000, pattern=WITHOUT_NUL)]
Prose = Annotated[str, StringConstraints(max_length=4_000, pattern=WITHOUT_NUL)]
Amount = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
Number = Annotated[float, Field(ge=-1e12, le=1e12, allow_inf_nan=False)]
Rating = Annotated[int, Field(ge=1, le=5)]
MOST_ITEMS = 1_000


class Word(BaseModel):
    """Who says so and why, kept in the line of audit."""

    model_config = ConfigDict(extra="forbid")

    by: Name | None = Field(default=None, examples=["sato@minamo.example"])
    note: Line | None = None

    def author(self) -> Author:
        return Author(self.by, self.note)

    def given(self) -> dict[str, Any]:
        """What was sent besides, so that what was left out stays as it is."""
        return {
            name: getattr(self, name)
            for name in type(self).model_fields
            if name in self.model_fields_set and name not in Word.model_fields
        }


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
    tracker_url: str | None
    shipped_at: dt.datetime | None
    created_at: dt.datetime
    updated_at: dt.datetime


class StakesRow(Answer):
    companies: int
    arr: int
    renewing: int = Field(description="Of arr, what renews within 90 days")
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
                "stakes": vars(judged.stakes),
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


class RoundIn(Word):
    name: Name
    periods: list[str] = Field(min_length=1, max_length=12, examples=[["2026Q4", "2027Q1"]])
    capacity: dict[str, list[Amount]] = Field(description="Person-weeks by department and period")
    department_weights: dict[str, Amount] = {}
    goal_weights: dict[str, Amount] = {}
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


class ScenarioIn(Word):
    name: Name
    changes: ChangesIn = ChangesIn()

    def changed(self) -> dict[str, Any]:
        sent = self.changes.model_dump(mode="json", exclude_unset=True)
        return {n: v for n, v in sent.items() if v is not None or n == "budget"}


class ScenarioRow(Answer):
    id: uuid.UUID
    name: str
    changes: dict[str, Any]
    result: dict[str, Any] = Field(
        description="period of each item taken, value, optimal, gap, effects, conflicts"
    )
    by: str | None
    at: dt.datetime


class WhyRow(Answer):
    """Why an item is in or out: just beyond value_to or effort_to it changes sides."""

    taken: bool
    value: float
    value_to: float | None
    effort_to: float | None = Field(description="As a share of its effort today")
    costs: float | None = Field(description="What forcing it to the other side costs")
    bound_by: list[str]


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


class DecisionIn(Word):
    by: Name
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


class ReviewIn(Word):
    actuals: dict[str, Number]
    quantity_enough: bool
    quality_good: bool
    execution_note: Prose = ""
    analysis: Prose = ""
    breakdowns: dict[str, dict[str, dict[str, dict[str, Number]]]] = {}


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


class HypothesisEdit(Word):
    segment: Annotated[str, StringConstraints(max_length=500, pattern=WITHOUT_NUL)]
    job: Line
    cause: Line

    def words(self) -> Words:
        return Words(self.segment, self.job, self.cause)


class HypothesisIn(HypothesisEdit):
    theme_id: uuid.UUID


class EvidenceIn(Word):
    statement_id: uuid.UUID
    side: Side | None = Field(description="null: it says nothing of it any more")


class SettleIn(Word):
    state: HypothesisState


class VersionRow(Answer):
    version: int
    segment: str
    job: str
    cause: str
    by: str | None
    at: dt.datetime


class EvidenceRow(Answer):
    statement_id: uuid.UUID
    side: Side
    version: int
    by: str | None
    at: dt.datetime


class HypothesisRow(Answer):
    id: uuid.UUID
    theme_id: uuid.UUID
    state: HypothesisState
    evidence_for: int
    evidence_against: int
    versions: list[VersionRow] = Field(description="Newest first")
    evidence: list[EvidenceRow]

    @classmethod
    def of(cls, parts: HypothesisParts) -> HypothesisRow:
        return cls(
            id=parts.hypothesis.id,
            theme_id=parts.hypothesis.theme_id,
            state=parts.hypothesis.state,
            evidence_for=parts.count(Side.FOR),
            evidence_against=parts.count(Side.AGAINST),
            versions=[VersionRow.model_validate(each) for each in parts.versions],
            evidence=[EvidenceRow.model_validate(each) for each in parts.evidence],
        )
