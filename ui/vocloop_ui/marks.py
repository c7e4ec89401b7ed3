"""Geometry of the small charts. Templates draw them as SVG with classes, no inline style."""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from vocloop.themes.query import Month, RankedTheme
from vocloop_models import ThemeScore

SPARK_HEIGHT = 30.0
SPARK_STEP = 4
SPARK_BAR = 3
# About a month: what moved lately stands out in colour.
SPARK_RECENT = 4
# Brackets join ranks that swap in 40 % of draws or more: near enough to a coin toss.
SWAP_SHARE = 0.4
# A 90 % interval of a normal distribution is 2 · 1.645 standard deviations wide.
INTERVAL_DEVIATIONS = 3.29


def hundred(value: float) -> int:
    """A score in [0, 1] as people read it, 0–100."""
    return round(100 * value)


def spark(weeks: Sequence[int]) -> tuple[str, str]:
    """SVG paths of the earlier and of the last four weeks, in a box 104 wide and 32 high.

    The scale is the theme's own: compare shapes only."""
    top = max(weeks, default=0) or 1
    bars = []
    for index, count in enumerate(weeks):
        if count:
            start = SPARK_HEIGHT * (1 - count / top)
            x = index * SPARK_STEP
            bars.append((index, f"M{x} {start:.1f}h{SPARK_BAR}V30h-{SPARK_BAR}z"))
    border = len(weeks) - SPARK_RECENT
    earlier = "".join(bar for index, bar in bars if index < border)
    return earlier, "".join(bar for index, bar in bars if index >= border)


def swap_share(first: ThemeScore, second: ThemeScore) -> float:
    """In how many of 1 draws the second theme's impact lies above the first's.

    Both are taken as independent normal variables with the deviation their 90 % intervals show."""
    deviations = [
        (score.impact_high - score.impact_low) / INTERVAL_DEVIATIONS for score in (first, second)
    ]
    spread = math.hypot(*deviations)
    distance = first.impact - second.impact
    if not spread:
        return 0.0 if distance else 0.5
    return 0.5 * math.erfc(distance / spread / math.sqrt(2))


def brackets(rows: Sequence[RankedTheme]) -> list[str]:
    """For each row "a" (a bracket begins), "m" (goes on), "z" (ends) or "" (none).

    Everyone in a bracket swaps with its first row in at least SWAP_SHARE of draws: a chain of
    neighbours alone would join the whole table."""
    signs: list[str] = []
    start = 0
    while start < len(rows):
        end = start
        while (
            end + 1 < len(rows) and swap_share(rows[start].score, rows[end + 1].score) >= SWAP_SHARE
        ):
            end += 1
        size = end - start + 1
        signs += [""] if size == 1 else ["a", *["m"] * (size - 2), "z"]
        start = end + 1
    return signs


@dataclass(frozen=True)
class Part:
    """One stretch of a stacked bar: where it begins and how wide it is, of 100."""

    name: str
    x: float
    width: float


def in_order(languages: dict[str, int]) -> list[tuple[str, int]]:
    """Counts in the order of the bar beside them: Japanese, English, then the most spoken."""
    first = {"ja": 0, "en": 1}
    return sorted(languages.items(), key=lambda item: (first.get(item[0], 2), -item[1], item[0]))


def mix(languages: dict[str, int]) -> list[Part]:
    """Statements by language as stretches of a bar: Japanese, English, then the others as one."""
    total = sum(languages.values())
    if not total:
        return []
    counts = [("ja", languages.get("ja", 0)), ("en", languages.get("en", 0))]
    counts.append(("other", total - sum(count for _, count in counts)))
    parts = []
    x = 0.0
    for name, count in counts:
        if count:
            width = 100 * count / total
            parts.append(Part(name, round(x, 1), round(width, 1)))
            x += width
    return parts


@dataclass(frozen=True)
class Bar:
    month: dt.date
    x: float
    y: float
    width: float
    height: float
    label: bool  # whether the month is written below it
    open: bool  # the month is not over


