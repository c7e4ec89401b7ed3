"""NPS, CSAT, CES and stars over time and by segment, each with its 90 % interval (METHOD.md 2).

Scales never mix. A respondent counts once a period, with the newest answer."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from scipy.stats import beta, norm
from scipy.stats import t as student
from sqlmodel import Session, col, func, select

from vocloop.errors import InvalidInputError
from vocloop_models import Customer, Feedback, RatingScale, id_of, moment_of, raw

Every = Literal["month", "quarter"]
ATTRIBUTES = ("industry", "size", "region", "plan", "touch_tier")
RANGES: Mapping[RatingScale, tuple[float, float]] = {
    RatingScale.NPS: (0, 10),
    RatingScale.CSAT: (1, 5),
    RatingScale.CES: (1, 7),
    RatingScale.STARS: (1, 5),
}
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


class Rated(NamedTuple):
    """One answer. ``respondent``: the contact, else the customer, else the voice itself. Ids are as
    the driver gives them (vocloop_models.id_of)."""

    respondent: Hashable
    customer: Hashable
    said_at: dt.datetime
    value: float
    segments: Mapping[str, str] = MappingProxyType({})


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
    found: Sequence[Rated],
    scale: RatingScale,
    *,
    by: str | None = None,
    every: Every = "month",
    timezone: ZoneInfo,
) -> list[Line]:
    """See lines(); ``found`` oldest first."""
    if by is not None and by not in ATTRIBUTES and not any(by in each.segments for each in found):
        reason = f"no customer has a segment {by!r}; choose from {', '.join(ATTRIBUTES)}"
        raise InvalidInputError(f"by: {reason}", [("by", reason)])
    if not found:
        return []

    def period(at: dt.datetime) -> tuple[str, dt.datetime]:
        return _period(at, every, timezone)

    drawn = [_line(None, scale, found, period)]
    if by is not None:
        groups: dict[str, list[Rated]] = {}
        for each in found:
            if by in each.segments:
                groups.setdefault(each.segments[by], []).append(each)
        parts = [_line(name, scale, rows, period) for name, rows in groups.items()]
        drawn += sorted(parts, key=lambda line: (-line.whole.respondents, str(line.segment)))
    return drawn


def answers(
    session: Session,
    scale: RatingScale,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    segmented: bool = True,
) -> list[Rated]:
    """Dated answers within the scale, oldest first; what repeats another voice is left out.
    Without ``segmented`` nothing is read of the customers' segments."""
    # Columns, not rows of tables: there may be tens of thousands.
    query = (
        select(
            raw(func.coalesce(Feedback.contact_id, Feedback.customer_id, Feedback.id)),
            raw(Feedback.customer_id),
            raw(Feedback.said_at),
            Feedback.rating,
        )
        .where(
            Feedback.rating_scale == scale,
            col(Feedback.rating).is_not(None),
            col(Feedback.rating).between(*RANGES[scale]),
            col(Feedback.said_at).is_not(None),
            col(Feedback.repeats_id).is_(None),
        )
        .order_by(col(Feedback.said_at), col(Feedback.id))
    )
    if since is not None:
        query = query.where(col(Feedback.said_at) >= since)
    if until is not None:
        query = query.where(col(Feedback.said_at) < until)
    # Many say something at the same moment: a survey's answers are often dated by the day.
    moment = cache(moment_of)
    found = [
        Rated(who, customer, moment(at), value)
        for who, customer, at, value in session.exec(query)
        if value is not None
    ]
    if not segmented:
        return found
    segments = {each.id: segments_of(each) for each in session.exec(select(Customer))}

    @cache
    def of(customer: Hashable) -> Mapping[str, str]:
        return segments.get(id_of(customer), {}) if customer else {}

    return [each._replace(segments=of(each.customer)) for each in found]


def segments_of(customer: Customer) -> dict[str, str]:
    own = {name: getattr(customer, name) for name in ATTRIBUTES}
    return {**customer.segments, **{name: str(v) for name, v in own.items() if v is not None}}


def newest(rows: Iterable[Rated]) -> list[Rated]:
    """The newest answer of each respondent; ``rows`` oldest first."""
    return list({each.respondent: each for each in rows}.values())


def points(scale: RatingScale, values: Sequence[float]) -> np.ndarray:
    """(n,) What each answer counts in the figure that is their mean: NPS -100, 0 or 100, CSAT 0 or
    100, others as they are."""
    given = np.asarray(values, dtype=float)
    if scale is RatingScale.NPS:
        return 100.0 * ((given >= 9).astype(float) - (given <= 6))
    if scale is RatingScale.CSAT:
        return 100.0 * (given >= 4)
    return given


def figure(scale: RatingScale, values: Sequence[float]) -> Figure:
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


def between(rows: Sequence[Rated], since: dt.datetime, until: dt.datetime | None = None) -> slice:
    """Where, among ``rows`` oldest first, those of ``since`` and later are, before ``until``."""
    end = None if until is None else bisect_left(rows, until, key=_said)
    return slice(bisect_left(rows, since, key=_said), end)


def _said(each: Rated) -> dt.datetime:
    return each.said_at


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
    rows: Sequence[Rated],
    period: Callable[[dt.datetime], tuple[str, dt.datetime]],
) -> Line:
    drawn = {}
    start = 0
    while start < len(rows):
        name, end = period(rows[start].said_at)
        stop = bisect_left(rows, end, lo=start, key=_said)
        drawn[name] = figure(scale, [each.value for each in newest(rows[start:stop])])
        start = stop
    return Line(segment, figure(scale, [each.value for each in newest(rows)]), drawn)
