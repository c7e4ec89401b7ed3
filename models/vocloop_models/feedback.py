from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlalchemy import text as sql
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class Channel(StrEnum):
    TICKET = "ticket"
    SURVEY = "survey"
    INTERVIEW = "interview"
    REVIEW = "review"
    CALL = "call"
    MEETING = "meeting"
    MAIL = "mail"
    OTHER = "other"


class Priority(StrEnum):
    """The channel's own priority."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class RatingScale(StrEnum):
    """What ``Feedback.rating`` counts: NPS 0–10, CSAT 1–5, CES 1–7 (7 = easy), stars 1–5."""

    NPS = "nps"
    CSAT = "csat"
    CES = "ces"
    STARS = "stars"


# The least and the most that can be answered.
RATING_BOUNDS: Mapping[RatingScale, tuple[int, int]] = {
    RatingScale.NPS: (0, 10),
    RatingScale.CSAT: (1, 5),
    RatingScale.CES: (1, 7),
    RatingScale.STARS: (1, 5),
}


class FeedbackState(StrEnum):
    """The column is the queue: received → encoded → themed."""

    RECEIVED = "received"
    ENCODED = "encoded"
    THEMED = "themed"


RATED = sql("rating IS NOT NULL")


class Feedback(Record, table=True):
    """One voice as it arrived. ``said_at`` is None when the source gave no date."""

    __table_args__ = (
        UniqueConstraint("source", "external_id"),
        Index("ix_feedback_state_id", "state", "id"),
        Index("ix_feedback_likeness", "likeness"),
        # Few voices come with a rating; numbers are made of them alone, and of no other column.
        Index(
            "ix_feedback_rated",
            "rating_scale",
            "said_at",
            "id",
            "rating",
            "contact_id",
            "customer_id",
            "repeats_id",
            sqlite_where=RATED,
            postgresql_where=RATED,
        ),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    source: str = Field(max_length=100)
    external_id: str = Field(max_length=200)
    channel: Channel = Field(default=Channel.OTHER, sa_type=words(Channel))
    customer_id: uuid.UUID | None = Field(default=None, foreign_key="customer.id", index=True)
    contact_id: uuid.UUID | None = Field(default=None, foreign_key="contact.id", index=True)
    said_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    received_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    title: str | None = Field(default=None, max_length=500)
    text: str
    language: str = Field(max_length=8, description="ISO 639-1, or 'und'")
    rating: float | None = None
    rating_scale: RatingScale | None = Field(default=None, sa_type=words(RatingScale))
    priority: Priority | None = Field(default=None, sa_type=words(Priority))
    severity_mark: int | None = Field(
        default=None, ge=1, le=4, description="The agent's own mark: 1 nice to have … 4 blocked"
    )
    submitted_by: str | None = Field(default=None, max_length=200)
    # Without a foreign key: SQLite adds none to a table that has rows.
    import_id: uuid.UUID | None = Field(
        default=None, index=True, description="The import that made this row"
    )
    tags: list[str] = Field(
        default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]")
    )
    product: str | None = Field(default=None, max_length=200)
    url: str | None = Field(default=None, max_length=2_000, description="Where the source shows it")
    likeness: str | None = Field(
        default=None, max_length=32, description="What texts of the same words share"
    )
    # Without a foreign key, like import_id.
    repeats_id: uuid.UUID | None = Field(
        default=None, index=True, description="The voice that said the same before: count it once"
    )
    state: FeedbackState = Field(default=FeedbackState.RECEIVED, sa_type=words(FeedbackState))
