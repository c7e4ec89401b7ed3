"""How a theme lives in time: a weight for each day, by the schedules of planted.json."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Days = Sequence[dt.date]
Span = tuple[tuple[int, int], tuple[int, int]]

# People write on weekends too: in shops and hospitals.
WEEKEND_WEIGHT = 0.08
# How the reports of an outage fall on its day and the days after.
DAY_AFTER_DAY = (0.6, 0.25, 0.15)

# A text that names a season is dated in it or a little before; (month, day) of both ends, the
# first match counts. A named month comes before any of these.
SEASONS: tuple[tuple[str, Span], ...] = (
    (r"Lunar New Year", ((1, 20), (2, 25))),
    (r"New Year|year-end party|Christmas|年末|年始|元日", ((12, 8), (1, 22))),
    (r"Golden Week|ゴールデンウィーク", ((4, 16), (5, 9))),
    (r"お盆", ((8, 1), (8, 31))),
    (r"年度末|期末", ((3, 1), (4, 30))),
    (r"\bspring\b", ((3, 10), (6, 10))),
    (r"\bsummer\b|夏", ((7, 1), (9, 10))),
    (r"\bautumn\b", ((9, 1), (11, 20))),
)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
# "2月決算" names a closing month, not the day of writing; "May" alone is mostly a verb.
MONTH = re.compile(
    r"(?<!\d)(?P<number>1[0-2]|[1-9])月(?!分|決算)"
    r"|\b(?P<name>January|February|March|April|June|July|August|September|October|November"
    r"|December)\b"
    r"|\b\d{1,2} (?P<short>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b"
)
MONTH_LEAD, MONTH_TAIL = dt.timedelta(days=5), dt.timedelta(days=14)


def course(schedule: Mapping[str, Any], days: Days) -> list[float]:
    """(days,) weights that sum to 1: ``share`` of them on the planted course, the rest stray.

    Raises ValueError for a shape that is not known."""
    main, stray = _shape(schedule, days)
    share = schedule.get("share", 1.0)
    return [
        share * a + (1 - share) * b
        for a, b in zip(_working(main, days), _working(stray, days), strict=True)
    ]


def near_season(text: str, weights: Sequence[float], days: Days) -> Sequence[float]:
    """``weights`` within the month or season that ``text`` names; all of them if the two clash."""
    span = _named_span(unicodedata.normalize("NFKC", text))
    if span is None:
        return weights
    kept = [w if _within(day, span) else 0.0 for day, w in zip(days, weights, strict=True)]
    return kept if any(kept) else weights


def _working(weights: Iterable[float], days: Days) -> list[float]:
    damped = [
        weight * (WEEKEND_WEIGHT if day.weekday() >= 5 else 1.0)
        for day, weight in zip(days, weights, strict=True)
    ]
    total = math.fsum(damped) or 1.0
    return [weight / total for weight in damped]


def _shape(schedule: Mapping[str, Any], days: Days) -> tuple[list[float], list[float]]:
    """(the planted course, where strays fall), each (days,)."""
    shape = schedule["shape"]
    if shape in {"until_fix", "day", "bell"}:
        main, end = _ending(schedule, days)
        # What is over is still spoken of for a while, less and less.
        length = schedule["tail_days"]
        ages = _ages(end, days)
        return main, [float(length - age) if 0 <= age < length else 0.0 for age in ages]
    return _endless(schedule, days), [1.0] * len(days)


def _endless(schedule: Mapping[str, Any], days: Days) -> list[float]:
    shape = schedule["shape"]
    if shape == "steady":
        return [1.0] * len(days)
    if shape == "month_edges":
        first, last = schedule["first_days"], dt.timedelta(schedule["last_days"])
        return [float(d.day <= first or (d + last).month != d.month) for d in days]
    if shape == "windows":
        spans = [(_date(begin), _date(end)) for begin, end in schedule["windows"]]
        return [float(any(a <= d <= b for a, b in spans)) for d in days]
    if shape == "ramp":
        return [max(0.0, age + 1.0) for age in _ages(_date(schedule["from"]), days)]
    raise ValueError(f"planted.json: shape '{shape}' is not known; use one that courses.py reads")


def _ending(schedule: Mapping[str, Any], days: Days) -> tuple[list[float], dt.date]:
    """(the course, the day from which only an echo is left)."""
    shape = schedule["shape"]
    if shape == "until_fix":
        fix = _date(schedule["fix"])
        return [float(d < fix) for d in days], fix
    if shape == "day":
        on, length = _date(schedule["on"]), schedule["days"]
        after = dict(enumerate(DAY_AFTER_DAY[:length]))
        return [after.get(age, 0.0) for age in _ages(on, days)], on + dt.timedelta(length)
    begin, end = _date(schedule["from"]), _date(schedule["to"])
    length = (end - begin).days + 2
    return [float(max(0, (n + 1) * (length - n - 1))) for n in _ages(begin, days)], end


def _date(written: str) -> dt.date:
    return dt.date.fromisoformat(written)


def _ages(begin: dt.date, days: Days) -> list[int]:
    return [(day - begin).days for day in days]


def _named_span(text: str) -> Span | None:
    named = MONTH.search(text)
    if named:
        number = named["number"]
        name = (named["name"] or named["short"] or "")[:3]
        month = int(number) if number else MONTHS.index(name) + 1
        # Any year without a leap day will do: only month and day are kept.
        begin = dt.date(2026, month, 1) - MONTH_LEAD
        end = dt.date(2026, month, 28) + MONTH_TAIL
        return (begin.month, begin.day), (end.month, end.day)
    return next((span for words, span in SEASONS if re.search(words, text)), None)


def _within(day: dt.date, span: Span) -> bool:
    begin, end = span
    here = (day.month, day.day)
    if begin <= end:
        return begin <= here <= end
    return here >= begin or here <= end
