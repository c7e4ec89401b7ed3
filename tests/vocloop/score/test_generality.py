"""Generality is a share of companies, in the segment where the theme sits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocloop.score.generality import Counted, Generality, generality
from vocloop.score.segments import Segments, Traits, segments_of


def parted(values: list[str], faces: list[bool]) -> Segments:
    """Companies with one known attribute each, and whether they face the one theme."""
    names = tuple(sorted(set(values)))
    codes = np.array([[names.index(v)] for v in values], dtype=np.int64).reshape(-1, 1)
    theme = np.where(np.array(faces, dtype=bool), 0, -1)
    return segments_of(Traits(("industry",), (names,), codes), np.arange(len(values)), theme, 1)


def overall(said: Counted, heard: Counted) -> Generality:
    return generality(said, heard, parted([], []), 0)


def segmented(values: list[str], faces: list[bool]) -> Generality:
    return generality(Counted(sum(faces)), Counted(len(values)), parted(values, faces), 0)


def test_it_is_unsure_not_zero_when_nobody_was_heard() -> None:
    nobody = overall(Counted(0), Counted(0)).estimate
    assert nobody.value > 0
    assert nobody.high - nobody.low > 0.9


def test_it_narrows_as_more_companies_are_heard() -> None:
    few = overall(Counted(3), Counted(10)).estimate
    many = overall(Counted(300), Counted(1_000)).estimate
    assert many.high - many.low < 0.1 < few.high - few.low
    assert few.low < 0.3 < few.high
    assert many.low < 0.3 < many.high


def test_its_interval_holds_the_truth_in_nine_of_ten_simulated_companies() -> None:
    rng = np.random.default_rng(7)
    truths = rng.uniform(0.02, 0.95, size=1_000)
    estimates = [overall(Counted(int(rng.binomial(60, t))), Counted(60)).share for t in truths]
    held = [e.low <= t <= e.high for e, t in zip(estimates, truths, strict=True)]
    assert 0.85 <= np.mean(held) <= 0.95


def test_messages_of_no_known_company_keep_the_interval_wide_however_many_they_are() -> None:
    anonymous = overall(Counted(0, messages=50_000), Counted(0, messages=100_000)).estimate
    assert anonymous.high - anonymous.low > 0.5
    more = overall(Counted(0, messages=90_000), Counted(0, messages=100_000)).estimate
    assert more.value > anonymous.value


def test_it_names_the_segment_where_the_theme_sits() -> None:
    values = ["maker"] * 31 + ["shop"] * 30 + ["bank"] * 30
    faces = [i < 19 for i in range(31)] + [i < 2 for i in range(60)]
    found = segmented(values, faces)
    assert found.best is not None
    assert (found.best.attribute, found.best.value) == ("industry", "maker")
    assert (found.best.said, found.best.heard) == (19, 31)
    assert found.best.lift > 5
    assert found.best.lift_low > 1
    assert found.basis == found.best
    assert found.share.value < found.estimate.value <= 19 / 31
    assert len(found.segments) == 3


def test_it_names_no_segment_when_all_are_alike() -> None:
    found = segmented(["a", "b", "c", "d"] * 25, [i % 5 == 0 for i in range(100)])
    assert found.best is None
    assert found.estimate.value == pytest.approx(0.2, abs=0.03)


def test_false_segments_are_rare() -> None:
    rng = np.random.default_rng(3)
    values = [str(v) for v in rng.integers(0, 10, size=200)]
    named = [segmented(values, list(rng.random(200) < 0.2)).best is not None for _ in range(200)]
    assert np.mean(named) <= 0.1


def test_a_few_companies_are_no_segment() -> None:
    found = segmented(["tiny"] * 4 + ["rest"] * 20, [True] * 4 + [False] * 20)
    assert [s.value for s in found.segments] == ["rest"]


companies = st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), min_size=0, max_size=60)


@given(companies, st.sampled_from("abcd"))
def test_adding_a_company_that_faces_it_never_lowers_it(
    known: list[tuple[str, bool]], newcomer: str
) -> None:
    before = segmented([v for v, _ in known], [f for _, f in known]).estimate
    more = [*known, (newcomer, True)]
    after = segmented([v for v, _ in more], [f for _, f in more]).estimate
    assert after.value >= before.value - 1e-12


@given(companies)
def test_a_company_that_turns_out_to_face_it_never_lowers_it(known: list[tuple[str, bool]]) -> None:
    before = segmented([v for v, _ in known], [f for _, f in known]).estimate
    for i, (_, face) in enumerate(known):
        if face:
            continue
        faces = [f or j == i for j, (_, f) in enumerate(known)]
        assert segmented([v for v, _ in known], faces).estimate.value >= before.value - 1e-12


@given(companies)
def test_values_are_shares_inside_their_intervals(known: list[tuple[str, bool]]) -> None:
    found = segmented([v for v, _ in known], [f for _, f in known])
    for e in (found.estimate, found.share, *(s.share for s in found.segments)):
        assert 0 <= e.low <= e.value <= e.high <= 1
