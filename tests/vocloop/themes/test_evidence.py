"""No theme may be claimed among random vectors, and none that is there be denied."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.vocloop.themes.test_discover import blobs
from vocloop.themes.discover import discover
from vocloop.themes.evidence import structured


def noise(n: int, dimensions: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(n).standard_normal((n, dimensions))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("dimensions", [3, 48, 384])
@pytest.mark.parametrize("n", [6, 20, 40, 200, 1500])
def test_random_vectors_give_no_theme(n: int, dimensions: int) -> None:
    found = discover(noise(n, dimensions), ["en"] * n)
    assert found.labels.tolist() == [-1] * n


@pytest.mark.parametrize(("themes", "each"), [(2, 10), (3, 5), (5, 8), (8, 40)])
def test_what_is_plainly_there_is_seen(themes: int, each: int) -> None:
    vectors, _ = blobs(themes, each)
    assert structured(vectors)
