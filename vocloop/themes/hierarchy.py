"""hdbscan's hierarchy on a neighbour graph: mutual reachability over the graph's edges, its
minimum spanning tree, and the condensed tree of Campello, Moulavi & Sander (2013) on that.

The graph replaces hdbscan's own search through space, which fails in many dimensions; everything
after the spanning tree is hdbscan's code."""

from __future__ import annotations

import numpy as np
from hdbscan._hdbscan_linkage import label as single_linkage
from hdbscan._hdbscan_tree import compute_stability, condense_tree, get_clusters
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from vocloop.themes.graph import nearest

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

# Neighbours whose edges may carry the spanning tree.
REACH = 30
# scipy drops edges of weight 0; identical rows keep theirs by this much.
LEAST_DISTANCE = 1e-6
# Members of a component that stand for it when components are joined.
SAMPLE = 64


def clusters(
    points: Floats, *, min_cluster_size: int, min_samples: int, max_cluster_size: int
) -> tuple[Ints, Floats]:
    """Labels (n,), −1 for none, and membership strength (n,) in [0, 1].

    ``points``: shape (n, r), unit length. Selection by excess of mass; no cluster is larger than
    ``max_cluster_size`` (excess of mass is bistable at size, docs/method)."""
    n = len(points)
    tree = single_linkage(_spanning_tree(points, min_samples))
    condensed = condense_tree(tree, min_cluster_size)
    labels, strength, _ = get_clusters(
        condensed, compute_stability(condensed), "eom", max_cluster_size=max_cluster_size
    )
    return labels.astype(np.int32)[:n], np.asarray(strength, np.float32)[:n]


def _spanning_tree(points: Floats, min_samples: int) -> NDArray[np.float64]:
    """Edges (n − 1, 3) as (from, to, mutual reachability distance), shortest first."""
    n = len(points)
    ids, near = nearest(points, points, REACH, same=True)
    distance = np.sqrt(np.maximum(2 - 2 * near.astype(np.float64), 0))
    core = distance[:, min(min_samples, distance.shape[1]) - 1]
    rows = np.repeat(np.arange(n), ids.shape[1])
    columns = ids.ravel().astype(np.intp)
    reach = np.maximum(np.maximum(core[rows], core[columns]), distance.ravel()) + LEAST_DISTANCE
    forest = _minimum(rows, columns, reach, n)
    parts, member = connected_components(forest, directed=False)
    if parts > 1:
        extra = _bridges(points, core, parts, member)
        joined = forest.tocoo()
        forest = _minimum(
            np.concatenate([joined.row, extra[0]]),
            np.concatenate([joined.col, extra[1]]),
            np.concatenate([joined.data, extra[2]]),
            n,
        )
    edges = forest.tocoo()
    order = np.lexsort((edges.col, edges.row, edges.data))
    return np.column_stack([edges.row[order], edges.col[order], edges.data[order]]).astype(
        np.float64
    )


def _minimum(
    rows: NDArray[np.intp], columns: NDArray[np.intp], weights: NDArray[np.float64], n: int
) -> coo_matrix:
    low, high = np.minimum(rows, columns), np.maximum(rows, columns)
    order = np.lexsort((weights, high, low))
    low, high, weights = low[order], high[order], weights[order]
    first = np.ones(len(low), bool)
    first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    graph = coo_matrix((weights[first], (low[first], high[first])), shape=(n, n))
    return minimum_spanning_tree(graph.tocsr())


def _bridges(
    points: Floats, core: NDArray[np.float64], parts: int, member: Ints
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Real distances between components: each to its nearest others, by sampled members. A
    constant far distance instead would bias excess of mass."""
    order = np.argsort(member, kind="stable")
    starts = np.searchsorted(member[order], np.arange(parts + 1))
    samples = []
    for part in range(parts):
        inside = order[starts[part] : starts[part + 1]]
        step = max(len(inside) // SAMPLE, 1)
        samples.append(inside[::step][:SAMPLE])
    middles = np.stack([points[s].mean(axis=0) for s in samples])
    rows, columns, weights = [], [], []
    # A chain through all parts keeps the whole connected whatever the neighbours are.
    near, _ = nearest(middles, middles, min(REACH, parts - 1), same=True)
    for part in range(parts):
        for other in {*near[part].tolist(), (part + 1) % parts} - {part}:
            a, b = samples[part], samples[other]
            gap = np.sqrt(np.maximum(2 - 2 * (points[a] @ points[b].T).astype(np.float64), 0))
            reach = np.maximum(np.maximum(core[a][:, None], core[b][None, :]), gap)
            i, j = np.unravel_index(int(reach.argmin()), reach.shape)
            rows.append(a[i])
            columns.append(b[j])
            weights.append(reach[i, j] + LEAST_DISTANCE)
    return np.array(rows), np.array(columns), np.array(weights)
