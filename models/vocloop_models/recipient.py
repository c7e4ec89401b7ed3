from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum

from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words


class Topic(StrEnum):
    """What people are told: the four steps of the loop, and two digests."""

    HEARD = "heard"
    DECIDED = "decided"
    SHIPPED = "shipped"
    REVIEWED = "reviewed"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class RecipientKind(StrEnum):
    COLLEAGUE = "colleague"  # of the vendor: who hands in voices, owns accounts, decides
    CONTACT = "contact"  # at a customer


class Recipient(Record, table=True):
    """Someone who wants to hear what becomes of voices.

    ``address`` is encrypted; it is here only because somebody gave it for this purpose."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    kind: RecipientKind = Field(sa_type=words(RecipientKind))
    name: str = Field(default="", max_length=200, description="Of a colleague; contacts have none")
    language: str = Field(default="ja", max_length=8, description="ja or en")
    contact_id: uuid.UUID | None = Field(default=None, foreign_key="contact.id", index=True)
    department_id: uuid.UUID | None = Field(
        default=None, foreign_key="department.id", index=True, description="Whose digest they get"
    )
    executive: bool = Field(default=False, description="Gets the monthly digest")
    address: bytes | None = None
    stopped_at: dt.datetime | None = Field(
        default=None, sa_type=UtcDateTime, description="Wants no mail at all since then"
    )
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class RecipientKey(Record, table=True):
    """How voices name a colleague: what Feedback.submitted_by holds, hashed as it is."""

    __tablename__ = "recipientkey"

    key: str = Field(primary_key=True, max_length=200)
    recipient_id: uuid.UUID = Field(foreign_key="recipient.id", index=True)


class AccountOwner(Record, table=True):
    """The colleague who answers for a customer."""

    __tablename__ = "accountowner"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    customer_id: uuid.UUID = Field(foreign_key="customer.id", index=True)
    recipient_id: uuid.UUID = Field(foreign_key="recipient.id", index=True)
    since: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Preference(Record, table=True):
    """What someone said of a topic; without a row the defaults of vocloop.notify.people hold."""

    recipient_id: uuid.UUID = Field(foreign_key="recipient.id", primary_key=True)
    topic: Topic = Field(primary_key=True, sa_type=words(Topic))
    note: bool
    mail: bool
