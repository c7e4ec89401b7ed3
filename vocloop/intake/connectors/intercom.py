"""Intercom: conversations by search, each fetched with its parts, companies of their contacts;
signed webhooks.

https://developers.intercom.com/docs/references/rest-api/api.intercom.io/conversations
https://developers.intercom.com/docs/webhooks
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from vocloop.errors import says
from vocloop.intake.connectors.client import Client, rows
from vocloop.intake.connectors.port import Batch, Cursor, Polling, Received, Sending, Tool, bearer
from vocloop.intake.connectors.signatures import after, header, proved
from vocloop.intake.connectors.window import Window
from vocloop.intake.formats.port import Thing, listed
from vocloop.intake.formats.values import at, first, mapped, word
from vocloop_models import ConnectorKind

_VERSION = "2.11"
_PAGE = 50
_CUSTOMERS = frozenset({"user", "lead", "contact"})


def _read(client: Client, cursor: Cursor) -> Iterator[Batch]:
    window = Window(cursor)
    companies: dict[str, Thing] = {}

    def fetch(since: dt.datetime, mark: Any) -> tuple[list[Any], Any]:
        paging = {"per_page": _PAGE} | ({"starting_after": mark} if mark else {})
        # There is no ">=": a second earlier, so that none of the same second is passed over.
        later = {"field": "updated_at", "operator": ">", "value": int(since.timestamp()) - 1}
        page = client.post(
            "/conversations/search",
            {
                "query": later,
                "sort": {"field": "updated_at", "order": "ascending"},
                "pagination": paging,
            },
        )
        return rows(page, "conversations"), at(page, "pages", "next", "starting_after")

    for some in window.changes(fetch, lambda each: each.get("updated_at")):
        pages: list[Thing] = []
        for each in some:
            full = mapped(client.get(f"/conversations/{each.get('id')}"))
            pages += _turns({**full, "company": _company(client, full, companies)})
        yield Batch(pages, window.written())


def _company(client: Client, conversation: Thing, known: dict[str, Thing]) -> Thing | None:
    """The company of the first contact; a conversation itself does not tell it."""
    contact = word(at(conversation, "contacts", "contacts", 0, "id"))
    if contact is None:
        return None
    if contact not in known:
        found = listed(mapped(client.get(f"/contacts/{contact}/companies")).get("data"))
        known[contact] = found[0] if found else {}
    return known[contact] or None


def _turns(conversation: Thing) -> Iterator[Thing]:
    """What opened the conversation, then each part by a customer, then the remark of a rating."""
    held = first(conversation.get("conversation_parts"), conversation.get("parts"))
    parts = listed(held) or listed(mapped(held).get("conversation_parts"))
    rating = mapped(conversation.get("conversation_rating"))
    opening = {
        **conversation,
        "conversation_parts": [],
        "conversation_rating": {k: v for k, v in rating.items() if k != "remark"} or None,
    }
    if at(opening, "source", "author", "type") in _CUSTOMERS:
        yield opening
    said: list[Thing] = [
        {**each, "type": "conversation_part", "conversation": opening}
        for each in parts
        if at(each, "author", "type") in _CUSTOMERS and word(each.get("body"))
    ]
    if word(rating.get("remark")):
        who = mapped(first(rating.get("contact"), at(conversation, "contacts", "contacts", 0)))
        said.append(
            {
                "type": "conversation_part",
                "id": f"rating-{conversation.get('id')}",
                "author": {"type": "user", "id": who.get("id")},
                "body": rating["remark"],
                "created_at": rating.get("created_at"),
                "rating": rating.get("rating"),
                "conversation": opening,
            }
        )
    if said:
        yield {"parts": said}


def _headers(key: str) -> dict[str, str]:
    return bearer(key) | {"Intercom-Version": _VERSION}


def _proof(received: Received, secret: bytes, moment: dt.datetime) -> bytes:  # noqa: ARG001 - Intercom signs no time
    given = after(header(received, "X-Hub-Signature"), "sha1=")
    return proved(given, secret, received.body, "sha1")


def _pages(payload: Any) -> Iterator[Thing]:
    item = mapped(at(payload, "data", "item"))
    if item.get("type") == "conversation":
        yield from _turns(item)


TOOL = Tool(
    ConnectorKind.INTERCOM,
    "Intercom",
    "intercom",
    polling=Polling(
        _read,
        _headers,
        hosts=("api.intercom.io", "api.eu.intercom.io", "api.au.intercom.io"),
        example="https://api.intercom.io",
        key=says(
            "the access token of an app of your workspace that may read conversations, users and"
            " companies"
        ),
        default="https://api.intercom.io",
    ),
    sending=Sending(_proof, _pages, meaning=says("the client secret of your app (Developer Hub)")),
)
