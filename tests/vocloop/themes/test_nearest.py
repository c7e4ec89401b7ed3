from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.vocloop.themes.test_discover import blobs
from vocloop.themes import nearest as module
from vocloop.themes.nearest import exact, nearest


@pytest.fixture(scope="module")
def points() -> NDArray[np.float32]:
    return blobs(200, 50)[0]


@pytest.mark.parametrize("same", [True, False])
def test_cells_find_nearly_all_that_an_exact_search_finds(
    points: NDArray[np.float32], same: bool
) -> None:
    assert len(points) >= module.MANY
    found, near = nearest(points, points, 10, same=same)
    true, _ = exact(points[:500], points, 10, same=False)
    true = true if not same else exact(points, points, 10, same=True)[0][:500]
    shared = [len({*a} & {*b}) for a, b in zip(found[:500].tolist(), true.tolist(), strict=True)]
    assert np.mean(shared) > 9.7
    assert (np.diff(near, axis=1) <= 1e-5).all()
    assert not same or (found != np.arange(len(points))[:, None]).all()


def test_cells_give_the_same_answer_every_time(points: NDArray[np.float32]) -> None:
    first, second = (nearest(points, points, 5, same=True)[0] for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_there_are_never_more_neighbours_than_rows() -> None:
    rows = np.eye(3, dtype=np.float32)
    assert nearest(rows, rows, 10, same=True)[0].shape == (3, 2)
    assert nearest(rows[:0], rows, 10, same=False)[0].shape == (0, 3)
    assert nearest(rows[:1], rows[:1], 4, same=True)[0].shape == (1, 0)
