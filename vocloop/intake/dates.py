"""Dates as people and programs write them, read without ever guessing."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from zoneinfo import ZoneInfo

from vocloop.errors import InvalidInputError

# Numbers from here on count milliseconds: 10^11 s is the year 5138, 10^11 ms is 1973.
_MILLISECONDS_FROM = 100_000_000_000
# Epoch times outside these years are row numbers, spreadsheet serials or typing slips.
_FIRST_EPOCH_SECOND = 100_000_000  # 1973-03-03
# Years outside are no dates of a customer's words; inside, no time zone can overflow.
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_SHOWN_CHARACTERS = 60

# What programs write: the library reads it, in a tenth of the time.
_ISO = re.compile(r"[12]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(
    r"(?P<year>\d{4})(?:(?P<separator>[-/])(?P<month>\d{1,2})(?P=separator)(?P<day>\d{1,2})"
    r"|年\s?(?P<month_ja>\d{1,2})月\s?(?P<day_ja>\d{1,2})日)"
)
_ERA_DATE = re.compile(
    r"(?P<era>令和|平成|昭和)\s?(?P<year>元|\d{1,2})年\s?(?P<month>\d{1,2})月\s?(?P<day>\d{1,2})日"
)
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
    r"(?P<zone>Z|UTC|JST|(?:GMT|UTC)?[+-]\d{1,2}(?::?\d{2})?|GMT)?",
    re.IGNORECASE,
)
_ZONE = re.compile(r"(?:GMT|UTC)?(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d{2})?")
_ERAS = {
    "令和": (2018, dt.date(2019, 5, 1), dt.date(_LAST_YEAR, 12, 31)),
    "平成": (1988, dt.date(1989, 1, 8), dt.date(2019, 4, 30)),
    "昭和": (1925, dt.date(1926, 12, 25), dt.date(1989, 1, 7)),
}


def read_date(value: str | float, *, timezone: ZoneInfo) -> dt.datetime:
    """An aware time from ISO 8601, ``2024/10/05 12:30``, ``2024年10月5日 12時30分``,
    ``令和6年10月5日`` (full-width digits too), or an epoch number in seconds or milliseconds.

    Without a zone the time is that of ``timezone``; without a time it is the start of that day
    there. Raises InvalidInputError for everything that could be read in two ways
    (``05/06/2024``, ``2024-05``) and for days that do not exist.
    """
    if isinstance(value, bool):
        raise _refusal(value)
    if isinstance(value, (int, float)):
        return _epoch(value, shown=value)
    if _ISO.fullmatch(value):
        return _iso(value)
    written = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", value)).strip()
    if len(written) > _SHOWN_CHARACTERS:
        raise _refusal(value)
    if re.fullmatch(r"\d{10}|\d{13}", written, re.ASCII):
        return _epoch(int(written), shown=value)
    try:
        return _written(written, timezone)
    except ValueError as error:
        raise _refusal(value) from error


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
    return InvalidInputError(
        f"date '{shown}' is not a date; use YYYY-MM-DD, YYYY/MM/DD or 2024年5月13日"
    )


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


def _written(text: str, timezone: ZoneInfo) -> dt.datetime:
    compact = _COMPACT.fullmatch(text)
    if compact:
        part = compact.groupdict(default="")
        day = _day(int(part["year"]), int(part["month"]), int(part["day"]))
        clock = dt.time(int(part["hour"] or 0), int(part["minute"] or 0), int(part["second"] or 0))
        return dt.datetime.combine(day, clock, _zone(part["zone"], timezone))
    day, rest = _leading_day(text)
    weekday = _WEEKDAY.match(rest)
    rest = rest[weekday.end() :] if weekday else rest
    if not rest:
        return dt.datetime.combine(day, dt.time(), timezone)
    match = _TIME.fullmatch(rest)
    if match is None:
        raise ValueError(rest)
    return dt.datetime.combine(day, _clock(match), _zone(match["zone"] or "", timezone))


def _leading_day(text: str) -> tuple[dt.date, str]:
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
    found = _day(before + year, int(match["month"]), int(match["day"]))
    if not first <= found <= last:
        raise ValueError(text)
    return found, text[match.end() :]


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
    if name in {"Z", "UTC", "GMT"}:
        return dt.UTC
    if name == "JST":
        return dt.timezone(dt.timedelta(hours=9))
    match = _ZONE.fullmatch(name)
    if match is None:
        raise ValueError(written)
    offset = dt.timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
    return dt.timezone(offset if match["sign"] == "+" else -offset)
