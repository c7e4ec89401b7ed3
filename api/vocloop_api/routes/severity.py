"""What people say of the severity of statements, and what was learned from it."""

from __future__ import annotations

import datetime as dt
import uuid

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from vocloop.score import severity_store
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.schemas import Answer
from vocloop_api.signed_by import By

router = APIRouter(tags=["scores"])


class CorrectionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    severity: float = Field(ge=0, le=1, allow_inf_nan=False, description="0 harmless … 1 gravest")
    by: By = None


class CorrectionAnswer(Answer):
    statement_id: uuid.UUID
    severity: float
    by: str | None
    at: dt.datetime


class LessonAnswer(Answer):
    """`before` and `after`: the share of pairs of statements that are put into people's order by
    the words alone, and after the lesson; each statement judged without its own label."""

    labels: dict[str, int] = Field(description="Statements by kind of label")
    before: float
    after: float
    used: bool = Field(description="A lesson that gains no more than chance is not used")
    at: dt.datetime


@router.put("/statements/{statement_id}/severity")
def correct_severity(
    session: WriteSession, statement_id: uuid.UUID, correction: CorrectionIn
) -> CorrectionAnswer:
    """Say how much a statement hurts. It stands over all signals from the next scoring on, and
    teaches how to read others like it."""
    kept = severity_store.correct(session, statement_id, correction.severity, correction.by)
    return CorrectionAnswer.model_validate(kept)


@router.delete("/statements/{statement_id}/severity", status_code=204)
def withdraw_severity(session: WriteSession, statement_id: uuid.UUID) -> None:
    """Take a correction back."""
    severity_store.withdraw(session, statement_id)


@router.get("/severity/lesson")
def read_lesson(session: ReadSession) -> LessonAnswer | None:
    """What severity learned last from this workspace's corrections, marks, priorities, ratings and
    outcomes; null before the first lesson."""
    found = severity_store.newest_lesson(session)
    return None if found is None else LessonAnswer.model_validate(found)
