from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum

from sqlalchemy import JSON, Column
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class ProposalKind(StrEnum):
    SPLIT = "split"
    MERGE = "merge"


class ProposalState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DISMISSED = "dismissed"
    OUTDATED = "outdated"  # the newest run sees no reason for it any more


class ThemeProposal(Record, table=True):
    """A change of identity that a run asks people about: ``statements`` leave ``theme_id`` for a
    new theme, or ``other_id`` joins ``theme_id`` with all of its own."""

    __tablename__ = "themeproposal"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    kind: ProposalKind = Field(sa_type=words(ProposalKind))
    theme_id: uuid.UUID = Field(foreign_key="theme.id", index=True)
    other_id: uuid.UUID | None = Field(default=None, foreign_key="theme.id", index=True)
    statements: list[str] = Field(
        default_factory=list,
        sa_column=Column(JSON, nullable=False),
        description="Of a split: ids of the statements that would leave",
    )
    strength: float = Field(ge=0, le=1)
    state: ProposalState = Field(
        default=ProposalState.OPEN, sa_type=words(ProposalState), index=True
    )
    run_id: uuid.UUID | None = Field(default=None, foreign_key="clusterrun.id")
    fact_id: uuid.UUID | None = Field(default=None, foreign_key="themefact.id")
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    updated_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    decided_by: str | None = Field(default=None, max_length=200)
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
