"""Hypotheses on themes: versions, evidence for and against."""

from __future__ import annotations

import uuid

from fastapi import APIRouter

from vocloop.roadmap import hypotheses
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.hypothesis_schemas import (
    EvidenceIn,
    HypothesisEdit,
    HypothesisIn,
    HypothesisRow,
    SettleIn,
)

router = APIRouter(tags=["hypotheses"])


@router.post("/hypotheses", status_code=201)
def propose_hypothesis(session: WriteSession, row: HypothesisIn) -> HypothesisRow:
    made = hypotheses.propose(session, row.theme_id, row.words(), row.author())
    return HypothesisRow.of(hypotheses.one(session, made.id))


@router.get("/hypotheses")
def list_hypotheses(session: ReadSession, theme_id: uuid.UUID) -> list[HypothesisRow]:
    """Those on a theme, oldest first."""
    return [HypothesisRow.of(each) for each in hypotheses.of_theme(session, theme_id)]


@router.get("/hypotheses/{hypothesis_id}")
def read_hypothesis(session: ReadSession, hypothesis_id: uuid.UUID) -> HypothesisRow:
    return HypothesisRow.of(hypotheses.one(session, hypothesis_id))


@router.post("/hypotheses/{hypothesis_id}/versions", status_code=201)
def rewrite_hypothesis(
    session: WriteSession, hypothesis_id: uuid.UUID, row: HypothesisEdit
) -> HypothesisRow:
    """A further version; the older ones are kept."""
    hypotheses.rewrite(session, hypothesis_id, row.words(), row.author())
    return HypothesisRow.of(hypotheses.one(session, hypothesis_id))


@router.post("/hypotheses/{hypothesis_id}/evidence")
def link_evidence(
    session: WriteSession, hypothesis_id: uuid.UUID, row: EvidenceIn
) -> HypothesisRow:
    """Let a statement speak for or against it."""
    hypotheses.link(session, hypothesis_id, row.statement_id, row.side, row.author())
    return HypothesisRow.of(hypotheses.one(session, hypothesis_id))


@router.post("/hypotheses/{hypothesis_id}/state")
def settle_hypothesis(
    session: WriteSession, hypothesis_id: uuid.UUID, row: SettleIn
) -> HypothesisRow:
    hypotheses.settle(session, hypothesis_id, row.state, row.author())
    return HypothesisRow.of(hypotheses.one(session, hypothesis_id))
