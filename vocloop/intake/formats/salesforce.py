"""Salesforce: cases of the API, of the data export (every column, times in UTC) and of reports."""

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
    said,
    table_voices,
    ticket_channel,
    voice,
    word,
)
from vocloop.intake.rows import Refusal, Row, Table

_CASE = frozenset(
    {"CaseNumber", "Origin", "AccountId", "ContactId", "SuppliedEmail", "IsEscalated", "Reason"}
    | {"SuppliedName", "SuppliedCompany", "IsClosed", "ClosedDate"}
)
_WITHOUT_ZONE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?")


def _knows(thing: Thing) -> bool:
    kind = at(thing, "attributes", "type")
    if kind is not None:
        return bool(kind == "Case")
    words = "Subject" in thing or "Description" in thing
    return "CaseNumber" in thing or (words and bool(_CASE & thing.keys()))


def _read(thing: Thing, page: Thing, beside: Beside) -> Iterator[Values | Refused]:  # noqa: ARG001 - a case is whole
    name = f"case {first(thing.get('CaseNumber'), thing.get('Id'))}"
    if thing.get("IsDeleted") is True:
        yield Refused(f"{name} is deleted")
        return
    words = said([thing.get("Description"), *_comments(thing)])
    if not words and not word(thing.get("Subject")):
        yield Refused(f"{name} has neither Subject nor Description")
        return
    account, contact = mapped(thing.get("Account")), mapped(thing.get("Contact"))
    yield voice(
        text=words,
        title=thing.get("Subject"),
        external_id=first(thing.get("Id"), thing.get("CaseNumber")),
        said_at=thing.get("CreatedDate"),
        channel=ticket_channel(thing.get("Origin")),
        customer_id=first(thing.get("AccountId"), account.get("Id")),
        customer=first(account.get("Name"), thing.get("SuppliedCompany")),
        contact=first(thing.get("ContactId"), contact.get("Id")),
        email=first(contact.get("Email"), thing.get("ContactEmail"), thing.get("SuppliedEmail")),
        names=[contact.get("Name"), thing.get("SuppliedName"), at(thing, "Owner", "Name")],
        language=thing.get("Language"),
        priority=priority(thing.get("Priority")),
        tags=[thing.get("Type"), thing.get("Reason")],
        product=first(at(thing, "Product", "Name"), thing.get("Product__c")),
        url=_page(at(thing, "attributes", "url")),
    )


def _comments(thing: Thing) -> list[Any]:
    """What the contact wrote below the case; the team's comments are context."""
    contact = first(thing.get("ContactId"), at(thing, "Contact", "Id"))
    held = thing.get("CaseComments")
    return [
        each.get("CommentBody")
        for each in listed(first(at(held, "records"), held))
        if contact is not None and at(each, "CreatedBy", "ContactId") == contact
    ]


def _page(url: Any) -> str | None:
    """An absolute address only: the API tells the record's path, not the company's host."""
    return url if isinstance(url, str) and url.startswith("https://") else None


def _knows_table(table: Table) -> bool:
    keys = table.keys
    number = {"casenumber", "ケース番号"} & keys
    told = {"subject", "description", "createddate", "openeddate", "dateopened", "datetimeopened"}
    told |= {"件名", "説明", "作成日", "開始日", "登録日時", "オープン日時", "オープン日"}
    return bool(number) and bool(told & keys)


def _read_table(table: Table) -> Iterator[Row | Refusal]:
    exported = {"isdeleted", "systemmodstamp"} & table.keys
    return table_voices(table, lambda values: _row(values, utc=bool(exported)))


def _row(values: dict[str, list[str]], *, utc: bool) -> Values | Refused:
    number = cell(values, "CaseNumber,Case Number,ケース番号")
    text = cell(values, "Description,説明,詳細")
    title = cell(values, "Subject,件名")
    if (cell(values, "IsDeleted") or "").casefold() in {"true", "1"}:
        return Refused(f"case {number} is deleted")
    if len(values) == 1:
        return Refused("is a line of the report's own (a total, a footer), not a case")
    if not (text or title):
        return Refused(f"case {number} has neither Subject nor Description")
    said_at = cell(
        values,
        "CreatedDate,Created Date,Date/Time Opened,Opened Date,Date Opened,オープン日時,"
        "オープン日,登録日時,作成日時,作成日,開始日",
    )
    # The data export writes UTC without saying so; reports write the reader's own zone.
    if said_at and utc and _WITHOUT_ZONE.fullmatch(said_at.strip()):
        said_at = f"{said_at.strip()}Z"
    email = cell(values, "ContactEmail,Contact Email,Contact: Email,SuppliedEmail,Web Email")
    return voice(
        text=text,
        title=title,
        external_id=cell(values, "Id,Case ID,CaseID") or number,
        said_at=said_at,
        channel=ticket_channel(cell(values, "Origin,Case Origin,発生源,ケース発生源")),
        customer_id=cell(values, "AccountId,Account ID,取引先 ID"),
        customer=cell(
            values, "Account Name,AccountName,Account,取引先名,SuppliedCompany,Web Company"
        ),
        contact=cell(values, "ContactId,Contact ID,取引先責任者 ID"),
        email=email,
        names=[
            cell(values, "Contact Name,取引先責任者名"),
            cell(values, "SuppliedName,Web Name"),
            cell(values, "Case Owner,ケース所有者"),
        ],
        language=cell(values, "Language,言語"),
        priority=priority(cell(values, "Priority,優先度")),
        tags=[cell(values, "Type,種別"), cell(values, "Reason,Case Reason,原因")],
        product=cell(values, "Product,Product Name,製品"),
    )


FORMAT = Format(
    "salesforce", objects=Objects(_knows, _read), tables=Tables(_knows_table, _read_table)
)
