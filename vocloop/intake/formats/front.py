"""Front: conversations of its API, with their last message or all of them, and messages alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vocloop.intake.formats.port import Beside, Format, Objects, Refused, Thing, Values, listed
from vocloop.intake.formats.values import (
    at,
    first,
    mapped,
    said,
    ticket_channel,
    voice,
    word,
    words_of,
)


def _knows(thing: Thing) -> bool:
    prefix = str(thing.get("id"))[:4]
    linked = "_links" in thing or "created_at" in thing
    return linked and (
        (prefix == "cnv_" and "subject" in thing) or (prefix == "msg_" and "is_inbound" in thing)
    )


def _read(thing: Thing, page: Thing, beside: Beside) -> Iterator[Values | Refused]:  # noqa: ARG001 - a conversation is whole
    if "is_inbound" in thing:
        yield _message(thing)
        return
    identity = thing.get("id")
    status = str(thing.get("status"))
    if status in {"spam", "trashed", "deleted"}:
        yield Refused(f"conversation {identity} is marked as {status} in Front")
        return
    messages = [*listed(thing.get("messages")), mapped(thing.get("last_message"))]
    inbound = [each for each in messages if each.get("is_inbound") is True]
    words = said([_words(each) for each in inbound])
    if not words and any(each.get("is_inbound") is False for each in messages):
        yield Refused(f"conversation {identity} shows no words of the customer: only the team's")
        return
    if not words and not word(thing.get("subject")):
        yield Refused(f"conversation {identity} has neither subject nor messages")
        return
    recipient = mapped(thing.get("recipient"))
    handle = recipient.get("handle")
    yield voice(
        text=words,
        title=thing.get("subject"),
        external_id=identity,
        said_at=first(thing.get("created_at"), inbound[0].get("created_at") if inbound else None),
        channel=ticket_channel(inbound[0].get("type") if inbound else None),
        contact=_contact(recipient),
        email=handle if "@" in str(handle) else None,
        names=[recipient.get("name"), _assignee(thing)],
        tags=words_of(thing.get("tags")),
        url=at(thing, "metadata", "external_url"),
    )


def _message(message: Thing) -> Values | Refused:
    name = f"message {message.get('id')}"
    if message.get("is_inbound") is not True:
        return Refused(f"{name} is the team's: context, not feedback")
    if not word(_words(message)):
        return Refused(f"{name} has no words")
    people = listed(message.get("recipients"))
    sender = mapped(next((each for each in people if each.get("role") == "from"), None))
    handle = sender.get("handle")
    return voice(
        text=_words(message),
        title=message.get("subject"),
        external_id=message.get("id"),
        said_at=message.get("created_at"),
        channel=ticket_channel(message.get("type")),
        contact=_contact(sender),
        email=handle if "@" in str(handle) else None,
        names=[sender.get("name")],
    )


def _words(message: Thing) -> Any:
    return first(message.get("text"), message.get("body"), message.get("blurb"))


def _contact(recipient: Thing) -> str | None:
    """The contact's id stands in the link to it only."""
    link = word(at(recipient, "_links", "related", "contact"))
    return link.rsplit("/", 1)[-1] if link else None


def _assignee(thing: Thing) -> str | None:
    person = mapped(thing.get("assignee"))
    names = [person.get("first_name"), person.get("last_name")]
    return " ".join(str(each) for each in names if each) or None


FORMAT = Format("front", objects=Objects(_knows, _read))
