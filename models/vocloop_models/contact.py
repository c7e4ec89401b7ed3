from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now


class Contact(Record, table=True):
    """A person at a customer, known by what they do there; vocloop keeps no name or address."""

    __table_args__ = (UniqueConstraint("customer_id", "external_id"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    customer_id: uuid.UUID = Field(foreign_key="customer.id", index=True)
    external_id: str = Field(max_length=200)
    department: str | None = Field(default=None, max_length=100)
    role: str | None = Field(default=None, max_length=100)
    champion: bool = False
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
