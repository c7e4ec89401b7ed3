from __future__ import annotations

import uuid

from sqlalchemy import JSON, Column
from sqlmodel import Field

from vocloop_models.base import Record, new_id


class Department(Record, table=True):
    """A department of the vendor, which may own themes."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    key: str = Field(unique=True, max_length=100)
    name_ja: str = Field(max_length=200)
    name_en: str = Field(max_length=200)
    description_ja: str = ""
    description_en: str = ""
    owner: str | None = Field(default=None, max_length=200, description="Who answers for it")
    working_hours: dict[str, list[str]] = Field(
        default_factory=dict,
        sa_column=Column(JSON, nullable=False, server_default="{}"),
        description="mon … sun to [from, to] as HH:MM; empty: round the clock",
    )
    timezone: str = Field(
        default="Asia/Tokyo", max_length=64, sa_column_kwargs={"server_default": "Asia/Tokyo"}
    )
    answer_within: float | None = Field(
        default=None, gt=0, description="Working hours in which it answers; None: no limit"
    )
