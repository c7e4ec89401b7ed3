from __future__ import annotations

import numpy as np
from sklearn.metrics import adjusted_rand_score

from vocloop.themes.discover import discover
from vocloop.themes.graph import balanced
from vocloop.themes.quality import by_theme, of_run
from vocloop.themes.tree import areas


def families(parents: int, themes: int, each: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Themes that lie in families: points, parent and theme of each."""
    random = np.random.default_rng(3)
    middle = random.standard_normal((parents, 64))
    centres = np.repeat(middle, themes, axis=0) + 0.75 * random.standard_normal(
        (parents * themes, 64)
    )
    points = np.repeat(centres, each, axis=0)
    points += 0.45 * random.standard_normal(points.shape)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    theme = np.repeat(np.arange(parents * themes), each)
    return points.astype(np.float32), theme // themes, theme


def test_themes_of_one_family_are_one_area() -> None:
    points, parent, theme = families(4, 5, 25)
    graph = balanced(points, ["en"] * len(points))
    found = areas(theme.astype(np.int32), graph, points)
    assert adjusted_rand_score(parent[::25], found) > 0.9


def test_few_themes_are_one_area() -> None:
    points, _, theme = families(1, 3, 20)
    graph = balanced(points, ["en"] * len(points))
    assert areas(theme.astype(np.int32), graph, points).tolist() == [0, 0, 0]


def test_the_levels_are_one_tree() -> None:
    points, _, _ = families(4, 5, 25)
    found = discover(points, ["en"] * len(points))
    assert len(found.areas) == len(found.stability) == found.labels.max() + 1
    for part in range(found.parts.max(initial=-1) + 1):
        assert len({*found.labels[found.parts == part].tolist()} - {-1}) == 1


def test_a_theme_far_from_all_others_is_stable_and_apart() -> None:
    points, _, theme = families(3, 1, 40)
    graph = balanced(points, ["en"] * len(points))
    stability, separation = by_theme(theme.astype(np.int32), graph, np.ones(graph.nnz, np.float32))
    assert stability.tolist() == [1, 1, 1]
    assert (separation > 0.95).all()


def test_quality_tells_mixture_and_themes_that_are_perhaps_one() -> None:
    points, _, theme = families(2, 1, 20)
    twice = np.where(np.arange(40) % 2, theme, theme + 2).astype(np.int32)
    languages = ["ja" if i % 4 < 2 else "en" for i in range(40)]
    ones = np.ones(4, np.float32)
    quality = of_run(twice, points, languages, ones, ones)
    assert quality.mixed == 1
    assert {(a, b) for a, b, _ in quality.near_duplicates} == {(0, 2), (1, 3)}
    assert quality.unassigned == 0
    assert of_run(np.full(40, -1, np.int32), points, languages, ones, ones).stability is None
