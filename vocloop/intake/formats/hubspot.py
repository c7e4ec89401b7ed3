"""HubSpot: tickets of the CRM's API (versions 1 and 3), search answers, and the table export."""

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
)
from vocloop.intake.formats.values import (
    at,
    cell,
    first,
    mapped,
    priority,
    table_voices,
    ticket_channel,
    voice,
    word,
    words_of,
)
from vocloop.intake.rows import Refusal, Row, Table

_COMPANY = "Associated Company,Primary Company,関連付けられた会社,会社,Company"
# The export writes a company as "大和商事 (yamato.example)".
_SITE = re.compile(r"\s*[(（](?:[a-z0-9-]+\.)+[a-z]{2,}[)）]$")
_IN_BRACKETS = re.compile(r"\s*[(（](?P<address>[^\s()（）@]+@[^\s()（）@]+)[)）]")
_OWN = frozenset(
    {"hs_pipeline", "hs_pipeline_stage", "hs_ticket_priority", "hs_ticket_category"}
    | {"hs_ticket_id", "hubspot_owner_id"}
)


def _knows(thing: Thing) -> bool:
    properties = thing.get("properties")
    if not isinstance(properties, dict):
        return False
    return bool(_OWN & properties.keys()) or {"subject", "content"} <= properties.keys()


def _read(thing: Thing, page: Thing, beside: Beside) -> Iterator[Values | Refused]:  # noqa: ARG001 - a ticket is whole
    properties = {name: _plain(value) for name, value in thing["properties"].items()}
    identity = first(thing.get("id"), thing.get("objectId"), properties.get("hs_object_id"))
    if not word(properties.get("content")) and not word(properties.get("subject")):
        yield Refused(f"ticket {identity} has neither subject nor content")
        return
    tag = properties.get("hs_ticket_category")
    yield voice(
        text=properties.get("content"),
        title=properties.get("subject"),
        external_id=identity,
        said_at=_time(
            first(properties.get("createdate"), thing.get("createdAt"), thing.get("created_at"))
        ),
        channel=ticket_channel(properties.get("source_type")),
        customer_id=first(_associated(thing, "companies"), properties.get("hs_primary_company_id")),
        customer=first(
            properties.get("hs_primary_company_name"), properties.get("hs_primary_company")
        ),
        contact=first(_associated(thing, "contacts"), properties.get("hs_primary_contact_id")),
        email=properties.get("hs_contact_email"),
        names=words_of(thing.get("names")),
        language=properties.get("hs_detected_language"),
        priority=priority(properties.get("hs_ticket_priority")),
        tags=str(tag).split(";") if tag else (),
        url=thing.get("url"),
    )


def _plain(value: Any) -> Any:
    """Version 1 wraps each value with its history."""
    return value.get("value") if isinstance(value, dict) else value


def _time(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _associated(thing: Thing, kind: str) -> Any:
    held = mapped(at(thing, "associations", kind))
    found = listed(held.get("results"))
    return found[0].get("id") if found else None


def _address(person: str | None) -> str | None:
    """The export writes who asks as "Hana Sato (hana@minato.example)"."""
    match = _IN_BRACKETS.search(person or "")
    return match["address"] if match else None


def _knows_table(table: Table) -> bool:
    keys = table.keys
    named = {"ticketname", "チケット名"} & keys
    return bool(named) and bool({"ticketid", "チケットid", "recordid", "レコードid"} & keys)


def _read_table(table: Table) -> Iterator[Row | Refusal]:
    return table_voices(table, _row)


def _row(values: dict[str, list[str]]) -> Values | Refused:
    text = cell(values, "Ticket description,チケットの説明,チケット説明,Description,Content,説明")
    title = cell(values, "Ticket name,チケット名")
    person = cell(values, "Associated Contact,関連付けられたコンタクト")
    if not (text or title):
        return Refused("has neither ticket name nor description")
    return voice(
        text=text,
        title=title,
        external_id=cell(values, "Ticket ID,チケットID,Record ID,レコードID"),
        said_at=cell(values, "Create date,作成日,Created date,作成日時"),
        channel=ticket_channel(cell(values, "Source,ソース")),
        customer_id=cell(values, "Associated Company IDs,関連する会社ID,関連付けられた会社のID"),
        customer=_SITE.sub("", cell(values, _COMPANY) or ""),
        contact=cell(
            values,
            "Associated Contact IDs,関連するコンタクトID,関連付けられたコンタクトのID",
        ),
        email=_address(person),
        names=[_IN_BRACKETS.sub("", person or "")],
        priority=priority(cell(values, "Priority,優先度")),
        tags=(cell(values, "Category,カテゴリー,カテゴリ") or "").split(";"),
    )


FORMAT = Format("hubspot", objects=Objects(_knows, _read), tables=Tables(_knows_table, _read_table))
