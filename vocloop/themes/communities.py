"""How sure is an edge? Many partitions of the graph, from coarse to fine, are asked.

Leiden (Traag, Waltman & van Eck 2019) finds communities at one resolution, and which resolution is
right differs from data set to data set. So it is run at a ladder of them, each time with some of
the edges left out: the share of runs that keep both ends of an edge together says how near they
are at all scales at once, and how much it takes to part them."""

from __future__ import annotations

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
# Runs at each resolution, fewer when runs are long.
RUNS = ((20_000, 4), (100_000, 2))
SEED = 7


def agreement(graph: csr_matrix) -> Floats:
    """For each stored edge of the symmetric ``graph`` (in CSR order): the share of runs in which
    its ends are in one community, in [0, 1]."""
    n = graph.shape[0]
    if not graph.nnz:
        return np.zeros(0, np.float32)
    upper = triu(graph, k=1).tocoo()
    random = np.random.default_rng(SEED)
    rows = np.repeat(np.arange(n), np.diff(graph.indptr))
    together = np.zeros(graph.nnz, np.int32)
    runs = 0
    for resolution in ladder(n):
        for _ in range(_runs(n)):
            kept = random.random(upper.nnz) >= LEFT_OUT
            part = _partition(n, upper.row[kept], upper.col[kept], resolution, runs)
            together += part[rows] == part[graph.indices]
            runs += 1
    return (together / max(runs, 1)).astype(np.float32)


def ladder(n: int) -> list[float]:
    """Resolutions for ``n`` statements, coarse to fine."""
    top = float(np.clip(n / STATEMENTS_PER_RESOLUTION, 1.0, FINEST))
    steps = int(np.floor(np.log(top / COARSEST) / np.log(STEP) + 1e-9))
    return [COARSEST * STEP**i for i in range(steps + 1)]


def _runs(n: int) -> int:
    return next((runs for most, runs in RUNS if n <= most), 1)


def _partition(
    n: int, rows: NDArray[np.int32], columns: NDArray[np.int32], resolution: float, seed: int
) -> NDArray[np.int32]:
    both = csr_matrix(
        (
            np.ones(2 * len(rows)),
            (np.concatenate([rows, columns]), np.concatenate([columns, rows])),
        ),
        shape=(n, n),
    )
    part = np.arange(n, 2 * n, dtype=np.int32)
    if not len(rows):
        return part
    _, found = leiden_csr(
        both.indptr.astype(np.int64),
        both.indices.astype(np.int32),
        both.data,
        n,
        resolution=resolution,
        seed=seed,
    )
    # A node that lost all its edges stays a community of its own.
    part[np.fromiter(found.keys(), np.int64, len(found))] = np.fromiter(
        found.values(), np.int32, len(found)
    )
    return part
