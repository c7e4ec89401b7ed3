"""What texts without any label say of how departments' descriptions fit them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import softmax

from vocloop.route.classify import Doubles, Floats
from vocloop.route.neighbours import MOST, nearest

# How far texts move towards the departments that they themselves are many of (more gives small
# departments up: docs/method/routing.md).
LEAN = 0.25
LEAN_STEPS = 30
# How sure texts are at a lead of one standard deviation; the lead counts by its root.
SURENESS = 0.95
LEAST_SURE, MOST_SURE = 0.3, 4.0
# Texts that are asked whether their neighbours agree with them.
ASKED = 1_000
# The texts' number that all of this is first held against.
PRIOR = 20.0


@dataclass(frozen=True)
class Untaught:
    """share: (k,) of each department among the texts; sureness: a factor on log-odds."""

    share: Floats
    sureness: float

    def moved(self, odds: Floats) -> Floats:
        """``odds`` (n, k) of descriptions alone, with what the texts say; rows add up to 1."""
        return np.asarray(softmax(self.sureness * _leaning(odds, self.share), axis=1), np.float32)


def untaught(odds: Floats, places: Floats) -> Untaught:
    """What texts at ``places`` (n, d), centred and of length 1, whose ``odds`` (n, k) are told by
    descriptions alone, say of all of them.

    How frequent departments are is found by expectation-maximisation (Saerens, Latinne and
    Decaestecker 2002). Two things tell how sure to be, and the mean confidence is half way between
    them, as they err to different sides. Where descriptions part the texts, most have one
    department far ahead: its mean lead over the second, in standard deviations of all log-odds.
    And texts that are about the same thing go to the same department: how often neighbours do,
    beside chance, is about how often descriptions are right."""
    count, departments = odds.shape
    share = np.full(departments, 1.0 / departments)
    for _ in range(LEAN_STEPS):
        moved = odds * share
        moved /= moved.sum(axis=1, keepdims=True)
        share = (moved.sum(axis=0) + PRIOR / departments) / (count + PRIOR)
    return Untaught(np.asarray(share, np.float32), sureness(_leaning(odds, share), places))


def sureness(told: Doubles, places: Floats) -> float:
    """The factor on log-odds ``told`` (n, k), centred in each row, that makes texts at ``places``
    as sure as ``untaught`` says."""
    wanted = (_confidence(told, _by_lead(told)) + _by_neighbours(told, places)) / 2
    least, most = (_confidence(told, factor) for factor in (LEAST_SURE, MOST_SURE))
    found = 1.0
    if least < wanted < most:
        found = brentq(lambda by: _confidence(told, by) - wanted, LEAST_SURE, MOST_SURE)
    return float((len(told) * found + PRIOR) / (len(told) + PRIOR))


def surer(odds: Floats, by: float) -> Floats:
    """``odds`` (n, k) with their logarithms multiplied ``by``; rows add up to 1."""
    return np.asarray(softmax(by * centred(odds), axis=1), np.float32)


def centred(odds: Doubles | Floats) -> Doubles:
    """Log-odds (n, k), centred in each row."""
    told = np.log(np.maximum(odds, 1e-9))
    return np.asarray(told - told.mean(axis=1, keepdims=True), np.float64)


def _leaning(odds: Floats, share: Doubles | Floats) -> Doubles:
    return centred(odds * share**LEAN)


def _confidence(told: Doubles, sureness: float) -> float:
    return float(softmax(sureness * told, axis=1).max(axis=1).mean())


def _by_lead(told: Doubles) -> float:
    first, spread = np.partition(told, -2, axis=1)[:, -2:], float(told.std())
    lead = float((first[:, 1] - first[:, 0]).mean()) / spread if spread > 0 else 1.0
    return float(SURENESS * lead**0.5)


def _by_neighbours(told: Doubles, places: Floats) -> float:
    """How often neighbours have the same department, chance taken off (Cohen's kappa), as a share
    of texts that are right."""
    (count, departments), first = told.shape, told.argmax(axis=1)
    if count < 2:
        return 1.0 / int(departments)
    asked = np.linspace(0, count - 1, min(count, ASKED)).astype(np.int64)
    near, _ = nearest(places[asked], places, asked, min(MOST, count - 1))
    same = float((first[near] == first[asked, None]).mean())
    chance = float(((np.bincount(first) / count) ** 2).sum())
    kappa = max((same - chance) / (1 - chance), 0.0) if chance < 1 else 0.0
    return float(kappa + (1 - kappa) / departments)
