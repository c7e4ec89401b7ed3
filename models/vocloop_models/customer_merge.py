from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class AliasKind(StrEnum):
    DOMAIN = "domain"
    EXTERNAL_ID = "external_id"
    NAME = "name"


class CustomerAlias(Record, table=True):
    """Something else a customer is known by: a mail domain, or what a merged customer was called.

    ``value`` of a name is its key (intake.customers.name_key)."""

    kind: AliasKind = Field(sa_type=words(AliasKind), primary_key=True)
    value: str = Field(primary_key=True, max_length=300)
    customer_id: uuid.UUID = Field(foreign_key="customer.id", index=True)


class MergeState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"


class MergeReason(StrEnum):
    SAME_NAME = "same_name"
    SAME_DOMAIN = "same_domain"
    SIMILAR_NAME = "similar_name"


class CustomerMerge(Record, table=True):
    """That two customers may be one, and what a person said to it.

    ``kept_id`` is older than ``other_id``; an accepted merge keeps in ``undo`` all that taking it
    back needs. Without foreign keys: the other customer's row is gone while they are one."""

    __table_args__ = (UniqueConstraint("kept_id", "other_id"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    kept_id: uuid.UUID = Field(index=True)
    other_id: uuid.UUID = Field(index=True)
    reason: MergeReason = Field(sa_type=words(MergeReason))
    state: MergeState = Field(default=MergeState.OPEN, sa_type=words(MergeState))
    undo: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
