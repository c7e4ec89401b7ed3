"""Geometry of a figure over time: a dot and its interval for each period, drawn as SVG."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from vocloop.success.ratings import Figure

LEFT, RIGHT, TOP, BOTTOM = 40, 12, 14, 28
# Labels need about this much room to stand side by side without touching.
LABEL_ROOM = 84


@dataclass(frozen=True)
class Dot:
    period: str
    figure: Figure
    x: float
    y: float
    y_low: float
    y_high: float
    label: bool  # whether the period is written below it


@dataclass(frozen=True)
class Trend:
    width: int
    height: int
    left: int
    base: float
    ticks: list[tuple[float, float]]
    dots: list[Dot]
    path: str


def trend(
    points: Mapping[str, Figure], shown: tuple[float, float], width: int, height: int
) -> Trend:
    """``shown``: the scale's own ends; the axis is as long as the intervals need."""
    floor = min((figure.low for figure in points.values()), default=shown[0])
    ceiling = max((figure.high for figure in points.values()), default=shown[1])
    step = _step((ceiling - floor) or (shown[1] - shown[0]))
    low = max(math.floor(floor / step) * step, shown[0])
    high = min(math.ceil(ceiling / step) * step, shown[1])
    base = float(height - BOTTOM)
    scale = (base - TOP) / max(high - low, 1e-9)

    def place(value: float) -> float:
        return round(base - (value - low) * scale, 1)

    slot = (width - LEFT - RIGHT) / max(len(points), 1)
    every = max(1, math.ceil(LABEL_ROOM / slot))
    dots = [
        Dot(
            period,
            figure,
            round(LEFT + slot * (index + 0.5), 1),
            place(figure.value),
            place(figure.low),
            place(figure.high),
            # Counted from the end, so that the newest period is always named.
            (len(points) - 1 - index) % every == 0,
        )
        for index, (period, figure) in enumerate(points.items())
    ]
    count = round((high - low) / step)
    ticks = [(low + step * i, place(low + step * i)) for i in range(count + 1)]
    path = "M" + " L".join(f"{dot.x} {dot.y}" for dot in dots) if dots else ""
    return Trend(width, height, LEFT, base, ticks, dots, path)


def _step(span: float) -> float:
    """The smallest step of 1, 2 or 5 times a power of ten that needs at most five ticks."""
    power = 10.0 ** math.floor(math.log10(span / 5))
    return next(power * f for f in (1, 2, 5, 10) if span <= 5 * power * f)
