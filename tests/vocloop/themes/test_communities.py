from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from vocloop.themes.communities import COARSEST, FINEST, agreement, ladder


def cliques(count: int, size: int, *, bridges: bool = True) -> csr_matrix:
    """Complete subgraphs, each tied to the next by one edge."""
    n = count * size
    dense = np.kron(np.eye(count), np.ones((size, size))) - np.eye(n)
    if bridges:
        for i in range(count - 1):
            a, b = i * size, (i + 1) * size
            dense[a, b] = dense[b, a] = 1
    return csr_matrix(dense)


def test_edges_inside_a_clique_are_sure_and_bridges_are_not() -> None:
    graph = cliques(6, 8)
    sure = csr_matrix((agreement(graph)[0], graph.indices, graph.indptr), graph.shape).toarray()
    inside = [sure[i, j] for i in range(48) for j in range(48) if i // 8 == j // 8 and i != j]
    bridges = [sure[i * 8, (i + 1) * 8] for i in range(5)]
    assert np.mean(inside) > 0.9
    assert np.mean(bridges) < 0.6


def test_an_edge_is_as_sure_in_both_directions() -> None:
    graph = cliques(4, 6)
    sure = csr_matrix((agreement(graph)[0], graph.indices, graph.indptr), graph.shape)
    assert abs(sure - sure.T).max() == 0


def test_it_tells_how_far_it_is_and_ends_when_told_to() -> None:
    told: list[tuple[int, int]] = []
    agreement(cliques(4, 6), progress=lambda *each: told.append(each))
    assert [done for done, _ in told] == list(range(1, told[0][1] + 1))

    def stop(done: int, _: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        agreement(cliques(4, 6), progress=stop)


def test_it_gives_the_same_answer_again() -> None:
    graph = cliques(5, 7)
    assert agreement(graph).tobytes() == agreement(graph).tobytes()


def test_a_graph_without_edges_is_no_error() -> None:
    assert agreement(csr_matrix((5, 5))).shape == (1, 0)


def test_groups_of_runs_are_runs_of_their_own() -> None:
    graph = cliques(150, 8)
    groups = agreement(graph)
    assert groups.shape == (8, graph.nnz)
    assert len({one.tobytes() for one in groups}) == len(groups)


@given(st.integers(1, 2_000_000))
@settings(max_examples=50)
def test_the_ladder_climbs_from_coarse_to_fine_within_its_bounds(n: int) -> None:
    steps = ladder(n)
    assert steps == sorted(steps)
    assert steps[0] == COARSEST
    assert steps[-1] <= FINEST + 1e-9


def test_more_statements_are_looked_at_more_finely() -> None:
    tops = [ladder(n)[-1] for n in (100, 1_000, 3_000, 100_000)]
    assert tops == sorted(tops)
    assert tops[0] == pytest.approx(1, abs=0.05)


def test_an_edge_that_one_of_two_views_lacks_is_less_sure() -> None:
    ring = np.ones((6, 6), np.float32) - np.eye(6, dtype=np.float32)
    halves = ring.copy()
    halves[:3, 3:] = halves[3:, :3] = 0
    whole, parted = csr_matrix(ring), csr_matrix(halves)
    sure = csr_matrix((agreement(whole, [whole, parted])[0], whole.indices, whole.indptr), (6, 6))
    assert sure[0, 3] < sure[0, 1]
