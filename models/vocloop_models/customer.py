from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Column, ColumnElement, false, or_
from sqlmodel import Field, col

from vocloop_models.base import Record, UtcDateTime, new_id, now, words

# What a company is told by beside its name, each a column of Customer: lists are narrowed down and
# figures are broken down by them.
COMPANY_ATTRIBUTES = ("industry", "size", "region", "plan", "touch_tier")


class TouchTier(StrEnum):
    """How the loop is closed with a customer (METHOD.md 3)."""

    HIGH = "high"
    LOW = "low"
    TECH = "tech"


class Customer(Record, table=True):
    """A company (account). Attributes that are not known are None, never guessed."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    external_id: str | None = Field(default=None, unique=True, max_length=200)
    name: str = Field(index=True, max_length=300)
    industry: str | None = Field(default=None, max_length=100)
    size: str | None = Field(default=None, max_length=100)
    region: str | None = Field(default=None, max_length=100)
    plan: str | None = Field(default=None, max_length=100)
    touch_tier: TouchTier | None = Field(default=None, sa_type=words(TouchTier))
    arr: int | None = Field(
        default=None, ge=0, sa_type=BigInteger, description="Yearly recurring revenue, whole units"
    )
    currency: str = Field(default="JPY", max_length=3)
    since: dt.date | None = None
    until: dt.date | None = Field(default=None, description="The day the customer left")
    renewal_on: dt.date | None = None
    segments: dict[str, str] = Field(
        default_factory=dict,
        sa_column=Column(JSON, nullable=False, server_default="{}"),
        description="Further attributes that someone asked to keep",
    )
    # Without a foreign key: SQLite adds none to a table that has rows.
    import_id: uuid.UUID | None = Field(
        default=None, index=True, description="The import that made this row"
    )
    restricted: bool = Field(
        default=False,
        sa_column_kwargs={"server_default": false()},
        description="Only the users named in CustomerAccess may see it",
    )
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


def stays(day: dt.date) -> ColumnElement[bool]:
    """Of customers: those that have not left by ``day``."""
    return or_(col(Customer.until).is_(None), col(Customer.until) > day)
