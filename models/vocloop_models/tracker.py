from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class TrackerKind(StrEnum):
    GITHUB = "github"
    GITLAB = "gitlab"
    JIRA = "jira"
    LINEAR = "linear"


class LinkState(StrEnum):
    """The column is the queue: waiting → pushed, or failed until someone pushes again."""

    WAITING = "waiting"
    PUSHED = "pushed"
    FAILED = "failed"


class Tracker(Record, table=True):
    """A project of an issue tracker that backlog items are pushed to. Its keys are in the
    environment, never here.

    ``statuses``: a status of the tracker, or its group, to what it means for an item:
    {"Done": {"state": "shipped"}, "In Review": {"stage": "execution"}}."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(unique=True, max_length=40, description="Names the variables of its keys")
    kind: TrackerKind = Field(sa_type=words(TrackerKind))
    address: str = Field(max_length=500, description="Of the API, without path")
    project: str = Field(
        max_length=200, description="owner/name; GitLab's id or path; Jira's key; Linear's team id"
    )
    account: str | None = Field(default=None, max_length=200, description="Jira: whose key it is")
    issue_type: str = Field(default="Task", max_length=100, description="Jira only")
    statuses: dict[str, dict[str, str]] = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False)
    )
    active: bool = True
    polled_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    poll_after: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = Field(default=None, description="Why the last poll failed")
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class TrackerLink(Record, table=True):
    """An item in a tracker. ``marker`` is written into the issue before anything is known of it,
    so that an issue made just before a crash is found again instead of made twice."""

    __tablename__ = "trackerlink"
    __table_args__ = (
        UniqueConstraint("tracker_id", "item_id"),
        UniqueConstraint("tracker_id", "external_id"),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    tracker_id: uuid.UUID = Field(foreign_key="tracker.id", index=True)
    item_id: uuid.UUID = Field(foreign_key="backlogitem.id", index=True)
    marker: uuid.UUID = Field(default_factory=uuid.uuid4, unique=True)
    external_id: str | None = Field(default=None, max_length=200)
    url: str | None = Field(default=None, max_length=2_000)
    status: str | None = Field(default=None, max_length=200, description="The tracker's own word")
    status_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    state: LinkState = Field(default=LinkState.WAITING, sa_type=words(LinkState), index=True)
    title: str | None = Field(default=None, max_length=300, description="As it was pushed last")
    digest: str | None = Field(default=None, max_length=64, description="Of what was pushed last")
    attempts: int = Field(default=0, description="In succession, without success")
    tried_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    leased_until: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    pushed_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = None
