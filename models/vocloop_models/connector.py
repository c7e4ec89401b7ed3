from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, LargeBinary
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, now, words


class ConnectorKind(StrEnum):
    ZENDESK = "zendesk"
    INTERCOM = "intercom"
    FRESHDESK = "freshdesk"
    HUBSPOT = "hubspot"
    GITHUB = "github"
    TYPEFORM = "typeform"
    WEBHOOK = "webhook"


class Connector(Record, table=True):
    """A tool that is asked for what is new, or that sends it. Its keys are in the environment.

    ``cursor`` says how far the tool was read; it is committed with the voices up to there, so
    that a killed poll goes on where it stood. ``lease`` is the poll that is at it."""

    source: str = Field(primary_key=True, max_length=60)
    kind: ConnectorKind = Field(sa_type=words(ConnectorKind))
    address: str | None = Field(
        default=None, max_length=500, description="Of the API; None: the tool only sends"
    )
    every: int = Field(default=900, ge=60, description="Seconds between two polls")
    cursor: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    paused: bool = False
    next_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    lease: uuid.UUID | None = None
    leased_until: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    read: int = Field(default=0, sa_type=BigInteger)
    stored: int = Field(default=0, sa_type=BigInteger)
    repeated: int = Field(default=0, sa_type=BigInteger)
    refused: int = Field(default=0, sa_type=BigInteger)
    refusals: list[dict[str, str]] = Field(
        default_factory=list,
        sa_column=Column(JSON, nullable=False),
        description="The last few, without personal data",
    )
    failures: int = Field(default=0, description="Polls that failed since the last that did not")
    last_success_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_event_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_error: str | None = None
    last_error_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class ConnectorEvent(Record, table=True):
    """That a signed request was taken, so that nobody can send it a second time."""

    source: str = Field(foreign_key="connector.source", primary_key=True, max_length=60)
    digest: bytes = Field(sa_type=LargeBinary, primary_key=True)
    received_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime, index=True)
