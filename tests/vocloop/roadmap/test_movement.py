"""Whether a theme fell after an item shipped, told from chance and from fashion."""

from __future__ import annotations

import numpy as np
import pytest

from vocloop.roadmap.movement import Counts, moved
from vocloop_models import Movement

BEFORE, AFTER, CONTROLS, CASES = 12, 6, 8, 120


def spoken(
    rng: np.random.Generator, before: float, after: float, months: tuple[int, int] = (BEFORE, AFTER)
) -> Counts:
    """A theme of companies that come once, ``before`` and ``after`` of them a month."""
    sides = []
    for rate, long in ((before, months[0]), (after, months[1])):
        each = rng.poisson(rate, long)
        sides.append(np.repeat(np.eye(long), each, axis=0))
    was, is_now = sides
    return Counts(
        np.vstack([was, np.zeros((len(is_now), months[0]))]),
        np.vstack([np.zeros((len(was), months[1])), is_now]),
    )


def told(ratio: float, fashion: float = 1.0, unlike: float = 0.0) -> list[Movement]:
    """What is said of 120 themes that change by ``ratio`` where all others change by ``fashion``,
    give or take ``unlike``."""
    rng = np.random.default_rng(1)
    found = []
    for _ in range(CASES):
        others = [
            spoken(rng, 8.0, 8.0 * fashion * float(np.exp(rng.normal(0, unlike))))
            for _ in range(CONTROLS)
        ]
        own = fashion * ratio * float(np.exp(rng.normal(0, unlike)))
        found.append(moved(spoken(rng, 8.0, 8.0 * own), others).movement)
    return found


def test_it_tells_a_fall_of_half_in_nine_cases_of_ten() -> None:
    assert told(0.5).count(Movement.FELL) >= 0.9 * CASES


@pytest.mark.parametrize("fashion", [1.0, 0.6])
def test_it_calls_nothing_a_fall_that_all_themes_had(fashion: float) -> None:
    found = told(1.0, fashion)
    assert found.count(Movement.FELL) <= 0.05 * CASES
    assert found.count(Movement.ROSE) <= 0.05 * CASES


def test_themes_that_change_by_themselves_make_it_careful() -> None:
    assert told(0.6, unlike=0.5).count(Movement.FELL) < told(0.6).count(Movement.FELL) / 2


def test_what_themes_did_at_other_times_counts_too() -> None:
    """They stood still around shipping, but not before."""
    months = 6
    calm = [Counts(np.tile([4.0] * 12, (1, 1)), np.tile([4.0] * months, (1, 1)))] * 6
    restless = [
        Counts(np.array([[7.0, 1.0][:: 1 if i % 2 else -1]]).repeat(6, axis=1), each.after)
        for i, each in enumerate(calm)
    ]
    theme = Counts(np.full((1, 12), 4.0), np.full((1, months), 2.0))
    calmly, restlessly = moved(theme, calm), moved(theme, restless)
    assert calmly.effect == restlessly.effect == pytest.approx(0.51, abs=0.01)
    assert calmly.movement is Movement.FELL
    assert restlessly.movement is Movement.UNCLEAR


def test_silence_is_a_fall_however_deep() -> None:
    rng = np.random.default_rng(0)
    found = moved(spoken(rng, 6.0, 0.0), [spoken(rng, 6.0, 6.0) for _ in range(CONTROLS)])
    assert found.movement is Movement.FELL
    assert found.low is not None
    assert found.low < 0.001
    assert found.high is not None
    assert found.high < 0.2


def test_one_loud_company_leaves_the_interval_open_instead_of_failing() -> None:
    """A flood of one company's, where all companies stray far."""
    rng = np.random.default_rng(0)
    loud = [Counts(np.diag(rng.pareto(0.4, 12) * 20 + 1), np.diag([1.0] * 12)) for _ in range(4)]
    flood = Counts(np.full((1, 12), 1.0), np.full((1, 12), 5_000.0))
    found = moved(flood, loud)
    assert found.low is not None
    assert found.effect is not None
    assert found.high is not None
    assert found.low < found.effect < found.high


def test_the_interval_holds_the_effect() -> None:
    rng = np.random.default_rng(0)
    for ratio in (0.3, 1.0, 3.0):
        found = moved(spoken(rng, 6.0, 6.0 * ratio), [spoken(rng, 6.0, 6.0) for _ in range(4)])
        assert found.low is not None
        assert found.effect is not None
        assert found.high is not None
        assert found.low < found.effect < found.high


def test_it_says_so_when_there_is_too_little() -> None:
    rng = np.random.default_rng(0)
    few, many = spoken(rng, 0.5, 0.5), spoken(rng, 6.0, 6.0)
    assert moved(few, [many, many]).movement is Movement.TOO_FEW
    assert moved(many, [many, few]).movement is Movement.TOO_FEW
    assert moved(many, [many, many]).movement is Movement.UNCLEAR
