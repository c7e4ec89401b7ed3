"""A neighbour graph in which every language has a voice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

# 15 neighbours in all; of these 5 of each other language where there is one. Every edge weighs 1:
# cross-language similarities are lower throughout, and scaled edges would be outvoted.
NEIGHBOURS = 15
ACROSS = 5
# Rows searched at a time: bounds memory at BLOCK * n floats.
BLOCK = 1024


def nearest(queries: Floats, base: Floats, k: int, *, same: bool) -> tuple[Ints, Floats]:
    """The ``k`` rows of ``base`` with the greatest dot product with each query, nearest first.

    Shapes (q, k'), k' = min(k, rows there are); among equals the lower index goes first. With
    ``same`` the queries are the base, and no row is its own neighbour."""
    k = max(min(k, len(base) - same), 0)
    ids = np.zeros((len(queries), k), np.int32)
    near = np.zeros((len(queries), k), np.float32)
    if k == 0:
        return ids, near
    for start in range(0, len(queries), BLOCK):
        stop = min(start + BLOCK, len(queries))
        similarity = queries[start:stop] @ base.T
        if same:
            similarity[np.arange(stop - start), np.arange(start, stop)] = -np.inf
        part = np.argpartition(-similarity, k - 1, axis=1)[:, :k]
        part.sort(axis=1)
        values = np.take_along_axis(similarity, part, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        ids[start:stop] = np.take_along_axis(part, order, axis=1)
        near[start:stop] = np.take_along_axis(values, order, axis=1)
    return ids, near


def balanced(points: Floats, languages: Sequence[str]) -> csr_matrix:
    """Symmetric graph with edges of weight 1, shape (n, n): each row and its NEIGHBOURS nearest
    rows, of which ACROSS are in each other language."""
    names = np.asarray(languages)
    groups = [np.flatnonzero(names == g).astype(np.int32) for g in sorted(set(languages))]
    across = ACROSS if len(groups) > 1 else 0
    heads: list[Ints] = []
    tails: list[Ints] = []
    for one in groups:
        for other in groups:
            same = one is other
            k = NEIGHBOURS - across if same else across
            ids, _ = nearest(points[one], points[other], k, same=same)
            heads.append(np.repeat(one, ids.shape[1]))
            tails.append(other[ids.ravel()])
    n = len(points)
    rows, columns = np.concatenate(heads), np.concatenate(tails)
    graph = coo_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(n, n)).tocsr()
    return graph.maximum(graph.T).tocsr()
