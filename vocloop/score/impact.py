"""Impact = generality^a × longevity^b × severity^c (METHOD.md 4.1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
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
_NORMAL = np.random.default_rng(SEED).standard_normal((3, DRAWS))
_Z = float(norm.ppf(UPPER))


@dataclass(frozen=True)
class Exponents:
    """How much each part counts; 0 leaves it out. Raises InvalidInputError when negative."""

    generality: float = 1.0
    longevity: float = 1.0
    severity: float = 1.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not 0 <= value < float("inf"):
                raise InvalidInputError(
                    f"exponent of {name} is {value}; give a number of 0 or more",
                    [(name, "must be 0 or more")],
                )


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
    value, drawn = 1.0, np.ones(DRAWS)
    for part, power, z in zip(parts, powers, _NORMAL, strict=True):
        value *= part.value**power
        middle, low, high = logit(np.clip([part.value, part.low, part.high], EDGE, 1 - EDGE))
        spread = np.where(z < 0, middle - low, high - middle) / _Z
        drawn *= expit(middle + spread * z) ** power
    low, high = np.quantile(drawn, [LOWER, UPPER])
    return Estimate.inside(value, float(low), float(high))
