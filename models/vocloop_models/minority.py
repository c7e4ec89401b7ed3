from __future__ import annotations

import uuid

from sqlmodel import Field

from vocloop_models.base import Record, new_id


class MinorityGroup(Record, table=True):
    """Statements of no theme that say the same, too few to be one. Each run finds them anew."""

    __tablename__ = "minoritygroup"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    nearness: float = Field(description="Mean cosine of its statements, two by two")


class MinorityMember(Record, table=True):
    __tablename__ = "minoritymember"

    statement_id: uuid.UUID = Field(foreign_key="statement.id", primary_key=True)
    group_id: uuid.UUID = Field(foreign_key="minoritygroup.id", index=True)
