"""Zendesk: tickets (lists, single, search, incremental, account export), with or without their
comments; comments, audits, ticket events or satisfaction ratings alone; tables of views and of the
account export (English and Japanese)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from vocloop.intake.formats.port import (
    Beside,
    Format,
    Objects,
    Refused,
    Tables,
    Thing,
    Values,
    listed,
    same,
)
from vocloop.intake.formats.values import (
    at,
    cell,
    first,
    mapped,
    priority,
    said,
    table_voices,
    ticket_channel,
    voice,
    word,
    words_of,
)
from vocloop.intake.rows import Refusal, Row, Table

_TICKET = frozenset(
    {"requester_id", "submitter_id", "organization_id", "raw_subject", "satisfaction_rating"}
    | {"ticket_form_id", "custom_status_id", "allow_channelback", "problem_id", "has_incidents"}
)
_NOT_A_VOICE = "context, not feedback"
# Zendesk asks for a yes or a no; they stand for the ends of a satisfaction scale.
_SATISFACTION = {"good": 5, "bad": 1, "good_with_comment": 5, "bad_with_comment": 1}
_CUSTOMER_ROLES = frozenset({"end-user", "end_user", "enduser"})


def _knows(thing: Thing) -> bool:
    known = _is_ticket(thing) or _is_comment(thing) or _is_audit(thing)
    return known or _is_rating(thing)


def _is_ticket(thing: Thing) -> bool:
    if "id" not in thing or "responder_id" in thing:
        return False
    words = "subject" in thing or "description" in thing or "raw_subject" in thing
    hosted = isinstance(thing.get("url"), str) and "zendesk.com/" in thing["url"]
    return words and (hosted or len(_TICKET & thing.keys()) >= 2)


def _is_comment(thing: Thing) -> bool:
    return "author_id" in thing and "public" in thing and bool({"body", "html_body"} & thing.keys())


def _is_audit(thing: Thing) -> bool:
    """An audit, or an event of the incremental ticket event export."""
    events = isinstance(_events(thing), list) and "ticket_id" in thing
    return events and bool({"author_id", "updater_id"} & thing.keys())


def _events(audit: Thing) -> Any:
    return first(audit.get("child_events"), audit.get("events"))


def _is_rating(thing: Thing) -> bool:
    return {"id", "ticket_id", "score", "requester_id"} <= thing.keys() and "comment" in thing


def _read(thing: Thing, page: Thing, beside: Beside) -> Iterator[Values | Refused]:
    if _is_audit(thing):
        found = False
        around = {**thing, "author_id": first(thing.get("author_id"), thing.get("updater_id"))}
        for event in listed(_events(thing)):
            kind = first(event.get("event_type"), event.get("type"))
            if str(kind) in {"Comment", "VoiceComment"}:
                found = True
                missing = ("author_id", "created_at", "ticket_id", "via")
                filled = {name: around.get(name) for name in missing if event.get(name) is None}
                yield _comment({**event, **filled}, page, beside)
        if not found:
            yield Refused(f"audit {thing.get('id')} changes fields only: nothing was said in it")
        return
    if _is_comment(thing):
        if not beside.where(_is_ticket, "id", thing.get("ticket_id")):  # else told with it
            yield _comment(thing, page, beside)
        return
    if _is_rating(thing):
        yield _rating(thing, page, beside)
        return
    yield _ticket(thing, page, beside)


def _ticket(ticket: Thing, page: Thing, beside: Beside) -> Values | Refused:
    if ticket.get("status") == "deleted":
        return Refused(f"ticket {ticket.get('id')} is deleted")
    requester = _requester(ticket, page, beside)
    requester_id = first(ticket.get("requester_id"), requester.get("id"))
    company = first(
        mapped(ticket.get("organization")),
        beside.get(page, "organizations", ticket.get("organization_id")),
    )
    rating = mapped(ticket.get("satisfaction_rating"))
    score = _SATISFACTION.get(str(first(rating.get("score"), ticket.get("satisfaction_rating"))))
    comments = [
        *listed(ticket.get("comments")),
        *beside.where(_is_comment, "ticket_id", ticket.get("id")),
    ]
    turns = [ticket.get("description")]
    turns += [
        _words(comment) for comment in comments if _is_said_by(comment, requester_id, page, beside)
    ]
    turns.append(rating.get("comment"))
    words = said(turns)
    subject = first(ticket.get("raw_subject"), ticket.get("subject"))
    if not words and not word(subject):
        return Refused(f"ticket {ticket.get('id')} has neither subject nor description")
    sender = mapped(at(ticket, "via", "source", "from"))
    return voice(
        text=words,
        title=subject,
        external_id=ticket.get("id"),
        said_at=ticket.get("created_at"),
        channel=ticket_channel(at(ticket, "via", "channel")),
        customer_id=first(ticket.get("organization_id"), mapped(company).get("id")),
        customer=mapped(company).get("name"),
        contact=requester_id,
        email=first(requester.get("email"), sender.get("address")),
        names=[requester.get("name"), sender.get("name"), at(ticket, "assignee", "name")],
        language=_locale(requester),
        rating=score,
        rating_scale="csat",
        priority=priority(ticket.get("priority")),
        tags=words_of(ticket.get("tags")),
        url=_page(ticket.get("url")),
    )


def _comment(comment: Thing, page: Thing, beside: Beside) -> Values | Refused:
    """A comment without its ticket. Whose it is tells the ticket or the users given with it, else
    the opening comment: its writer is the one who asked."""
    name = f"comment {comment.get('id')}"
    if comment.get("public") is False:
        return Refused(f"{name} is private: {_NOT_A_VOICE}")
    ticket = mapped(comment.get("ticket")) or next(
        iter(beside.where(_is_ticket, "id", comment.get("ticket_id"))), {}
    )
    requester = ticket.get("requester_id")
    role = _role(comment, page, beside)
    if requester is None and role is None:
        requester = beside.once(page, "opener", _opener)
    if requester is None and role is None:
        return Refused(
            f"{name}: nothing tells whether a customer wrote it; give its tickets or users along"
        )
    if not _is_said_by(comment, requester, page, beside):
        return Refused(f"{name} is an agent's answer: {_NOT_A_VOICE}")
    words = _words(comment)
    if not word(words):
        return Refused(f"{name} has no words")
    user = beside.get(page, "users", comment.get("author_id"))
    author = mapped(comment.get("author"))
    return voice(
        text=words,
        external_id=f"comment-{comment.get('id')}",
        said_at=comment.get("created_at"),
        channel=ticket_channel(first(at(comment, "via", "channel"), comment.get("via"))),
        customer_id=first(ticket.get("organization_id"), user.get("organization_id")),
        contact=comment.get("author_id"),
        email=first(user.get("email"), at(comment, "via", "source", "from", "address")),
        names=[
            user.get("name"),
            author.get("name"),
            at(comment, "via", "source", "from", "name"),
        ],
        rating=_SATISFACTION.get(str(comment.get("score"))),
        rating_scale="csat",
        priority=priority(ticket.get("priority")),
        tags=words_of(ticket.get("tags")),
        url=_page(ticket.get("url")),
    )


def _rating(rating: Thing, page: Thing, beside: Beside) -> Values | Refused:
    """The answer to "how was our help?", without its ticket."""
    name = f"rating {rating.get('id')}"
    score = _SATISFACTION.get(str(rating.get("score")))
    if score is None:
        return Refused(f"{name} was asked for and not given")
    if not word(rating.get("comment")):
        return Refused(f"{name} has a score but no words; only what is written is feedback")
    user = beside.get(page, "users", rating.get("requester_id"))
    return voice(
        text=rating.get("comment"),
        external_id=f"rating-{rating.get('id')}",
        said_at=rating.get("created_at"),
        channel="survey",
        customer_id=user.get("organization_id"),
        contact=rating.get("requester_id"),
        email=user.get("email"),
        names=[user.get("name")],
        rating=score,
        rating_scale="csat",
        tags=[rating.get("reason")],
    )


def _is_said_by(comment: Thing, requester: Any, page: Thing, beside: Beside) -> bool:
    if comment.get("public") is False:
        return False
    role = _role(comment, page, beside)
    return role == "customer" or same(comment.get("author_id"), requester)


def _role(comment: Thing, page: Thing, beside: Beside) -> str | None:
    user = first(mapped(comment.get("author")), beside.get(page, "users", comment.get("author_id")))
    role = mapped(user).get("role")
    if role is None:
        return None
    return "customer" if str(role) in _CUSTOMER_ROLES else "agent"


def _opener(page: Thing) -> Any:
    """The writer of the first comment on a page that begins with the beginning."""
    comments = [each for each in listed(page.get("comments")) if each.get("created_at")]
    if not comments or page.get("previous_page"):
        return None
    return min(comments, key=lambda each: str(each["created_at"])).get("author_id")


def _requester(ticket: Thing, page: Thing, beside: Beside) -> Thing:
    embedded = mapped(ticket.get("requester"))
    return embedded or beside.get(page, "users", ticket.get("requester_id"))


def _words(comment: Thing) -> Any:
    return first(comment.get("plain_body"), comment.get("body"), comment.get("html_body"))


def _locale(requester: Thing) -> Any:
    return requester.get("locale")


def _page(url: Any) -> str | None:
    """The agent's page of a ticket from its API address."""
    match = re.match(r"(https://[^/\s]+)/api/v\d+/tickets/(\d+)", str(url))
    return f"{match[1]}/agent/tickets/{match[2]}" if match else word(url)


