"""Training of the head that reads severity from vectors (severity_head.py)."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from vocloop.score.severity import BASE, LEXICON_SHARE
from vocloop.score.severity_head import LENSES, WIDTH, Curve, Floats, Head, near

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Directions that are kept, strength of the ridge. Between 48 and 256 directions, and widths of 4
# and 8, no source that benchmarks/severity.py measures moves by more than .01.
AXES = 64
RIDGE = 1.0
# Of the lenses: between 64 and 256 directions no average precision moves by more than .03.
LENS_AXES = 128
LENS_RIDGE = 0.5
TOP_LEVEL = 4.0
# A tag that is wrong more often is not read twice.
LENS_PRECISION = 0.7
# Of voices as they come, few of which carry a lens, at most this share is given one by the head.
LENS_SHARE = 0.01
# Of a lens's threshold, the median over so many ways to part the texts.
PARTINGS = 5
FOLDS = 5


@dataclass(frozen=True)
class Marked:
    """Texts that people marked, n of them.

    vectors: (n, d) of severity_head.core. levels: (n,) 0–4. weights: (n,) > 0. own: (n,) the texts
    themselves, which become the known points. group: (n,) rows of one group (a text, and the same
    text in a polite frame) share a fold. lexicon: (n,) summed log-odds of the lexicon's words."""

    vectors: Floats
    levels: Doubles
    weights: Doubles
    own: Bools
    group: NDArray[np.int64]
    lexicon: Doubles

    def only(self, rows: Bools) -> Marked:
        return Marked(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True)
class Lensed:
    """Texts whose lenses people marked, n of them.

    vectors: (n, d) of severity_head.core. lenses: (n, 4) 0 or 1. weights: (n,) > 0. own: (n,)
    those that were written for the lenses, which become the known points. group: (n,) a text and
    its translation share a fold."""

    vectors: Floats
    lenses: Doubles
    weights: Doubles
    own: Bools
    group: NDArray[np.int64]

    def only(self, rows: Bools) -> Lensed:
        return Lensed(*(getattr(self, field.name)[rows] for field in fields(self)))


def train(marked: Marked, lensed: Lensed, ordinary: Floats) -> Head:
    """Fitted on all rows, calibrated on what the ``own`` ones are given out of fold. ``ordinary``:
    (n, d) vectors of voices as they come, in which a lens is as rare as in life."""
    found = np.zeros(len(marked.vectors), np.float32)
    for fold in range(FOLDS):
        held = marked.group % FOLDS == fold
        found[held] = fit_level(marked.only(~held)).at(marked.vectors[held])[:, 0]
    return fit_head(marked, found[marked.own], lensed, ordinary)


def fit_head(marked: Marked, found: Floats, lensed: Lensed, ordinary: Floats) -> Head:
    """The head of all rows; found: levels of the ``own`` ones by a head not fitted on them."""
    slope, intercept = calibration(found, marked.only(marked.own))
    lens = fit_lens(lensed)
    rare = np.quantile(lens.at(ordinary), 1 - LENS_SHARE, axis=0)
    named_from = np.maximum(thresholds(lensed), rare).astype(np.float32)
    return Head(fit_level(marked), lens, named_from, slope, intercept)


def fit_level(marked: Marked) -> Curve:
    targets = marked.levels[:, None]
    return _fit(marked.vectors, targets, marked.weights, marked.own, axes=AXES, ridge=RIDGE)


def fit_lens(lensed: Lensed) -> Curve:
    targets = lensed.lenses
    return _fit(
        lensed.vectors, targets, lensed.weights, lensed.own, axes=LENS_AXES, ridge=LENS_RIDGE
    )


def _fit(
    vectors: Floats, targets: Doubles, weights: Doubles, known: Bools, *, axes: int, ridge: float
) -> Curve:
    centre = np.average(vectors, axis=0, weights=weights)
    centred = vectors - centre
    _, directions = np.linalg.eigh((centred.T * weights) @ centred)
    kept = directions[:, ::-1][:, :axes]
    places = np.asarray(centred @ kept, np.float32)
    rows = near(places, places[known], WIDTH).astype(np.float64)
    between = near(places[known], places[known], WIDTH).astype(np.float64)
    solved, offset = _ridge(rows, between, targets, weights, ridge)
    return Curve(
        np.asarray(centre, np.float32),
        np.asarray(kept, np.float32),
        places[known],
        solved.astype(np.float32),
        offset.astype(np.float32),
    )


def _ridge(
    rows: Doubles, between: Doubles, targets: Doubles, weights: Doubles, ridge: float
) -> tuple[Doubles, Doubles]:
    """(m, t) weights of the known points and (t,) offsets for ``targets`` (n, t)."""
    offset = np.asarray(np.average(targets, axis=0, weights=weights), np.float64)
    # A little on the diagonal: two texts at one place would make it singular.
    system = (rows.T * weights) @ rows + ridge * between + 1e-6 * np.eye(len(between))
    solved = np.linalg.solve(system, (rows.T * weights) @ (targets - offset))
    return np.asarray(solved, np.float64), offset


def calibration(found: Floats, marked: Marked) -> tuple[float, float]:
    """Slope and intercept from ``found``, (n,) levels of ``marked`` by a head that was not fitted
    on them: a fractional logistic regression (Papke and Wooldridge, 1996) of level / 4."""
    share = marked.levels / TOP_LEVEL
    fixed = BASE + LEXICON_SHARE * marked.lexicon

    def loss(line: Doubles) -> float:
        odds = fixed + line[0] * found + line[1]
        return float((np.logaddexp(0, odds) - share * odds).mean())

    slope, intercept = minimize(loss, np.array([1.0, -2.0]), method="Nelder-Mead").x
    return float(slope), float(intercept)


def thresholds(lensed: Lensed) -> Floats:
    """(lenses,) from which score on each lens is mostly right: the median over PARTINGS."""
    found = [lens_out_of_fold(lensed, seed) for seed in range(PARTINGS)]
    each = [
        [_threshold(one[:, i], lensed.lenses[:, i]) for i in range(len(LENSES))] for one in found
    ]
    return np.asarray(np.median(each, axis=0), np.float32)


def lens_out_of_fold(lensed: Lensed, seed: int) -> Floats:
    """(n, lenses) scores of each text by a head that saw neither it nor its group."""
    _, group = np.unique(lensed.group, return_inverse=True)
    parts = np.random.default_rng(seed).permutation(group.max() + 1)[group] % FOLDS
    found = np.zeros(lensed.lenses.shape, np.float32)
    for part in range(FOLDS):
        held = parts == part
        found[held] = fit_lens(lensed.only(~held)).at(lensed.vectors[held])
    return found


def _threshold(found: Floats, truth: Doubles) -> float:
    """The lowest score from which on at least LENS_PRECISION of the texts carry the lens."""
    order = np.argsort(-found, kind="stable")
    precise = np.cumsum(truth[order]) / np.arange(1, len(found) + 1) >= LENS_PRECISION
    return float(found[order][np.flatnonzero(precise)[-1]]) if precise.any() else np.inf