@dataclass(frozen=True)
class Release:
    """``label``: "" where it would run into the one before."""

    x: float
    label: str


@dataclass(frozen=True)
class Timeline:
    width: int
    height: int
    left: int
    top: int
    base: float
    ticks: list[tuple[int, float]]
    bars: list[Bar]
    releases: list[Release]


TIMELINE_LEFT = 30
TIMELINE_RIGHT = 8
TIMELINE_TOP = 12
TIMELINE_BOTTOM = 26
# Labels need about this much room to stand side by side without touching.
LABEL_ROOM = 96
WIDEST_BAR = 46
# Room for the number of an item beside its line.
RELEASE_ROOM = 52
DAYS_OF_A_MONTH = 31


def timeline(
    months: Sequence[Month],
    as_of: dt.date | None,
    width: int,
    height: int,
    releases: Sequence[tuple[dt.date, str]] = (),
) -> Timeline:
    """Bars of companies a month. ``as_of`` is the last day of which anything is known;
    ``releases``: days, and what to write beside the line that marks each."""
    base = float(height - TIMELINE_BOTTOM)
    top = max((month.customers for month in months), default=0)
    step = _tick_step(top)
    ceiling = max(step * math.ceil(top / step), step)
    scale = (base - TIMELINE_TOP) / ceiling
    slot = (width - TIMELINE_LEFT - TIMELINE_RIGHT) / max(len(months), 1)
    every = max(1, math.ceil(LABEL_ROOM / slot))
    bar_width = min(slot * 0.72, WIDEST_BAR)
    bars = []
    for index, month in enumerate(months):
        tall = month.customers * scale
        # Counted from the end, so that the newest month is always named.
        label = (len(months) - 1 - index) % every == 0
        bars.append(
            Bar(
                month=month.month,
                x=round(TIMELINE_LEFT + slot * index + (slot - bar_width) / 2, 1),
                y=round(base - tall, 1),
                width=round(bar_width, 1),
                height=round(tall, 1),
                label=label,
                open=is_open(month.month, as_of),
            )
        )
    ticks = [(value, round(base - value * scale, 1)) for value in range(0, ceiling + 1, step)]
    places = {(month.month.year, month.month.month): n for n, month in enumerate(months)}
    lines: list[Release] = []
    written = -math.inf
    for day, number in sorted(releases):
        place = places.get((day.year, day.month))
        if place is None:
            continue
        x = round(TIMELINE_LEFT + slot * (place + (day.day - 1) / DAYS_OF_A_MONTH), 1)
        fits = x - written >= RELEASE_ROOM
        lines.append(Release(x, number if fits else ""))
        written = x if fits else written
    return Timeline(width, height, TIMELINE_LEFT, TIMELINE_TOP, base, ticks, bars, lines)


@dataclass(frozen=True)
class Step:
    low: int
    high: int
    count: int
    x: float
    y: float
    height: float


STEP_BASE = 126.0
STEP_TALLEST = 106.0
STEP_SLOT = 84


def steps(counts: Sequence[int]) -> list[Step]:
    """Bars of a histogram over 0–100 in equal steps, in a box 420 wide and 150 high."""
    top = max(counts, default=0) or 1
    out = []
    for index, number in enumerate(counts):
        tall = STEP_TALLEST * number / top
        low, high = (round(100 * edge / len(counts)) for edge in (index, index + 1))
        out.append(
            Step(
                low, high, number, STEP_SLOT * index + 5, round(STEP_BASE - tall, 1), round(tall, 1)
            )
        )
    return out


def is_open(month: dt.date, as_of: dt.date | None) -> bool:
    """Whether the month was not over on ``as_of``."""
    if as_of is None or (month.year, month.month) != (as_of.year, as_of.month):
        return False
    return as_of.day < calendar.monthrange(as_of.year, as_of.month)[1]


def _tick_step(top: int) -> int:
    """The smallest step of 1, 2 or 5 times a power of ten that needs at most four ticks."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if top <= 4 * factor * power:
                return factor * power
        power *= 10
