"""Rounds of arbitration: limits, scenarios, reasons, votes."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from vocloop.roadmap import rounds, scenarios, waiting
from vocloop.roadmap.audit import get
from vocloop.worker import jobs
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT
from vocloop_api.roadmap_schemas import Word
from vocloop_api.round_schemas import (
    AgainIn,
    ChangesIn,
    CommentIn,
    CommentRow,
    ConsiderIn,
    RoundIn,
    RoundRow,
    ScenarioIn,
    ScenarioRow,
    StretchRow,
    VoteIn,
    VoteRow,
    WhyRow,
)
from vocloop_models import JobKind, Round, RoundState, Scenario

router = APIRouter(tags=["rounds"], responses=ON_CONFLICT)


@router.post("/rounds", status_code=201)
def open_round(session: WriteSession, row: RoundIn) -> RoundRow:
    """Open a round: quarters, capacity, weights, budget."""
    made = rounds.open_round(
        session,
        row.name,
        row.periods,
        row.capacity,
        row.author(),
        department_weights=row.department_weights,
        goal_weights=row.goal_weights,
        budget=row.budget,
    )
    return RoundRow.model_validate(made)


@router.get("/rounds")
def list_rounds(session: ReadSession, *, state: RoundState | None = None) -> list[RoundRow]:
    """The newest first."""
    return [RoundRow.model_validate(each) for each in rounds.listed(session, state=state)]


@router.get("/rounds/{round_id}")
def read_round(session: ReadSession, round_id: uuid.UUID) -> RoundRow:
    return RoundRow.model_validate(get(session, Round, round_id, "round"))


@router.put("/rounds/{round_id}/items", status_code=204)
def consider_items(session: WriteSession, round_id: uuid.UUID, row: ConsiderIn) -> None:
    """Take items into the round: free, must-do, must-not, or of a group that excludes."""
    rounds.consider(session, round_id, row.taken(), row.author())


@router.post("/rounds/{round_id}/scenarios", status_code=202)
def solve_scenario(session: WriteSession, round_id: uuid.UUID, row: ScenarioIn) -> ScenarioRow:
    """Have the best roadmap found under changes to the round's limits, kept under a name. A worker
    solves it: read the scenarios until its `state` is solved or failed."""
    made = scenarios.ask(session, round_id, row.name, row.changes.changed(), row.author())
    return _queued(session, made)


@router.get("/rounds/{round_id}/scenarios")
def list_scenarios(session: ReadSession, round_id: uuid.UUID) -> list[ScenarioRow]:
    """Side by side, oldest first."""
    return [ScenarioRow.model_validate(each) for each in scenarios.listed(session, round_id)]


@router.post("/scenarios/{scenario_id}/solve", status_code=202)
def solve_scenario_again(
    session: WriteSession, scenario_id: uuid.UUID, row: AgainIn
) -> ScenarioRow:
    """Have a scenario solved anew, under other changes or as the round stands now. Its result
    stays until the new one is there."""
    changes = None if row.changes is None else row.changes.changed()
    return _queued(session, scenarios.ask_again(session, scenario_id, changes, row.author()))


@router.post("/rounds/{round_id}/preview")
def preview_round(session: ReadSession, round_id: uuid.UUID, changes: ChangesIn) -> dict[str, Any]:
    """What would be best under changes, at once and without keeping it; for small rounds. The
    answer is like a scenario's `result`."""
    asked = waiting.question(session, round_id, changes.changed())
    return waiting.preview(asked).kept()


@router.post("/scenarios/{scenario_id}/cancel", status_code=204)
def cancel_scenario(session: WriteSession, scenario_id: uuid.UUID) -> None:
    """Stop solving. A scenario keeps the answer that it had; one without an answer is gone."""
    scenarios.cancel(session, scenario_id)
    jobs.cancel_all(session, JobKind.SOLVE_SCENARIO, {"scenario_id": str(scenario_id)})


@router.get("/rounds/{round_id}/items/{item_id}/why")
def explain_item(session: ReadSession, round_id: uuid.UUID, item_id: uuid.UUID) -> WhyRow:
    """Why an item is in or out, and what would have to change."""
    return WhyRow.model_validate(waiting.reason(waiting.question(session, round_id), str(item_id)))


@router.get("/rounds/{round_id}/frontier")
def read_frontier(
    session: ReadSession,
    round_id: uuid.UUID,
    name: Annotated[str, Query(description="A department's key or a goal")],
    *,
    kind: Literal["department", "goal"] = "department",
    low: Annotated[float, Query(ge=0, allow_inf_nan=False)] = 0.0,
    high: Annotated[float, Query(gt=0, allow_inf_nan=False)] = 4.0,
) -> list[StretchRow]:
    """Every roadmap that is best somewhere as one weight moves."""
    found = waiting.frontier(waiting.question(session, round_id), kind, name, low, high)
    return [
        StretchRow(
            start=each.start,
            end=each.end,
            period=each.roadmap.period,
            value=each.roadmap.value,
            gain=each.gain,
        )
        for each in found
    ]


@router.post("/rounds/{round_id}/votes", status_code=201)
def cast_vote(session: WriteSession, round_id: uuid.UUID, row: VoteIn) -> VoteRow:
    """A department's word on an item; the last one counts."""
    cast = rounds.vote(session, round_id, row.item_id, row.department, row.choice, row.author())
    return VoteRow.model_validate(cast)


@router.get("/rounds/{round_id}/votes")
def list_votes(session: ReadSession, round_id: uuid.UUID) -> list[VoteRow]:
    return [VoteRow.model_validate(each) for each in rounds.votes(session, round_id)]


@router.post("/rounds/{round_id}/comments", status_code=201)
def add_comment(session: WriteSession, round_id: uuid.UUID, row: CommentIn) -> CommentRow:
    said = rounds.comment(
        session,
        round_id,
        row.text,
        row.author(),
        item_id=row.item_id,
        department=row.department,
    )
    return CommentRow.model_validate(said)


@router.get("/rounds/{round_id}/comments")
def list_comments(session: ReadSession, round_id: uuid.UUID) -> list[CommentRow]:
    return [CommentRow.model_validate(each) for each in rounds.comments(session, round_id)]


@router.post("/rounds/{round_id}/close")
def close_round(session: WriteSession, round_id: uuid.UUID, word: Word) -> RoundRow:
    return RoundRow.model_validate(rounds.close(session, round_id, word.author()))


def _queued(session: WriteSession, scenario: Scenario) -> ScenarioRow:
    jobs.enqueue(session, JobKind.SOLVE_SCENARIO, {"scenario_id": str(scenario.id)})
    return ScenarioRow.model_validate(scenario)
