"""How sure is an edge? Many partitions of the graph, from coarse to fine, are asked.

Leiden (Traag, Waltman & van Eck 2019) finds communities at one resolution, and which resolution is
right differs from data set to data set. So it is run at a ladder of them, each time with some of
the edges left out: the share of runs that keep both ends of an edge together says how near they
are at all scales at once, and how much it takes to part them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from graspologic_native import leiden_csr
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, triu

Floats = NDArray[np.float32]

# benchmarks/themes.py. The ladder climbs by √2; its top follows the data's size, as fine
# partitions of few statements are noise.
COARSEST = 0.35
STEP = 2**0.5
FINEST = 8.0
STATEMENTS_PER_RESOLUTION = 300
# Edges left out of each run, so that what hangs on single edges shows.
LEFT_OUT = 0.2
# Up to so many statements: groups of runs, and runs at each resolution in each group, fewer when
# runs are long. Several groups outvote a merger that one would make by chance (discover), which
# helps where themes are small, but not where the graph has many views.
RUNS = ((1_000, 1, 32), (3_000, 8, 4), (10_000, 1, 8), (50_000, 1, 2))
SEED = 7
MOST_THREADS = 8


def agreement(
    graph: csr_matrix,
    views: Sequence[csr_matrix] = (),
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Floats:
    """For each group of runs and each stored edge of the symmetric ``graph`` (in CSR order): the
    share of runs in which its ends are in one community, in [0, 1], (g, edges).

    ``views``: symmetric graphs over the same rows that the runs partition by turns, instead of
    ``graph`` itself. ``progress``: runs that are done, of how many; what it raises ends them."""
    n = graph.shape[0]
    groups, each = _runs(n)
    if not graph.nnz:
        return np.zeros((groups, 0), np.float32)
    halves = [triu(view, k=1).tocoo() for view in views or (graph,)]
    rows = np.repeat(np.arange(n), np.diff(graph.indptr))
    steps = [resolution for resolution in ladder(n) for _ in range(each)]
    resolutions = steps * groups

    def run(turn: int) -> NDArray[np.bool_]:
        upper = halves[turn % len(halves)]
        kept = np.random.default_rng((SEED, turn)).random(upper.nnz) >= LEFT_OUT
        half = csr_matrix(
            (np.ones(int(kept.sum())), (upper.row[kept], upper.col[kept])), shape=(n, n)
        )
        part = partition((half + half.T).tocsr(), resolutions[turn], turn)
        return np.asarray(part[rows] == part[graph.indices])

    together = np.zeros((groups, graph.nnz), np.int32)
    # Leiden lets other threads run; each run draws for itself, so that order does not matter.
    with ThreadPoolExecutor(min(os.cpu_count() or 1, MOST_THREADS)) as pool:
        for turn, same in enumerate(pool.map(run, range(len(resolutions)))):
            together[turn // len(steps)] += same
            progress(turn + 1, len(resolutions))
    return (together / len(steps)).astype(np.float32)


def ladder(n: int) -> list[float]:
    """Resolutions for ``n`` statements, coarse to fine."""
    top = float(np.clip(n / STATEMENTS_PER_RESOLUTION, 1.0, FINEST))
    steps = int(np.floor(np.log(top / COARSEST) / np.log(STEP) + 1e-9))
    return [COARSEST * STEP**i for i in range(steps + 1)]


def _runs(n: int) -> tuple[int, int]:
    return next(((groups, runs) for most, groups, runs in RUNS if n <= most), (1, 1))


def partition(graph: csr_matrix, resolution: float, seed: int) -> NDArray[np.int32]:
    """Leiden's communities of the symmetric, weighted ``graph`` (n, n): one number per node. A
    node without edges is a community of its own. Deterministic for one ``seed``."""
    n = graph.shape[0]
    part = np.arange(n, 2 * n, dtype=np.int32)
    if not graph.nnz:
        return part
    _, found = leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data.astype(np.float64),
        n,
        resolution=resolution,
        seed=seed,
    )
    nodes = np.fromiter(found.keys(), np.int64, len(found))
    part[nodes] = np.fromiter(found.values(), np.int32, len(found))
    return part
