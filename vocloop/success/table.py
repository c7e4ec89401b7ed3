"""Customers' KGI and KPI from a CSV file: all of its rows, or none and every bad one named."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import unicodedata
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from vocloop.errors import InvalidInputError, says
from vocloop.success.measures import enter, keep
from vocloop_models import Customer, MeasureLevel, SuccessMeasure

MOST_ROWS = 20_000
MOST_NAME = 200
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "customer": ("customer", "顧客", "company"),
    "name": ("name", "指標", "measure"),
    "level": ("level", "種別", "kind"),
    "unit": ("unit", "単位"),
    "baseline": ("baseline", "基準値", "開始値"),
    "target": ("target", "目標値", "目標"),
    "actual": ("actual", "実績値", "実績"),
    "day": ("day", "date", "日付"),
    "due_on": ("due_on", "期限"),
}
_NEEDED = ("customer", "name")
_KEPT = ("level", "baseline", "target", "due_on")


@dataclass(frozen=True)
class Taken:
    """How many rows were read, and how many of them held an actual value."""

    rows: int
    actuals: int


def take(session: Session, data: bytes, by: str | None = None) -> Taken:
    """Columns: customer (external id or name), name, level (kgi or kpi), unit, baseline, target,
    due_on, actual with its day; in English or Japanese, UTF-8 or Shift_JIS. Only the first two are
    needed, and the level of a measure that is new; an empty cell leaves what is there.

    Raises InvalidInputError that names every line that can't be taken; nothing is kept then."""
    known, there = _customers(session), _measures(session)
    problems: list[tuple[str, str]] = []
    good: list[tuple[uuid.UUID, dict[str, str], dict[str, float | dt.date | MeasureLevel]]] = []
    for line, row in _rows(data):
        wrong, values = _read(row)
        customer = known.get(row["customer"]) or known.get(_folded(row["customer"]))
        if customer is None:
            wrong.append(
                says(
                    "customer '%(name)s' is not known, or not by one name only; use its external "
                    "id",
                    name=row["customer"][:60],
                )
            )
        elif not row["level"] and row["name"] and (customer, _named(row)) not in there:
            wrong.append(says("level is empty and the measure is new; write kgi or kpi"))
        else:
            there.add((customer, _named(row)))
        problems += [(says("line %(line)s", line=line), reason) for reason in wrong]
        if customer is not None and not wrong:
            good.append((customer, row, values))
    if problems:
        raise InvalidInputError(f"{problems[0][0]}: {problems[0][1]}", problems)
    actuals = 0
    for customer, row, values in good:
        fields: dict[str, Any] = {name: values[name] for name in _KEPT if name in values}
        if row["unit"]:
            fields["unit"] = row["unit"]
        measure = keep(session, customer, _named(row), **fields)
        actual, day = values.get("actual"), values.get("day")
        if isinstance(actual, float) and isinstance(day, dt.date):
            enter(session, measure.id, day, actual, by)
            actuals += 1
    return Taken(len(good), actuals)


def _rows(data: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(_decoded(data), newline=""), strict=True)
    try:
        head = [_folded(cell) for cell in next(reader, [])]
        places = {
            name: next((head.index(alias) for alias in aliases if alias in head), None)
            for name, aliases in COLUMNS.items()
        }
        missing = [name for name in _NEEDED if places[name] is None]
        if missing:
            known = tuple(COLUMNS)
            wrong = [
                says("the column %(name)s is missing; known are %(known)s", name=name, known=known)
                for name in missing
            ]
            where = says("line %(line)s", line=1)
            raise InvalidInputError(f"{where}: {wrong[0]}", [(where, each) for each in wrong])
        for count, cells in enumerate(reader, start=1):
            if count > MOST_ROWS:
                raise InvalidInputError(
                    says("more than %(most_rows)s rows; send them in parts", most_rows=MOST_ROWS)
                )
            if any(cell.strip() for cell in cells):
                yield (
                    reader.line_num,
                    {
                        name: cells[place].strip()
                        if place is not None and place < len(cells)
                        else ""
                        for name, place in places.items()
                    },
                )
    except csv.Error as error:
        raise InvalidInputError(
            says(
                "line %(line_num)s: %(error)s; check its quotes",
                line_num=reader.line_num,
                error=error,
            )
        ) from error


def _read(row: Mapping[str, str]) -> tuple[list[str], dict[str, float | dt.date | MeasureLevel]]:
    wrong, values = list[str](), dict[str, float | dt.date | MeasureLevel]()
    if not row["name"]:
        wrong.append(says("name is empty; give the measure's name"))
    if row["level"]:
        level = unicodedata.normalize("NFKC", row["level"]).casefold()
        if level in set(MeasureLevel):
            values["level"] = MeasureLevel(level)
        else:
            wrong.append(says("level '%(value)s' is neither kgi nor kpi", value=row["level"][:20]))
    for name in ("baseline", "target", "actual"):
        number = _number(row[name])
        if row[name] and number is None:
            wrong.append(
                says(
                    "%(name)s '%(value)s' is not a number; write 12.5",
                    name=name,
                    value=row[name][:20],
                )
            )
        elif number is not None:
            values[name] = number
    for name in ("day", "due_on"):
        day = _day(row[name])
        if row[name] and day is None:
            wrong.append(
                says(
                    "%(name)s '%(value)s' is not a date; write 2026-09-30 or 2026/09/30",
                    name=name,
                    value=row[name][:20],
                )
            )
        elif day is not None:
            values[name] = day
    if ("actual" in values) != ("day" in values):
        wrong.append(says("an actual value and its day belong together; give both or neither"))
    return wrong, values


def _number(cell: str) -> float | None:
    plain = unicodedata.normalize("NFKC", cell).replace(",", "").rstrip("% ")
    try:
        found = float(plain)
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _day(cell: str) -> dt.date | None:
    plain = unicodedata.normalize("NFKC", cell)
    for name in ("年", "月", "/"):
        plain = plain.replace(name, "-")
    try:
        year, month, day = (int(part) for part in plain.rstrip("日").split("-"))
        return dt.date(year, month, day)
    except ValueError:
        return None


def _named(row: Mapping[str, str]) -> str:
    return row["name"][:MOST_NAME]


def _measures(session: Session) -> set[tuple[uuid.UUID, str]]:
    """Which customer has a measure of which name."""
    return set(session.exec(select(SuccessMeasure.customer_id, SuccessMeasure.name)))


def _customers(session: Session) -> dict[str, uuid.UUID]:
    """By external id as it is written; by that and by name, folded, where one customer has it."""
    names: dict[str, list[uuid.UUID]] = {}
    folded: dict[str, list[uuid.UUID]] = {}
    ids: dict[str, uuid.UUID] = {}
    for customer in session.exec(select(Customer)):
        names.setdefault(_folded(customer.name), []).append(customer.id)
        if customer.external_id:
            folded.setdefault(_folded(customer.external_id), []).append(customer.id)
            ids[customer.external_id] = customer.id
    # An id comes before another one's name, also where it stands for nobody in particular.
    by_words = names | folded
    return {word: found[0] for word, found in by_words.items() if len(found) == 1} | ids


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInputError(says("the file is neither UTF-8 nor Shift_JIS; save it as UTF-8 (CSV)"))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()
