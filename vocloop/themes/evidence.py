"""Is there anything to be found? Any clusterer finds clusters in noise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from vocloop.themes.nearest import exact
from vocloop.themes.space import unit

Floats = NDArray[np.float32]

# Rows that are asked, among how many, and neighbours of each (fewer rows: a quarter of them).
ASKED = 600
AMONG = 20_000
CLOSEST = 5
# A random draw may exceed another by this factor. Few rows in many dimensions lose most of their
# closeness by the dealing, whatever they hold: there, what directions drawn evenly lose is the
# measure, and themes must lose clearly less.
MARGIN = 1.03
CLEARLY = 1.5
AND_MORE = 0.25
# Nearer by this factor than directions drawn evenly in so many dimensions is no chance either.
PLAINLY = 2.0
EVEN = 128
SEED = 7


def structured(points: Floats) -> bool:
    """Are the rows of ``points`` (n, r), unit length, nearer to their nearest than chance makes
    them?

    Chance: each principal component's values dealt anew among the rows (as in parallel analysis,
    Horn 1965). The spectrum stays, but what several components say together is gone, and themes
    with it. Deterministic; below 4 rows the answer is no."""
    some = points[:: -(-len(points) // AMONG)] if len(points) else points
    if len(some) < 4:
        return False
    random = np.random.default_rng(SEED)
    even = unit(random.standard_normal(some.shape, np.float32))
    # Two themes lie along one component, which the dealing leaves as it is.
    if _closeness(some) > PLAINLY * _closeness(even[:, :EVEN]):
        return True
    by_chance = CLEARLY * max(_gain(even, random), 0) + AND_MORE
    return _gain(some, random) > min(MARGIN, by_chance)


def _gain(points: Floats, random: np.random.Generator) -> float:
    """Closeness over what dealing the components anew leaves of it."""
    centred = points - points.mean(axis=0)
    if len(points) < points.shape[1]:
        left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
        parts = left * sizes
    else:
        _, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64))
        parts = centred @ axes.astype(np.float32)
    return _closeness(parts) / max(_closeness(_dealt(parts, random)), 1e-9)


def _dealt(parts: Floats, random: np.random.Generator) -> Floats:
    dealt = np.empty_like(parts)
    for column in range(parts.shape[1]):
        dealt[:, column] = random.permutation(parts[:, column])
    return dealt


def _closeness(points: Floats) -> float:
    points = unit(points)
    asked = points[:: -(-len(points) // ASKED)]
    k = max(min(CLOSEST, len(points) // 4), 1)
    # Each finds itself first.
    _, near = exact(asked, points, k + 1, same=False)
    return float(near[:, 1:].mean())
