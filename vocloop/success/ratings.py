"""NPS, CSAT, CES and stars over time and by segment, each with its 90 % interval (METHOD.md 2).

Scales never mix. A respondent counts once a period, with the newest answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import beta, norm
from scipy.stats import t as student
from sqlmodel import Session

from vocloop.errors import InvalidInputError
from vocloop.success.answers import Answers, Floats, answers, numbered
from vocloop_models import COMPANY_ATTRIBUTES, RatingScale

Every = Literal["month", "quarter"]
# Of what is shown: NPS in points, CSAT the share of 4 and 5, CES and stars their mean.
SHOWN: Mapping[RatingScale, tuple[float, float]] = {
    RatingScale.NPS: (-100, 100),
    RatingScale.CSAT: (0, 100),
    RatingScale.CES: (1, 7),
    RatingScale.STARS: (1, 5),
}
# Of a mean: answers so few that they agree by chance are not held to agree. One answer's worth of
# spread, a quarter of the scale.
_PRIOR_SPREAD = 0.25
_Z = float(norm.ppf(0.95))


@dataclass(frozen=True)
class Figure:
    """``value`` with its 90 % interval, of so many respondents; ``counts`` of the groups that the
    scale knows (promoters, passives, detractors; satisfied, others)."""

    value: float
    low: float
    high: float
    respondents: int
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Line:
    """``segment`` None: everyone. ``points`` by period (2026-09, 2026Q3), oldest first."""

    segment: str | None
    whole: Figure
    points: Mapping[str, Figure]


def lines(
    session: Session,
    scale: RatingScale,
    *,
    by: str | None = None,
    every: Every = "month",
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    timezone: ZoneInfo,
) -> list[Line]:
    """Everyone first, then the segments of ``by`` (an attribute of customers, or one that someone
    asked to keep), the most respondents first. Raises InvalidInputError for one that no customer
    has."""
    found = answers(session, scale, since=since, until=until, segmented=by is not None)
    return lines_of(found, scale, by=by, every=every, timezone=timezone)


def lines_of(
    found: Answers,
    scale: RatingScale,
    *,
    by: str | None = None,
    every: Every = "month",
    timezone: ZoneInfo,
) -> list[Line]:
    """See lines()."""
    known = by is None or by in COMPANY_ATTRIBUTES
    if not known and not any(by in each for each in found.segments):
        reason = f"no customer has a segment {by!r}; choose from {', '.join(COMPANY_ATTRIBUTES)}"
        raise InvalidInputError(f"by: {reason}", [("by", reason)])
    if not len(found):
        return []

    def period(at: dt.datetime) -> tuple[str, dt.datetime]:
        return _period(at, every, timezone)

    drawn = [_line(None, scale, found, period)]
    if by is not None:
        names = [each.get(by) for each in found.segments]
        group, groups = numbered(names)
        parts = [
            _line(name, scale, found.only(group[found.customer] == number), period)
            for number, name in enumerate(groups)
            if name is not None
        ]
        drawn += sorted(parts, key=lambda line: (-line.whole.respondents, str(line.segment)))
    return drawn


def points(scale: RatingScale, values: ArrayLike) -> Floats:
    """(n,) What each answer counts in the figure that is their mean: NPS -100, 0 or 100, CSAT 0 or
    100, others as they are."""
    given: Floats = np.asarray(values, float)
    if scale is RatingScale.NPS:
        return np.where(given >= 9, 100.0, np.where(given <= 6, -100.0, 0.0))
    if scale is RatingScale.CSAT:
        return np.where(given >= 4, 100.0, 0.0)
    return given


def figure(scale: RatingScale, values: ArrayLike) -> Figure:
    """The figure of at least one answer.

    NPS: adjusted Wald with three answers added (Rocks 2016). CSAT: Jeffreys. Means: Student's t,
    with one answer's worth of prior spread."""
    counted = points(scale, values)
    n, value = len(counted), float(counted.mean())
    floor, ceiling = SHOWN[scale]
    if scale is RatingScale.NPS:
        up, down = int((counted > 0).sum()), int((counted < 0).sum())
        plus, minus = (up + 0.75) / (n + 3), (down + 0.75) / (n + 3)
        middle = 100 * (plus - minus)
        reach = 100 * _Z * float(np.sqrt((plus + minus - (plus - minus) ** 2) / (n + 3)))
        low, high = middle - reach, middle + reach
        counts = {"promoters": up, "passives": n - up - down, "detractors": down}
    elif scale is RatingScale.CSAT:
        good = int((counted > 0).sum())
        low, high = (
            100 * float(each) for each in beta.ppf([0.05, 0.95], good + 0.5, n - good + 0.5)
        )
        counts = {"satisfied": good, "others": n - good}
    else:
        prior = (_PRIOR_SPREAD * (ceiling - floor)) ** 2
        spread = (float(((counted - value) ** 2).sum()) + prior) / n
        reach = float(student.ppf(0.95, n)) * float(np.sqrt(spread / n))
        low, high, counts = value - reach, value + reach, {}
    return Figure(value, max(min(low, value), floor), min(max(high, value), ceiling), n, counts)


def _period(at: dt.datetime, every: Every, timezone: ZoneInfo) -> tuple[str, dt.datetime]:
    """Name and end of the period of a moment, as ``timezone`` counts days."""
    local = at.astimezone(timezone)
    if every == "quarter":
        quarter = (local.month + 2) // 3
        name, last = f"{local.year}Q{quarter}", 3 * quarter
    else:
        name, last = f"{local.year:04}-{local.month:02}", local.month
    year, month = (local.year + 1, 1) if last == 12 else (local.year, last + 1)
    return name, dt.datetime(year, month, 1, tzinfo=timezone).astimezone(dt.UTC)


def _line(
    segment: str | None,
    scale: RatingScale,
    found: Answers,
    period: Callable[[dt.datetime], tuple[str, dt.datetime]],
) -> Line:
    drawn = {}
    start = 0
    while start < len(found):
        name, end = period(dt.datetime.fromtimestamp(found.at[start], dt.UTC))
        stop = found.place(end)
        drawn[name] = figure(scale, found.value[found.newest_of(start, stop)])
        start = stop
    return Line(segment, figure(scale, found.value[found.newest()]), drawn)
