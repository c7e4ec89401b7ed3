"""What people send and read of notifications: people, notes, subscriptions, the outbox."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from vocloop.notify.people import Wish
from vocloop_api.schemas import WITHOUT_NUL, Answer
from vocloop_api.signed_by import By
from vocloop_models import (
    CustomerWords,
    Endpoint,
    EventKind,
    LoopEvent,
    Message,
    MessageState,
    Note,
    Recipient,
    Topic,
    Transport,
)

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=WITHOUT_NUL)]
Text = Annotated[str, StringConstraints(max_length=4_000, pattern=WITHOUT_NUL)]
Language = Literal["ja", "en"]
MailAddress = Annotated[str, StringConstraints(max_length=254, pattern=WITHOUT_NUL)]


class Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ColleagueIn(Sent):
    name: Name
    address: MailAddress | None = Field(default=None, examples=["sato@minamo.example"])
    language: Language = "ja"
    known_as: list[Name] = Field(
        default_factory=list, max_length=20, description="How voices name them, in any tool"
    )
    department: Name | None = Field(default=None, description="Key; they get its weekly digest")
    executive: bool = Field(default=False, description="Gets the monthly digest")


class PersonRow(Answer):
    """A colleague. The address itself is not told."""

    id: uuid.UUID
    name: str
    language: str
    has_address: bool
    department_id: uuid.UUID | None
    executive: bool
    stopped_at: dt.datetime | None

    @classmethod
    def of(cls, person: Recipient) -> PersonRow:
        return cls(**person.model_dump(), has_address=person.address is not None)


class AddressIn(Sent):
    address: MailAddress
    language: Language = "ja"


class OwnersIn(Sent):
    owners: list[uuid.UUID] = Field(max_length=20)


class OwnersAnswer(Answer):
    owners: list[uuid.UUID]


class WishIn(Sent):
    note: bool
    mail: bool

    def wish(self) -> Wish:
        return Wish(self.note, self.mail)


class WishRow(Answer):
    topic: Topic
    note: bool
    mail: bool


class NoteRow(Answer):
    """A line of someone's application, in their language."""

    id: uuid.UUID
    topic: Topic
    subject: str
    text: str
    link: str
    task: bool
    theme_id: uuid.UUID | None
    item_id: uuid.UUID | None
    customer_id: uuid.UUID | None
    created_at: dt.datetime
    read_at: dt.datetime | None
    done_at: dt.datetime | None

    @classmethod
    def of(cls, note: Note, told: dict[str, Any]) -> NoteRow:
        return cls(**note.model_dump(exclude={"detail", "key"}), **told)


class WordsIn(Sent):
    topic: Literal[Topic.DECIDED, Topic.SHIPPED, Topic.REVIEWED]
    ja: Text | None = None
    en: Text | None = None
    by: By = None

    def texts(self) -> dict[str, str]:
        both = {"ja": self.ja, "en": self.en}
        return {language: text for language, text in both.items() if text is not None}


class WordsRow(Answer):
    topic: Topic
    language: str
    text: str
    by: str | None
    at: dt.datetime

    @classmethod
    def of(cls, words: CustomerWords) -> WordsRow:
        return cls(**words.model_dump())


class SubscriptionIn(Sent):
    name: Name
    url: Annotated[str, StringConstraints(max_length=2_000, pattern=WITHOUT_NUL)] = Field(
        examples=["https://hooks.example.org/vocloop"]
    )
    events: list[EventKind] = Field(min_length=1)
    transport: Literal[Transport.WEBHOOK, Transport.SLACK, Transport.TEAMS] = Transport.WEBHOOK
    language: Language = Field(default="ja", description="Of messages to Slack and Teams")
    by: By = None


class SubscriptionRow(Answer):
    """A subscription. Only the host of its address is told: the rest may let people in."""

    id: uuid.UUID
    name: str
    transport: Transport
    host: str
    events: list[EventKind]
    language: str
    active: bool
    created_by: str | None
    created_at: dt.datetime

    @classmethod
    def of(cls, endpoint: Endpoint) -> SubscriptionRow:
        return cls(**endpoint.model_dump(exclude={"url", "secret"}))


class SubscriptionMade(SubscriptionRow):
    secret: str = Field(description="Signs what is sent (Standard Webhooks); told this once")


class EventRow(Answer):
    id: uuid.UUID
    kind: EventKind
    subject_id: uuid.UUID
    detail: dict[str, Any]
    at: dt.datetime

    @classmethod
    def of(cls, event: LoopEvent) -> EventRow:
        return cls(**event.model_dump())


class MessageRow(Answer):
    """A message in the outbox: to whom, about what, how it stands."""

    id: uuid.UUID
    transport: Transport
    recipient_id: uuid.UUID | None
    endpoint_id: uuid.UUID | None
    topic: Topic | None
    event_id: uuid.UUID | None
    state: MessageState
    attempts: int
    next_at: dt.datetime
    error: str | None
    created_at: dt.datetime
    ended_at: dt.datetime | None

    @classmethod
    def of(cls, message: Message) -> MessageRow:
        return cls(**message.model_dump())
