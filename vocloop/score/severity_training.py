"""Training of the head that reads severity from vectors (severity_head.py)."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from vocloop.score.severity import BASE, LEXICON_SHARE
from vocloop.score.severity_head import LENSES, WIDTH, Floats, Head, near, scores

Doubles = NDArray[np.float64]
Bools = NDArray[np.bool_]

# Directions that are kept, strength of the ridge. Between 48 and 256 directions, and widths of 4
# and 8, no source that benchmarks/severity.py measures moves by more than .01.
AXES = 64
RIDGE = 1.0
TOP_LEVEL = 4.0
# A tag that is wrong half of the time is not read twice.
LENS_PRECISION = 2 / 3
FOLDS = 5


@dataclass(frozen=True)
class Marked:
    """Texts that people marked, n of them.

    vectors: (n, d) of severity_head.core. levels: (n,) 0–4. lenses: (n, 4) 0 or 1, NaN where
    nobody marked them. weights: (n,) > 0. own: (n,) the texts themselves, which become the known
    points. group: (n,) rows of one group (a text, and the same text in a polite frame) share a
    fold. lexicon: (n,) summed log-odds of the lexicon's words."""

    vectors: Floats
    levels: Doubles
    lenses: Doubles
    weights: Doubles
    own: Bools
    group: NDArray[np.int64]
    lexicon: Doubles

    def only(self, rows: Bools) -> Marked:
        return Marked(*(getattr(self, field.name)[rows] for field in fields(self)))


def train(marked: Marked) -> Head:
    """Fitted on all rows, calibrated on what the ``own`` ones are given out of fold."""
    found = np.zeros((len(marked.vectors), 1 + len(LENSES)), np.float32)
    for fold in range(FOLDS):
        held = marked.group % FOLDS == fold
        part = fit_head(marked.only(~held))
        found[held] = scores(part, marked.vectors[held])
    return calibrated(fit_head(marked), found[marked.own], marked.only(marked.own))


def fit_head(marked: Marked) -> Head:
    """A head that is not calibrated yet: slope 1, and it names no lens."""
    centre = np.average(marked.vectors, axis=0, weights=marked.weights)
    centred = marked.vectors - centre
    _, directions = np.linalg.eigh((centred.T * marked.weights) @ centred)
    axes = directions[:, ::-1][:, :AXES]
    places = np.asarray(centred @ axes, np.float32)
    known = places[marked.own]
    rows = near(places, known, WIDTH).astype(np.float64)
    between = near(known, known, WIDTH).astype(np.float64)
    looked = ~np.isnan(marked.lenses[:, 0])
    level, level_offset = _ridge(rows, between, marked.levels[:, None], marked.weights)
    lens, lens_offset = _ridge(rows[looked], between, marked.lenses[looked], marked.weights[looked])
    return Head(
        np.asarray(centre, np.float32),
        np.asarray(axes, np.float32),
        known,
        np.hstack([level, lens]).astype(np.float32),
        np.hstack([level_offset, lens_offset]).astype(np.float32),
        thresholds=np.full(len(LENSES), np.inf, np.float32),
        slope=1.0,
        intercept=0.0,
    )


def _ridge(
    rows: Doubles, between: Doubles, targets: Doubles, weights: Doubles
) -> tuple[Doubles, Doubles]:
    """(m, t) weights of the known points and (t,) offsets for ``targets`` (n, t)."""
    offset = np.asarray(np.average(targets, axis=0, weights=weights), np.float64)
    # A little on the diagonal: two texts at one place would make it singular.
    system = (rows.T * weights) @ rows + RIDGE * between + 1e-6 * np.eye(len(between))
    solved = np.linalg.solve(system, (rows.T * weights) @ (targets - offset))
    return np.asarray(solved, np.float64), offset


def calibrated(head: Head, found: Floats, marked: Marked) -> Head:
    """The head with slope, intercept and thresholds from ``found``, (n, 5) scores of ``marked``
    by a head that was not fitted on them.

    Slope and intercept are those of a fractional logistic regression (Papke and Wooldridge, 1996)
    of level / 4; a lens is named from where it is mostly right."""
    share = marked.levels / TOP_LEVEL
    fixed = BASE + LEXICON_SHARE * marked.lexicon

    def loss(line: Doubles) -> float:
        odds = fixed + line[0] * found[:, 0] + line[1]
        return float((np.logaddexp(0, odds) - share * odds).mean())

    slope, intercept = minimize(loss, np.array([1.0, -2.0]), method="Nelder-Mead").x
    thresholds = [_threshold(found[:, 1 + i], marked.lenses[:, i]) for i in range(len(LENSES))]
    return replace(
        head,
        slope=float(slope),
        intercept=float(intercept),
        thresholds=np.array(thresholds, np.float32),
    )


def _threshold(found: Floats, truth: Doubles) -> float:
    """The lowest score from which on at least LENS_PRECISION of the texts carry the lens."""
    order = np.argsort(-found, kind="stable")
    precise = np.cumsum(truth[order]) / np.arange(1, len(found) + 1) >= LENS_PRECISION
    return float(found[order][np.flatnonzero(precise)[-1]]) if precise.any() else np.inf
