"""Freshdesk: tickets (API 1 and 2, account export) with or without their conversations;
conversations alone; the table export (English and Japanese)."""

from __future__ import annotations

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
    {"responder_id", "fr_escalated", "fr_due_by", "due_by", "email_config_id", "frDueBy", "spam"}
    | {"description_text", "is_escalated", "association_type", "requester_id"}
)
_PRIORITIES = {1: "low", 2: "normal", 3: "high", 4: "urgent"}
_CHANNELS = {1: "mail", 3: "call", 10: "mail"}
# Freshdesk's faces, from extremely happy to extremely unhappy, spread over 1 to 5.
_FACES = (-103, -102, -101, 100, 101, 102, 103)


def _knows(thing: Thing) -> bool:
    return _is_ticket(thing) or _is_conversation(thing)


def _is_ticket(thing: Thing) -> bool:
    identified = "id" in thing or "display_id" in thing
    return identified and "submitter_id" not in thing and len(_TICKET & thing.keys()) >= 3


def _is_conversation(thing: Thing) -> bool:
    return "incoming" in thing and "private" in thing and bool({"body", "body_text"} & thing.keys())


def _read(thing: Thing, page: Thing, beside: Beside) -> Iterator[Values | Refused]:
    if _is_conversation(thing):
        # With its ticket given along it is told there.
        if not beside.where(_is_ticket, "id", thing.get("ticket_id")):
            yield _conversation(thing)
        return
    yield _ticket(thing, page, beside)


def _ticket(ticket: Thing, page: Thing, beside: Beside) -> Values | Refused:
    identity = first(ticket.get("display_id"), ticket.get("id"))
    for mark in ("spam", "deleted"):
        if ticket.get(mark) is True:
            return Refused(f"ticket {identity} is marked as {mark} in Freshdesk")
    description = first(
        ticket.get("description_text"), ticket.get("description"), ticket.get("description_html")
    )
    replies = [
        *listed(ticket.get("conversations")),
        *(mapped(first(each.get("note"), each)) for each in listed(ticket.get("notes"))),
        *beside.where(_is_conversation, "ticket_id", identity),
    ]
    words = said([description, *(_words(each) for each in replies if _is_customers(each))])
    if not words and not word(ticket.get("subject")):
        return Refused(f"ticket {identity} has neither subject nor description")
    person = mapped(ticket.get("requester")) or beside.get(
        page, "contacts", ticket.get("requester_id")
    )
    company_id = first(ticket.get("company_id"), person.get("company_id"))
    company = mapped(ticket.get("company")) or beside.get(page, "companies", company_id)
    score = at(ticket, "satisfaction_rating", "ratings", "default_question")
    return voice(
        text=words,
        title=ticket.get("subject"),
        external_id=identity,
        said_at=ticket.get("created_at"),
        channel=_channel(ticket.get("source")),
        customer_id=first(company_id, company.get("id")),
        customer=first(company.get("name"), ticket.get("company_name")),
        contact=first(ticket.get("requester_id"), person.get("id")),
        email=first(person.get("email"), ticket.get("email")),
        names=[
            person.get("name"),
            ticket.get("requester_name"),
            ticket.get("responder_name"),
            ticket.get("name"),
        ],
        language=person.get("language"),
        rating=1 + _FACES.index(score) * 4 / 6 if score in _FACES else None,
        rating_scale="csat",
        priority=_priority(ticket.get("priority")),
        tags=words_of(ticket.get("tags")),
        product=mapped(ticket.get("product")).get("name"),
        url=ticket.get("url"),
    )


