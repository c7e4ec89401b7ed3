"""Priority = impact × contribution potential ÷ cost (METHOD.md 4), with RICE and WSJF beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm

Floats = NDArray[np.float64]
# Upkeep is counted for a year: what a yearly renewal pays for.
QUARTERS = 4
# A rating is meant within half a step to either side.
HALF_STEP = 0.1
# Nine in ten efforts end between two thirds of the estimate and half as much again.
COST_SPREAD = 0.25
# Person-weeks: nothing is done in less, and nothing is divided by 0.
LEAST_COST = 0.2
DRAWS, SEED, EDGE = 2_000, 20_261_122, 1e-4
# The same ratings of the same impacts are the same priority: lists of hundreds ask again and again.
MOST_KEPT = 4_096
_Z = float(norm.ppf(0.95))

# What the forms say beside each rating, 1 … 5.
GUIDANCE = {
    "expertise": ("We have never done it", "One reach beyond what we do", "It is what we do best"),
    "relationship": ("They hardly know us", "They answer when we ask", "They ask us first"),
    "alternatives": ("Nobody solves it", "Some are content elsewhere", "Solved well elsewhere"),
    "difficulty": ("Known, within weeks", "Open questions, a quarter", "Unknown, a year or more"),
}


@dataclass(frozen=True)
class Range:
    """A number ≥ 0 with its 90 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Ratings:
    """1 … 5 each; costs in person-weeks, the operating one a quarter."""

    expertise: int
    relationship: int
    alternatives: int
    difficulty: int
    initial_cost: float
    operating_cost: float


@dataclass(frozen=True)
class Priority:
    """``worth``: impact × contribution, what a round adds up."""

    impact: Range
    contribution: Range
    cost: Range
    priority: Range
    worth: Range


@lru_cache(MOST_KEPT)
def priority(impacts: tuple[tuple[Range, float], ...], ratings: Ratings) -> Priority:
    """``impacts``: (impact of a theme in 0 … 1, share of it that the item solves).

    A rating r counts (2r − 1) / 10. Contribution = expertise × relationship × (1 − alternatives)
    × (1 − difficulty). Cost = initial + four quarters of operating. By simulation: impact from a
    two-piece normal on log-odds, ratings uniform within half a step, cost log-normal."""
    rng = np.random.default_rng(SEED)
    impact = np.zeros(DRAWS)
    for each, share in impacts:
        impact += share * _drawn(each, rng.standard_normal(DRAWS))
    parts = [_level(ratings.expertise), _level(ratings.relationship)]
    parts += [1 - _level(ratings.alternatives), 1 - _level(ratings.difficulty)]
    contribution = np.ones(DRAWS)
    for part in parts:
        contribution *= part + rng.uniform(-HALF_STEP, HALF_STEP, DRAWS)
    spent = max(ratings.initial_cost + QUARTERS * ratings.operating_cost, LEAST_COST)
    cost = spent * np.exp(COST_SPREAD * rng.standard_normal(DRAWS))
    total = sum(each.value * share for each, share in impacts)
    potential = float(np.prod(parts))
    return Priority(
        _range(total, impact),
        _range(potential, contribution),
        _range(spent, cost),
        _range(total * potential / spent, impact * contribution / cost),
        _range(total * potential, impact * contribution),
    )


def rice(companies: int, severity: float, impact: Range, cost: float) -> float:
    """Reach × impact × confidence ÷ effort (Intercom, 2016): companies behind the item, severity
    on RICE's scale 0.25 … 3, the share of impact that is certain, person-weeks."""
    confidence = impact.low / impact.value if impact.value > 0 else 0.0
    return companies * (0.25 + 2.75 * severity) * confidence / max(cost, LEAST_COST)


def wsjf(impact: float, urgency: float, severity: float, cost: float) -> float:
    """Cost of delay ÷ job size (Reinertsen 2009, as in SAFe): value, time criticality (share of
    the revenue behind it that renews within 90 days) and risk, 1 … 10 each; person-weeks."""
    delay = sum(1 + 9 * min(max(part, 0.0), 1.0) for part in (impact, urgency, severity))
    return delay / max(cost, LEAST_COST)


def _level(rating: int) -> float:
    return (2 * rating - 1) / 10


def _drawn(each: Range, z: Floats) -> Floats:
    value, low, high = (
        float(logit(min(max(x, EDGE), 1 - EDGE))) for x in (each.value, each.low, each.high)
    )
    spread = np.where(z < 0, value - low, high - value) / _Z
    return np.asarray(expit(value + spread * z), dtype=np.float64)


def _range(value: float, drawn: Floats) -> Range:
    low, high = np.quantile(drawn, [0.05, 0.95])
    return Range(value, min(float(low), value), max(float(high), value))
