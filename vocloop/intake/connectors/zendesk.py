"""Zendesk: tickets by the incremental export with cursors, their comments ticket by ticket; signed
webhooks of events and of triggers.

https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/
https://developer.zendesk.com/documentation/webhooks/verifying/
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

from vocloop.errors import SignatureError, says
from vocloop.intake.connectors.client import Client, rows
from vocloop.intake.connectors.port import (
    Batch,
    Cursor,
    Polling,
    Received,
    Sending,
    Tool,
    basic,
    bearer,
)
from vocloop.intake.connectors.signatures import fresh, header, matched
from vocloop.intake.connectors.window import OVERLAP, ROWS_A_BATCH, moment
from vocloop.intake.formats.port import Thing, listed, same
from vocloop.intake.formats.values import mapped, word
from vocloop_models import ConnectorKind, now

_EXPORT = "/api/v2/incremental/tickets/cursor.json"
_PAGE = 100
_BESIDE = "users,organizations,comment_count"
_TOO_RECENT = dt.timedelta(minutes=2)


def _read(client: Client, cursor: Cursor) -> Iterator[Batch]:
    """``after`` is Zendesk's cursor, ``done`` what is stored of the page behind it, ``high`` the
    newest change, from where to begin again should the cursor have expired."""
    after, done = cursor.get("after"), set(cursor.get("done", []))
    high = moment(cursor.get("high") or cursor["since"])
    while True:
        query: dict[str, Any] = {"per_page": _PAGE, "include": _BESIDE}
        query |= {"cursor": after} if after else {"start_time": _start(high)}
        page = client.get(_EXPORT, query, expirable=bool(after))
        tickets = [each for each in rows(page, "tickets") if _mark(each) not in done]
        for start in range(0, len(tickets), ROWS_A_BATCH):
            some = tickets[start : start + ROWS_A_BATCH]
            pages: list[Thing] = [{**page, "tickets": [_opening(each) for each in some]}]
            pages += [found for each in some if (found := _later(client, each))]
            high = max([high, *(moment(each.get("updated_at")) for each in some)])
            done |= {_mark(each) for each in some}
            yield Batch(pages, {"high": high.isoformat(), "after": after, "done": sorted(done)})
        after, done = page.get("after_cursor") or after, set()
        yield Batch([], {"high": high.isoformat(), "after": after})
        if page.get("end_of_stream") is not False:
            return


def _start(high: dt.datetime) -> int:
    # Zendesk refuses a start within the last minute.
    return max(1, int(min(high - OVERLAP, now() - _TOO_RECENT).timestamp()))


def _mark(ticket: Thing) -> str:
    return f"{ticket.get('id')} {ticket.get('updated_at')}"


def _opening(ticket: Thing) -> Thing:
    """The ticket as it was opened; what was said later comes as turns of its own."""
    rating = {**mapped(ticket.get("satisfaction_rating"))}
    rating.pop("comment", None)
    return {**ticket, "satisfaction_rating": rating or None, "comments": []}


def _later(client: Client, ticket: Thing) -> Thing | None:
    """The comments after the first, which is the ticket's description, and that of a rating."""
    path, query = f"/api/v2/tickets/{ticket.get('id')}/comments.json", {"include": "users"}
    comments: list[Any] = []
    users: list[Any] = []
    more = str(ticket.get("comment_count")) not in {"0", "1"}
    mark: dict[str, Any] = {}
    while more and ticket.get("status") != "deleted":
        page = client.get(path, query | {"page[size]": _PAGE} | mark)
        comments += rows(page, "comments")
        users += listed(page.get("users"))
        meta = mapped(page.get("meta"))
        more, mark = bool(meta.get("has_more")), {"page[after]": meta.get("after_cursor")}
    roles = {str(each.get("id")): each.get("role") for each in users}
    said: list[Thing] = [
        {**each, "ticket": ticket, "ticket_id": ticket.get("id")}
        for each in comments[1:]
        if each.get("public") is not False
        and (
            same(each.get("author_id"), ticket.get("requester_id"))
            or roles.get(str(each.get("author_id"))) == "end-user"
        )
    ]
    said += _remark(ticket)
    return {"comments": said, "users": users} if said else None


def _remark(ticket: Thing) -> list[Thing]:
    """The comment of a rating, as a turn of the requester."""
    rating = mapped(ticket.get("satisfaction_rating"))
    if not word(rating.get("comment")):
        return []
    return [
        {
            "id": f"rating-{rating.get('id') or ticket.get('id')}",
            "ticket": ticket,
            "author_id": ticket.get("requester_id"),
            "author": {"role": "end-user"},
            "public": True,
            "body": rating["comment"],
            "created_at": None,  # Zendesk does not tell when
            "score": rating.get("score"),
        }
    ]


def _headers(key: str) -> dict[str, str]:
    return basic(key) if ":" in key else bearer(key)


def _proof(received: Received, secret: bytes, moment_: dt.datetime) -> bytes:
    given = header(received, "X-Zendesk-Webhook-Signature")
    written = header(received, "X-Zendesk-Webhook-Signature-Timestamp")
    digest = hmac.digest(secret, written.encode("utf-8", "replace") + received.body, hashlib.sha256)
    signature = matched(given, base64.b64encode(digest).decode())
    try:
        sent_at = dt.datetime.fromisoformat(written)
    except ValueError as error:
        raise SignatureError("the signature's timestamp is no time; send it as signed") from error
    fresh(sent_at.replace(tzinfo=sent_at.tzinfo or dt.UTC), moment_)
    return signature


def _pages(payload: Any) -> Iterator[Thing]:
    """An event (``detail`` is its ticket, ``event`` what happened), or what a trigger was told to
    send: a ticket as the API writes it, by itself or under ``ticket``."""
    page = mapped(payload)
    ticket = mapped(page.get("detail")) or mapped(page.get("ticket")) or page
    comment = mapped(mapped(page.get("event")).get("comment"))
    if str(page.get("type", "")).startswith("zen:event-type:") and not comment:
        if word(ticket.get("description")) or word(ticket.get("subject")):
            yield {"tickets": [_opening(ticket)], "users": page.get("users")}
        return
    if not comment:
        yield {**page, "tickets": [_opening(ticket)]}
        yield from [{"comments": remark} for remark in [_remark(ticket)] if remark]
        return
    author = mapped(comment.get("author"))
    if comment.get("is_public") is False or author.get("is_staff") is True:
        return
    if same(comment.get("body"), ticket.get("description")):
        return  # what opened the ticket, told by the ticket's own event
    turn = {
        **comment,
        "ticket": ticket,
        "ticket_id": ticket.get("id"),
        "author_id": author.get("id"),
        "author": {**author, "role": "end-user"},
        "public": True,
        "created_at": page.get("time"),
    }
    yield {"comments": [turn]}


TOOL = Tool(
    ConnectorKind.ZENDESK,
    "Zendesk",
    "zendesk",
    polling=Polling(
        _read,
        _headers,
        hosts=(".zendesk.com",),
        example="https://SUBDOMAIN.zendesk.com",
        key=says(
            "EMAIL/token:API_TOKEN of an agent who sees all tickets, or an OAuth token with the"
            " scope read"
        ),
    ),
    sending=Sending(
        _proof, _pages, meaning=says("the webhook's signing secret (Admin Center, Webhooks)")
    ),
)
