from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words
from vocloop_models.recipient import Topic


class EventKind(StrEnum):
    """What happened in the loop, as other programs are told."""

    THEME_BORN = "theme.born"
    SCORE_MOVED = "score.moved"
    DECISION_RECORDED = "decision.recorded"
    ITEM_SHIPPED = "item.shipped"
    ITEM_REOPENED = "item.reopened"
    REVIEW_CLOSED = "review.closed"
    ROUND_CLOSED = "round.closed"
    IMPORT_DONE = "import.done"
    ANSWER_OVERDUE = "answer.overdue"


class LoopEvent(Record, table=True):
    """Something that happened, noted once: ``key`` names the row that it was read from.

    ``detail`` holds ids and numbers, never words of customers."""

    __tablename__ = "loopevent"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    key: str = Field(unique=True, max_length=200)
    kind: EventKind = Field(sa_type=words(EventKind))
    subject_id: uuid.UUID = Field(index=True, description="Of the theme, item, round, import …")
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    at: dt.datetime = Field(sa_type=UtcDateTime)


class EventWatch(Record, table=True):
    """How far something has been read. What is older than ``since`` is nobody's news: it was there
    before anyone listened."""

    __tablename__ = "eventwatch"

    name: str = Field(primary_key=True, max_length=40)
    since: dt.datetime = Field(sa_type=UtcDateTime)
    upto: dt.datetime = Field(sa_type=UtcDateTime)


class CustomerWords(Record, table=True):
    """What customers are told of an item, written by a person; the newest of a language counts."""

    __tablename__ = "customerwords"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    item_id: uuid.UUID = Field(foreign_key="backlogitem.id", index=True)
    topic: Topic = Field(sa_type=words(Topic))
    language: str = Field(max_length=8)
    text: str = Field(max_length=4_000)
    by: str | None = Field(default=None, max_length=200)
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
