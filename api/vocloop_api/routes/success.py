"""Customers' success in numbers: ratings, measures, champions, and goals of our own company."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool

from vocloop.accounts.visitor import signed
from vocloop.success import champions, goals, measures, ratings, table
from vocloop.success.ratings import Every
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT
from vocloop_api.success_schemas import (
    ActualIn,
    ActualRow,
    ChampionIn,
    ChampionRow,
    GoalIn,
    GoalRow,
    LineRow,
    MeasureIn,
    MeasureRow,
    PatternIn,
    PatternRow,
    TakenRow,
)
from vocloop_models import RatingScale
from vocloop_models.database import transaction

router = APIRouter(tags=["success"], responses=ON_CONFLICT)


@router.get("/success/numbers")
def read_numbers(
    request: Request,
    session: ReadSession,
    scale: RatingScale = RatingScale.NPS,
    *,
    by: Annotated[str | None, Query(max_length=100)] = None,
    every: Every = "month",
    since: dt.date | None = None,
    until: dt.date | None = None,
) -> list[LineRow]:
    """NPS (points), CSAT (share of 4 and 5), CES and stars (means) over time: everyone first, then
    the segments of `by` (industry, size, region, plan, touch_tier, or one of your own)."""
    zone: ZoneInfo = request.app.state.timezone
    edges = [
        dt.datetime.combine(day, dt.time(), zone) if day is not None else None
        for day in (since, until)
    ]
    found = ratings.lines(
        session, scale, by=by, every=every, since=edges[0], until=edges[1], timezone=zone
    )
    return [LineRow.of(each) for each in found]


@router.post("/success/patterns", status_code=201)
def add_pattern(session: WriteSession, row: PatternIn) -> PatternRow:
    """What success looks like for customers of a kind."""
    given = [each.model_dump(mode="json") for each in row.measures]
    return PatternRow.model_validate(
        measures.add_pattern(session, row.name, row.description, given).model_dump()
    )


@router.get("/success/patterns")
def list_patterns(session: ReadSession) -> list[PatternRow]:
    return [
        PatternRow.model_validate({**pattern.model_dump(), "customers": count})
        for pattern, count in measures.patterns(session)
    ]


@router.post("/customers/{customer_id}/patterns/{pattern_id}", status_code=201)
def follow_pattern(
    session: WriteSession, customer_id: uuid.UUID, pattern_id: uuid.UUID
) -> list[MeasureRow]:
    """Give a customer the measures of a pattern."""
    measures.follow(session, customer_id, pattern_id)
    return [MeasureRow.of(each) for each in measures.listed(session, customer_id)]


@router.put("/customers/{customer_id}/measures")
def keep_measure(session: WriteSession, customer_id: uuid.UUID, row: MeasureIn) -> MeasureRow:
    """A KGI or KPI of a customer, by its name: made, or changed in what is given."""
    kept = measures.keep(session, customer_id, row.name, **row.fields())
    found = measures.listed(session, customer_id)
    return next(MeasureRow.of(each) for each in found if each.measure.id == kept.id)


@router.get("/customers/{customer_id}/measures")
def list_measures(session: ReadSession, customer_id: uuid.UUID) -> list[MeasureRow]:
    """KGI before KPI, with their values."""
    return [MeasureRow.of(each) for each in measures.listed(session, customer_id)]


@router.put("/success/measures/{measure_id}/actuals")
def enter_actual(session: WriteSession, measure_id: uuid.UUID, row: ActualIn) -> ActualRow:
    """The value on a day; a second one of the same day replaces the first."""
    return ActualRow.model_validate(measures.enter(session, measure_id, row.day, row.value, row.by))


@router.delete("/success/measures/{measure_id}", status_code=204)
def remove_measure(session: WriteSession, measure_id: uuid.UUID) -> None:
    measures.remove(session, measure_id)


@router.post(
    "/success/measures:import",
    openapi_extra={"requestBody": {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def import_measures(
    request: Request, by: Annotated[str | None, Query(max_length=200)] = None
) -> TakenRow:
    """Measures and values from a CSV file, all rows or none: customer, name, level, unit, baseline,
    target, due_on, actual, day (or 顧客, 指標, 種別, 単位, 基準値, 目標値, 期限, 実績値, 日付)."""
    data = await request.body()

    def take() -> table.Taken:
        with transaction(request.app.state.engine) as session:
            return table.take(session, data, signed(by))

    return TakenRow.model_validate(await run_in_threadpool(take))


@router.put("/contacts/{contact_id}/champion", status_code=204)
def set_champion(session: WriteSession, contact_id: uuid.UUID, row: ChampionIn) -> None:
    """A contact drives the use of the product at its customer, or does so no more."""
    if row.champion:
        champions.appoint(session, contact_id, row.by)
    else:
        champions.release(session, contact_id, row.reason, row.by)


@router.get("/customers/{customer_id}/champions")
def list_champions(session: ReadSession, customer_id: uuid.UUID) -> list[ChampionRow]:
    """Who was when, the newest first."""
    found = champions.of_customer(session, customer_id)
    return [ChampionRow.model_validate(each) for each in found]


@router.post("/goals", status_code=201)
def add_goal(request: Request, session: WriteSession, row: GoalIn) -> GoalRow:
    """What our company wants to reach; items and rounds name it among their goals."""
    fields = row.model_dump(exclude={"name", "metric", "target"})
    made = goals.add(session, row.name, row.metric, row.target, **fields)
    found = goals.standing(session, request.app.state.timezone)
    return next(GoalRow.of(each) for each in found if each.goal.id == made.id)


@router.get("/goals")
def list_goals(request: Request, session: ReadSession) -> list[GoalRow]:
    """Where each stands, and what the decisions that serve it did for it."""
    return [GoalRow.of(each) for each in goals.standing(session, request.app.state.timezone)]


@router.put("/goals/{goal_id}/actuals")
def enter_goal(session: WriteSession, goal_id: uuid.UUID, row: ActualIn) -> ActualRow:
    """The value of a goal that is not read from ratings."""
    return ActualRow.model_validate(goals.enter(session, goal_id, row.day, row.value, row.by))
