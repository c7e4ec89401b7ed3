from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, event
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class Verdict(StrEnum):
    APPROVE = "approve"
    DEFER = "defer"
    DECLINE = "decline"
    SPLIT = "split"


class Decision(Record, table=True):
    """An executive's word on an item. It is never changed; a newer one may say otherwise.

    ``evidence`` is what was known then: numbers and ids, never customers' words or names, so that
    an erasure has nothing to change in it."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    number: int = Field(unique=True, description="Counted up from 1; shown as D-0147")
    item_id: uuid.UUID = Field(foreign_key="backlogitem.id", index=True)
    round_id: uuid.UUID | None = Field(default=None, foreign_key="round.id", index=True)
    verdict: Verdict = Field(sa_type=words(Verdict))
    rationale: str = Field(max_length=4_000)
    agree_as_customer: bool = Field(description="私がカスタマーなら賛成か (METHOD.md 2)")
    agree_reason: str = Field(default="", max_length=2_000)
    quarter: str | None = Field(default=None, max_length=6, description="As 2026Q4")
    by: str = Field(max_length=200)
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    evidence: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    digest: str = Field(max_length=64, description="SHA-256 of the decision and its evidence")


@event.listens_for(Decision, "before_update")
@event.listens_for(Decision, "before_delete")
def _refuse(_mapper: Any, _connection: Any, decision: Decision) -> None:
    raise ValueError(f"D-{decision.number:04d} is a decision and never changes; make a new one")
