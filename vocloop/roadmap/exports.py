"""A backlog for other tools: CSV of Jira and Linear, JSON of GitHub issues, plain CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from enum import StrEnum

from vocloop.roadmap.backlog import shown
from vocloop.roadmap.selection import Judged

# Seconds of a working week: what Jira counts estimates in.
WEEK = 144_000
# What spreadsheets take for a formula (OWASP, CSV injection), in a wide letter too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class ExportFormat(StrEnum):
    JIRA = "jira"
    LINEAR = "linear"
    GITHUB = "github"
    CSV = "csv"


def export(items: Sequence[Judged], to: ExportFormat) -> str:
    """The items as text of the format; cells that a spreadsheet would run are disarmed."""
    if to is ExportFormat.GITHUB:
        return json.dumps([_issue(each) for each in items], ensure_ascii=False, indent=2)
    if to is ExportFormat.JIRA:
        head = ["Summary", "Description", "Issue Type", "Priority", "Labels"]
        head.append("Original Estimate")
        rows = [
            [i.title, body(j), "Story", _urgency(i.horizon.value), "vocloop", _effort(j) * WEEK]
            for j in items
            for i in [j.parts.item]
        ]
    elif to is ExportFormat.LINEAR:
        head = ["Title", "Description", "Priority", "Status", "Labels", "Estimate"]
        rows = [
            [i.title, body(j), _urgency(i.horizon.value), "Backlog", "vocloop", round(_effort(j))]
            for j in items
            for i in [j.parts.item]
        ]
    else:
        head = ["number", "title", "state", "stage", "horizon", "quarter", "priority"]
        head += ["priority_low", "priority_high", "effort", "cost", "companies", "arr"]
        rows = [
            [
                *(
                    shown(i),
                    i.title,
                    i.state.value,
                    i.stage.value,
                    i.horizon.value,
                    i.quarter or "",
                ),
                *(p.value, p.low, p.high, _effort(j), i.cost, j.stakes.companies, j.stakes.arr),
            ]
            for j in items
            for i, p in [(j.parts.item, j.priority.priority)]
        ]
    return _csv([head, *rows])


def body(judged: Judged) -> str:
    """What a tracker shows under the title. Numbers only, no names of customers."""
    item, stakes = judged.parts.item, judged.stakes
    found = judged.priority.priority
    lines = [item.problem] if item.problem else []
    lines += [
        f"{stakes.companies} companies, yearly revenue {stakes.arr}",
        f"priority {found.value:.4f} ({found.low:.4f} to {found.high:.4f})",
        f"vocloop {shown(item)}",
    ]
    return "\n\n".join(lines)


def _issue(judged: Judged) -> dict[str, object]:
    item = judged.parts.item
    labels = ["vocloop", item.horizon.value, *sorted(judged.parts.departments)]
    return {"title": item.title, "body": body(judged), "labels": labels}


def _effort(judged: Judged) -> float:
    return sum(work.effort for work in judged.parts.departments.values())


def _urgency(horizon: str) -> str:
    return {"now": "High", "next": "Medium", "later": "Low"}[horizon]


def _csv(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([[_safe(c) for c in row] for row in rows])
    return text.getvalue()


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
