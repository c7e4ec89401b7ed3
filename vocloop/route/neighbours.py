"""What a text's neighbours say: texts that are about the same thing mostly go to the same
department, so each takes some of what is thought of those most like it.

One step of label propagation (Zhu and Ghahramani 2002). A department has few neighbours of its own
when it has few texts: each text listens to one neighbour for every SHARE texts of the department
that it seems to belong to, or small departments would be outvoted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vocloop.route.classify import Doubles, Floats, Ints

# docs/method/routing.md has what other numbers gave.
MOST = 10
SHARE = 30.0
# A neighbour at cosine c weighs c to this power, beside 1 for what is thought of the text itself.
POWER = 4
# Texts that are compared with all others at a time.
BLOCK = 512


@dataclass(frozen=True)
class Pool:
    """Texts to listen to: places (m, d), centred and of length 1; odds (m, k) of what is thought
    of each, 1 where its department is known."""

    places: Floats
    odds: Floats


def agreed(odds: Floats, places: Floats, pool: Pool, own: Ints) -> Floats:
    """``odds`` (n, k) of texts at ``places`` (n, d), moved by their neighbours; rows add up to 1.

    own: (n,) the row of the pool that is the text itself, which it does not listen to, or -1."""
    most = min(MOST, len(pool.odds) - 1)
    if most < 1:
        return odds
    heard = np.clip(pool.odds.sum(axis=0)[odds.argmax(axis=1)] / SHARE, 0.0, most)
    moved = odds.astype(np.float64)
    for start in range(0, len(odds), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(odds)))
        near, alike = nearest(places[rows], pool.places, own[rows], most)
        weights = alike**POWER * np.clip(heard[rows, None] - np.arange(most), 0.0, 1.0)
        moved[rows] += np.einsum("nm,nmk->nk", weights, pool.odds[near])
        moved[rows] /= 1 + weights.sum(axis=1, keepdims=True)
    return np.asarray(moved, np.float32)


def nearest(some: Floats, all_: Floats, own: Ints, most: int) -> tuple[Ints, Doubles]:
    """Rows of the ``most`` places most like each of ``some``, the most alike first, and their
    cosines."""
    cosines = some @ all_.T
    there = np.flatnonzero(own >= 0)
    cosines[there, own[there]] = -1.0
    near = np.argpartition(-cosines, most - 1, axis=1)[:, :most]
    alike = np.take_along_axis(cosines, near, axis=1)
    order = np.argsort(-alike, axis=1, kind="stable")
    near, alike = np.take_along_axis(near, order, axis=1), np.take_along_axis(alike, order, axis=1)
    return near, np.maximum(alike, 0.0).astype(np.float64)
