"""What texts alike say of each other."""

from __future__ import annotations

import numpy as np
import pytest

from vocloop.route import neighbours
from vocloop.route.classify import Floats
from vocloop.route.neighbours import agreed


def rows(*each: tuple[int, list[float]]) -> Floats:
    return np.array([odds for count, odds in each for _ in range(count)], np.float32)


def test_a_text_amid_others_of_a_department_goes_there() -> None:
    """Sixty texts of one subject, one of them in doubt; sixty of another."""
    odds = rows((1, [0.45, 0.55]), (59, [0.9, 0.1]), (60, [0.1, 0.9]))
    places = rows((60, [1.0, 0.0]), (60, [0.0, 1.0]))
    moved = agreed(odds, places)
    assert moved[0].argmax() == 0
    assert np.allclose(moved.sum(axis=1), 1)
    assert moved[60:] == pytest.approx(odds[60:])


def test_texts_that_are_not_alike_say_nothing() -> None:
    odds = rows((1, [0.45, 0.55]), (59, [0.9, 0.1]), (60, [0.1, 0.9]))
    places = rows((1, [0.0, 0.0, 1.0]), (59, [1.0, 0.0, 0.0]), (60, [0.0, 1.0, 0.0]))
    assert agreed(odds, places)[0] == pytest.approx(odds[0])


def test_a_department_of_few_texts_is_not_outvoted() -> None:
    odds = rows((3, [0.4, 0.6]), (117, [0.97, 0.03]))
    assert agreed(odds, rows((120, [1.0, 0.0])))[:3].argmax(axis=1).tolist() == [1, 1, 1]


def test_one_text_has_no_neighbours() -> None:
    odds = rows((1, [0.3, 0.7]))
    assert agreed(odds, rows((1, [1.0]))) is odds
    assert agreed(odds[:0], rows((1, [1.0]))[:0]).shape == (0, 2)


def test_many_texts_are_compared_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    odds = rng.dirichlet([1.0, 1.0, 1.0], 200).astype(np.float32)
    places = rng.normal(size=(200, 8)).astype(np.float32)
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    whole = agreed(odds, places)
    monkeypatch.setattr(neighbours, "BLOCK", 7)
    assert agreed(odds, places) == pytest.approx(whole, abs=1e-5)
