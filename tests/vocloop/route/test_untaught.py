"""What texts without any label say of themselves."""

from __future__ import annotations

import numpy as np

from vocloop.route.classify import Floats
from vocloop.route.untaught import untaught


def odds(logs: Floats) -> Floats:
    told = np.exp(logs)
    return np.asarray(told / told.sum(axis=1, keepdims=True), np.float32)


def apart(count: int) -> Floats:
    """Places of texts that are not about the same thing."""
    places = np.random.default_rng(1).normal(size=(count, 200))
    return np.asarray(places / np.linalg.norm(places, axis=1, keepdims=True), np.float32)


def test_a_frequent_department_gains_but_takes_no_others_over() -> None:
    told = np.array([[0.9, 0.1]] * 100 + [[0.45, 0.55], [0.3, 0.7]], np.float32)
    found = untaught(told, apart(102))
    moved = found.moved(told)
    assert found.share.argmax() == 0
    assert moved[-2, 0] > told[-2, 0]
    assert moved[-1].argmax() == 1
    assert np.allclose(moved.sum(axis=1), 1)


def test_texts_with_one_department_far_ahead_are_surer_than_texts_of_many_in_doubt() -> None:
    """Log-odds as far from each other on average, on 300 texts."""
    rng = np.random.default_rng(0)
    doubt = rng.normal(size=(300, 6))
    clear = 0.3 * rng.normal(size=(300, 6))
    clear[np.arange(300), rng.integers(6, size=300)] += 2.5
    clear *= doubt.std() / (clear - clear.mean(axis=1, keepdims=True)).std()
    lone = apart(300)
    assert untaught(odds(clear), lone).sureness > 1.3 * untaught(odds(doubt), lone).sureness


def test_texts_whose_neighbours_go_to_the_same_department_are_surer() -> None:
    told = odds(np.random.default_rng(0).normal(size=(300, 6)))
    subjects = apart(6)[told.argmax(axis=1)] + 0.1 * apart(300)
    together = subjects / np.linalg.norm(subjects, axis=1, keepdims=True)
    scattered = untaught(told, apart(300))
    agreeing = untaught(told, together.astype(np.float32))
    assert agreeing.sureness > 1.3 * scattered.sureness
    assert agreeing.moved(told).max(axis=1).mean() > scattered.moved(told).max(axis=1).mean()


def test_few_texts_and_texts_all_alike_are_believed_little() -> None:
    clear = odds(np.array([[3.0, 0.0, 0.0], [0.0, 3.0, 0.0]]))
    assert abs(untaught(clear, apart(2)).sureness - 1) < 0.2
    even = odds(np.zeros((3, 4)))
    assert np.allclose(untaught(even, apart(3)).moved(even), 0.25)
    assert untaught(even[:1], apart(1)).sureness == 1.0
