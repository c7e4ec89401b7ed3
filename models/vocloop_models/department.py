from __future__ import annotations

import uuid

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
