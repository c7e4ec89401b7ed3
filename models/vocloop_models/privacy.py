"""What keeps personal data out: policies, keys, sealed values, and the audit of erasures."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class PersonalData(StrEnum):
    """What becomes of personal data in feedback: replaced by numbered placeholders; the same with
    the original kept encrypted; or dropped without a trace, contact included."""

    REDACT = "redact"
    ENCRYPT = "encrypt"
    DROP = "drop"


class SourcePolicy(Record, table=True):
    """How a source is treated. None: as the settings say (personal data), for ever (retention)."""

    source: str = Field(primary_key=True, max_length=100)
    personal_data: PersonalData | None = Field(default=None, sa_type=words(PersonalData))
    retention_days: int | None = Field(default=None, ge=1)
    updated_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class SealedValue(Record, table=True):
    """The original behind a placeholder, encrypted with VOCLOOP_ENCRYPTION_KEY."""

    feedback_id: uuid.UUID = Field(foreign_key="feedback.id", primary_key=True)
    placeholder: str = Field(primary_key=True, max_length=40)
    ciphertext: bytes


class WorkspaceKey(Record, table=True):
    """A secret made once for this database; never shown, never logged."""

    name: str = Field(primary_key=True, max_length=40)
    value: bytes
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class AuditAction(StrEnum):
    FORGOT_CONTACT = "forgot_contact"
    FORGOT_CUSTOMER = "forgot_customer"
    EXPIRED = "expired"
    UNDID_IMPORT = "undid_import"
    SET_POLICY = "set_policy"
    SIGNED_IN = "signed_in"
    LOCKED = "locked"
    ADDED_USER = "added_user"
    CHANGED_USER = "changed_user"
    ADDED_TOKEN = "added_token"  # noqa: S105 - a word, not a secret
    REVOKED_TOKEN = "revoked_token"  # noqa: S105
    RESTRICTED_CUSTOMER = "restricted_customer"


class AuditEntry(Record, table=True):
    """That something was erased, when and how much, never what it said or whose it was; and what
    happened to accounts, with who did it."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    action: AuditAction = Field(sa_type=words(AuditAction))
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    # Its place in the chain, given at the end of its transaction (audit_chain.py).
    number: int | None = Field(default=None, unique=True)
    digest: str | None = Field(default=None, max_length=64)
