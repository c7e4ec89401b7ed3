"""Did a theme fall after an item shipped? Difference in differences on counts (METHOD.md 6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from vocloop_models import Movement

# Two-sided 90 % interval: one in twenty false alarms to either side. benchmarks/arbitration.py
# measures it, with the power.
LEVEL = 0.95
# Companies before shipping below which nothing can be told apart from chance.
LEAST_BEFORE = 12
LEAST_CONTROLS = 2
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Moved:
    """``effect``: rate after ÷ rate before, over the same ratio of untouched themes; 90 % interval.
    None when there is too little to say it."""

    movement: Movement
    effect: float | None = None
    low: float | None = None
    high: float | None = None
    controls: int = 0


def moved(before: Floats, after: Floats, controls: Sequence[tuple[Floats, Floats]]) -> Moved:
    """``before``, ``after``: counts a month of the theme; ``controls``: the same of others.

    On logs: the theme's change less the controls' mean change. Its variance is that of counts
    (with their own dispersion, at least Poisson) and of how differently untouched themes change
    (DerSimonian and Laird 1986), which keeps a fashion from passing for a success."""
    y0, y1 = float(np.sum(before)), float(np.sum(after))
    used = [(b, a) for b, a in controls if np.sum(b) >= LEAST_BEFORE]
    if y0 < LEAST_BEFORE or len(used) < LEAST_CONTROLS or not len(after):
        return Moved(Movement.TOO_FEW, controls=len(used))
    dispersion = _dispersion([(before, after), *used])
    exposure = np.log(len(after) / len(before))
    changes = np.array([_change(np.sum(b), np.sum(a)) for b, a in used]) - exposure
    within = dispersion * np.array([_variance(np.sum(b), np.sum(a)) for b, a in used])
    between = _between(changes, within)
    weights = 1 / (within + between)
    mean = float((weights * changes).sum() / weights.sum())
    effect = _change(y0, y1) - exposure - mean
    error = np.sqrt(dispersion * _variance(y0, y1) + between + 1 / weights.sum())
    reach = float(norm.ppf(LEVEL) * error)
    low, high = np.exp(effect - reach), np.exp(effect + reach)
    movement = Movement.UNCLEAR
    if high < 1:
        movement = Movement.FELL
    elif low > 1:
        movement = Movement.ROSE
    return Moved(movement, float(np.exp(effect)), float(low), float(high), len(used))


def shifted(before: Floats, after: Floats, controls: Sequence[tuple[Floats, Floats]]) -> Moved:
    """The same for a level, such as severity by company: a difference, not a ratio (Welch)."""
    used = [(b, a) for b, a in controls if len(b) > 1 and len(a) > 1]
    if min(len(before), len(after)) < 3 or len(used) < LEAST_CONTROLS:
        return Moved(Movement.TOO_FEW, controls=len(used))
    changes = np.array([np.mean(a) - np.mean(b) for b, a in used])
    within = np.array([_error(b) + _error(a) for b, a in used])
    between = _between(changes, within)
    weights = 1 / (within + between)
    effect = float(np.mean(after) - np.mean(before) - (weights * changes).sum() / weights.sum())
    own = _error(before) + _error(after)
    reach = float(norm.ppf(LEVEL) * np.sqrt(own + between + 1 / weights.sum()))
    movement = Movement.UNCLEAR
    if effect + reach < 0:
        movement = Movement.FELL
    elif effect - reach > 0:
        movement = Movement.ROSE
    return Moved(movement, effect, effect - reach, effect + reach, len(used))


def _change(before: float, after: float) -> float:
    # Half a count keeps an empty side finite (Haldane 1956).
    return float(np.log(after + 0.5) - np.log(before + 0.5))


def _variance(before: float, after: float) -> float:
    return float(1 / (before + 0.5) + 1 / (after + 0.5))


def _error(values: Floats) -> float:
    return float(np.var(values, ddof=1) / len(values)) + 1e-6


def _dispersion(themes: Sequence[tuple[Floats, Floats]]) -> float:
    """Variance ÷ mean of months around each side's own mean, over all themes; 1 for Poisson."""
    squares, freedom = 0.0, 0
    for side in (side for theme in themes for side in theme):
        mean = float(np.mean(side)) if len(side) else 0.0
        if len(side) > 1 and mean > 0:
            squares += float(((side - mean) ** 2).sum() / mean)
            freedom += len(side) - 1
    return max(squares / freedom, 1.0) if freedom else 1.0


def _between(changes: Floats, within: Floats) -> float:
    weights = 1 / within
    mean = (weights * changes).sum() / weights.sum()
    spread = (weights * (changes - mean) ** 2).sum() - (len(changes) - 1)
    scale = weights.sum() - (weights**2).sum() / weights.sum()
    return max(float(spread / scale), 0.0) if scale > 0 else 0.0
