"""How often a department is right when a machine chooses it. Departments that are mistaken for
each other are chosen more surely than rightly, others less.

Of texts that were not learned from, whose likeliest department is k with confidence c,

    P(right) = logistic(slope · logit(c) + level + level_k)

(Platt 1999), where a department that was chosen for few texts keeps to the common level
(multilevel logistic regression, Gelman and Hill 2007, 14.1):

    min over slope, level, level_k of  Σ_i v_i · −log P_i
                             + ½ · (POOLING · Σ_k level_k² + STEADY · (level² + (slope − 1)²))

Which department is chosen stays: small ones are chosen sooner than they are likely, so that they
get what is theirs, and this tells how sure to be of it. docs/method/routing.md has the figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Ints = NDArray[np.int64]

# What departments, and all of them together, have to show (docs/method/routing.md).
POOLING = 2.0
STEADY = 10.0
# Confidence is never nearer to 0 or 1 than this.
LEAST = 1e-4


@dataclass(frozen=True)
class Reliability:
    """slope: on the log-odds of the confidence; level: (k,) log-odds to add for each department."""

    slope: float
    level: Doubles

    def of(self, odds: Floats) -> Doubles:
        """(n,): how likely the likeliest department of each row of ``odds`` (n, k) is right."""
        return np.asarray(
            expit(self.slope * _told(odds) + self.level[odds.argmax(axis=1)]), np.float64
        )


def as_told(departments: int) -> Reliability:
    """What is said is believed: nothing shows how often it was right."""
    return Reliability(1.0, np.zeros(departments))


def reliability(odds: Floats, labels: Ints, worth: Doubles) -> Reliability:
    """Of ``odds`` (n, k) of texts that were not learned from, whose department is one of ``labels``
    (n,); worth: (n,) how many texts each counts as."""
    (count, departments), told, best = odds.shape, _told(odds), odds.argmax(axis=1)
    # The columns of what is learned: slope, common level, a level for each department.
    seen = np.column_stack([told, np.ones(count), np.eye(departments)[best]])
    usual = np.concatenate([[1.0], np.zeros(departments + 1)])
    pull = np.concatenate([[STEADY, STEADY], np.full(departments, POOLING)])
    side = np.where(best == labels, 1.0, -1.0)

    def loss(learned: Doubles) -> tuple[float, Doubles]:
        lead, apart = side * (seen @ learned), learned - usual
        value = float(worth @ np.logaddexp(0, -lead)) + 0.5 * float(pull @ apart**2)
        return value, pull * apart - seen.T @ (worth * side * expit(-lead))

    bounds = [(0.0, None)] + [(None, None)] * (departments + 1)
    found = minimize(loss, usual, jac=True, method="L-BFGS-B", bounds=bounds).x
    return Reliability(float(found[0]), found[1] + found[2:])


def _told(odds: Floats) -> Doubles:
    return np.asarray(logit(np.clip(odds.max(axis=1).astype(np.float64), LEAST, 1 - LEAST)))