def _conversation(reply: Thing) -> Values | Refused:
    name = f"conversation {reply.get('id')}"
    if reply.get("private") is True:
        return Refused(f"{name} is a private note: context, not feedback")
    if reply.get("incoming") is not True:
        return Refused(f"{name} is the team's answer: context, not feedback")
    if not word(_words(reply)):
        return Refused(f"{name} has no words")
    ticket = mapped(reply.get("ticket"))
    person = mapped(ticket.get("requester"))
    company = mapped(ticket.get("company"))
    return voice(
        text=_words(reply),
        external_id=f"conversation-{reply.get('id')}",
        said_at=reply.get("created_at"),
        channel=_channel(ticket.get("source")),
        customer_id=first(ticket.get("company_id"), company.get("id")),
        customer=company.get("name"),
        contact=reply.get("user_id"),
        email=reply.get("from_email"),
        names=[person.get("name")],
        priority=_priority(ticket.get("priority")),
        tags=words_of(ticket.get("tags")),
    )


def _is_customers(reply: Thing) -> bool:
    return reply.get("incoming") is True and reply.get("private") is not True


def _words(reply: Thing) -> Any:
    return first(reply.get("body_text"), reply.get("body"))


def _channel(source: Any) -> str:
    return _CHANNELS.get(int(source), "ticket") if str(source).isdecimal() else "ticket"


def _priority(value: Any) -> str | None:
    return _PRIORITIES.get(int(value)) if str(value).isdecimal() else None


# What the table calls the same seven faces.
_FACE_WORDS = {
    "extremely happy": 5,
    "very happy": 4 + 1 / 3,
    "happy": 3 + 2 / 3,
    "neutral": 3,
    "unhappy": 2 + 1 / 3,
    "very unhappy": 1 + 2 / 3,
    "extremely unhappy": 1,
    "非常に満足": 5,
    "とても満足": 4 + 1 / 3,
    "満足": 3 + 2 / 3,
    "普通": 3,
    "どちらでもない": 3,
    "不満": 2 + 1 / 3,
    "とても不満": 1 + 2 / 3,
    "非常に不満": 1,
}
_OWN_COLUMNS = frozenset(
    {"agentinteractions", "customerinteractions", "resolutionstatus", "firstresponsestatus"}
    | {"duebytime", "surveyresults", "initialresponsetime", "timetracked", "associationtype"}
    | {"エージェント", "作成時刻", "解決時刻", "初回応答時刻", "終了時刻", "最終更新時刻", "期限"}
)


def _knows_table(table: Table) -> bool:
    keys = table.keys
    identified = {"ticketid", "チケットid"} & keys
    return bool(identified) and bool({"subject", "件名"} & keys) and len(_OWN_COLUMNS & keys) >= 2


def _read_table(table: Table) -> Iterator[Row | Refusal]:
    return table_voices(table, _row)


def _row(values: dict[str, list[str]]) -> Values | Refused:
    identity = cell(values, "Ticket ID,チケットID")
    text, title = cell(values, "Description,説明"), cell(values, "Subject,件名")
    if not (text or title):
        return Refused(f"ticket {identity} has neither subject nor description")
    face = (cell(values, "Survey results,アンケート結果") or "").strip().casefold()
    return voice(
        text=text,
        title=title,
        external_id=identity,
        said_at=cell(values, "Created time,作成時刻,作成日時"),
        channel=ticket_channel(cell(values, "Source,ソース")),
        customer_id=cell(values, "Company ID,会社ID"),
        customer=cell(values, "Company Name,Company,会社名,会社"),
        contact=cell(values, "Contact ID,連絡先ID"),
        email=cell(values, "Email,Requester email,メール,メールアドレス"),
        names=[
            cell(values, "Full name,Requester Name,氏名,フルネーム"),
            cell(values, "Agent,エージェント"),
        ],
        language=cell(values, "Language,言語"),
        rating=_FACE_WORDS.get(face),
        rating_scale="csat",
        priority=priority(cell(values, "Priority,優先度")),
        tags=(cell(values, "Tags,タグ") or "").split(","),
        product=cell(values, "Product,製品"),
    )


FORMAT = Format(
    "freshdesk", objects=Objects(_knows, _read), tables=Tables(_knows_table, _read_table)
)
