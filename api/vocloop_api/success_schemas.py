"""What people send and read of customers' success: numbers, measures, champions, goals, alerts."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vocloop.success.goals import Standing
from vocloop.success.measures import Measured
from vocloop.success.ratings import Line
from vocloop_api.roadmap_schemas import Line as Reason
from vocloop_api.roadmap_schemas import Name, Number, Prose
from vocloop_api.schemas import WITHOUT_NUL, Answer
from vocloop_api.signed_by import By, BySomeone
from vocloop_models import (
    Alert,
    AlertKind,
    AlertState,
    Customer,
    GoalMetric,
    MeasureLevel,
)

Unit = Annotated[str, StringConstraints(max_length=40, pattern=WITHOUT_NUL)]


class FigureRow(Answer):
    value: float
    low: float = Field(description="90 % interval")
    high: float
    respondents: int = Field(description="Each counts once, with the newest answer")
    counts: dict[str, int]


class LineRow(Answer):
    segment: str | None = Field(description="null: everyone")
    whole: FigureRow
    points: dict[str, FigureRow] = Field(description="By month or quarter, oldest first")

    @classmethod
    def of(cls, line: Line) -> LineRow:
        return cls.model_validate(line)


class PatternMeasureIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    level: MeasureLevel
    name: Name
    unit: Unit = ""


class PatternIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name
    description: Prose = ""
    measures: list[PatternMeasureIn] = Field(default=[], max_length=50)


class PatternRow(Answer):
    id: uuid.UUID
    name: str
    description: str
    measures: list[dict[str, str]]
    customers: int = Field(default=0, description="That follow it")


class MeasureIn(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    level: MeasureLevel | None = Field(default=None, description="Needed for a new one")
    unit: Unit | None = None
    baseline: Number | None = None
    target: Number | None = None
    due_on: dt.date | None = None

    def fields(self) -> dict[str, Any]:
        clearing = ("baseline", "target", "due_on")
        return {
            name: getattr(self, name)
            for name in self.model_fields_set - {"name"}
            if getattr(self, name) is not None or name in clearing
        }


class ActualIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    day: dt.date
    value: Number
    by: By = None


class ActualRow(Answer):
    day: dt.date
    value: float
    by: str | None


class MeasureRow(Answer):
    id: uuid.UUID
    customer_id: uuid.UUID
    pattern_id: uuid.UUID | None
    level: MeasureLevel
    name: str
    unit: str
    baseline: float | None
    target: float | None
    due_on: dt.date | None
    share: float | None = Field(description="Of the way from baseline to target that is gone")
    actuals: list[ActualRow] = Field(description="Oldest first; the last one counts")

    @classmethod
    def of(cls, measured: Measured) -> MeasureRow:
        actuals = [ActualRow.model_validate(each) for each in measured.actuals]
        rest = {"share": measured.share, "actuals": actuals}
        return cls.model_validate({**measured.measure.model_dump(), **rest})


class TakenRow(Answer):
    rows: int
    actuals: int


class ChampionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    champion: bool
    reason: Annotated[str, StringConstraints(max_length=500, pattern=WITHOUT_NUL)] | None = None
    by: By = None


class ChampionRow(Answer):
    id: uuid.UUID
    contact_id: uuid.UUID | None = Field(description="null: the contact was forgotten")
    since: dt.datetime
    until: dt.datetime | None
    reason: str | None
    by: str | None


class GoalIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name = Field(description="As items and rounds call it")
    metric: GoalMetric
    target: Number
    baseline: Number | None = None
    unit: Unit = ""
    due_on: dt.date | None = None


class ChangeOfGoal(Answer):
    """Of the metric since an item shipped, among the customers behind it; 90 % interval."""

    value: float | None = Field(description="null: too few answers")
    low: float | None
    high: float | None
    against: bool = Field(description="True: less the change among all other customers")
    respondents: int


class MoverRow(Answer):
    decision_id: uuid.UUID
    decision_number: int
    item_id: uuid.UUID
    item_number: int
    item_title: str
    shipped_at: dt.datetime | None
    change: ChangeOfGoal | None


class GoalRow(Answer):
    id: uuid.UUID
    name: str
    metric: GoalMetric
    unit: str
    baseline: float | None
    target: float
    due_on: dt.date | None
    now: FigureRow | None
    points: dict[str, FigureRow]
    actuals: list[ActualRow]
    share: float | None = Field(description="Of the way from baseline to target that is gone")
    movers: list[MoverRow] = Field(description="Decisions that serve it, newest first")

    @classmethod
    def of(cls, standing: Standing) -> GoalRow:
        return cls.model_validate(
            {
                **standing.goal.model_dump(),
                "now": standing.now and FigureRow.model_validate(standing.now),
                "points": {k: FigureRow.model_validate(v) for k, v in standing.points.items()},
                "actuals": [ActualRow.model_validate(each) for each in standing.actuals],
                "share": standing.share,
                "movers": [
                    MoverRow(
                        decision_id=each.decision.id,
                        decision_number=each.decision.number,
                        item_id=each.item.id,
                        item_number=each.item.number,
                        item_title=each.item.title,
                        shipped_at=each.item.shipped_at,
                        change=each.change and ChangeOfGoal.model_validate(each.change),
                    )
                    for each in standing.movers
                ],
            }
        )


class SeenIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    by: BySomeone


class CloseIn(SeenIn):
    reason: Annotated[Reason, StringConstraints(min_length=1)]


class AlertRow(Answer):
    id: uuid.UUID
    kind: AlertKind
    customer_id: uuid.UUID
    customer: str
    state: AlertState
    evidence: dict[str, Any] = Field(description="Numbers and ids, as of the last look")
    raised_at: dt.datetime
    acknowledged_at: dt.datetime | None
    acknowledged_by: str | None
    closed_at: dt.datetime | None
    closed_by: str | None = Field(description="null: it closed by itself")
    reason: str | None

    @classmethod
    def of(cls, alert: Alert, customer: Customer) -> AlertRow:
        return cls.model_validate({**alert.model_dump(), "customer": customer.name})
