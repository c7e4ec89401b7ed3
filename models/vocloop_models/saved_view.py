from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now


class SavedView(Record, table=True):
    """A list with its filters and its order, under a name that people gave it."""

    __tablename__ = "savedview"
    __table_args__ = (UniqueConstraint("page", "name"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    page: str = Field(max_length=100, index=True, description="Address of the page, /themes")
    name: str = Field(max_length=100)
    query: str = Field(default="", max_length=2000, description="As in the address, without ?")
    by: str | None = Field(default=None, max_length=200)
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
