from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, Column
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, now


class Wording(Record, table=True):
    """What a language model wrote of some quotes, kept so that it is asked once."""

    digest: str = Field(
        primary_key=True, max_length=64, description="SHA-256 of the model's name and what it read"
    )
    model: str = Field(max_length=200)
    title_ja: str | None = Field(default=None, max_length=300, description="None: none was usable")
    title_en: str | None = Field(default=None, max_length=300)
    summary_ja: str | None = None
    summary_en: str | None = None
    read: list[str] = Field(
        default_factory=list,
        sa_column=Column(JSON, nullable=False),
        description="Ids of the statements that it was made of: when one goes, this goes too",
    )
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
