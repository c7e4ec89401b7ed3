"""Freshdesk: tickets by time of change, their conversations ticket by ticket. To be copied: the
smallest connector that has everything.

https://developers.freshdesk.com/api/#list_all_tickets
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from vocloop.errors import says
from vocloop.intake.connectors.client import Client, rows
from vocloop.intake.connectors.port import Batch, Cursor, Polling, Tool, basic
from vocloop.intake.connectors.window import Window
from vocloop.intake.formats.port import Thing
from vocloop_models import ConnectorKind

_PAGE = 100
# Without it a ticket has neither words nor company.
_INCLUDE = "requester,company,description"


def _read(client: Client, cursor: Cursor) -> Iterator[Batch]:
    window = Window(cursor)

    def fetch(since: dt.datetime, mark: Any) -> tuple[list[Any], Any]:
        number = mark or 1
        query = {
            "updated_since": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "order_by": "updated_at",
            "order_type": "asc",
            "include": _INCLUDE,
            "per_page": _PAGE,
            "page": number,
        }
        page, further = client.get_page("/api/v2/tickets", query)
        found = rows(page)
        # The header tells of a next page; a full one may have another all the same.
        return found, number + 1 if further or len(found) >= _PAGE else None

    for tickets in window.changes(fetch, lambda each: each.get("updated_at")):
        pages: list[Thing] = [{"tickets": tickets}]
        for ticket in tickets:
            replies = _replies(client, ticket)
            if replies:
                pages.append({"conversations": replies})
        yield Batch(pages, window.written())


def _replies(client: Client, ticket: Thing) -> list[Thing]:
    """What the customer wrote after the description."""
    if ticket.get("updated_at") == ticket.get("created_at"):
        return []  # nothing happened since
    said: list[Thing] = []
    number = 1
    while True:
        path = f"/api/v2/tickets/{ticket.get('id')}/conversations"
        page, further = client.get_page(path, {"per_page": _PAGE, "page": number})
        found = rows(page)
        said += [
            {**each, "ticket": ticket}
            for each in found
            if each.get("incoming") is True and each.get("private") is not True
        ]
        if not further and len(found) < _PAGE:
            return said
        number += 1


def _headers(key: str) -> dict[str, str]:
    return basic(f"{key}:X")


TOOL = Tool(
    ConnectorKind.FRESHDESK,
    "Freshdesk",
    "freshdesk",
    polling=Polling(
        _read,
        _headers,
        hosts=(".freshdesk.com",),
        example="https://DOMAIN.freshdesk.com",
        key=says("the API key of an agent who sees all tickets (Profile settings)"),
    ),
)
