"""Longevity is the expected share of coming months in which the theme is heard."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from vocloop.score.estimate import Estimate
from vocloop.score.kinds import beliefs, exposure, kind
from vocloop.score.longevity import MOST, Course, Fixes, courses, month_back
from vocloop_models import LongevityKind

Counts = NDArray[np.int64]
MONTHS = 30


def share(*counts: int, fashion: float = 0.0) -> Estimate:
    months = np.ones(len(counts))
    return courses(np.array([counts]), months, fashion=np.array([fashion]))[0].share


def kind_of(*counts: int) -> LongevityKind | None:
    return kind(beliefs(np.array([counts]), np.ones(len(counts)))[0])


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
    found = [kind(belief) for belief in beliefs(counts, np.ones(MONTHS))]
    assert np.mean([f is w for f, w in zip(found, wanted, strict=True)]) >= 0.9


def test_a_busy_month_for_everything_is_no_trend() -> None:
    counts = np.array([[2, 2, 2, 2, 2, 2, 4, 4, 4, 4, 4, 4] * 2])
    volume = np.where(counts[0] == 4, 100.0, 50.0)
    assert kind(beliefs(counts, exposure(volume))[0]) is LongevityKind.LASTING


def test_few_reports_have_a_kind_and_none_has_not() -> None:
    assert kind_of(0, 0, 0) is None
    assert kind_of(1) is LongevityKind.EMERGING
    assert kind_of(*[0] * 20, 1) is LongevityKind.EMERGING
    assert kind_of(*[0] * 20, 1, *[0] * 7) is not LongevityKind.EMERGING
    assert kind_of(1, *[0] * 90) is LongevityKind.TRANSIENT
    assert kind_of(1, *[0] * 20, 1, *[0] * 90) is LongevityKind.FADING


def test_without_reports_it_is_unsure_not_zero() -> None:
    nothing = share(0, 0, 0, 0)
    assert nothing.value > 0.2
    assert nothing.high - nothing.low > 0.5


def test_no_reports_stay_unsure_beside_themes_that_are_rarely_heard() -> None:
    rare = np.zeros((50, 60), dtype=np.int64)
    rare[:49, ::30] = 1
    nothing = courses(rare, np.ones(60))[49].share
    assert nothing.high - nothing.low > 0.5


def test_one_fresh_report_leaves_it_wide() -> None:
    one = share(1)
    assert one.value > 0
    assert one.high - one.low > 0.5


def test_a_lasting_problem_scores_above_a_fashion() -> None:
    lasting = share(*[3] * 24)
    fashion = share(*[0] * 6, 20, 30, 10, *[0] * 15)
    assert lasting.low > 0.5
    assert fashion.high < 0.5
    assert fashion.value < 0.2


def test_a_sure_fashion_is_not_expected_back() -> None:
    counts = [0, 0, 0, 10, 13, 10, 2, 0, 0, 0, 0]
    assert share(*counts, fashion=0.95).value < 0.5 * share(*counts).value
    assert share(*counts, fashion=0.6) == share(*counts)


def test_the_last_strays_of_a_fashion_are_not_the_fashion() -> None:
    counts = [0, 0, 0, 2, 21, 22, 4, 1, 1]
    sure = courses(np.array([counts]), np.ones(9), fashion=np.array([0.96]))[0]
    assert sure.share.value < 0.3
    assert share(*counts).value > 0.8
    assert [m.echo for m in sure.memories if m.belief > 0.5] == [True]


def test_a_month_of_many_voices_proves_more_than_one_chance_report() -> None:
    def after(voices: int) -> float:
        counts = np.array([[1, 0, 0, 1, 0]])
        return courses(counts, np.ones(5), voices=counts * voices)[0].share.value

    once, twice, twenty, many = (after(n) for n in (1, 2, 20, 200))
    assert once < twice < twenty < many
    assert many - twenty < twenty - once < 0.2


def test_what_is_heard_every_month_can_still_be_solved() -> None:
    ever, for_long = share(*[3] * 24), share(*[5] * 200)
    assert ever.value == for_long.value == MOST
    assert for_long.high == 1


def test_a_problem_that_was_fixed_is_forgotten_soon() -> None:
    assert share(*[4] * 24, *[0] * 6).value < 0.2


def test_a_yearly_problem_is_not_written_off_in_its_quiet_season() -> None:
    yearly = share(6, 7, *[0] * 10, 8, 5, *[0] * 10, 7, 6, *[0] * 8)
    once = share(*[0] * 24, 7, 6, *[0] * 8)
    assert yearly.value > 1.15 * once.value


def test_a_silent_month_says_little_when_nobody_spoke_of_anything() -> None:
    counts = np.array([[4, 4, 4, 0, 0, 0]])
    deserted = courses(counts, np.array([100.0, 100, 100, 1, 1, 1]))[0].share
    usual = courses(counts, np.full(6, 100.0))[0].share
    assert deserted.value > usual.value


def kin_of_two_sorts(columns: int) -> tuple[Counts, NDArray[np.float64]]:
    """Ten themes that last, ten that are rare, and one of one report beside each ten."""
    counts = np.zeros((22, MONTHS), dtype=np.int64)
    counts[:10] = 1
    counts[10:20, ::10] = 1
    counts[20:, -5] = 1
    months = np.zeros((22, columns))
    months[:10, 0], months[10:20, 1] = MONTHS, 3
    months[20, 0], months[21, 1] = 1, 1
    return counts, months


def test_what_the_same_customers_speak_of_long_is_expected_to_last_longer() -> None:
    counts, months = kin_of_two_sorts(2)
    lasting, rare = courses(counts, np.ones(MONTHS), {"customer": csr_matrix(months)})[20:]
    assert lasting.prior > 2 * rare.prior
    assert lasting.share.value > rare.share.value
    factors = [ratio**weight for ratio, weight in rare.kin.values()]
    assert rare.base * np.prod(factors) == pytest.approx(rare.prior)


def test_what_themes_do_not_live_alike_in_changes_little() -> None:
    counts, months = kin_of_two_sorts(2)
    each = np.random.default_rng(0).integers(0, 4, 22)
    noise = (each[:, None] == np.arange(4)) * 1.0
    volume = np.ones(MONTHS)
    known = courses(counts, volume, {"customer": csr_matrix(months)})
    more = courses(counts, volume, {"customer": csr_matrix(months), "colour": csr_matrix(noise)})
    told = [course.kin.get("colour", (1.0, 0.0)) for course in more]
    assert all(abs(weight * np.log(ratio)) < 0.1 for ratio, weight in told)
    assert [c.prior for c in more] == pytest.approx([c.prior for c in known], rel=0.1)


def test_a_theme_of_loud_new_months_is_not_held_to_the_years_before_it() -> None:
    old = np.zeros((20, 60), dtype=np.int64)
    old[:, ::6] = 2
    new = np.array([[0] * 54 + [5] * 6])
    course = courses(np.concatenate([old, new]), np.ones(60))[20]
    assert course.share.value > 0.5
    long, young, _ = course.memories
    assert young.young
    assert young.could < long.could
    assert young.heard / young.could > 2 * long.heard / long.could


def waves(again: bool) -> Counts:
    """Forty themes, each heard from one voice in one month; twenty from six in every month of a
    half-year as well. Or all of them, ``again``, from one voice in two months of three."""
    rng = np.random.default_rng(2)
    counts = np.zeros((60, MONTHS), dtype=np.int64)
    if again:
        counts[:] = rng.random(counts.shape) < 2 / 3
    else:
        counts[np.arange(60), rng.integers(0, MONTHS - 8, 60)] = 1
        counts[40:, -6:] = 6
    return counts


def test_a_lone_voice_proves_less_where_most_were_not_heard_again() -> None:
    found = courses(waves(again=False), np.ones(MONTHS))
    assert found[0].lone > 0
    assert all(course.lone == found[0].lone for course in found)
    alone = waves(again=False)[0]
    assert found[0].share.value < courses(alone[None], np.ones(MONTHS))[0].share.value
    assert found[-1].share.value > 4 * found[0].share.value


def test_a_lone_voice_proves_a_month_where_single_voices_come_back() -> None:
    found = courses(waves(again=True), np.ones(MONTHS))
    assert found[0].lone == 0
    assert np.mean([course.share.value for course in found]) == pytest.approx(2 / 3, abs=0.05)


def joined(newcomers: bool) -> tuple[Counts, NDArray[np.float64]]:
    """Thirty themes, each said in most months since its month; and whether those who say it came in
    that month too, or were there all along."""
    rng = np.random.default_rng(3)
    came = rng.integers(0, MONTHS - 2, 30)
    came[-1] = MONTHS - 2
    since = np.arange(MONTHS) >= came[:, None]
    counts = (since & (rng.random((30, MONTHS)) < 0.7)).astype(np.int64)
    counts[-1, -2:] = 1
    return counts, since.astype(np.float64) if newcomers else np.ones((30, MONTHS))


def test_months_before_those_who_say_it_had_come_are_not_silence() -> None:
    counts, there = joined(newcomers=True)
    found = courses(counts, np.ones(MONTHS), there=there)
    unknown = courses(counts, np.ones(MONTHS))
    assert all(course.arrivals for course in found)
    assert not any(course.arrivals for course in unknown)
    assert found[-1].share.value > unknown[-1].share.value + 0.1


def begun(go_on: bool) -> Counts:
    """Thirty themes that begin in months of their own, each in a month of twelve voices; all go on
    so, or all are silent two months later."""
    counts = np.zeros((30, 2 * MONTHS), dtype=np.int64)
    for theme, month in enumerate(range(0, 2 * MONTHS, 2)):
        counts[theme, month : (None if go_on else month + 2)] = 12
    return counts


def test_a_loud_beginning_proves_more_where_such_themes_went_on() -> None:
    lasting, ending = (courses(begun(go_on), np.ones(2 * MONTHS)) for go_on in (True, False))
    assert {course.loud for course in lasting} == {1.0}
    assert {course.loud for course in ending} == {0.5}
    assert lasting[-1].share.value > 0.85
    assert ending[-1].share.value < 0.7


def test_who_came_when_is_left_aside_where_it_foretells_nothing() -> None:
    counts, there = joined(newcomers=False)
    found = courses(counts, np.ones(MONTHS), there=there)
    assert found == courses(counts, np.ones(MONTHS))


def test_its_interval_holds_what_follows() -> None:
    rng = np.random.default_rng(1)
    chances = rng.beta(1, 4, 300)
    counts = (rng.random((300, 48)) < chances[:, None]).astype(np.int64)
    after = rng.binomial(12, chances) / 12
    shares = [course.share for course in courses(counts, np.ones(48))]
    held = [s.low <= a <= s.high for s, a in zip(shares, after, strict=True)]
    assert np.mean(held) >= 0.85


def test_the_formula_gives_the_value() -> None:
    course = courses(np.array([[1, 0, 0, 2, 0, 1, 0]]), np.ones(7))[0]
    assert sum(m.belief for m in course.memories) == pytest.approx(1)
    assert sum(m.belief * m.chance for m in course.memories) == pytest.approx(course.share.value)
    for m in course.memories:
        a = m.months / 30
        assert (a + m.heard) / (a / course.prior + m.could) == pytest.approx(m.chance)


def test_months_known_only_by_their_first_day_fall_one_to_a_bin() -> None:
    for first in range(12):
        firsts = np.arange("2000-01", "2024-01", dtype="datetime64[M]")[first:]
        days = firsts.astype("datetime64[D]")
        ages = (days[-1] - days).astype(np.float64)[-37:]
        assert month_back(ages).tolist() == list(range(36, -1, -1))


@settings(max_examples=30)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=40))
def test_shares_lie_inside_their_intervals(counts: list[int]) -> None:
    found = share(*counts)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert (kind_of(*counts) is None) == (not any(counts))


@settings(max_examples=30)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=40), st.integers(0, 39))
def test_ten_times_the_companies_in_a_month_change_little(counts: list[int], at: int) -> None:
    louder = counts.copy()
    louder[at % len(counts)] *= 10
    assert abs(share(*louder).value - share(*counts).value) < 0.15


def shipped(month: int, *counts: int, part: float = 1.0) -> Course:
    """After something was shipped in a month for that part of the theme."""
    fixes = Fixes(np.array([month]), np.array([part]))
    return courses(np.array([counts]), np.ones(len(counts)), fixes=fixes)[0]


def held(course: Course) -> float:
    """The belief that the fix ended it."""
    return sum(memory.belief for memory in course.memories if memory.fixed)


STEADY = [3] * 18


def test_what_was_shipped_for_a_theme_lets_expect_less_of_it() -> None:
    before, after = share(*STEADY).value, shipped(17, *STEADY).share.value
    assert 0.4 < after < 0.7 < before
    assert after < shipped(17, *STEADY, part=0.3).share.value < before


def test_silence_after_a_fix_is_its_success_and_voices_are_its_failure() -> None:
    silent, still = shipped(17, *STEADY, 0, 0), shipped(17, *STEADY, 3, 3, 3, 3)
    assert held(silent) > 0.95
    assert silent.share.value < 0.2 < share(*STEADY, 0, 0).value
    assert held(still) < 0.05
    assert still.share.value > 0.85


def test_strays_after_a_fix_are_not_its_failure() -> None:
    assert shipped(17, *STEADY, 1, 0, 0, 1, 0).share.value < 0.4


def test_what_was_shipped_for_nothing_of_a_theme_changes_nothing() -> None:
    assert shipped(9, *STEADY, part=0.0).share == share(*STEADY)


@given(
    st.lists(st.integers(0, 4), min_size=2, max_size=30),
    st.integers(-1, 29),
    st.floats(0.0, 1.0),
)
@settings(max_examples=50)
def test_an_interval_holds_its_value_whenever_something_was_shipped(
    counts: list[int], month: int, part: float
) -> None:
    course = shipped(min(month, len(counts) - 1), *counts, part=part)
    assert 0 <= course.share.low <= course.share.value <= course.share.high <= 1
    assert sum(memory.belief for memory in course.memories) == pytest.approx(1)
