"""Decisions, with the evidence of their moment, and the log of them."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from vocloop.roadmap import decisions
from vocloop.roadmap.audit import get
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT
from vocloop_api.outcome_schemas import DecisionIn, DecisionRow
from vocloop_models import Decision, Verdict

router = APIRouter(
    tags=["decisions"],
    responses=ON_CONFLICT,
)


@router.post("/decisions", status_code=201)
def decide(session: WriteSession, row: DecisionIn) -> DecisionRow:
    """Approve, defer, decline or split an item. The word is final: it is never changed."""
    given = row.model_dump(exclude={"by", "note", "item_id", "verdict", "rationale"})
    made = decisions.decide(session, row.item_id, row.verdict, row.rationale, row.author(), **given)
    return DecisionRow.of(made)


@router.get("/decisions")
def list_decisions(
    session: ReadSession,
    *,
    text: Annotated[str | None, Query(max_length=200)] = None,
    verdict: Verdict | None = None,
    item_id: uuid.UUID | None = None,
    round_id: uuid.UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[DecisionRow]:
    """The log, newest first; `text`: words in the reasons, the name or the item's title."""
    found = decisions.log(
        session, text=text, verdict=verdict, item_id=item_id, round_id=round_id, limit=limit
    )
    return [DecisionRow.of(each) for each in found]


@router.get("/decisions/{decision_id}")
def read_decision(session: ReadSession, decision_id: uuid.UUID) -> DecisionRow:
    return DecisionRow.of(get(session, Decision, decision_id, "decision"))
