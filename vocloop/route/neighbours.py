"""What a text's neighbours say: texts of one file that are about the same thing mostly go to the
same department, so each takes some of what is thought of those most like it.

One step of label propagation (Zhu and Ghahramani 2002). A department has few neighbours of its own
when it has few texts: each text listens to one neighbour for every SHARE texts of the department
that it seems to belong to, or small departments would be outvoted."""

from __future__ import annotations

import numpy as np

from vocloop.route.classify import Doubles, Floats, Ints

# docs/method/routing.md has what other numbers gave.
MOST = 10
SHARE = 30.0
# A neighbour at cosine c weighs c to this power, beside 1 for what is thought of the text itself.
POWER = 4
# Texts that are compared with all others at a time.
BLOCK = 512


def agreed(odds: Floats, places: Floats) -> Floats:
    """``odds`` (n, k) of texts at ``places`` (n, d), centred and of length 1; rows add up to 1.

    A text whose department is known has 1 there and listens to its neighbours like the others;
    only what it tells them is of use."""
    count, most = len(odds), min(MOST, len(odds) - 1)
    if most < 1:
        return odds
    heard = np.clip(odds.sum(axis=0)[odds.argmax(axis=1)] / SHARE, 0.0, most)
    moved = odds.astype(np.float64)
    for start in range(0, count, BLOCK):
        rows = np.arange(start, min(start + BLOCK, count))
        near, alike = _nearest(places, rows, most)
        weights = alike**POWER * np.clip(heard[rows, None] - np.arange(most), 0.0, 1.0)
        moved[rows] += np.einsum("nm,nmk->nk", weights, odds[near])
        moved[rows] /= 1 + weights.sum(axis=1, keepdims=True)
    return np.asarray(moved, np.float32)


def _nearest(places: Floats, rows: Ints, most: int) -> tuple[Ints, Doubles]:
    """The ``most`` texts most like each of ``rows``, the most alike first, and their cosines."""
    cosines = places[rows] @ places.T
    cosines[np.arange(len(rows)), rows] = -1.0
    near = np.argpartition(-cosines, most - 1, axis=1)[:, :most]
    alike = np.take_along_axis(cosines, near, axis=1)
    order = np.argsort(-alike, axis=1, kind="stable")
    near, alike = np.take_along_axis(near, order, axis=1), np.take_along_axis(alike, order, axis=1)
    return near, np.maximum(alike, 0.0).astype(np.float64)
