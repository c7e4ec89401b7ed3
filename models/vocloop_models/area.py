from __future__ import annotations

import datetime as dt
import uuid

from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now


class Area(Record, table=True):
    """Themes that lie near each other. Its id lives on while most of its themes stay together;
    its title is made of their keywords, and follows them."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    title_ja: str | None = Field(default=None, max_length=300)
    title_en: str | None = Field(default=None, max_length=300)
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
