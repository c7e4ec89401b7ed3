"""Edges across languages: there where they deserve trust, and halves of themes that they join."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tests.vocloop.themes.test_discover import blobs
from vocloop.themes.bilingual import join_halves
from vocloop.themes.discover import discover
from vocloop.themes.graph import FEW, VIEWS, balanced, views

Floats = NDArray[np.float32]


def across(points: Floats, languages: list[str]) -> int:
    edges = balanced(points, languages).tocoo()
    return sum(languages[a] != languages[b] for a, b in zip(edges.row, edges.col, strict=True))


def test_languages_that_share_their_topics_are_tied() -> None:
    points, _ = blobs(6, 20)
    languages = ["ja" if i % 2 else "en" for i in range(len(points))]
    assert across(points, languages) > 5 * len(points) / 2


def test_languages_without_a_common_topic_are_not_tied() -> None:
    english, _ = blobs(6, 20, seed=1, dimensions=256)
    japanese, _ = blobs(6, 20, seed=2, dimensions=256)
    points = np.concatenate([english, japanese])
    languages = ["en"] * len(english) + ["ja"] * len(japanese)
    assert across(points, languages) < 0.05 * len(points)
    labels = discover(points, languages).labels
    for theme in range(labels.max() + 1):
        assert len({languages[i] for i in np.flatnonzero(labels == theme)}) == 1


def test_halves_that_answer_each_other_become_one_theme() -> None:
    points, truth = blobs(3, 20)
    languages = ["ja" if i % 2 else "en" for i in range(len(points))]
    pairs = zip(truth, languages, strict=True)
    halves = np.array([2 * t + (g == "ja") for t, g in pairs], np.int32)
    joined = join_halves(halves, balanced(points, languages), languages)
    assert len({*joined.tolist()}) == 3
    assert all(len({*joined[np.array(truth) == t].tolist()}) == 1 for t in range(3))


def test_a_theme_that_one_language_alone_knows_stays_its_own() -> None:
    points, truth = blobs(4, 20)
    languages = ["ja" if t == 3 or i % 2 else "en" for i, t in enumerate(truth)]
    labels = np.array(truth, np.int32)
    joined = join_halves(labels, balanced(points, languages), languages)
    assert joined.tolist() == labels.tolist()


def test_few_rows_are_looked_at_from_several_sides() -> None:
    points, _ = blobs(6, 20, dimensions=128)
    seen = views(points, ["en"] * len(points))
    assert len(seen) == VIEWS
    assert len({view.indices.tobytes() for view in seen}) > 1
    again = views(points, ["en"] * len(points))
    assert [v.indices.tobytes() for v in seen] == [v.indices.tobytes() for v in again]


def test_many_rows_have_one_graph() -> None:
    points, _ = blobs(2, FEW // 2 + 1)
    assert len(views(points, ["en"] * len(points))) == 1
