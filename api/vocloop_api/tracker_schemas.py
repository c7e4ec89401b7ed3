"""What people send and read of issue trackers."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vocloop.roadmap.trackers.keys import variable
from vocloop_api.roadmap_schemas import Name, Word
from vocloop_api.schemas import WITHOUT_NUL, Answer
from vocloop_models import ItemState, LinkState, Stage, Tracker, TrackerKind

Address = Annotated[str, StringConstraints(max_length=500, pattern=r"^https?://[^\x00]+$")]
Short = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=WITHOUT_NUL)]


class MeaningIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    state: ItemState | None = Field(default=None, description="in_progress or shipped")
    stage: Stage | None = None


class TrackerEdit(Word):
    project: Name | None = Field(
        default=None, description="owner/name; GitLab's id or path; Jira's key; Linear's team id"
    )
    address: Address | None = Field(default=None, examples=["https://acme.atlassian.net"])
    account: Name | None = Field(default=None, description="Jira: whose key it is")
    issue_type: Short | None = Field(default=None, description="Jira only")
    statuses: dict[Short, MeaningIn] | None = Field(
        default=None,
        max_length=100,
        description="What a status of the tracker, or its group (Jira's category, Linear's type), "
        "means for an item; empty: as the tracker's kind has it",
    )
    active: bool | None = None

    def fields(self) -> dict[str, Any]:
        found = {n: v for n, v in self.given().items() if v is not None or n == "account"}
        if "statuses" in found:
            found["statuses"] = {
                word: meaning.model_dump(mode="json", exclude_none=True)
                for word, meaning in found["statuses"].items()
            }
        return found


class TrackerIn(TrackerEdit):
    name: Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z][a-z0-9-]*$")]
    kind: TrackerKind
    project: Name


class TrackerRow(Answer):
    id: uuid.UUID
    name: str
    kind: TrackerKind
    address: str
    project: str
    account: str | None
    issue_type: str
    statuses: dict[str, dict[str, str]]
    active: bool
    polled_at: dt.datetime | None
    error: str | None = Field(description="Why the last poll failed")
    token: str = Field(description="The variable that holds its key; or its name + _FILE")
    secret: str = Field(description="The variable that holds its webhook's secret")

    @classmethod
    def of(cls, tracker: Tracker) -> TrackerRow:
        variables = {
            "token": variable(tracker.name, "TOKEN"),
            "secret": variable(tracker.name, "SECRET"),
        }
        return cls.model_validate({**tracker.model_dump(), **variables})


class LinkRow(Answer):
    """An item in a tracker."""

    id: uuid.UUID
    tracker_id: uuid.UUID
    item_id: uuid.UUID
    external_id: str | None
    url: str | None
    status: str | None = Field(description="The tracker's own word")
    status_at: dt.datetime | None
    state: LinkState
    attempts: int
    pushed_at: dt.datetime | None
    error: str | None
