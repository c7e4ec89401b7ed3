"""Outcome reviews of items: metrics agreed before, facts, the next step; tests after shipping."""

from __future__ import annotations

import uuid

from fastapi import APIRouter

from vocloop.roadmap import outcomes
from vocloop_api.backlog_schemas import ItemRow
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT
from vocloop_api.outcome_schemas import (
    AgreeIn,
    CustomerToPropose,
    DevelopIn,
    OutcomeDetail,
    OutcomeTestRow,
    ReviewIn,
    ReviewRow,
)
from vocloop_api.roadmap_schemas import Word

router = APIRouter(
    tags=["outcomes"],
    responses=ON_CONFLICT,
)


@router.put("/backlog/{item_id}/metrics")
def agree_metrics(session: WriteSession, item_id: uuid.UUID, row: AgreeIn) -> ReviewRow:
    """Agree what success is, before anything ships."""
    metrics = [metric.model_dump() for metric in row.metrics]
    return ReviewRow.model_validate(outcomes.agree(session, item_id, metrics, row.author()))


@router.post("/backlog/{item_id}/review")
def review_outcome(session: WriteSession, item_id: uuid.UUID, row: ReviewIn) -> ReviewRow:
    """Numbers and execution; the rule of reading proposes the next step."""
    found = outcomes.review(
        session,
        item_id,
        row.actuals,
        row.author(),
        quantity_enough=row.quantity_enough,
        quality_good=row.quality_good,
        execution_note=row.execution_note,
        analysis=row.analysis,
        breakdowns=row.model_dump()["breakdowns"],
    )
    return ReviewRow.model_validate(found)


@router.post("/backlog/{item_id}/tests", status_code=201)
def run_tests(session: WriteSession, item_id: uuid.UUID, word: Word) -> list[OutcomeTestRow]:
    """Did its themes fall against comparable ones that nobody touched? Reopens on regression."""
    return [
        OutcomeTestRow.model_validate(each)
        for each in outcomes.examine(session, item_id, word.author())
    ]


@router.get("/backlog/{item_id}/outcome")
def read_outcome(session: ReadSession, item_id: uuid.UUID) -> OutcomeDetail:
    review, tests = outcomes.one(session, item_id)
    return OutcomeDetail.model_validate({"review": review, "tests": tests})


@router.post("/backlog/{item_id}/developments", status_code=201)
def develop_success(session: WriteSession, item_id: uuid.UUID, row: DevelopIn) -> ItemRow:
    """A new item that develops a success: higher level, wider goal, leaner process or better
    experience of everyone involved."""
    made = outcomes.develop(session, item_id, row.direction, row.title, row.author())
    return ItemRow.model_validate(made)


@router.get("/backlog/{item_id}/developments")
def list_developments(session: ReadSession, item_id: uuid.UUID) -> list[ItemRow]:
    """The items that develop this one, the oldest first."""
    return [ItemRow.model_validate(each) for each in outcomes.developments(session, item_id)]


@router.get("/backlog/{item_id}/customers")
def list_customers_to_propose(session: ReadSession, item_id: uuid.UUID) -> list[CustomerToPropose]:
    """Customers that have its themes: the ones to propose the success to."""
    return [
        CustomerToPropose.model_validate(each) for each in outcomes.to_propose(session, item_id)
    ]
