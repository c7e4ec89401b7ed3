"""Zendesk: tickets (lists, single, search, incremental, account export), with or without their
comments; comments or audits alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from vocloop.intake.formats.port import (
    Beside,
    Format,
    Objects,
    Refused,
    Thing,
    Values,
    listed,
    same,
)
from vocloop.intake.formats.values import (
    at,
    first,
    mapped,
    priority,
    said,
    ticket_channel,
    voice,
    word,
    words_of,
)

_TICKET = frozenset(
    {"requester_id", "submitter_id", "organization_id", "raw_subject", "satisfaction_rating"}
    | {"ticket_form_id", "custom_status_id", "allow_channelback", "problem_id", "has_incidents"}
)
_NOT_A_VOICE = "context, not feedback"
# Zendesk asks for a yes or a no; they stand for the ends of a satisfaction scale.
_SATISFACTION = {"good": 5, "bad": 1, "good_with_comment": 5, "bad_with_comment": 1}
_CUSTOMER_ROLES = frozenset({"end-user", "end_user", "enduser"})


def _knows(thing: Thing) -> bool:
    return _is_ticket(thing) or _is_comment(thing) or _is_audit(thing)


def _is_ticket(thing: Thing) -> bool:
    if "id" not in thing or "responder_id" in thing:
        return False
    words = "subject" in thing or "description" in thing or "raw_subject" in thing
    hosted = isinstance(thing.get("url"), str) and "zendesk.com/" in thing["url"]
    return words and (hosted or len(_TICKET & thing.keys()) >= 2)


def _is_comment(thing: Thing) -> bool:
    return "author_id" in thing and "public" in thing and bool({"body", "html_body"} & thing.keys())


def _is_audit(thing: Thing) -> bool:
    return isinstance(thing.get("events"), list) and "ticket_id" in thing and "author_id" in thing


def _read(thing: Thing, page: Thing, beside: Beside) -> Iterator[Values | Refused]:
    if _is_audit(thing):
        found = False
        for event in listed(thing["events"]):
            if str(event.get("type")) in {"Comment", "VoiceComment"}:
                found = True
                missing = ("author_id", "created_at", "ticket_id", "via")
                filled = {name: thing.get(name) for name in missing if event.get(name) is None}
                yield _comment({**event, **filled}, page, beside)
        if not found:
            yield Refused(f"audit {thing.get('id')} changes fields only: nothing was said in it")
        return
    if _is_comment(thing):
        if not beside.where(_is_ticket, "id", thing.get("ticket_id")):  # else told with it
            yield _comment(thing, page, beside)
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
    ticket = next(iter(beside.where(_is_ticket, "id", comment.get("ticket_id"))), {})
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
    return voice(
        text=words,
        external_id=f"comment-{comment.get('id')}",
        said_at=comment.get("created_at"),
        channel=ticket_channel(at(comment, "via", "channel")),
        customer_id=first(ticket.get("organization_id"), user.get("organization_id")),
        contact=comment.get("author_id"),
        email=first(user.get("email"), at(comment, "via", "source", "from", "address")),
        names=[user.get("name"), at(comment, "via", "source", "from", "name")],
        priority=priority(ticket.get("priority")),
        tags=words_of(ticket.get("tags")),
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


FORMAT = Format("zendesk", objects=Objects(_knows, _read))
