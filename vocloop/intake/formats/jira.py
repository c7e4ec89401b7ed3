"""Jira and Jira Service Management: issues of the API (2 and 3) and the table export, whose
headers repeat (Labels, Comment …)."""

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
    voice,
    word,
    words_of,
)
from vocloop.intake.formats.wiki import plain
from vocloop.intake.rows import Refusal, Row, Table, key

_DEEPEST = 40
_BLOCKS = frozenset(
    {"paragraph", "heading", "listItem", "codeBlock", "blockquote", "panel", "tableRow", "rule"}
)
_COMMENT_CELL = re.compile(r"[^;]{4,40};(?P<author>[^;]{0,200});(?P<words>.*)", re.DOTALL)


def _knows(thing: Thing) -> bool:
    fields = thing.get("fields")
    if isinstance(fields, dict) and ("key" in thing or "summary" in fields):
        return True
    return "issueKey" in thing and isinstance(thing.get("requestFieldValues"), list)


def _read(thing: Thing, page: Thing, beside: Beside) -> Iterator[Values | Refused]:  # noqa: ARG001 - an issue is whole
    if "requestFieldValues" in thing:
        yield _request(thing)
        return
    fields = thing["fields"]
    reporter = mapped(first(fields.get("reporter"), fields.get("creator")))
    turns = [_words(fields.get("description"))]
    comments = listed(first(at(fields, "comment", "comments"), fields.get("comment")))
    own = _identity(reporter)
    turns += [
        _words(comment.get("body"))
        for comment in comments
        if own is not None and _identity(mapped(comment.get("author"))) == own
    ]
    text = said(turns)
    if not text and not word(fields.get("summary")):
        yield Refused(f"issue {thing.get('key')} has neither summary nor description")
        return
    company = _organization(fields)
    yield voice(
        text=text,
        title=fields.get("summary"),
        external_id=first(thing.get("key"), thing.get("id")),
        said_at=fields.get("created"),
        channel="ticket",
        customer_id=company.get("id"),
        customer=company.get("name"),
        contact=_identity(reporter),
        email=reporter.get("emailAddress"),
        names=[reporter.get("displayName"), at(fields, "assignee", "displayName")],
        priority=priority(first(at(fields, "priority", "name"), fields.get("priority"))),
        tags=words_of(fields.get("labels")),
        product=at(fields, "project", "name"),
        url=_page(thing),
    )


def _request(thing: Thing) -> Values | Refused:
    """A request as the portal of Service Management tells it."""
    fields = {
        str(each.get("fieldId")): each.get("value") for each in listed(thing["requestFieldValues"])
    }
    text = _words(fields.get("description"))
    title = first(fields.get("summary"), thing.get("summary"))
    if not text and not word(title):
        return Refused(f"issue {thing.get('issueKey')} has neither summary nor description")
    reporter = mapped(thing.get("reporter"))
    created = thing.get("createdDate")
    return voice(
        text=text,
        title=title,
        external_id=thing.get("issueKey"),
        said_at=first(at(created, "iso8601"), at(created, "epochMillis"), created),
        channel="ticket",
        contact=_identity(reporter),
        email=reporter.get("emailAddress"),
        names=[reporter.get("displayName")],
        priority=priority(first(at(fields.get("priority"), "name"), fields.get("priority"))),
        product=at(thing, "serviceDesk", "projectName"),
        url=at(thing, "_links", "web"),
    )


def _identity(person: Thing) -> Any:
    return first(person.get("accountId"), person.get("key"), person.get("name"))


def _organization(fields: Thing) -> Thing:
    """Service Management keeps the customers' organisations in a field whose number differs."""
    for value in fields.values():
        for each in listed(value):
            if "/organization/" in str(at(each, "_links", "self")):
                return mapped(each)
    return {}


def _page(thing: Thing) -> str | None:
    match = re.match(r"(https?://[^/\s]+)/rest/", str(thing.get("self")))
    if match is None or match[1].endswith("//api.atlassian.com"):
        return word(thing.get("self"))
    return f"{match[1]}/browse/{thing.get('key')}"


def _words(body: Any) -> str | None:
    """Text of the Atlassian Document Format, or wiki text as it is."""
    if isinstance(body, str):
        return plain(body) or None
    if not isinstance(body, dict):
        return None
    return "".join(_document(body, 0)).strip() or None


def _document(node: Any, depth: int) -> Iterator[str]:
    if not isinstance(node, dict) or depth > _DEEPEST:
        return
    kind = str(node.get("type"))
    if kind == "text":
        yield str(node.get("text") or "")
    elif kind == "hardBreak":
        yield "\n"
    elif kind in {"mention", "emoji", "date", "status", "inlineCard"}:
        shown = first(at(node, "attrs", "text"), at(node, "attrs", "url"))
        yield str(shown or "")
    if kind == "listItem":
        yield "- "
    content = node.get("content")
    for child in content if isinstance(content, list) else []:
        yield from _document(child, depth + 1)
    if kind in _BLOCKS:
        yield "\n"


_SUMMARY = "Summary,要約"
_KEY = "Issue key,課題キー,キー,Key,作業項目キー,Work item key"


def _knows_table(table: Table) -> bool:
    keys = table.keys
    return bool({"issuekey", "課題キー", "作業項目キー", "workitemkey"} & keys) and bool(
        {key(name) for name in _SUMMARY.split(",")} & keys
    )


def _read_table(table: Table) -> Iterator[Row | Refusal]:
    return table_voices(table, _row)


def _row(values: dict[str, list[str]]) -> Values | Refused:
    identity = cell(values, _KEY)
    reporters = {
        written
        for name in ("Reporter Id", "Reporter", "報告者 ID", "報告者", "報告者Id")
        if (written := cell(values, name))
    }
    turns: list[Any] = [cell(values, "Description,説明,詳細")]
    comments = values.get("comment", []) + values.get("コメント", []) + values.get("comments", [])
    for comment in comments:
        match = _COMMENT_CELL.fullmatch(comment)
        if match and match["author"].strip() in reporters:
            turns.append(match["words"])
    turns = [plain(each) for each in turns if each]
    text, title = said(turns), cell(values, _SUMMARY)
    if not (text or title):
        return Refused(f"issue {identity} has neither summary nor description")
    labels = values.get("labels", []) + values.get("ラベル", [])
    return voice(
        text=text,
        title=title,
        external_id=identity,
        said_at=cell(values, "Created,作成日,作成日時"),
        channel="ticket",
        customer=cell(values, "Custom field (Organizations),Organizations,組織,Customer,顧客"),
        contact=cell(values, "Reporter Id,報告者 ID,報告者Id,Reporter,報告者"),
        names=[cell(values, "Reporter,報告者"), cell(values, "Assignee,担当者")],
        priority=priority(cell(values, "Priority,優先度")),
        tags=[label for cell_ in labels for label in cell_.split()],
        product=cell(values, "Project name,プロジェクト名,Project key,プロジェクトキー"),
    )


FORMAT = Format("jira", objects=Objects(_knows, _read), tables=Tables(_knows_table, _read_table))
