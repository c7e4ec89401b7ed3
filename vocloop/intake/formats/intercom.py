"""Intercom: conversations with their parts (API 1 and 2), tickets, webhook events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vocloop.intake.formats.port import Beside, Format, Objects, Refused, Thing, Values, listed
from vocloop.intake.formats.values import at, first, mapped, number, said, ticket_channel, voice
from vocloop.intake.text import clean

_CUSTOMERS = frozenset({"user", "lead", "contact"})
_CONVERSATION = frozenset({"conversation_message", "conversation_parts", "conversation_rating"})


def _knows(thing: Thing) -> bool:
    if str(thing.get("type")) in {"conversation", "conversation_part"} and "id" in thing:
        # Inside a conversation the first message bears its type too, without a state of its own.
        return "delivered_as" not in thing
    if "ticket_attributes" in thing:
        return True
    return "id" in thing and bool(_CONVERSATION & thing.keys())


def _read(thing: Thing, page: Thing, beside: Beside) -> Iterator[Values | Refused]:  # noqa: ARG001 - a conversation is whole
    if thing.get("type") == "conversation_part":
        yield _part(thing)
        return
    yield _conversation(thing)


def _conversation(thing: Thing) -> Values | Refused:
    opening = mapped(first(thing.get("source"), thing.get("conversation_message")))
    fields = mapped(thing.get("ticket_attributes"))
    rating = mapped(thing.get("conversation_rating"))
    turns: list[tuple[Any, Any]] = []  # words, time
    if _is_customer(opening):
        turns.append((opening.get("body"), thing.get("created_at")))
    if fields:
        turns.append((fields.get("_default_description_"), thing.get("created_at")))
    parts = [*_parts(thing, "conversation_parts"), *_parts(thing, "ticket_parts")]
    turns += [(each.get("body"), each.get("created_at")) for each in parts if _is_voice(each)]
    turns.append((rating.get("remark"), first(rating.get("created_at"), thing.get("created_at"))))
    spoken = [(words, time) for words, time in turns if isinstance(words, str) and clean(words)]
    title = first(thing.get("title"), fields.get("_default_title_"), opening.get("subject"))
    if not spoken and not (fields and title):
        return Refused(
            f"conversation {thing.get('id')} has no words of the customer: only the team, bots and"
            " events speak"
        )
    people = [opening, *(each for each in parts if _is_voice(each))]
    writers = [mapped(each.get("author")) for each in people if _is_customer(each)]
    contact = mapped(first(at(thing, "contacts", "contacts", 0), at(thing, "contacts", 0)))
    contact = mapped(first(contact, thing.get("user"), thing.get("customer"), *writers))
    company = mapped(
        first(
            at(contact, "companies", "data", 0), at(contact, "companies", 0), thing.get("company")
        )
    )
    attributes = mapped(thing.get("custom_attributes"))
    return voice(
        text=said(words for words, _ in spoken),
        title=title,
        external_id=first(thing.get("id"), thing.get("ticket_id")),
        said_at=spoken[0][1] if spoken else thing.get("created_at"),
        channel=ticket_channel(opening.get("type")),
        customer_id=first(thing.get("company_id"), company.get("company_id"), company.get("id")),
        customer=company.get("name"),
        contact=first(contact.get("id"), contact.get("external_id")),
        email=first(contact.get("email"), *(each.get("email") for each in writers)),
        names=[contact.get("name"), *(at(each, "author", "name") for each in [opening, *parts])],
        language=first(attributes.get("Language"), contact.get("language_override")),
        rating=number(rating.get("rating")),
        rating_scale="csat",
        priority="high" if str(thing.get("priority")) in {"priority", "True"} else None,
        tags=[
            tag.get("name") for tag in listed(first(at(thing, "tags", "tags"), thing.get("tags")))
        ],
        url=opening.get("url"),
    )


def _part(part: Thing) -> Values | Refused:
    """A part without its conversation, as a webhook or a list of parts holds it."""
    if not _is_voice(part):
        return Refused(f"part {part.get('id')} is not the customer's: context, not feedback")
    writer = mapped(part.get("author"))
    conversation = mapped(part.get("conversation"))
    company = mapped(conversation.get("company"))
    return voice(
        text=part.get("body"),
        external_id=f"part-{part.get('id')}",
        said_at=part.get("created_at"),
        channel=ticket_channel(at(conversation, "source", "type")),
        customer_id=first(company.get("company_id"), company.get("id")),
        customer=company.get("name"),
        contact=writer.get("id"),
        email=writer.get("email"),
        names=[writer.get("name")],
        rating=number(part.get("rating")),
        rating_scale="csat",
    )


def _parts(thing: Thing, name: str) -> list[Any]:
    value = thing.get(name)
    return listed(value) or listed(mapped(value).get(name))


def _is_customer(message: Thing) -> bool:
    return str(at(message, "author", "type")) in _CUSTOMERS


def _is_voice(part: Thing) -> bool:
    body = part.get("body")
    return _is_customer(part) and isinstance(body, str) and bool(clean(body))


FORMAT = Format("intercom", objects=Objects(_knows, _read))
