"""Statements found by their points."""

from __future__ import annotations

import uuid

import numpy as np

from vocloop.themes.shelf import AXES, MANY, Floats, Held, Shelf
from vocloop.themes.space import unit

DIMENSIONS = 3 * AXES
COUNT = 15


def shelf(points: Floats, *, ordered: bool) -> Shelf:
    found = Shelf(points.shape[1], ordered=ordered)
    held: list[Held] = [(uuid.UUID(int=i), None, False) for i in range(len(points))]
    # In two parts, as statements arrive.
    for rows in (slice(MANY // 2), slice(MANY // 2, None)):
        found.add(points[rows], held[rows], np.full(len(held[rows]), -1, np.int32))
    return found


def spread(count: int) -> Floats:
    """Points whose axes come by their strength, as those of a space."""
    strength = np.linspace(1, 0.05, DIMENSIONS, dtype=np.float32)
    drawn = np.random.default_rng(5).standard_normal((count, DIMENSIONS), np.float32)
    return unit(drawn * strength)


def test_looking_at_the_strong_axes_first_hardly_misses_a_neighbour() -> None:
    points = spread(MANY + 1)
    full = shelf(points, ordered=True)
    asked = unit(points[::1_000] + 0.5 * spread(len(points[::1_000])))
    missed = 0
    for point in asked:
        exact = full.nearest(full.similarity(point), COUNT)
        near = full.nearly(point, COUNT)
        assert len(near) == COUNT
        assert near[0][1] == exact[0][1]
        alike = full.similarity(point)
        assert all(np.isclose(s, alike[i.int], atol=1e-5) for s, (i, *_) in near)
        missed += len({i for _, (i, *_) in exact} - {i for _, (i, *_) in near})
    assert missed <= 0.02 * COUNT * len(asked)


def test_axes_in_no_order_are_all_looked_at() -> None:
    points = spread(MANY + 1)[:, ::-1].copy()
    full = shelf(points, ordered=False)
    for point in points[::5_000]:
        exact = full.nearest(full.similarity(point), COUNT)
        assert [held for _, held in full.nearly(point, COUNT)] == [held for _, held in exact]
