"""What the API answers about imports, customers that may be one, sources and erasures."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from vocloop_api.errors import ProblemReason
from vocloop_api.schemas import Answer, CustomerName
from vocloop_models import (
    AuditAction,
    ImportState,
    MergeReason,
    MergeState,
    PersonalData,
)


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
