"""Longevity is the expected share of coming months in which the theme is heard."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vocloop.score.estimate import Estimate
from vocloop.score.kinds import kind
from vocloop.score.longevity import courses, exposure, month_back
from vocloop_models import LongevityKind

Counts = NDArray[np.int64]
MONTHS = 30


def share(*counts: int) -> Estimate:
    return courses(np.array([counts]), np.ones(len(counts)))[0].share


def planted(shape: LongevityKind, seed: int) -> Counts:
    """A noisy series: stray reports everywhere, Poisson counts where the theme lives."""
    rng = np.random.default_rng(seed)
    rate, t = rng.uniform(2, 8), np.arange(MONTHS)
    means = np.zeros(MONTHS)
    if shape is LongevityKind.TRANSIENT:
        start = rng.integers(2, MONTHS - 8)
        means[start : start + rng.integers(1, 4)] = 2 * rate
    if shape is LongevityKind.EMERGING:
        means[MONTHS - rng.integers(2, 6) :] = rate
    if shape is LongevityKind.RECURRING:
        period = int(rng.choice([6, 12]))
        means[(t - rng.integers(0, period)) % period < 2] = 1.5 * rate
    if shape is LongevityKind.LASTING:
        means[:] = rate
    if shape is LongevityKind.FADING:
        means = 2 * rate * np.exp(-t / rng.uniform(4, 8))
    return rng.poisson(means + 0.06)


def test_it_tells_the_kinds_of_planted_series_apart() -> None:
    wanted = [shape for shape in LongevityKind for _ in range(20)]
    counts = np.array([planted(shape, seed) for seed, shape in enumerate(wanted)])
    even = np.ones(MONTHS)
    found = [kind(c, p.on, even) for c, p in zip(counts, courses(counts, even), strict=True)]
    assert np.mean([f is w for f, w in zip(found, wanted, strict=True)]) >= 0.9


def test_without_reports_it_is_unsure_not_zero() -> None:
    nothing = share(0, 0, 0, 0)
    assert nothing.value > 0.2
    assert nothing.high - nothing.low > 0.5
    assert kind(np.zeros(4, np.int64), np.zeros(4), np.ones(4)) is None


def test_one_fresh_report_leaves_it_wide() -> None:
    one = share(1)
    assert one.value > 0
    assert one.high - one.low > 0.5


def test_a_lasting_problem_scores_above_a_fashion() -> None:
    lasting = share(*[3] * 24)
    fashion = share(*[0] * 6, 20, 30, 10, *[0] * 15)
    assert lasting.low > 0.5
    assert fashion.high < 0.4
    assert fashion.value < 0.2


def test_a_yearly_problem_is_not_written_off_in_its_quiet_season() -> None:
    yearly = share(6, 7, *[0] * 10, 8, 5, *[0] * 10, 7, 6, *[0] * 8)
    once = share(*[0] * 24, 7, 6, *[0] * 8)
    assert yearly.value > 1.15 * once.value
    assert yearly.low > once.low


def test_a_silent_month_says_little_when_nobody_spoke_of_anything() -> None:
    counts = np.array([[4, 4, 4, 0, 0, 0]])
    deserted = exposure(np.array([100.0, 100, 100, 1, 1, 1]))
    usual = exposure(np.full(6, 100.0))
    assert courses(counts, deserted)[0].share.value > courses(counts, usual)[0].share.value


def test_a_theme_does_not_depend_on_those_beside_it() -> None:
    many = np.array([planted(LongevityKind.LASTING, seed) for seed in range(70)])
    together = courses(many, np.ones(MONTHS))
    alone = courses(many[69:], np.ones(MONTHS))[0]
    assert together[69].share.value == pytest.approx(alone.share.value, abs=1e-12)
    np.testing.assert_allclose(together[69].on, alone.on, atol=1e-12)


def test_months_known_only_by_their_first_day_fall_one_to_a_bin() -> None:
    for first in range(12):
        firsts = np.arange("2000-01", "2024-01", dtype="datetime64[M]")[first:]
        days = firsts.astype("datetime64[D]")
        ages = (days[-1] - days).astype(np.float64)[-37:]
        assert month_back(ages).tolist() == list(range(36, -1, -1))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=40))
def test_shares_lie_inside_their_intervals(counts: list[int]) -> None:
    course = courses(np.array([counts]), np.ones(len(counts)))[0]
    assert 0 <= course.share.low <= course.share.value <= course.share.high <= 1
    assert ((course.on >= 0) & (course.on <= 1 + 1e-9)).all()
    assert (kind(np.array(counts), course.on, np.ones(len(counts))) is None) == (not any(counts))
