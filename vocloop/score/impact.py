"""Impact = generality^a × longevity^b × severity^c (METHOD.md 4.1), and how sure its ranks are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from scipy.stats import norm

from vocloop.errors import InvalidInputError
from vocloop.score.estimate import LOWER, UPPER, Estimate

# Enough for two digits of the interval. Every theme gets the same draws, so that neither the
# order of themes nor a second run changes a number.
DRAWS = 1_000
SEED = 20_240_401
# Certainty of 0 or 1 has no log-odds.
EDGE = 1e-4
# Ranks: how many are "the top", and how far a company's weights may plausibly lie from those that
# it set: nine in ten between two thirds of them and half as much again.
TOP = 10
WEIGHT_SPREAD = 0.25
RANK_DRAWS = 400
Floats = NDArray[np.float64]
_NORMAL = np.random.default_rng(SEED).standard_normal((3, DRAWS))
_Z = float(norm.ppf(UPPER))


@dataclass(frozen=True)
class Exponents:
    """How much each part counts; 0 leaves it out. Raises InvalidInputError when negative.

    ``version`` of the ScoreWeights that set them, 0 the defaults."""

    generality: float = 1.0
    longevity: float = 1.0
    severity: float = 1.0
    version: int = 0

    def __post_init__(self) -> None:
        for name, value in self.by_name().items():
            if not 0 <= value < float("inf"):
                raise InvalidInputError(
                    f"exponent of {name} is {value}; give a number of 0 or more",
                    [(name, "must be 0 or more")],
                )

    def by_name(self) -> dict[str, float]:
        return {
            "generality": self.generality,
            "longevity": self.longevity,
            "severity": self.severity,
        }


EQUAL = Exponents()


def impact(
    generality: Estimate, longevity: Estimate, severity: Estimate, exponents: Exponents = EQUAL
) -> Estimate:
    """The product with its 90 % interval by simulation.

    Each part is drawn from a two-piece normal on log-odds (Wallis 2014), which has the part's
    value as its median and its interval as its 90 % interval; the parts are taken as independent.
    """
    parts = (generality, longevity, severity)
    powers = (exponents.generality, exponents.longevity, exponents.severity)
    value = float(np.prod([p.value**power for p, power in zip(parts, powers, strict=True)]))
    drawn = np.ones(DRAWS)
    for part, power, z in zip(parts, powers, _NORMAL, strict=True):
        drawn *= _drawn(np.array([part.value, part.low, part.high]), z) ** power
    low, high = np.quantile(drawn, [LOWER, UPPER])
    return Estimate.inside(value, float(low), float(high))


def _drawn(part: Floats, z: Floats) -> Floats:
    """part: (…, 3) value, low, high; z standard normal, as many as drawn from each."""
    middle, low, high = (logit(np.clip(part[..., i, None], EDGE, 1 - EDGE)) for i in range(3))
    return np.asarray(expit(middle + np.where(z < 0, middle - low, high - middle) / _Z * z))


@dataclass(frozen=True)
class Rank:
    """``rank`` from 1. top: share of draws in which the theme is among the first TOP. rival: index
    of the neighbour that it changes places with most easily, in this share of draws (``swap``);
    None without neighbours."""

    rank: int
    top: float
    rival: int | None
    swap: float

    def evidence(self, names: Sequence[str]) -> dict[str, Any]:
        """For the evidence of impact; names: of the ranked themes, in order."""
        return {
            "rank": self.rank,
            "top": TOP,
            "in_top": round(self.top, 3),
            "rival": None if self.rival is None else names[self.rival],
            "swap": round(self.swap, 3),
        }


def ranks(
    parts: Sequence[tuple[Estimate, Estimate, Estimate]],
    impacts: Sequence[float],
    exponents: Exponents = EQUAL,
) -> list[Rank]:
    """How sure the rank of each theme is, when its parts are drawn from their intervals and the
    weights from around ``exponents``.

    parts: generality, longevity and severity of each theme. Ties go to the earlier one."""
    n = len(parts)
    if n == 0:
        return []
    rng = np.random.default_rng(SEED)
    weights = np.array([exponents.generality, exponents.longevity, exponents.severity])
    drawn_weights = weights[:, None] * np.exp(
        WEIGHT_SPREAD * rng.standard_normal((len(weights), RANK_DRAWS))
    )
    logs = np.zeros((n, RANK_DRAWS))
    for j in range(len(weights)):
        bounds = np.array([[p[j].value, p[j].low, p[j].high] for p in parts])
        drawn = _drawn(bounds, rng.standard_normal((n, RANK_DRAWS)))
        logs += drawn_weights[j] * np.log(drawn)
    order = np.argsort(-np.asarray(impacts), kind="stable")
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    first = np.argsort(-logs, axis=0, kind="stable")[:TOP]
    top = np.bincount(first.ravel(), minlength=n) / RANK_DRAWS
    swaps = (logs[order[1:]] > logs[order[:-1]]).mean(axis=1)
    return [
        Rank(int(place[i]) + 1, float(top[i]), *_rival(int(place[i]), order, swaps))
        for i in range(n)
    ]


def _rival(at: int, order: NDArray[np.int64], swaps: Floats) -> tuple[int | None, float]:
    """Of the neighbours of place ``at`` the one that is closer; swaps: (n − 1,) between places."""
    beside = [(float(swaps[gap]), gap if gap < at else gap + 1) for gap in (at - 1, at)
              if 0 <= gap < len(swaps)]  # fmt: skip
    if not beside:
        return None, 0.0
    swap, other = max(beside)
    return int(order[other]), swap
