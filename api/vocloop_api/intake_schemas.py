"""What the API answers about imports, customers that may be one, sources and erasures."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from vocloop.intake.connections import ConnectorState
from vocloop.intake.records import CustomerIn, Line300
from vocloop.roadmap.fates import Step
from vocloop_api.errors import ProblemReason
from vocloop_api.schemas import NEXT_CURSOR, Answer, CustomerName, ThemeName
from vocloop_models import (
    AuditAction,
    ConnectorKind,
    ImportState,
    ItemState,
    MergeReason,
    MergeState,
    PersonalData,
    TouchTier,
)


class CustomerListed(CustomerName):
    """A customer and what is known of it; what is not known is null."""

    industry: str | None
    size: str | None
    region: str | None
    plan: str | None
    touch_tier: TouchTier | None
    arr: int | None
    currency: str
    since: dt.date | None
    until: dt.date | None
    renewal_on: dt.date | None
    segments: dict[str, str]
    contacts: int
    voices: int = Field(description="Feedback of theirs, repeats counted once")


class ContactListed(Answer):
    id: uuid.UUID
    external_id: str = Field(description="An id that a program gave, or a keyed hash")
    department: str | None
    role: str | None
    champion: bool
    voices: int


class CustomerDetail(CustomerListed):
    people: list[ContactListed] = Field(description="Its contacts, champions first")


class CustomerEdit(CustomerIn):
    """What is left out stays, null is what is not known any more. A mail domain is told by
    `/customers:upsert`."""

    name: Line300 = ""
    domain: None = None


class ItemName(Answer):
    id: uuid.UUID
    number: int = Field(description="Shown to people as B-0147")
    title: str
    state: ItemState


class VoiceRow(Answer):
    """A voice and how far the loop has come with it."""

    id: uuid.UUID
    text: str
    language: str
    said_at: dt.datetime | None
    received_at: dt.datetime
    customer: str | None = Field(description="Its name")
    step: Step
    theme: ThemeName | None = Field(description="The one that came furthest")
    item: ItemName | None = Field(description="The item that brought the theme there")


class VoiceRows(Answer):
    rows: list[VoiceRow]
    next_cursor: str | None = Field(description=NEXT_CURSOR)


class ImportAnswer(Answer):
    """An import job. The counts are of rows: read = stored + updated + repeated + refused."""

    id: uuid.UUID
    name: str
    source: str
    size: int = Field(description="Bytes")
    state: ImportState
    options: dict[str, Any]
    position: int = Field(description="Bytes read, of `size`")
    read: int
    stored: int
    updated: int
    repeated: int
    refused: int
    report: dict[str, Any] = Field(
        description="After the check: kind, format, encoding, columns, counts and ten samples as"
        " they will be stored; after an undo: what was removed and what was kept"
    )
    error: str | None
    by: str | None = Field(description="Who brought it; null for commands")
    created_at: dt.datetime
    finished_at: dt.datetime | None


class CustomerRow(BaseModel):
    index: int = Field(description="Of the row that was sent, from 0")
    outcome: Literal["stored", "updated", "repeated", "refused"]
    problems: list[ProblemReason]


class CustomersAnswer(Answer):
    stored: int
    updated: int
    repeated: int
    refused: int
    rows: list[CustomerRow]


class MergeAnswer(Answer):
    """Two customers that may be one: what an accepted merge keeps, and what goes into it."""

    id: uuid.UUID
    kept_id: uuid.UUID
    other_id: uuid.UUID
    reason: MergeReason
    state: MergeState
    decided_at: dt.datetime | None
    kept: CustomerName | None = None
    other: CustomerName | None = None


class ContactAnswer(Answer):
    id: uuid.UUID
    customer_id: uuid.UUID | None
    external_id: str
    department: str | None
    role: str | None
    champion: bool


class ContactQuestion(BaseModel):
    """Sent as a body, since addresses of pages and requests end up in logs."""

    model_config = ConfigDict(extra="forbid")

    who: str = Field(
        min_length=1, max_length=300, description="A mail address, telephone number, id or name"
    )
    customer_id: uuid.UUID | None = None


class ForgottenAnswer(Answer):
    feedback: int
    statements: int
    contacts: int
    themes: int = Field(description="Themes that the statements were in; they stay")


class AuditAnswer(Answer):
    id: uuid.UUID
    action: AuditAction
    detail: dict[str, Any]
    at: dt.datetime


class Policy(BaseModel):
    """How a source is treated; null: as the settings say, and for ever."""

    model_config = ConfigDict(extra="forbid")

    personal_data: PersonalData | None = None
    retention_days: int | None = Field(default=None, ge=1, le=36_500)


class SourceAnswer(Answer):
    source: str
    feedback: int
    personal_data: PersonalData | None
    retention_days: int | None


class ConnectorRequest(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"kind": "zendesk", "address": "https://minamo.zendesk.com"},
        },
    )

    kind: ConnectorKind
    source: str | None = Field(
        default=None,
        description="Name that its feedback is kept under, and that its variables are named"
        " after; the kind by default",
    )
    address: str | None = Field(
        default=None, max_length=500, description="Of the tool's API; none for one that only sends"
    )
    since: AwareDatetime | None = Field(
        default=None, description="Take what changed from then on; 90 days back by default"
    )
    every: int = Field(default=900, description="Seconds between two polls")


class ConnectorAnswer(Answer):
    """A connector and how it is doing. Keys and secrets are told nowhere, only the variables that
    hold them."""

    source: str
    kind: ConnectorKind
    title: str
    state: ConnectorState
    address: str | None
    every: int = Field(description="Seconds between two polls")
    next_at: dt.datetime | None
    polling: bool = Field(description="A worker is at it now")
    read: int
    stored: int
    repeated: int
    refused: int
    refusals: list[str] = Field(description="Why the last refused rows were refused")
    last_success_at: dt.datetime | None = Field(description="All was read then")
    last_event_at: dt.datetime | None = Field(description="The tool sent something then")
    last_error: str | None = Field(description="Why the last poll failed, and what to do")
    last_error_at: dt.datetime | None
    key: str | None = Field(description="Variable that holds the key to the tool's API")
    key_is_set: bool
    secret: str | None = Field(description="Variable that holds the secret of its webhook")
    secret_is_set: bool
    hook: str | None = Field(description="Path that the tool's webhook sends to")


class ConnectorKindAnswer(BaseModel):
    kind: ConnectorKind
    title: str
    is_asked: bool = Field(description="It is polled")
    sends: bool = Field(description="It may send to a webhook")
    example: str | None = Field(description="How its address looks")
    key: str | None = Field(description="What the key has to be")
    secret: str | None = Field(description="What the webhook's secret is")


class HookAnswer(BaseModel):
    """What became of what was sent."""

    stored: int
    repeated: int
    refused: int
    reasons: list[str]
