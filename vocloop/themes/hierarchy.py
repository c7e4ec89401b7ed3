"""hdbscan's hierarchy on a neighbour graph: mutual reachability over the graph's edges, its
minimum spanning tree, and the condensed tree of Campello, Moulavi & Sander (2013) on that.

The graph replaces hdbscan's own search through space, which fails in many dimensions; everything
after the spanning tree is hdbscan's code."""

from __future__ import annotations

import numpy as np
from hdbscan._hdbscan_linkage import label as single_linkage
from hdbscan._hdbscan_tree import compute_stability, condense_tree, get_clusters
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree

from vocloop.themes.nearest import nearest

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Doubles = NDArray[np.float64]

# scipy drops edges of weight 0; ends that are always together keep theirs by this much.
LEAST_DISTANCE = 1e-6
# Members of a component that stand for it when components are joined, and how many components
# are tried as partners of each.
SAMPLE = 64
PARTNERS = 5


def clusters(
    graph: csr_matrix,
    cosine: Doubles,
    points: Floats,
    *,
    likeness: float,
    min_cluster_size: int,
    min_samples: int,
    max_cluster_size: int,
) -> tuple[Ints, Ints]:
    """Labels (n,), −1 for none, by excess of mass, and those of the leaves of the same tree. No
    cluster is larger than ``max_cluster_size`` (excess of mass is bistable at size,
    docs/method/themes.md).

    ``graph``: symmetric (n, n), its values in [0, 1] say how far apart the ends of an edge are.
    ``cosine``: of the ends of each edge (``cosines``). ``points``: (n, r), unit length. The
    distance of an edge is its value + ``likeness`` × (1 − cosine); parts of the graph that no edge
    joins are joined by their cosines, as if at value 1."""
    n = graph.shape[0]
    rows = np.repeat(np.arange(n), np.diff(graph.indptr))
    columns = graph.indices.astype(np.intp)
    distance = graph.data.astype(np.float64) + likeness * (1 - cosine) + LEAST_DISTANCE
    core = _core(graph.indptr, distance, min_samples)
    reach = np.maximum(np.maximum(core[rows], core[columns]), distance)
    tree = single_linkage(_spanning_tree(rows, columns, reach, points, likeness))
    condensed = condense_tree(tree, min_cluster_size)
    labels, _, _ = get_clusters(
        condensed, compute_stability(condensed), "eom", max_cluster_size=max_cluster_size
    )
    leaves, _, _ = get_clusters(condensed, compute_stability(condensed), "leaf")
    return np.asarray(labels[:n], np.int32), np.asarray(leaves[:n], np.int32)


def cosines(graph: csr_matrix, points: Floats) -> Doubles:
    """How alike the ends of each stored edge of ``graph`` (n, n) are, in CSR order; ``points``:
    (n, r), unit length."""
    rows = np.repeat(np.arange(graph.shape[0]), np.diff(graph.indptr))
    columns = graph.indices.astype(np.intp)
    cosine = np.empty(len(rows))
    # In pieces that stay in the processor's cache, for speed and memory.
    for start in range(0, len(rows), 1 << 12):
        part = slice(start, start + (1 << 12))
        cosine[part] = np.einsum("ij,ij->i", points[rows[part]], points[columns[part]])
    return np.clip(cosine, -1, 1)


def _core(indptr: NDArray[np.int32], distance: Doubles, min_samples: int) -> Doubles:
    """The distance of each row's ``min_samples``-th nearest neighbour."""
    degree = np.diff(indptr)
    rows = np.repeat(np.arange(len(degree)), degree)
    inside = distance[np.lexsort((distance, rows))]
    core = np.full(len(degree), distance.max(initial=1.0))
    some = degree > 0
    core[some] = inside[(indptr[:-1] + np.minimum(min_samples, degree) - 1)[some]]
    return core


def _spanning_tree(
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
    reach: Doubles,
    points: Floats,
    likeness: float,
) -> Doubles:
    """Edges (n − 1, 3) as (from, to, distance), shortest first."""
    n = len(points)
    forest = minimum_spanning_tree(csr_matrix((reach, (rows, columns)), shape=(n, n))).tocoo()
    parts, member = connected_components(forest, directed=False)
    edges = np.column_stack([forest.row, forest.col, forest.data])
    if parts > 1:
        edges = np.concatenate([edges, _bridges(points, parts, member, likeness)])
    return edges[np.lexsort((edges[:, 1], edges[:, 0], edges[:, 2]))].astype(np.float64)


def _bridges(points: Floats, parts: int, member: Ints, likeness: float) -> Doubles:
    """parts − 1 edges that join all components, by the nearest of their sampled members. A
    constant far distance instead would bias excess of mass."""
    order = np.argsort(member, kind="stable")
    starts = np.searchsorted(member[order], np.arange(parts + 1))
    samples = []
    for part in range(parts):
        inside = order[starts[part] : starts[part + 1]]
        samples.append(inside[:: max(len(inside) // SAMPLE, 1)][:SAMPLE])
    middles = np.stack([points[s].mean(axis=0) for s in samples])
    near, _ = nearest(middles, middles, min(PARTNERS, parts - 1), same=True)
    found = []
    for part in range(parts):
        # The next part too: a chain through all keeps the whole connected whatever is near.
        others = sorted({*near[part].tolist(), (part + 1) % parts} - {part})
        beside = np.concatenate([samples[other] for other in others])
        # One product for all of them: many small ones spend their time on starting threads.
        cosines_beside = points[samples[part]] @ points[beside].T
        ends = np.cumsum([len(samples[other]) for other in others])
        for other, cosine in zip(others, np.split(cosines_beside, ends[:-1], axis=1), strict=True):
            i, j = np.unravel_index(int(cosine.argmax()), cosine.shape)
            gap = 1 + likeness * (1 - float(cosine[i, j])) + LEAST_DISTANCE
            found.append((part, other, gap, samples[part][i], samples[other][j]))
    heads, tails, gaps, ones, partners = (np.array(x) for x in zip(*found, strict=True))
    low, high = np.minimum(heads, tails), np.maximum(heads, tails)
    best = np.lexsort((gaps, high, low))
    first = np.ones(len(best), bool)
    first[1:] = (np.diff(low[best]) != 0) | (np.diff(high[best]) != 0)
    chosen = best[first]
    between = coo_matrix((gaps[chosen], (low[chosen], high[chosen])), shape=(parts, parts)).tocsr()
    kept = minimum_spanning_tree(between).tocoo()
    place = {(int(low[c]), int(high[c])): c for c in chosen}
    pairs = zip(kept.row.tolist(), kept.col.tolist(), strict=True)
    picked = [place[min(pair), max(pair)] for pair in pairs]
    return np.column_stack([ones[picked], partners[picked], gaps[picked]]).astype(np.float64)
