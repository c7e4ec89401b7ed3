"""What texts alike say of each other."""

from __future__ import annotations

import numpy as np
import pytest

from vocloop.route import neighbours
from vocloop.route.classify import Floats
from vocloop.route.neighbours import Pool, agreed


def rows(*each: tuple[int, list[float]]) -> Floats:
    return np.array([odds for count, odds in each for _ in range(count)], np.float32)


def heard(odds: Floats, places: Floats) -> Floats:
    """Of texts that are all of the pool."""
    return agreed(odds, places, Pool(places, odds), np.arange(len(odds)))


def test_a_text_amid_others_of_a_department_goes_there() -> None:
    """Sixty texts of one subject, one of them in doubt; sixty of another."""
    odds = rows((1, [0.45, 0.55]), (59, [0.9, 0.1]), (60, [0.1, 0.9]))
    places = rows((60, [1.0, 0.0]), (60, [0.0, 1.0]))
    moved = heard(odds, places)
    assert moved[0].argmax() == 0
    assert np.allclose(moved.sum(axis=1), 1)
    assert moved[60:] == pytest.approx(odds[60:])


def test_texts_that_are_not_alike_say_nothing() -> None:
    odds = rows((1, [0.45, 0.55]), (59, [0.9, 0.1]), (60, [0.1, 0.9]))
    places = rows((1, [0.0, 0.0, 1.0]), (59, [1.0, 0.0, 0.0]), (60, [0.0, 1.0, 0.0]))
    assert heard(odds, places)[0] == pytest.approx(odds[0])


def test_a_department_of_few_texts_is_not_outvoted() -> None:
    odds = rows((3, [0.4, 0.6]), (117, [0.97, 0.03]))
    assert heard(odds, rows((120, [1.0, 0.0])))[:3].argmax(axis=1).tolist() == [1, 1, 1]


def test_one_text_has_no_neighbours() -> None:
    odds = rows((1, [0.3, 0.7]))
    assert heard(odds, rows((1, [1.0]))) is odds
    assert heard(odds[:0], rows((1, [1.0]))[:0]).shape == (0, 2)


def test_a_text_that_is_not_of_the_pool_listens_to_all_of_it() -> None:
    pool = Pool(rows((60, [1.0, 0.0])), rows((60, [0.9, 0.1])))
    asked, place = rows((1, [0.4, 0.6])), rows((1, [1.0, 0.0]))
    outside, inside = (agreed(asked, place, pool, np.array([own])) for own in (-1, 0))
    # One neighbour for every thirty texts of the other department, of which there are six.
    weight = 0.1 * 60 / 30.0
    assert outside[0] == pytest.approx((asked[0] + weight * pool.odds[0]) / (1 + weight))
    assert inside[0] == pytest.approx(outside[0])
    alone = Pool(pool.places[:2], rows((1, [0.0, 60.0]), (1, [1.0, 0.0])))
    assert agreed(asked, place, alone, np.array([0]))[0, 0] > asked[0, 0]
    assert agreed(asked, place, alone, np.array([1]))[0, 0] < asked[0, 0]


def test_many_texts_are_compared_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    odds = rng.dirichlet([1.0, 1.0, 1.0], 200).astype(np.float32)
    places = rng.normal(size=(200, 8)).astype(np.float32)
    places /= np.linalg.norm(places, axis=1, keepdims=True)
    whole = heard(odds, places)
    monkeypatch.setattr(neighbours, "BLOCK", 7)
    assert heard(odds, places) == pytest.approx(whole, abs=1e-5)
