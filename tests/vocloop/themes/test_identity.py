from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vocloop.themes.identity import match

labels = st.lists(st.tuples(st.integers(-1, 5), st.integers(-1, 5)), max_size=60)


def as_known(values: list[int]) -> list[str | None]:
    return [f"T-{v}" if v >= 0 else None for v in values]


def as_clusters(values: list[int]) -> np.ndarray:
    return np.array(values, np.int32)


def test_a_theme_keeps_its_id_when_most_members_stay_together() -> None:
    found = match(["a"] * 6 + ["b"] * 4, as_clusters([1] * 5 + [0] * 5))
    assert {(m.theme, m.cluster) for m in found} == {("a", 1), ("b", 0)}


def test_of_two_halves_the_larger_one_takes_the_id() -> None:
    found = match(["a"] * 10, as_clusters([0] * 3 + [1] * 7))
    assert [(m.theme, m.cluster) for m in found] == [("a", 1)]


def test_of_two_themes_that_became_one_the_larger_one_lives_on() -> None:
    found = match(["a"] * 3 + ["b"] * 7, as_clusters([0] * 10))
    assert [(m.theme, m.cluster) for m in found] == [("b", 0)]


def test_a_small_common_part_is_no_identity() -> None:
    assert match(["a"] * 20, as_clusters([0] + [-1] * 19)) == []


def test_nothing_known_or_nothing_found_gives_no_match() -> None:
    assert match([], as_clusters([])) == []
    assert match([None, None], as_clusters([0, 0])) == []
    assert match(["a", "a"], as_clusters([-1, -1])) == []


@given(labels)
def test_it_is_one_to_one(rows: list[tuple[int, int]]) -> None:
    found = match(as_known([a for a, _ in rows]), as_clusters([b for _, b in rows]))
    assert len({m.theme for m in found}) == len(found)
    assert len({m.cluster for m in found}) == len(found)


@given(labels)
def test_the_same_partition_keeps_every_id(rows: list[tuple[int, int]]) -> None:
    values = [a for a, _ in rows]
    found = match(as_known(values), as_clusters(values))
    assert {(m.theme, m.cluster) for m in found} == {(f"T-{v}", v) for v in values if v >= 0}
    assert all(m.overlap == 1 for m in found)


@given(labels, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int, int]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (
        sum(m.overlap for m in match(as_known([a for a, _ in r]), as_clusters([b for _, b in r])))
        for r in (rows, shuffled)
    )
    assert np.isclose(one, other)
