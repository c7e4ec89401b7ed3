"""Dates as people and programs write them, read without ever guessing."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Iterable
from typing import Literal
from zoneinfo import ZoneInfo

from vocloop.errors import InvalidInputError

# Numbers from here on count milliseconds: 10^11 s is the year 5138, 10^11 ms is 1973.
_MILLISECONDS_FROM = 100_000_000_000
# Epoch times outside these years are row numbers, spreadsheet serials or typing slips.
_FIRST_EPOCH_SECOND = 100_000_000  # 1973-03-03
# Years outside are no dates of a customer's words; inside, no time zone can overflow.
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_SHOWN_CHARACTERS = 60
# Two digits from here on are of the 1990s: help desks are no older, and dates lie in the past.
_FIRST_SHORT_YEAR = 90

Order = Literal["dmy", "mdy", "ymd"]
"""How a column writes day, month and year in figures; ymd only with a year of two digits."""

# What programs write: the library reads it, in a tenth of the time.
_ISO = re.compile(r"[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(
    r"(?P<year>\d{4})(?:(?P<separator>[-/.])(?P<month>\d{1,2})(?P=separator)(?P<day>\d{1,2})"
    r"|年\s?(?P<month_ja>\d{1,2})月\s?(?P<day_ja>\d{1,2})日)"
)
_ERA_DATE = re.compile(
    r"(?P<era>令和|平成|昭和|[令平昭RHS])\s?(?P<year>元|\d{1,2})"
    r"(?:年\s?(?P<month_ja>\d{1,2})月\s?(?P<day_ja>\d{1,2})日"
    r"|(?P<separator>[./-])(?P<month>\d{1,2})(?P=separator)(?P<day>\d{1,2}))"
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("jan january", "feb february", "mar march", "apr april", "may", "jun june"),
            *("jul july", "aug august", "sep sept september", "oct october", "nov november"),
            "dec december",
        ),
        start=1,
    )
    for name in names.split()
} | {f"{number}月": number for number in range(1, 13)}
_WEEKDAY_EN = re.compile(
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s", re.IGNORECASE
)
# 14/Jul/25, 14/7月/25, 14 Jul 2025, 14-July-2025, Jul 14, 2025, Jul 14 2025: the month is a word.
_NAMED = re.compile(
    r"(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?(?P<separator>[-/. ])\s?"
    r"(?P<month>[a-z]{3,9}|\d{1,2}月)\.?,?(?P=separator)\s?(?P<year>\d{4}|\d{2})"
    r"|(?P<month_first>[a-z]{3,9})\.?\s(?P<second_day>\d{1,2})(?:st|nd|rd|th)?,?\s(?P<last_year>\d{4}))"
    r"(?!\d),?(?:\sat\b)?",
    re.IGNORECASE,
)
_FIGURES = re.compile(
    r"(?P<a>\d{1,2})(?P<separator>[-/.])(?P<b>\d{1,2})(?P=separator)(?P<c>\d{4}|\d{2})(?!\d),?"
)
_IN_WORDS = re.compile(r"\s?\([^()]*\)$")
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:T(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?(?P<zone>Z|[+-]\d{2}(?::?\d{2})?)?)?"
)
_WEEKDAY = re.compile(r"\s?\([月火水木金土日]\)")
_TIME = re.compile(
    r"(?:T|\s?)(?P<before>午前|午後)?\s?(?P<hour>\d{1,2})"
    r"(?:(?P<colon>:)(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
    r"|時(?:(?P<minute_ja>\d{1,2})分(?:(?P<second_ja>\d{1,2})秒)?)?)"
    r"\s?(?P<after>AM|PM|午前|午後)?\s?"
    r"(?P<zone>Z|UTC|JST|(?:GMT|UTC)?[+-]\d{1,2}(?::?\d{2})?|GMT|[PE][SD]T|CES?T)?",
    re.IGNORECASE,
)
_ZONE = re.compile(r"(?:GMT|UTC)?(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?")
# Abbreviations that mean one zone only; CST, IST and BST mean several and are refused.
_NAMED_ZONES = dict.fromkeys(("Z", "UTC", "GMT"), 0) | {
    "JST": 9,
    "PST": -8,
    "PDT": -7,
    "EST": -5,
    "EDT": -4,
    "CET": 1,
    "CEST": 2,
}
_ERAS = {
    "令和": (2018, dt.date(2019, 5, 1), dt.date(_LAST_YEAR, 12, 31)),
    "平成": (1988, dt.date(1989, 1, 8), dt.date(2019, 4, 30)),
    "昭和": (1925, dt.date(1926, 12, 25), dt.date(1989, 1, 7)),
}
_ERAS |= {short: _ERAS[era] for era in tuple(_ERAS) for short in (era[0],)}
_ERAS |= {"R": _ERAS["令和"], "H": _ERAS["平成"], "S": _ERAS["昭和"]}


def read_date(value: str | float, *, timezone: ZoneInfo, order: Order | None = None) -> dt.datetime:
    """An aware time from ISO 8601, ``2024/10/05 12:30``, ``2024年10月5日 12時30分``,
    ``令和6年10月5日``, ``R6.10.5`` (full-width digits too), ``14/Jul/25 3:42 PM``, ``Oct 5, 2024``,
    or an epoch number in seconds or milliseconds.

    Without a zone the time is that of ``timezone``; without a time it is the start of that day
    there. ``order`` is how the column writes dates in figures (``settle``). Raises
    InvalidInputError for everything that could be read in two ways (``05/06/2024`` without an
    order, ``2024-05``) and for days that do not exist.
    """
    if isinstance(value, bool):
        raise _refusal(value)
    if isinstance(value, (int, float)):
        return _epoch(value, shown=value)
    if _ISO.fullmatch(value):
        return _iso(value)
    written = _plain(value)
    if len(written) > _LONGEST_DATE:
        raise _refusal(value)
    if re.fullmatch(r"\d{10}|\d{13}", written, re.ASCII):
        return _epoch(int(written), shown=value)
    try:
        return _written(written, timezone, order)
    except ValueError as error:
        raise _refusal(value) from error


def orders(value: str) -> frozenset[Order] | None:
    """The orders in which a date in figures such as ``05/06/2024`` names a day; None for every
    other writing."""
    match = _FIGURES.match(_plain(value))
    if match is None:
        return None
    return frozenset(order for order in _ORDERS if _in_order(match, order) is not None)


def settle(values: Iterable[str]) -> Order | None:
    """The one order in which all dates in figures of a column can be read, None if there are
    several or none."""
    left = frozenset(_ORDERS)
    for value in values:
        possible = orders(value)
        if possible:
            left &= possible
        if not left:
            return None
    return next(iter(left)) if len(left) == 1 else None


def reordered(value: str, order: Order) -> str:
    """A date in figures with its day as YYYY-MM-DD; the text itself where ``order`` gives none."""
    written = _plain(value)
    match = _FIGURES.match(written)
    day = _in_order(match, order) if match else None
    if match is None or day is None:
        return value
    return f"{day.isoformat()}{written[match.end() :]}"


_LONGEST_DATE = 100
_ORDERS: tuple[Order, ...] = ("dmy", "mdy", "ymd")


def _plain(value: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", value)).strip()


def _in_order(match: re.Match[str], order: Order) -> dt.date | None:
    parts = dict(zip(order, (match["a"], match["b"], match["c"]), strict=True))
    if order == "ymd" and len(match["c"]) == 4:
        return None
    try:
        return _day(_year(parts["y"]), int(parts["m"]), int(parts["d"]))
    except ValueError:
        return None


def _year(written: str) -> int:
    if len(written) == 4:
        return int(written)
    if len(written) != 2:
        raise ValueError(written)
    return int(written) + (1900 if int(written) >= _FIRST_SHORT_YEAR else 2000)


def _iso(value: str) -> dt.datetime:
    try:
        time = dt.datetime.fromisoformat(value)
    except ValueError as error:
        raise _refusal(value) from error
    if not _FIRST_YEAR <= time.year <= _LAST_YEAR:
        raise _refusal(value)
    return time


def _refusal(value: object) -> InvalidInputError:
    shown = str(value)
    if len(shown) > _SHOWN_CHARACTERS:
        shown = shown[:_SHOWN_CHARACTERS] + "…"
    possible = orders(str(value)) if isinstance(value, str) else None
    if possible and len(possible) > 1:
        return InvalidInputError(
            f"date '{shown}' may be {' or '.join(sorted(map(_spelled, possible)))} and nothing in"
            " its column tells; use YYYY-MM-DD"
        )
    return InvalidInputError(
        f"date '{shown}' is not a date; use YYYY-MM-DD, YYYY/MM/DD or 2024年5月13日"
    )


def _spelled(order: Order) -> str:
    return {"dmy": "day/month/year", "mdy": "month/day/year", "ymd": "year/month/day"}[order]


def _epoch(number: float, *, shown: object) -> dt.datetime:
    if not math.isfinite(number):
        raise _refusal(shown)
    seconds = number / 1000 if number >= _MILLISECONDS_FROM else number
    if not _FIRST_EPOCH_SECOND <= seconds < _MILLISECONDS_FROM:
        raise _refusal(shown)
    # A timedelta keeps whole milliseconds exact, where fromtimestamp rounds through a float.
    unit = "milliseconds" if number >= _MILLISECONDS_FROM else "seconds"
    time = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(**{unit: number})
    if time.year > _LAST_YEAR:
        raise _refusal(shown)
    return time


def _written(text: str, timezone: ZoneInfo, order: Order | None) -> dt.datetime:
    compact = _COMPACT.fullmatch(text)
    if compact:
        part = compact.groupdict(default="")
        day = _day(int(part["year"]), int(part["month"]), int(part["day"]))
        clock = dt.time(int(part["hour"] or 0), int(part["minute"] or 0), int(part["second"] or 0))
        return dt.datetime.combine(day, clock, _zone(part["zone"], timezone))
    text = _WEEKDAY_EN.sub("", text, count=1) if _WEEKDAY_EN.match(text) else text
    day, rest = _leading_day(text, order)
    rest = _IN_WORDS.sub("", rest) if ":" in rest else rest
    weekday = _WEEKDAY.match(rest)
    rest = rest[weekday.end() :] if weekday else rest
    if not rest:
        return dt.datetime.combine(day, dt.time(), timezone)
    match = _TIME.fullmatch(rest)
    if match is None:
        raise ValueError(rest)
    return dt.datetime.combine(day, _clock(match), _zone(match["zone"] or "", timezone))


def _leading_day(text: str, order: Order | None) -> tuple[dt.date, str]:
    match = _NAMED.match(text)
    if match:
        return _named_day(match), text[match.end() :]
    match = _FIGURES.match(text)
    if match:
        possible = {_in_order(match, each) for each in ((order,) if order else _ORDERS)} - {None}
        if len(possible) != 1:
            raise ValueError(text)
        return next(iter(possible)), text[match.end() :]  # type: ignore[return-value]
    match = _DATE.match(text)
    if match:
        month = match["month"] or match["month_ja"]
        day = match["day"] or match["day_ja"]
        rest = text[match.end() :]
        # "2024-10-051" must not become the 5th with a rest of "1".
        if rest[:1].isdigit() and not match["day_ja"]:
            raise ValueError(text)
        return _day(int(match["year"]), int(month), int(day)), rest
    match = _ERA_DATE.match(text)
    if match is None:
        raise ValueError(text)
    before, first, last = _ERAS[match["era"]]
    year = 1 if match["year"] == "元" else int(match["year"])
    month, day = match["month"] or match["month_ja"], match["day"] or match["day_ja"]
    found = _day(before + year, int(month), int(day))
    if not first <= found <= last:
        raise ValueError(text)
    return found, text[match.end() :]


def _named_day(match: re.Match[str]) -> dt.date:
    name = (match["month"] or match["month_first"]).lower()
    if name not in _MONTHS:
        raise ValueError(match[0])
    day = int(match["day"] or match["second_day"])
    return _day(_year(match["year"] or match["last_year"]), _MONTHS[name], day)


def _day(year: int, month: int, day: int) -> dt.date:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(year)
    return dt.date(year, month, day)


def _clock(match: re.Match[str]) -> dt.time:
    hour = int(match["hour"])
    half = match["before"] or match["after"]
    if match["before"] and match["after"]:
        raise ValueError(match[0])
    if half:
        # 午後0時 is noon and 午後12時 midnight to some, so only 12 in the English way is read.
        lowest = 0 if half in {"午前", "午後"} else 1
        highest = 11 if half in {"午前", "午後"} and not match["colon"] else 12
        if not lowest <= hour <= highest:
            raise ValueError(match[0])
        hour = hour % 12 + (12 if half.upper() in {"PM", "午後"} else 0)
    fraction = (match["fraction"] or "").ljust(6, "0")[:6]
    return dt.time(
        hour,
        int(match["minute"] or match["minute_ja"] or 0),
        int(match["second"] or match["second_ja"] or 0),
        int(fraction),
    )


def _zone(written: str, timezone: ZoneInfo) -> dt.tzinfo:
    name = written.upper()
    if not name:
        return timezone
    if name in _NAMED_ZONES:
        return dt.timezone(dt.timedelta(hours=_NAMED_ZONES[name]))
    match = _ZONE.fullmatch(name)
    if match is None:
        raise ValueError(written)
    offset = dt.timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
    return dt.timezone(offset if match["sign"] == "+" else -offset)
