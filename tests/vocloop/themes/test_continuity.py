from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from vocloop.themes.continuity import carry
from vocloop.themes.discover import Discovery
from vocloop.themes.space import Space

Ints = NDArray[np.int32]


def found(labels: list[int] | Ints, sure: float = 0.9) -> Discovery:
    numbers = np.asarray(labels, np.int32)
    confidence = np.where(numbers >= 0, sure, 0).astype(np.float32)
    points = np.zeros((len(numbers), 2), np.float32)
    return Discovery(numbers, confidence, points, Space(np.zeros(2, np.float32), (), None))


def known(labels: list[int]) -> Ints:
    return np.asarray(labels, np.int32)


def test_without_known_themes_the_answer_is_what_was_found() -> None:
    labels = [0] * 9 + [1] * 8 + [-1] * 3
    assert carry(found(labels), known([-1] * 20)).labels.tolist() == labels


def test_arrivals_join_the_theme_that_their_cluster_continues() -> None:
    result = carry(found([0] * 12 + [1] * 10), known([1] * 10 + [-1, -1] + [0] * 10))
    assert result.labels.tolist() == [1] * 12 + [0] * 10
    assert result.overlap.tolist() == [1, 1]


def test_a_cluster_of_what_had_no_theme_is_born() -> None:
    result = carry(found([0] * 10 + [1] * 10), known([0] * 10 + [-1] * 10))
    assert result.labels.tolist() == [0] * 10 + [1] * 10


def test_a_theme_that_falls_apart_keeps_its_members_and_a_split_is_proposed() -> None:
    result = carry(found([0] * 12 + [1] * 10, sure=0.5), known([0] * 22))
    assert result.labels.tolist() == [0] * 22
    (proposal,) = result.proposals
    assert (proposal.kind, proposal.themes) == ("split", (0,))
    assert proposal.rows.tolist() == list(range(12, 22))


def test_two_themes_in_one_cluster_stay_two_and_a_merge_is_proposed() -> None:
    result = carry(found([0] * 30), known([0] * 20 + [1] * 10))
    assert result.labels.tolist() == [0] * 20 + [1] * 10
    (proposal,) = result.proposals
    assert (proposal.kind, proposal.themes) == ("merge", (0, 1))


def test_no_merge_is_proposed_of_what_people_called_different() -> None:
    assert not carry(found([0] * 30), known([0] * 20 + [1] * 10), apart=[(1, 0)]).proposals


def test_a_sure_member_of_another_theme_moves_and_an_unsure_one_stays() -> None:
    before = known([0] * 10 + [1] * 10)
    clusters = [0] * 9 + [1] * 11
    assert carry(found(clusters, sure=0.9), before).labels[9] == 1
    assert carry(found(clusters, sure=0.4), before).labels[9] == 0


def test_nothing_moves_what_a_person_placed() -> None:
    before = known([0] * 10 + [1] * 10 + [-1])
    fixed = np.zeros(21, bool)
    fixed[[9, 20]] = True
    result = carry(found([0] * 9 + [1] * 12), before, fixed=fixed)
    assert result.labels[9] == 0
    assert result.labels[20] == -1


@pytest.mark.parametrize("n", [0, 1, 3])
def test_few_rows_are_no_error(n: int) -> None:
    assert len(carry(found([-1] * n), known([-1] * n)).labels) == n


_labels = st.lists(st.tuples(st.integers(-1, 5), st.integers(-1, 5)), min_size=1, max_size=120)


@settings(max_examples=60)
@given(_labels, st.floats(0, 1))
def test_every_known_theme_keeps_more_than_half_of_its_members(
    rows: list[tuple[int, int]], sure: float
) -> None:
    before, _ = np.unique([-1, *(t for t, _ in rows)], return_inverse=True)
    rank = {int(t): i - 1 for i, t in enumerate(before)}
    themes = known([rank[t] for t, _ in rows])
    result = carry(found([c for _, c in rows], sure), themes)
    for theme in range(int(themes.max(initial=-1)) + 1):
        own = result.labels[themes == theme]
        assert (own == theme).sum() * 2 > len(own)
    assert (result.confidence[result.labels < 0] == 0).all()


@settings(max_examples=60)
@given(_labels)
def test_a_second_run_over_the_same_changes_nothing(rows: list[tuple[int, int]]) -> None:
    clusters = [c for _, c in rows]
    first = carry(found(clusters), known([-1] * len(rows)))
    again = carry(found(clusters), first.labels)
    assert again.labels.tolist() == first.labels.tolist()
    assert not again.proposals
