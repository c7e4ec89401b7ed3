from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from vocloop_models.base import Record, new_id, words


class StatementKind(StrEnum):
    """What a statement does."""

    COMPLAINT = "complaint"
    REQUEST = "request"
    QUESTION = "question"
    PRAISE = "praise"
    FACT = "fact"


class Statement(Record, table=True):
    """One complaint, wish or praise out of a feedback: the unit of clustering."""

    __table_args__ = (UniqueConstraint("feedback_id", "position"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    feedback_id: uuid.UUID = Field(foreign_key="feedback.id", index=True)
    position: int = Field(ge=0)
    text: str
    language: str = Field(max_length=8, description="ISO 639-1, or 'und'")
    kind: StatementKind | None = Field(
        default=None, sa_type=words(StatementKind), description="Known in Japanese and English"
    )


class StatementVector(Record, table=True):
    """The vector of a statement under one encoder: float16, little-endian, L2-normalised.

    The one source of truth; any neighbour index is a cache of this table."""

    statement_id: uuid.UUID = Field(foreign_key="statement.id", primary_key=True)
    encoder: str = Field(primary_key=True, max_length=200)
    vector: bytes
