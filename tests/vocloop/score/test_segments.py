"""The finder names the segments where a theme sits, singles and pairs, and few false ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from vocloop.score.segments import (
    MIN_SEGMENT,
    Reachable,
    Segments,
    SegmentShare,
    Traits,
    _upper_tail,
    find,
    segments_of,
)

INDUSTRY, DEPARTMENT = ("maker", "shop", "bank"), ("hr", "it")


def companies(*groups: tuple[int, int, str | None, str | None]) -> Segments:
    """(companies, of them facing the theme, industry, department) each."""
    codes, faces = [], []
    for heard, said, industry, department in groups:
        code = [
            INDUSTRY.index(industry) if industry else -1,
            DEPARTMENT.index(department) if department else -1,
        ]
        codes += [code] * heard
        faces += [0] * said + [-1] * (heard - said)
    traits = Traits(("industry", "department"), (INDUSTRY, DEPARTMENT), np.array(codes))
    return segments_of(traits, np.arange(len(codes)), np.array(faces), 1)


def named(segments: Segments) -> list[SegmentShare]:
    share = segments.said[0].sum() / max(segments.heard.sum(), 1)
    return [row for row in find(segments, 0, float(share)) if row.significant]


def test_it_finds_the_crossing_of_two_attributes() -> None:
    found = named(
        companies(
            (31, 24, "maker", "it"), (40, 3, "maker", "hr"),
            (40, 3, "shop", "it"), (40, 3, "shop", "hr"), (40, 3, "bank", "it"),
        )
    )  # fmt: skip
    best = max(found, key=lambda row: row.share.value)
    assert best.parts == (("industry", "maker"), ("department", "it"))
    assert (best.said, best.heard) == (24, 31)
    assert best.lift_low > 3
    assert best.share.low < 24 / 31 < best.share.high


def test_a_corner_of_a_true_segment_is_not_one_more() -> None:
    found = named(
        companies(
            (40, 28, "maker", "it"), (40, 28, "maker", "hr"),
            (40, 4, "shop", "it"), (40, 4, "shop", "hr"),
        )
    )  # fmt: skip
    assert [row.parts for row in found] == [(("industry", "maker"),)]


def test_a_company_whose_attribute_is_unknown_is_in_no_segment_of_it() -> None:
    segments = companies((20, 5, "maker", None), (20, 5, None, "it"), (20, 5, "shop", "hr"))
    sizes = dict(zip(segments.parts, segments.heard.tolist(), strict=True))
    assert sizes[(("industry", "maker"),)] == 20
    known = dict(zip(segments.parts, segments.known.tolist(), strict=True))
    assert known[(("industry", "maker"),)] == 40


def test_few_companies_are_people_not_a_segment() -> None:
    segments = companies((MIN_SEGMENT - 1, 4, "maker", None), (20, 1, "shop", None))
    assert segments.parts == ((("industry", "shop"),),)


def test_a_loud_company_counts_once() -> None:
    traits = Traits(("industry",), (("maker", "shop"),), np.array([[0]] * 9 + [[1]] * 9))
    who = np.array([0] * 4 + [1, 2, 3, 4, 5] + list(range(6, 15)))
    segments = segments_of(traits, who, np.zeros(18, dtype=np.int64), 1)
    assert segments.heard.tolist() == [6, 9]
    assert segments.said.tolist() == [[6, 9]]


def test_a_company_is_in_the_segment_of_each_of_its_people() -> None:
    """Ten companies with an IT and an HR person each; only those of IT speak of the theme."""
    traits = Traits(("department",), (DEPARTMENT,), np.array([[0], [1]] * 10))
    who, theme = np.repeat(np.arange(10), 2), np.array([-1, 0] * 10)
    segments = segments_of(traits, who, theme, 1)
    assert segments.heard.tolist() == [10, 10]
    assert segments.said.tolist() == [[0, 10]]
    assert [row.value for row in named(segments)] == ["it"]


def test_its_tail_is_that_of_fishers_exact_test() -> None:
    k, total, faces, n = (np.array(v) for v in ([3, 19, 1], [40, 300, 10], [9, 25, 4], [12, 31, 5]))
    assert _upper_tail(k, total, faces, n) == pytest.approx(hypergeom.sf(k - 1, total, faces, n))


def test_reach_is_who_has_not_said_it_yet() -> None:
    reachable = Reachable(
        {
            "a": [{"industry": "maker", "department": "it"}],
            "b": [{"industry": "maker", "department": "hr"}, {"industry": "maker"}],
            "c": [{"department": "it"}],
            "d": [{"industry": "maker", "department": "it"}],
        }
    )
    assert reachable.silent((), {"a"}) == 3
    assert reachable.silent((("industry", "maker"),), {"a"}) == 2
    assert reachable.silent((("industry", "maker"), ("department", "it")), {"a"}) == 1


rows = st.lists(
    st.tuples(st.integers(0, 30), st.integers(-1, 2), st.integers(-1, 1), st.booleans()),
    max_size=60,
)


@settings(max_examples=40)
@given(rows)
def test_counts_never_exceed_what_they_are_of(found: list[tuple[int, int, int, bool]]) -> None:
    codes = np.array([[i, d] for _, i, d, _ in found], dtype=np.int64).reshape(-1, 2)
    who = np.array([w for w, *_ in found], dtype=np.int64)
    theme = np.array([0 if faces else -1 for *_, faces in found], dtype=np.int64)
    traits = Traits(("industry", "department"), (INDUSTRY, DEPARTMENT), codes)
    segments = segments_of(traits, who, theme, 1)
    assert (segments.said[0] <= segments.heard).all()
    assert (segments.heard >= MIN_SEGMENT).all()
    assert (segments.known >= segments.heard).all()
    for row in find(segments, 0, 0.2):
        assert 0 <= row.share.low <= row.share.value <= row.share.high <= 1
        assert 0 < row.lift_low <= row.lift <= row.lift_high
        assert 0 <= row.p <= 1
