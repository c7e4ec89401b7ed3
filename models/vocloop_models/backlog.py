from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Subquery, func, select
from sqlmodel import Field, col

from vocloop_models.base import Record, UtcDateTime, new_id, now, words
from vocloop_models.theme import merged_themes


class ItemState(StrEnum):
    """Approved, deferred, declined and split are given by a Decision only."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DEFERRED = "deferred"
    DECLINED = "declined"
    SPLIT = "split"  # its parts are items of their own
    IN_PROGRESS = "in_progress"
    SHIPPED = "shipped"
    REVIEWED = "reviewed"
    REOPENED = "reopened"  # shipped, and the problem is there again


class Stage(StrEnum):
    """The five steps to a first success (METHOD.md 6), in order."""

    TRUST = "trust"
    ISSUE = "issue"
    POLICY = "policy"
    EXECUTION = "execution"
    REVIEW = "review"


class Horizon(StrEnum):
    NOW = "now"
    NEXT = "next"
    LATER = "later"


class Direction(StrEnum):
    """Where a success is developed to (METHOD.md 7)."""

    HIGHER_LEVEL = "higher_level"
    WIDER_GOAL = "wider_goal"
    LEANER_PROCESS = "leaner_process"
    BETTER_EXPERIENCE = "better_experience"


class BacklogItem(Record, table=True):
    """Something the company may do about one or more themes."""

    __tablename__ = "backlogitem"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    number: int = Field(unique=True, description="Counted up from 1; shown as B-0147")
    title: str = Field(max_length=300)
    problem: str = Field(default="", description="Whose problem, and which")
    state: ItemState = Field(default=ItemState.PROPOSED, sa_type=words(ItemState), index=True)
    stage: Stage = Field(default=Stage.TRUST, sa_type=words(Stage))
    horizon: Horizon = Field(default=Horizon.LATER, sa_type=words(Horizon))
    quarter: str | None = Field(default=None, max_length=6, description="As 2026Q4")
    cost: float = Field(default=0, ge=0, description="Money, in the unit of rounds' budgets")
    goals: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    hypothesis_id: uuid.UUID | None = Field(default=None, foreign_key="hypothesis.id")
    part_of: uuid.UUID | None = Field(default=None, foreign_key="backlogitem.id", index=True)
    develops: uuid.UUID | None = Field(default=None, foreign_key="backlogitem.id", index=True)
    direction: Direction | None = Field(default=None, sa_type=words(Direction))
    tracker_url: str | None = Field(default=None, max_length=2_000)
    shipped_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ItemTheme(Record, table=True):
    """A theme that an item solves, and how much of it."""

    __tablename__ = "itemtheme"

    item_id: uuid.UUID = Field(foreign_key="backlogitem.id", primary_key=True)
    theme_id: uuid.UUID = Field(foreign_key="theme.id", primary_key=True, index=True)
    share: float = Field(default=1.0, gt=0, le=1)


def item_themes() -> Subquery:
    """ItemTheme as things stand today, with its columns: a theme that was merged counts as the one
    that it is part of, and of two that became one the larger share."""
    merged = merged_themes()
    today = func.coalesce(merged.c.today, ItemTheme.theme_id)
    return (
        select(
            col(ItemTheme.item_id),
            today.label("theme_id"),
            func.max(ItemTheme.share).label("share"),
        )
        .join(merged, merged.c.gone == col(ItemTheme.theme_id), isouter=True)
        .group_by(col(ItemTheme.item_id), today)
        .subquery("item_themes")
    )


class ItemDepartment(Record, table=True):
    """A department that works on an item or is touched by it."""

    __tablename__ = "itemdepartment"

    item_id: uuid.UUID = Field(foreign_key="backlogitem.id", primary_key=True)
    department_id: uuid.UUID = Field(foreign_key="department.id", primary_key=True, index=True)
    effort: float = Field(default=0, ge=0, description="Person-weeks")
    effect: float = Field(
        default=0, ge=-1, le=1, description="Above 0 it is helped, below 0 burdened"
    )


class ItemDependency(Record, table=True):
    __tablename__ = "itemdependency"

    item_id: uuid.UUID = Field(foreign_key="backlogitem.id", primary_key=True)
    needs_id: uuid.UUID = Field(foreign_key="backlogitem.id", primary_key=True, index=True)


class TargetRating(Record, table=True):
    """What people hold of an item's contribution potential and cost (METHOD.md 4.2, 4.3).

    Ratings count 1 to 5. The newest one counts; older ones are kept."""

    __tablename__ = "targetrating"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    item_id: uuid.UUID = Field(foreign_key="backlogitem.id", index=True)
    expertise: int = Field(ge=1, le=5)
    relationship: int = Field(ge=1, le=5)
    alternatives: int = Field(ge=1, le=5, description="How satisfied customers are elsewhere")
    difficulty: int = Field(ge=1, le=5)
    initial_cost: float = Field(ge=0, description="Person-weeks until the first success")
    operating_cost: float = Field(ge=0, description="Person-weeks a quarter afterwards")
    note: str | None = Field(default=None, max_length=2_000)
    by: str | None = Field(default=None, max_length=200)
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class RoadmapChange(Record, table=True):
    """One line of audit: who changed what of an item, round, decision, review or hypothesis."""

    __tablename__ = "roadmapchange"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    subject_id: uuid.UUID = Field(index=True)
    action: str = Field(max_length=40)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    note: str | None = Field(default=None, max_length=2_000)
    by: str | None = Field(default=None, max_length=200)
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
