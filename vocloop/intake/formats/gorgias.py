"""Gorgias: tickets of its API with their messages, and messages alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vocloop.intake.formats.port import Beside, Format, Objects, Refused, Thing, Values, listed
from vocloop.intake.formats.values import (
    at,
    first,
    mapped,
    number,
    priority,
    said,
    ticket_channel,
    voice,
    word,
    words_of,
)

_OWN = frozenset(
    {"from_agent", "created_datetime", "opened_datetime", "last_message_datetime", "excerpt"}
    | {"is_unread", "assignee_user", "messages_count", "via", "stripped_text"}
)


def _knows(thing: Thing) -> bool:
    return "id" in thing and "created_datetime" in thing and len(_OWN & thing.keys()) >= 3


def _read(thing: Thing, page: Thing, beside: Beside) -> Iterator[Values | Refused]:  # noqa: ARG001 - a ticket is whole
    is_message = "subject" not in thing or "ticket_id" in thing
    if is_message and "messages" not in thing:
        yield _message(thing)
        return
    identity = thing.get("id")
    if thing.get("spam") is True or thing.get("trashed_datetime"):
        yield Refused(f"ticket {identity} is marked as spam or thrown away in Gorgias")
        return
    messages = [each for each in listed(thing.get("messages")) if _is_customers(each)]
    survey = mapped(thing.get("satisfaction_survey"))
    words = said([*map(_words, messages), survey.get("body_text")])
    if not words and listed(thing.get("messages")):
        yield Refused(f"ticket {identity} has no words of the customer: only the team writes")
        return
    # A list of tickets holds no messages, only how each begins.
    text = words or first(thing.get("excerpt"), thing.get("summary"))
    if not word(text) and not word(thing.get("subject")):
        yield Refused(f"ticket {identity} has neither subject nor messages")
        return
    person = mapped(first(thing.get("customer"), thing.get("requester")))
    yield voice(
        text=text,
        title=thing.get("subject"),
        external_id=identity,
        said_at=first(
            messages[0].get("created_datetime") if messages else None,
            thing.get("created_datetime"),
        ),
        channel=ticket_channel(first(thing.get("channel"), thing.get("via"))),
        contact=person.get("id"),
        email=person.get("email"),
        names=[person.get("name"), at(thing, "assignee_user", "name")],
        language=thing.get("language"),
        rating=number(survey.get("score")),
        rating_scale="csat",
        priority=priority(thing.get("priority")),
        tags=words_of(thing.get("tags")),
    )


def _message(message: Thing) -> Values | Refused:
    name = f"message {message.get('id')}"
    if not _is_customers(message):
        return Refused(f"{name} is the team's: context, not feedback")
    if not word(_words(message)):
        return Refused(f"{name} has no words")
    sender = mapped(message.get("sender"))
    return voice(
        text=_words(message),
        title=message.get("subject"),
        external_id=f"message-{message.get('id')}",
        said_at=first(message.get("sent_datetime"), message.get("created_datetime")),
        channel=ticket_channel(message.get("channel")),
        contact=sender.get("id"),
        email=sender.get("email"),
        names=[sender.get("name")],
    )


def _is_customers(message: Thing) -> bool:
    return message.get("from_agent") is False and message.get("public") is not False


def _words(message: Any) -> Any:
    return first(
        message.get("stripped_text"),
        message.get("body_text"),
        message.get("stripped_html"),
        message.get("body_html"),
    )


FORMAT = Format("gorgias", objects=Objects(_knows, _read))
