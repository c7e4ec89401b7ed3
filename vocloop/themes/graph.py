"""A neighbour graph in which every language has a voice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix

from vocloop.themes.nearest import Searcher
from vocloop.themes.space import unit

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

# 15 neighbours in all; of these 5 of each other language where there is one. Every edge weighs 1:
# cross-language similarities are lower throughout, and scaled edges would be outvoted.
NEIGHBOURS = 15
ACROSS = 5
# An edge across languages is trusted when its ends are at least this share as alike as each is to
# its neighbours at home. Translations measure .7 and more, sets without a common topic .2 to .5.
TRUST = 0.55
# Up to FEW rows the last digits of a vector can decide whether a theme is one or two. Neighbours
# are then looked for VIEWS times, each time without a share HIDDEN of the directions.
FEW = 1_000
VIEWS = 12
HIDDEN = 0.3
SEED = 11


def views(points: Floats, languages: Sequence[str]) -> list[csr_matrix]:
    """The ``balanced`` graph of (n, r) ``points``, alone when there are more than FEW rows; else
    that of each view: what is near from most sides is near."""
    if len(points) > FEW:
        return [balanced(points, languages)]
    random = np.random.default_rng(SEED)
    seen = [random.random(points.shape[1]) >= HIDDEN for _ in range(VIEWS)]
    return [balanced(unit(points[:, some]), languages) for some in seen]


def balanced(points: Floats, languages: Sequence[str]) -> csr_matrix:
    """Symmetric graph with edges of weight 1, shape (n, n): each row and its NEIGHBOURS nearest
    rows, of which up to ACROSS are in each other language, where they deserve trust."""
    if not len(points):
        return csr_matrix((0, 0), dtype=np.float32)
    names = np.asarray(languages)
    groups = [np.flatnonzero(names == g).astype(np.int32) for g in sorted(set(languages))]
    across = ACROSS if len(groups) > 1 else 0
    density = np.full(len(points), np.nan, np.float32)
    heads: list[Ints] = []
    tails: list[Ints] = []
    searchers = [Searcher(points[group]) for group in groups]
    for group, search in zip(groups, searchers, strict=True):
        ids, near = search.nearest(points[group], NEIGHBOURS - across, same=True)
        heads.append(np.repeat(group, ids.shape[1]))
        tails.append(group[ids.ravel()])
        if ids.shape[1]:
            density[group] = near.mean(axis=1)
    for one in groups:
        for other, search in zip(groups, searchers, strict=True):
            if one is other:
                continue
            ids, near = search.nearest(points[one], across, same=False)
            head, tail = np.repeat(one, ids.shape[1]), other[ids.ravel()]
            trusted = near.ravel() >= TRUST * usual(density[head], density[tail])
            heads.append(head[trusted])
            tails.append(tail[trusted])
    n = len(points)
    rows, columns = np.concatenate(heads), np.concatenate(tails)
    graph = coo_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(n, n)).tocsr()
    graph.data[:] = 1
    return graph.maximum(graph.T).tocsr()


def usual(one: Floats, other: Floats) -> Floats:
    """The mean of both densities; where one is unknown (its language has a single row) the other
    stands for both, and 0 where neither is known."""
    one, other = np.where(np.isnan(one), other, one), np.where(np.isnan(other), one, other)
    return np.nan_to_num((one + other) / 2).astype(np.float32)
