"""Columns of dates in figures: 05/06/2024 is told by the other dates of its column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

from vocloop.errors import InvalidInputError
from vocloop.intake.columns import is_date_column
from vocloop.intake.dates import Order, orders, read_date, reordered, settle
from vocloop.intake.rows import Cells, Refusal, Row

Entries = Iterator[Row | Refusal]

# What can't be a date in figures, told without reading it: 2024-…, 2024/…, 2024年.
_YEAR_FIRST = re.compile(r"\s*\d{4}")
# Rows of one program have a handful of names; rows of made-up names must not fill the memory.
_MOST_NAMES = 10_000
_ZONES = (ZoneInfo("UTC"), ZoneInfo("Asia/Tokyo"))  # any two tell whether one is named


def without_zone(entries: Iterable[Row | Refusal]) -> str | None:
    """The first date among these rows that has a time but names no time zone."""
    for entry in entries:
        for name, value in entry.values.items() if isinstance(entry, Row) else ():
            if isinstance(value, str) and ":" in value and is_date_column(name):
                try:
                    here, there = (read_date(value, timezone=zone) for zone in _ZONES)
                except InvalidInputError:
                    continue
                if here != there:
                    return value
    return None


def settled_cells(
    rows: Iterator[Cells | Refusal],
    head: Sequence[Sequence[str]],
    again: Callable[[], Iterator[Cells | Refusal]],
) -> Iterator[Cells | Refusal]:
    """Rows of a table whose columns of dates in figures are written out. A column that does not
    settle itself follows the other columns of the table when they all agree: one program writes
    all of its dates alike. ``again`` reads the table once more."""
    columns = _figure_columns(head)
    if not columns:
        yield from rows
        return
    found = _orders_of(columns, again())
    for row in rows:
        if isinstance(row, Cells):
            for column, order in found.items():
                if column < len(row.cells):
                    value = row.cells[column]
                    possible = None if _YEAR_FIRST.match(value) else orders(value)
                    if possible and order in possible:
                        row.cells[column] = reordered(value, order)
        yield row


def _figure_columns(head: Sequence[Sequence[str]]) -> list[int]:
    """Columns that hold dates in figures and nothing else, as far as was looked."""
    found = []
    for column in range(max(map(len, head), default=0)):
        cells = [row[column] for row in head if column < len(row) and row[column].strip()]
        if cells and all(_is_date(cell) for cell in cells) and any(map(orders, cells)):
            found.append(column)
    return found


def _is_date(cell: str) -> bool:
    possible = orders(cell)
    if possible is None:
        return False
    written = reordered(cell, next(iter(possible))) if possible else cell
    try:
        read_date(written, timezone=_ZONES[0])
    except InvalidInputError:
        return False
    return True


def _orders_of(columns: list[int], rows: Iterator[Cells | Refusal]) -> dict[int, Order]:
    left: dict[int, frozenset[Order]] = {}
    for row in rows:
        cells = row.cells if isinstance(row, Cells) else []
        for column in columns:
            possible = orders(cells[column]) if column < len(cells) else None
            if possible:
                left[column] = left.get(column, possible) & possible
    common = frozenset.intersection(*left.values()) if left else frozenset()
    found: dict[int, Order] = {}
    for column, possible in left.items():
        settled = possible if len(possible) == 1 else possible & common
        if len(settled) == 1:
            found[column] = next(iter(settled))
    return found


def dated(entries: Entries, also: frozenset[str], again: Callable[[], Entries]) -> Entries:
    """Rows whose dates in figures (05/06/2024) are written out, day and month told apart by the
    whole column: it is read once more from the first row to the last when such a date appears.
    What the column does not settle stays as it is, to be refused."""
    settled: dict[str, Order | None] = {}
    known: dict[str, bool] = {}
    for entry in entries:
        if isinstance(entry, Row):
            for name, value in entry.values.items():
                if name not in known and len(known) < _MOST_NAMES:
                    known[name] = name in also or is_date_column(name)
                if not known.get(name) or not isinstance(value, str) or _YEAR_FIRST.match(value):
                    continue
                possible = orders(value)
                if possible is None or len(possible) < 2:
                    continue
                if name not in settled:
                    settled[name] = settle(_column(again(), name))
                order = settled[name]
                if order in possible:
                    entry.values[name] = reordered(value, order)
        yield entry


def _column(entries: Entries, name: str) -> Iterator[str]:
    for entry in entries:
        value = entry.values.get(name) if isinstance(entry, Row) else None
        if isinstance(value, str):
            yield value
