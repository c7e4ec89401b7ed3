"""Linear: the table export and issues of its API. A creator is one of the team who handed in."""

from __future__ import annotations

from collections.abc import Iterator

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
    priority,
    table_voices,
    voice,
    word,
)
from vocloop.intake.rows import Refusal, Row, Table

_TABLE = frozenset({"id", "team", "title", "description", "status", "priority"})
_PRIORITIES = {0: None, 1: "urgent", 2: "high", 3: "normal", 4: "low"}


def _knows(thing: Thing) -> bool:
    if "identifier" not in thing or "title" not in thing:
        return False
    hosted = "linear.app" in str(thing.get("url"))
    return hosted or bool({"priorityLabel", "team", "cycle", "branchName"} & thing.keys())


def _read(thing: Thing, page: Thing, beside: Beside) -> Iterator[Values | Refused]:  # noqa: ARG001 - an issue is whole
    if not word(thing.get("title")) and not word(thing.get("description")):
        yield Refused(f"issue {thing.get('identifier')} has neither title nor description")
        return
    level = thing.get("priority")
    needs = listed(first(at(thing, "needs", "nodes"), at(thing, "customerNeeds", "nodes")))
    company = at(needs, 0, "customer") or {}
    yield voice(
        text=thing.get("description"),
        title=thing.get("title"),
        external_id=thing.get("identifier"),
        said_at=thing.get("createdAt"),
        channel="ticket",
        customer_id=at(company, "id"),
        customer=at(company, "name"),
        names=[at(thing, "creator", "name"), at(thing, "assignee", "name")],
        priority=_PRIORITIES.get(level) if isinstance(level, int) else priority(level),
        tags=[each.get("name") for each in listed(at(thing, "labels", "nodes"))],
        product=at(thing, "project", "name"),
        url=thing.get("url"),
        submitted_by=at(thing, "creator", "name"),
    )


def _knows_table(table: Table) -> bool:
    return table.keys >= _TABLE and bool({"cyclename", "cyclenumber", "creator"} & table.keys)


def _read_table(table: Table) -> Iterator[Row | Refusal]:
    return table_voices(table, _row)


def _row(values: dict[str, list[str]]) -> Values | Refused:
    identity = cell(values, "ID")
    text, title = cell(values, "Description"), cell(values, "Title")
    if not (text or title):
        return Refused(f"issue {identity} has neither title nor description")
    return voice(
        text=text,
        title=title,
        external_id=identity,
        said_at=cell(values, "Created"),
        channel="ticket",
        customer=cell(values, "Customer,Customers,Customer Name,Customer names"),
        names=[cell(values, "Creator"), cell(values, "Assignee")],
        priority=priority(cell(values, "Priority")),
        tags=[label.strip() for labels in values.get("labels", []) for label in labels.split(",")],
        product=cell(values, "Project"),
        url=cell(values, "URL"),
        submitted_by=cell(values, "Creator"),
    )


FORMAT = Format("linear", objects=Objects(_knows, _read), tables=Tables(_knows_table, _read_table))
