from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class RoundState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class ScenarioState(StrEnum):
    """The column is the queue: solving → solved or failed; asked again, back to solving."""

    SOLVING = "solving"
    SOLVED = "solved"
    FAILED = "failed"


class RoundRule(StrEnum):
    FREE = "free"
    MUST = "must"
    MUST_NOT = "must_not"


class VoteChoice(StrEnum):
    SUPPORT = "support"
    OPPOSE = "oppose"
    ABSTAIN = "abstain"


class Round(Record, table=True):
    """A sitting in which an executive chooses among items (METHOD.md 8).

    ``capacity`` and ``department_weights`` are by key of Department."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(max_length=200)
    state: RoundState = Field(default=RoundState.OPEN, sa_type=words(RoundState))
    periods: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False), description="As 2026Q4"
    )
    capacity: dict[str, list[float]] = Field(
        default_factory=dict,
        sa_column=Column(JSON, nullable=False),
        description="Person-weeks of a department in each period",
    )
    department_weights: dict[str, float] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False)
    )
    goal_weights: dict[str, float] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False)
    )
    budget: float | None = Field(default=None, ge=0)
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    closed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class RoundItem(Record, table=True):
    """An item that a round considers. Of one ``exclusive`` group at most one is taken."""

    __tablename__ = "rounditem"

    round_id: uuid.UUID = Field(foreign_key="round.id", primary_key=True)
    item_id: uuid.UUID = Field(foreign_key="backlogitem.id", primary_key=True, index=True)
    rule: RoundRule = Field(default=RoundRule.FREE, sa_type=words(RoundRule))
    exclusive: str | None = Field(default=None, max_length=100)


class Scenario(Record, table=True):
    """A round solved under ``changes`` to its limits, kept under a name to be compared.

    ``result`` belongs to ``changes``; while it is solved under what is ``asked``, both stay."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    round_id: uuid.UUID = Field(foreign_key="round.id", index=True)
    name: str = Field(max_length=200)
    changes: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    result: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    state: ScenarioState = Field(
        default=ScenarioState.SOLVING,
        sa_type=words(ScenarioState),
        sa_column_kwargs={"server_default": "solved"},
    )
    asked: dict[str, Any] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False, server_default="{}")
    )
    error: str | None = Field(default=None, description="Why the last solving failed")
    solved_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    by: str | None = Field(default=None, max_length=200)
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Vote(Record, table=True):
    """What the head of a department says of an item in a round; the last word counts."""

    round_id: uuid.UUID = Field(foreign_key="round.id", primary_key=True)
    item_id: uuid.UUID = Field(foreign_key="backlogitem.id", primary_key=True, index=True)
    department_id: uuid.UUID = Field(foreign_key="department.id", primary_key=True)
    choice: VoteChoice = Field(sa_type=words(VoteChoice))
    by: str | None = Field(default=None, max_length=200)
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class RoundComment(Record, table=True):
    __tablename__ = "roundcomment"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    round_id: uuid.UUID = Field(foreign_key="round.id", index=True)
    item_id: uuid.UUID | None = Field(default=None, foreign_key="backlogitem.id")
    department_id: uuid.UUID | None = Field(default=None, foreign_key="department.id")
    text: str = Field(max_length=4_000)
    by: str | None = Field(default=None, max_length=200)
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
