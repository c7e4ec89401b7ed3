"""What other themes of the same customers, segments, product and area let expect of a theme.

Few reports say little of a theme; its kin say more. A regression over all themes of the workspace
tells how much each attribute that they share foretells, and a theme's own months are then weighed
against it (Fay & Herriot 1979, "Estimates of income for small places"; for counts Clayton & Kaldor
1987, "Empirical Bayes estimates of age-standardized relative risks"):

    months heard of theme i ~ Poisson(months it could be · prior_i)
    prior_i = base · Π (share of kin by a / mean share) ^ weight_a
                   · Π (kin by a together / usual) ^ weight_(a together)

share of kin: mean share of months over the other themes with the same value, shrunk to the mean of
all. together: the sum of these shares instead, so that a product that many complain of counts for
more than one with a single complaint; usual: what a theme finds on average. The weights are not
below 0, and an attribute in which themes do not live alike gets none (lasso: Tibshirani 1996), so
that it does no harm to know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

Floats = NDArray[np.float64]

# Kin tell of today sooner than one theme does, being many: 12 ranks as well as 6, and better than
# 24 (benchmarks/scores.py, vehicle defects and complaints).
HALF_LIFE = 12.0
TOGETHER = " together"
# Kin that are not heard at all still count for this part of the usual; .1 to 1 rank the same.
TOGETHER_LEAST = 0.5
# The mean share before any theme was seen, and how many themes that belief is worth.
NO_THEMES_SHARE, NO_THEMES_WEIGHT = 0.3, 2.0
# Log-likelihood that a weight of 1 must earn, LASSO + RIDGE / 2. Without the first, noise in small
# workspaces orders themes that nothing tells apart (.05 of rank on the sample company); from 1 to
# 12, and from 5 to 60 for the second, nothing moves by more than .01 where themes are many.
LASSO, RIDGE, LEVEL_RIDGE = 3.0, 5.0, 1e-3
LEAST_SHARE, MOST_SHARE = 1e-3, 0.95
FURTHEST = 6.0


@dataclass(frozen=True)
class Kin:
    """prior: (n,) share of months that kin let expect of each theme. base: what it is without kin.
    ratios: by attribute, and by attribute + TOGETHER, (n,) what its kin show over what all do, 1
    where the value is not known. weights: likewise, 0 for what foretells nothing."""

    prior: Floats
    base: float
    ratios: Mapping[str, Floats]
    weights: Mapping[str, float]


def kin(said: NDArray[np.bool_], could: Floats, spoken: Mapping[str, csr_matrix]) -> Kin:
    """said, could: (n, months) whether a theme was heard, and how far it could be, oldest first.
    spoken: by attribute (n, values) months in which those with that value spoke of it."""
    weights = 0.5 ** (np.arange(said.shape[1] - 1, -1, -1) / HALF_LIFE)
    heard, months = said @ weights, could @ weights
    shares = heard / np.maximum(months, 1e-9)
    known = said.any(axis=1)
    mean = float(
        (shares[known].sum() + NO_THEMES_WEIGHT * NO_THEMES_SHARE)
        / (known.sum() + NO_THEMES_WEIGHT)
    )
    ratios: dict[str, Floats] = {}
    for name, table in spoken.items():
        ratios[name], ratios[name + TOGETHER] = _ratios(shares, table, mean)
    logs = np.log(np.stack(list(ratios.values()), axis=1)) if ratios else np.zeros((len(said), 0))
    level, found = _fitted(heard[known], months[known] * mean, logs[known])
    prior = mean * np.exp(level + logs @ found)
    return Kin(
        np.asarray(np.clip(prior, LEAST_SHARE, MOST_SHARE), dtype=np.float64),
        mean * float(np.exp(level)),
        ratios,
        dict(zip(ratios, found.tolist(), strict=True)),
    )


def _ratios(shares: Floats, table: csr_matrix, mean: float) -> tuple[Floats, Floats]:
    """(n,) share of the kin of each theme over the mean, and their sum over the usual sum.

    table: (n, values) months spoken; a theme of several values finds the kin of each in part."""
    n = len(shares)
    spoke = np.asarray(table.sum(axis=1), dtype=np.float64).ravel()
    part = table.multiply(1 / np.maximum(spoke, 1)[:, None]).tocsr()
    sums, themes = part.T @ shares, np.asarray(part.sum(axis=0)).ravel()
    usual = float(sums @ themes / max(themes.sum(), 1e-9)) or mean
    # Without the theme itself, of each value that it has.
    rows, own = np.repeat(np.arange(n), np.diff(part.indptr)), part.data
    others = sums[part.indices] - own * shares[rows]
    each = (others + NO_THEMES_WEIGHT * mean) / (themes[part.indices] - own + NO_THEMES_WEIGHT)
    together = (others + TOGETHER_LEAST * usual) / ((1 + TOGETHER_LEAST) * usual)
    found = (np.bincount(rows, own * column, minlength=n) for column in (each / mean, together))
    first, second = (np.where(spoke > 0, np.maximum(c, LEAST_SHARE), 1.0) for c in found)
    return first, second


def _fitted(heard: Floats, expected: Floats, logs: Floats) -> tuple[float, Floats]:
    """(level, weight of each column of ``logs``) of the Poisson regression, in logarithms."""
    if not logs.shape[1]:
        return 0.0, np.zeros(0)
    columns = np.column_stack([np.ones(len(heard)), logs])
    ridge = np.array([LEVEL_RIDGE] + [RIDGE] * logs.shape[1])
    lasso = np.array([0.0] + [LASSO] * logs.shape[1])

    def loss(at: Floats) -> tuple[float, Floats]:
        line = np.clip(columns @ at, -FURTHEST, FURTHEST)
        rate = expected * np.exp(line)
        value = rate.sum() - heard @ line + lasso @ at + 0.5 * ridge @ at**2
        return float(value), columns.T @ (rate - heard) + lasso + ridge * at

    bounds = [(-FURTHEST, FURTHEST)] + [(0.0, FURTHEST)] * logs.shape[1]
    found = minimize(loss, np.zeros(len(ridge)), jac=True, method="L-BFGS-B", bounds=bounds)
    return float(found.x[0]), np.asarray(found.x[1:], dtype=np.float64)
