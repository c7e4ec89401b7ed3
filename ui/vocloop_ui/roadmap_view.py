"""What the roadmap's pages show of items: rows, filters, the board's columns, the timeline."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from vocloop.roadmap import backlog, selection
from vocloop.roadmap.selection import Judged
from vocloop.themes.query import folded, has_all
from vocloop_models import BacklogItem, Department, Horizon, ItemState, Stage
from vocloop_ui.i18n import Reader

# What is over is not in the way of what is to come: shown when asked for.
OVER = (ItemState.DECLINED, ItemState.SPLIT, ItemState.REVIEWED)
MOST_QUARTERS = 8


def shown(number: int) -> str:
    return f"B-{number:04d}"


@dataclass(frozen=True)
class Row:
    """An item with what stands behind it. ``effort``: person-weeks of all departments."""

    judged: Judged

    @property
    def item(self) -> BacklogItem:
        return self.judged.parts.item

    @property
    def effort(self) -> float:
        return sum(work.effort for work in self.judged.parts.departments.values())

    @property
    def working(self) -> dict[str, float]:
        """Departments that work on it, the most effort first."""
        found = {k: w.effort for k, w in self.judged.parts.departments.items() if w.effort}
        return dict(sorted(found.items(), key=lambda each: -each[1]))


def _to_do(row: Row) -> bool:
    return row.item.state is not ItemState.SHIPPED


SORTS = {
    # What has shipped waits for its review, and competes with nothing any more.
    "priority": lambda row: (_to_do(row), row.judged.priority.priority.value),
    "rice": lambda row: (_to_do(row), row.judged.rice),
    "wsjf": lambda row: (_to_do(row), row.judged.wsjf),
    "arr": lambda row: row.judged.stakes.arr,
    "renewing": lambda row: row.judged.stakes.renewing,
    "newest": lambda row: row.item.number,
}


@dataclass(frozen=True)
class Where:
    """Conditions that are empty do not filter; without a state what is over stays out."""

    state: ItemState | None = None
    department: str = ""
    horizon: Horizon | None = None
    text: str = ""

    def passes(self, row: Row) -> bool:
        item = row.item
        if self.state is None and item.state in OVER:
            return False
        if self.state is not None and item.state is not self.state:
            return False
        if self.department and self.department not in row.judged.parts.departments:
            return False
        if self.horizon is not None and item.horizon is not self.horizon:
            return False
        return _folded(self.text) in _folded(f"{shown(item.number)}\n{item.title}\n{item.problem}")


def rows(session: Session, where: Where, sort: str = "priority") -> list[Row]:
    """Items that pass, the highest first under ``sort``."""
    items = backlog.listed(session)
    found = [row for row in map(Row, selection.judge_all(session, items)) if where.passes(row)]
    return sorted(found, key=SORTS[sort], reverse=True)


def matching(session: Session, text: str, most: int) -> list[BacklogItem]:
    """Items with all the words of ``text`` in their number, title or problem, the newest first."""
    wanted = folded(text).split()
    return [
        item
        for item in backlog.listed(session)
        if has_all(wanted, [shown(item.number), item.title, item.problem])
    ][:most]


def titles(session: Session) -> dict[uuid.UUID, BacklogItem]:
    """Every item by id, without judging any."""
    return {item.id: item for item in session.exec(select(BacklogItem))}


def departments(session: Session, reader: Reader) -> dict[str, str]:
    """Names in the reader's language by key, in order of keys."""
    every = session.exec(select(Department).order_by(col(Department.key)))
    return {each.key: name_of(reader, each) for each in every}


def name_of(reader: Reader, department: Department) -> str:
    own, other = department.name_ja, department.name_en
    if reader.language == "en":
        own, other = other, own
    return own or other or department.key


def board(found: Sequence[Row], by: str) -> list[tuple[Stage | Horizon, list[Row]]]:
    """Columns with their rows, every column there even when it is empty."""
    columns: list[Stage | Horizon] = [*Stage] if by == "stage" else [*Horizon]
    return [
        (column, [row for row in found if getattr(row.item, by) is column]) for column in columns
    ]


@dataclass(frozen=True)
class Timeline:
    """``quarters`` without gaps; ``load``: person-weeks by department and quarter."""

    quarters: list[str]
    rows: list[tuple[Row, int]]  # with the place of its quarter, from 0
    undated: list[Row]
    load: dict[str, list[float]]


def timeline(found: Sequence[Row]) -> Timeline:
    dated = [row for row in found if row.item.quarter]
    quarters = _between([str(row.item.quarter) for row in dated])
    placed = [
        (row, quarters.index(str(row.item.quarter)))
        for row in dated
        if row.item.quarter in quarters
    ]
    load: dict[str, list[float]] = {}
    for row, place in placed:
        for key, weeks in row.working.items():
            load.setdefault(key, [0.0] * len(quarters))[place] += weeks
    late = [row for row in dated if row.item.quarter not in quarters]
    undated = [row for row in found if not row.item.quarter]
    return Timeline(
        quarters,
        sorted(placed, key=lambda each: each[1]),
        [*late, *undated],
        dict(sorted(load.items())),
    )


def _between(codes: Sequence[str]) -> list[str]:
    """All quarters from the first to the last; the newest MOST_QUARTERS."""
    if not codes:
        return []
    first, last = (int(code[:4]) * 4 + int(code[5]) - 1 for code in (min(codes), max(codes)))
    return [f"{n // 4}Q{n % 4 + 1}" for n in range(max(first, last - MOST_QUARTERS + 1), last + 1)]


def scale(found: Sequence[Row]) -> float:
    """What a full bar of priority stands for: the highest upper end."""
    return max((row.judged.priority.priority.high for row in found), default=0.0) or 1.0


def bound(value: float, full: float) -> float:
    return min(max(value / full, 0.0), 1.0) if full > 0 else 0.0


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