_REQUESTED = "Created at,Requested,リクエスト日時,作成日時,作成日"
_OWN_COLUMNS = frozenset(
    {
        "requester",
        "submitter",
        "requesterid",
        "requesteremail",
        "requesterdomain",
        "satisfactionscore",
    }
    | {"リクエスタ", "リクエスター", "リクエスト日時", "ブランド", "brand", "summationcolumn"}
)


def _knows_table(table: Table) -> bool:
    keys = table.keys
    identified = {"id", "ticketid", "チケットid"} & keys
    return bool(identified) and bool({"subject", "件名"} & keys) and len(_OWN_COLUMNS & keys) >= 2


def _read_table(table: Table) -> Iterator[Row | Refusal]:
    return table_voices(table, _row)


def _row(values: dict[str, list[str]]) -> Values | Refused:
    identity = cell(values, "Id,Ticket ID,チケットID")
    text, title = cell(values, "Description,説明"), cell(values, "Subject,件名")
    if not (text or title):
        return Refused(f"ticket {identity} has neither subject nor description")
    score = (cell(values, "Satisfaction Score,Satisfaction,満足度") or "").casefold()
    tags = cell(values, "Tags,タグ") or ""
    return voice(
        text=text,
        title=title,
        external_id=identity,
        said_at=cell(values, _REQUESTED),
        channel=ticket_channel(cell(values, "Via,Channel,チャネル,経由")),
        customer=cell(values, "Organization,組織"),
        contact=cell(values, "Requester id,リクエスタID"),
        email=cell(values, "Requester email,リクエスタのメール"),
        names=[cell(values, "Requester,リクエスタ,リクエスター"), cell(values, "Assignee,担当者")],
        rating=_SATISFACTION.get(score.replace(" ", "_")),
        rating_scale="csat",
        priority=priority(cell(values, "Priority,優先度")),
        tags=re.split(r"[\s,]+", tags),
    )


FORMAT = Format("zendesk", objects=Objects(_knows, _read), tables=Tables(_knows_table, _read_table))
