"""Scores opened up: why each number is what it is, why it moved, and what weighs how much."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from vocloop.score import history, weights
from vocloop.score.explain import explain
from vocloop.score.impact import Exponents
from vocloop.themes.turns import take_turns
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.schemas import Scores
from vocloop_api.score_schemas import (
    ExplanationAnswer,
    HistoryAnswer,
    MoveAnswer,
    WeightsAnswer,
    WeightsIn,
    WeightsRows,
)

router = APIRouter(tags=["scores"])


@router.get("/themes/{theme_id}/explanation")
def explain_theme(
    session: ReadSession,
    theme_id: uuid.UUID,
    day: Annotated[
        dt.date | None, Query(description="As scored by that day; the newest by default")
    ] = None,
) -> ExplanationAnswer:
    """Each number of a theme: inputs, formula, the formula with values put in, evidence ids."""
    return ExplanationAnswer.model_validate(explain(session, theme_id, day=day))


@router.get("/themes/{theme_id}/scores")
def list_scores(
    session: ReadSession,
    theme_id: uuid.UUID,
    since: Annotated[
        dt.date | None, Query(description="Compare with that day; a week before the newest else")
    ] = None,
) -> HistoryAnswer:
    """The scores of a theme by day, and why its impact moved."""
    move = history.moved(session, theme_id, since=since)
    return HistoryAnswer(
        days=[Scores.of(score) for score in history.days(session, theme_id, since=since)],
        move=None if move is None else MoveAnswer.model_validate(move),
    )


@router.get("/weights")
def read_weights(session: ReadSession) -> WeightsAnswer:
    """The exponents of impact that count now."""
    rows = weights.versions(session)
    if rows:
        return WeightsAnswer.model_validate(rows[0])
    return WeightsAnswer(version=0, **weights.current(session).by_name())


@router.get("/weights/versions")
def list_weights(session: ReadSession) -> WeightsRows:
    """Every version of the exponents that this workspace set."""
    rows = weights.versions(session)
    return WeightsRows(rows=[WeightsAnswer.model_validate(row) for row in rows])


@router.put("/weights")
def set_weights(session: WriteSession, given: WeightsIn) -> WeightsAnswer:
    """Set the exponents: a new version. Impact and ranks of today are made anew with it."""
    take_turns(session)
    row = weights.set_weights(
        session,
        Exponents(given.generality, given.longevity, given.severity),
        reason=given.reason,
        by=given.by,
    )
    return WeightsAnswer.model_validate(row)
