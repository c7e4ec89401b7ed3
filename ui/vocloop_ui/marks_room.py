"""Geometry of the frontier: possible roadmaps, what one lever gains against the value of all."""

from __future__ import annotations

from dataclasses import dataclass

from vocloop_ui.room import Front

LEFT, RIGHT, TOP, BOTTOM = 48.0, 20.0, 26.0, 44.0
# Room around the outermost dots, as a share of the range.
MARGIN = 0.12


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    here: bool
    name: str  # A, B, … in the order of the weight


@dataclass(frozen=True)
class Frontier:
    """``ticks``: (words, place) on both axes. ``line``: points of the polyline."""

    width: int
    height: int
    dots: list[Dot]
    line: str
    across: list[tuple[int, float]]
    upwards: list[tuple[int, float]]


def frontier(front: Front, width: int, height: int) -> Frontier:
    gains = [gain for gain, _, _ in front.points]
    worths = [worth for _, worth, _ in front.points]
    x = _scale(gains, LEFT, width - RIGHT)
    y = _scale(worths, height - BOTTOM, TOP)
    dots = [
        Dot(x(gain), y(worth), place == front.here, chr(ord("A") + place))
        for place, (gain, worth, _) in enumerate(front.points)
    ]
    ordered = sorted(dots, key=lambda dot: dot.x)
    return Frontier(
        width,
        height,
        dots,
        " ".join(f"{dot.x},{dot.y}" for dot in ordered),
        [(value, x(value)) for value in _ticks(gains)],
        [(value, y(value)) for value in _ticks(worths)],
    )


def _scale(values: list[float], start: float, end: float) -> _Scale:
    low, high = min(values), max(values)
    spare = (high - low) * MARGIN or max(abs(high) * MARGIN, 1.0)
    return _Scale(low - spare, high + spare, start, end)


@dataclass(frozen=True)
class _Scale:
    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def _ticks(values: list[float]) -> list[int]:
    """The least, the middle and the greatest, as whole numbers."""
    low, high = min(values), max(values)
    return sorted({round(low), round((low + high) / 2), round(high)})
