"""Impact multiplies the three, and carries their doubt along."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocloop.errors import InvalidInputError
from vocloop.score.estimate import Estimate
from vocloop.score.impact import EQUAL, TOP, Exponents, impact, ranks

SURE = Estimate(0.5, 0.49, 0.51)
estimates = st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)).map(
    lambda t: Estimate(sorted(t)[1], min(t), max(t))
)


def test_it_is_the_product() -> None:
    assert impact(SURE, Estimate(0.8, 0.7, 0.9), SURE).value == pytest.approx(0.2)


def test_a_doubtful_part_makes_the_whole_doubtful() -> None:
    sure = impact(SURE, SURE, SURE)
    doubtful = impact(Estimate(0.5, 0.1, 0.9), SURE, SURE)
    assert doubtful.high - doubtful.low > 5 * (sure.high - sure.low)


def test_an_exponent_of_zero_leaves_a_part_out() -> None:
    without = Exponents(generality=0)
    assert impact(Estimate(0, 0, 1), SURE, SURE, without).value == pytest.approx(0.25)


def test_a_negative_exponent_is_refused_by_name() -> None:
    with pytest.raises(InvalidInputError, match="exponent of severity is -1"):
        Exponents(severity=-1)


@given(estimates, estimates, estimates)
def test_it_lies_inside_its_interval_and_is_the_same_each_time(
    a: Estimate, b: Estimate, c: Estimate
) -> None:
    found = impact(a, b, c)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert impact(a, b, c) == found


def themes(*values: float, half: float = 0.02) -> list[tuple[Estimate, Estimate, Estimate]]:
    part = [Estimate.inside(v, v - half, v + half) for v in values]
    return [(p, p, p) for p in part]


def test_ranks_far_apart_are_sure_and_close_ones_change_places() -> None:
    parts = themes(0.2, 0.9, 0.5, 0.505)
    found = ranks(parts, [p[0].value ** 3 for p in parts])
    assert [rank.rank for rank in found] == [4, 1, 3, 2]
    assert (found[2].rival, found[3].rival) == (3, 2)
    assert 0.3 < found[2].swap < 0.6
    assert found[1].swap < 0.01


def test_the_top_holds_as_many_as_it_says() -> None:
    parts = themes(*[0.3 + 0.02 * i for i in range(2 * TOP)], half=0.2)
    found = ranks(parts, [p[0].value ** 3 for p in parts], EQUAL)
    assert sum(rank.top for rank in found) == pytest.approx(TOP)
    assert found[-1].top > 0.8
    assert found[0].top < 0.2


def test_one_theme_has_no_rival() -> None:
    assert ranks([], []) == []
    (alone,) = ranks(themes(0.5), [0.1])
    assert (alone.rank, alone.top, alone.rival) == (1, 1.0, None)
