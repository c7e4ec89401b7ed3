"""Areas above the themes: the same graph, seen from further away."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.metrics import adjusted_rand_score

from vocloop.themes.communities import partition
from vocloop.themes.nearest import nearest
from vocloop.themes.space import middles

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

# Resolutions that are tried, each so many times without a part of the edges: where the partitions
# agree most, the cut is stable.
RESOLUTIONS = (0.7, 1.0, 1.4, 2.0, 2.8, 4.0)
RUNS = 6
LEFT_OUT = 0.2
# Fewer themes than this are read at a glance; areas hold this many themes on average at least.
LEAST_THEMES = 6
CLOSEST = 3
THEMES_AN_AREA = 2.0
SEED = 7


def areas(labels: Ints, graph: csr_matrix, points: Floats) -> Ints:
    """The area of each theme, (k,), numbered from the one with the most statements down; all 0
    when there are too few themes for areas, or none holds together.

    ``labels`` (n,): theme of each row, −1 for none; ``graph``: symmetric (n, n); ``points`` (n, r):
    unit length. Themes are tied by the edges between their members, and each to the CLOSEST by its
    middle, since themes far apart have no edges; the cut is the resolution at which Leiden, run on
    that with some of the edges left out, agrees with itself most (adjusted Rand index)."""
    themes = int(labels.max(initial=-1)) + 1
    if themes < LEAST_THEMES:
        return np.zeros(themes, np.int32)
    edges = graph.tocoo()
    inside = (labels[edges.row] >= 0) & (labels[edges.col] >= 0)
    inside &= (edges.row < edges.col) & (labels[edges.row] != labels[edges.col])
    middle = middles(labels, points)
    near, _ = nearest(middle, middle, CLOSEST, same=True)
    ends = [
        np.concatenate([labels[edges.row[inside]], np.repeat(np.arange(themes), near.shape[1])]),
        np.concatenate([labels[edges.col[inside]], near.ravel()]),
    ]
    random = np.random.default_rng(SEED)
    best, best_found = -1.0, np.zeros(themes, np.int32)
    for resolution in RESOLUTIONS:
        found = []
        for turn in range(RUNS):
            kept = random.random(len(ends[0])) >= LEFT_OUT
            tied = csr_matrix(
                (np.ones(kept.sum()), (ends[0][kept], ends[1][kept])), shape=(themes, themes)
            )
            found.append(partition((tied + tied.T).tocsr(), resolution, turn))
        many = [len(set(part.tolist())) for part in found]
        if min(many) < 2 or max(many) * THEMES_AN_AREA > themes:
            continue
        agree = np.zeros((RUNS, RUNS))
        for i, j in combinations(range(RUNS), 2):
            agree[i, j] = agree[j, i] = adjusted_rand_score(found[i], found[j])
        stable = float(agree.sum() / (RUNS * (RUNS - 1)))
        if stable > best:
            # The run that the others agree with most stands for all of them.
            best, best_found = stable, found[int(agree.sum(axis=1).argmax())]
    size = np.bincount(labels[labels >= 0], minlength=themes)
    names, place = np.unique(best_found, return_inverse=True)
    weight = np.bincount(place, weights=size, minlength=len(names))
    rank = np.empty(len(names), np.int32)
    rank[np.lexsort((np.arange(len(names)), -weight))] = np.arange(len(names), dtype=np.int32)
    return rank[place].astype(np.int32)
