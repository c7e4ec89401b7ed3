"""When an answer is due: counted in a department's working hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
# A department that works hardly ever is due by then all the same.
MOST_DAYS = 3 * 366


def due(
    start: dt.datetime, hours: float, working: Mapping[str, Sequence[str]], zone: str
) -> dt.datetime:
    """The moment when ``hours`` of ``working`` time have passed since ``start`` (aware), in UTC.

    working: day (mon … sun) to (from, to) as HH:MM of ``zone``, 24:00 for midnight; without any
    day it is always at work."""
    left = dt.timedelta(hours=hours)
    if not working:
        return start.astimezone(dt.UTC) + left
    local = start.astimezone(ZoneInfo(zone))
    for ahead in range(MOST_DAYS):
        day = local.date() + dt.timedelta(days=ahead)
        span = working.get(DAYS[day.weekday()])
        if not span:
            continue
        opens = max(_at(day, span[0], zone), start.astimezone(dt.UTC))
        closes = _at(day, span[1], zone)
        if closes - opens >= left:
            return opens + left
        left -= max(closes - opens, dt.timedelta())
    return start.astimezone(dt.UTC) + dt.timedelta(days=MOST_DAYS)


def _at(day: dt.date, clock: str, zone: str) -> dt.datetime:
    hour, minute = (int(part) for part in clock.split(":"))
    if hour == 24:
        day, hour = day + dt.timedelta(days=1), 0
    local = dt.datetime.combine(day, dt.time(hour, minute), ZoneInfo(zone))
    return local.astimezone(dt.UTC)
