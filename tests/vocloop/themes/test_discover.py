from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score

from vocloop.themes import hierarchy
from vocloop.themes.discover import _cluster, discover, smallest
from vocloop.themes.graph import balanced


def blobs(
    themes: int, each: int, *, spread: float = 0.35, seed: int = 0, dimensions: int = 48
) -> tuple[NDArray[np.float32], list[int]]:
    random = np.random.default_rng(seed)
    centres = random.standard_normal((themes, dimensions))
    points = np.repeat(centres, each, axis=0)
    points += spread * random.standard_normal(points.shape)
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    return points.astype(np.float32), [i for i in range(themes) for _ in range(each)]


def bilingual(themes: int, each: int) -> tuple[NDArray[np.float32], list[int], list[str]]:
    """Every theme half in Japanese, all of which lie far away in one direction."""
    vectors, truth = blobs(themes, each)
    languages = ["ja" if i % 2 else "en" for i in range(len(vectors))]
    shift = np.random.default_rng(7).standard_normal(vectors.shape[1]) * 0.6
    moved = vectors + np.array([shift * (g == "ja") for g in languages])
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    return moved.astype(np.float32), truth, languages


def test_it_finds_what_is_plainly_there() -> None:
    vectors, truth = blobs(8, 40)
    found = discover(vectors, ["en"] * len(vectors))
    assert adjusted_rand_score(truth, found.labels) > 0.95


def test_both_languages_meet_in_one_theme() -> None:
    vectors, truth, languages = bilingual(8, 40)
    found = discover(vectors, languages)
    assert adjusted_rand_score(truth, found.labels) > 0.95
    for theme in range(found.labels.max() + 1):
        inside = [g for g, t in zip(languages, found.labels, strict=True) if t == theme]
        assert 0.3 < inside.count("ja") / len(inside) < 0.7


def test_the_same_rows_give_the_same_answer() -> None:
    vectors, _ = blobs(6, 30, spread=0.6)
    first, second = (discover(vectors, ["en"] * len(vectors)) for _ in range(2))
    assert first.labels.tobytes() == second.labels.tobytes()
    assert first.confidence.tobytes() == second.confidence.tobytes()


def test_themes_are_numbered_from_the_largest_down() -> None:
    big, _ = blobs(1, 90, seed=1)
    small, _ = blobs(1, 30, seed=2)
    middle, _ = blobs(1, 60, seed=3)
    found = discover(np.concatenate([small, big, middle]), ["en"] * 180)
    sizes = np.bincount(found.labels[found.labels >= 0])
    assert list(sizes) == sorted(sizes, reverse=True)


def test_confidence_is_a_share_and_zero_when_unassigned() -> None:
    vectors, _ = blobs(5, 30, spread=0.9)
    found = discover(vectors, ["en"] * len(vectors))
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()
    assert (found.confidence[found.labels < 0] == 0).all()


@pytest.mark.parametrize("n", [0, 1, 2, 5, 6, 7, 15, 20, 60])
@pytest.mark.parametrize("languages", [1, 2])
def test_small_input_never_crashes(n: int, languages: int) -> None:
    vectors, _ = blobs(3, 20)
    names = ["ja" if languages == 2 and i < 3 else "en" for i in range(n)]
    found = discover(vectors[:n], names)
    assert len(found.labels) == len(found.confidence) == n


def test_the_same_text_again_and_again_is_no_error() -> None:
    vectors = np.repeat(blobs(1, 1)[0], 50, axis=0)
    found = discover(vectors, ["en"] * 50)
    assert len(set(found.labels.tolist())) == 1


def test_a_theme_asks_for_fewer_statements_on_the_first_day() -> None:
    asked = [smallest(n) for n in (0, 20, 60, 200, 400, 100_000)]
    assert asked == sorted(asked)
    assert asked[0] == 3
    assert asked[-1] == 8


def test_what_lies_between_themes_is_unassigned_and_the_rest_is_not() -> None:
    points, truth = blobs(5, 40, dimensions=128)
    random = np.random.default_rng(4)
    stray = random.standard_normal((12, 128)).astype(np.float32)
    stray /= np.linalg.norm(stray, axis=1, keepdims=True)
    found = discover(np.concatenate([points, stray]), ["en"] * (len(truth) + 12))
    assert (found.labels[: len(truth)] >= 0).mean() > 0.95
    assert (found.labels[len(truth) :] < 0).mean() > 0.5
    assert (found.confidence[found.labels < 0] == 0).all()


def test_a_merger_of_one_group_of_runs_is_outvoted() -> None:
    # Vectors tell three themes; groups of runs tell a fourth inside the last.
    points, blob = blobs(3, 24)
    graph = balanced(points, ["en"] * len(points))
    rows = np.repeat(np.arange(len(points)), np.diff(graph.indptr))
    merged = np.array(blob)
    theme = np.where(np.arange(len(points)) < 60, merged, 3)

    def group(labels: NDArray[np.int_]) -> NDArray[np.float32]:
        return (labels[rows] == labels[graph.indices]).astype(np.float32)

    def found(*groups: NDArray[np.float32]) -> NDArray[np.int32]:
        cosine = hierarchy.cosines(graph, points)
        return _cluster(graph, np.stack(groups), cosine, points, 5)[0]

    assert len(set(found(group(merged)).tolist()) - {-1}) == 3
    outvoted = found(group(theme), group(merged), group(theme), group(theme))
    assert adjusted_rand_score(theme, outvoted) > 0.95
