"""What waits to be told: notes in the application, and the outbox."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index
from sqlmodel import Field

from vocloop_models.base import Record, UtcDateTime, new_id, now, words
from vocloop_models.recipient import Topic


class Note(Record, table=True):
    """A line in someone's application. Its words are made when it is read: it holds none."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    key: str = Field(unique=True, max_length=200)
    recipient_id: uuid.UUID = Field(foreign_key="recipient.id", index=True)
    topic: Topic = Field(sa_type=words(Topic))
    event_id: uuid.UUID | None = Field(default=None, foreign_key="loopevent.id")
    theme_id: uuid.UUID | None = Field(default=None, foreign_key="theme.id")
    item_id: uuid.UUID | None = Field(default=None, foreign_key="backlogitem.id")
    customer_id: uuid.UUID | None = Field(
        default=None, foreign_key="customer.id", description="Of a task: whom to tell"
    )
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    task: bool = Field(default=False, description="Asks its reader to tell a customer in person")
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    read_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class Transport(StrEnum):
    MAIL = "mail"
    WEBHOOK = "webhook"
    SLACK = "slack"
    TEAMS = "teams"


class Endpoint(Record, table=True):
    """An address that is told of events. Address and secret are encrypted: both let people in."""

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    name: str = Field(max_length=200)
    transport: Transport = Field(sa_type=words(Transport))
    host: str = Field(max_length=300, description="All of the address that is ever shown")
    url: bytes
    secret: bytes
    events: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    language: str = Field(default="ja", max_length=8, description="Of messages to people")
    active: bool = True
    created_by: str | None = Field(default=None, max_length=200)
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)


class MessageState(StrEnum):
    """The column is the queue: waiting → sending → sent; failed waits for a person, cancelled is
    wanted by nobody any more."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Message(Record, table=True):
    """One message to one receiver. ``key`` says what it is about: there is never a second one of
    it, and its id goes along so that the receiver can tell a repetition.

    Words are made when it is sent: neither they nor the address are kept here."""

    __table_args__ = (Index("ix_message_state_next_at", "state", "next_at"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    key: str = Field(unique=True, max_length=200)
    transport: Transport = Field(sa_type=words(Transport))
    recipient_id: uuid.UUID | None = Field(default=None, foreign_key="recipient.id", index=True)
    endpoint_id: uuid.UUID | None = Field(default=None, foreign_key="endpoint.id", index=True)
    topic: Topic | None = Field(default=None, sa_type=words(Topic))
    event_id: uuid.UUID | None = Field(default=None, foreign_key="loopevent.id")
    theme_id: uuid.UUID | None = Field(default=None, foreign_key="theme.id")
    item_id: uuid.UUID | None = Field(default=None, foreign_key="backlogitem.id")
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    state: MessageState = Field(default=MessageState.WAITING, sa_type=words(MessageState))
    attempts: int = 0
    next_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    leased_until: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    error: str | None = Field(default=None, max_length=500)
    created_at: dt.datetime = Field(default_factory=now, sa_type=UtcDateTime)
    ended_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
