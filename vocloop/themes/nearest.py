"""The nearest rows of one set of points to those of another."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

# Rows searched at a time: bounds memory at BLOCK * n floats.
BLOCK = 1024
# From here on an inverted file finds them (nearly all of them, tests): cells as
# many as CELLS × √n, of which the PROBED nearest are looked into.
MANY = 8_000
CELLS = 2.5
PROBED = 10
ROUNDS = 4
ROWS_PER_CELL = 40


def nearest(queries: Floats, base: Floats, k: int, *, same: bool) -> tuple[Ints, Floats]:
    """The ``k`` rows of ``base`` with the greatest dot product with each query, nearest first.

    Shapes (q, k'), k' = min(k, rows there are); among equals the lower index goes first. With
    ``same`` the queries are the base, and no row is its own neighbour. Deterministic; exact below
    MANY rows."""
    return Searcher(base).nearest(queries, k, same=same)


class Searcher:
    """Rows that are searched more than once; their index is built when it is first needed."""

    def __init__(self, base: Floats) -> None:
        self._base = base
        self._index: Any = None

    def nearest(self, queries: Floats, k: int, *, same: bool) -> tuple[Ints, Floats]:
        """See ``nearest``."""
        k = max(min(k, len(self._base) - same), 0)
        if k == 0 or not len(queries):
            return np.zeros((len(queries), k), np.int32), np.zeros((len(queries), k), np.float32)
        if len(self._base) >= MANY and len(queries) * len(self._base) > MANY**2:
            return self._in_cells(queries, k, same=same)
        return exact(queries, self._base, k, same=same)

    def _in_cells(self, queries: Floats, k: int, *, same: bool) -> tuple[Ints, Floats]:
        if self._index is None:
            self._index = _index(self._base)
        near, ids = self._index.search(np.ascontiguousarray(queries), k + same)
        if same:
            # A row is found by itself, first as a rule, but not among copies of it.
            own = ids == np.arange(len(queries))[:, None]
            own[~own.any(axis=1), k] = True
            ids, near = (a[~own].reshape(len(queries), k) for a in (ids, near))
        # Cells may hold fewer than k rows: the last one that was found stands in for the missing.
        while (missing := ids < 0).any():
            rows, columns = np.nonzero(missing)
            before = np.maximum(columns - 1, 0)
            ids[rows, columns] = np.where(columns > 0, ids[rows, before], 0)
            near[rows, columns] = near[rows, before]
        return ids.astype(np.int32), near.astype(np.float32)


def _index(base: Floats) -> Any:
    import faiss

    # Half precision finds the same neighbours in half the time and memory.
    index = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(base.shape[1]),
        base.shape[1],
        int(CELLS * len(base) ** 0.5),
        faiss.ScalarQuantizer.QT_fp16,
        faiss.METRIC_INNER_PRODUCT,
    )
    index.by_residual = False
    index.cp.niter, index.cp.max_points_per_centroid = ROUNDS, ROWS_PER_CELL
    index.train(base)
    index.add(base)
    index.nprobe = PROBED
    return index


def exact(queries: Floats, base: Floats, k: int, *, same: bool) -> tuple[Ints, Floats]:
    """As ``nearest``, for any number of rows; 0 < k ≤ rows there are."""
    ids = np.zeros((len(queries), k), np.int32)
    near = np.zeros((len(queries), k), np.float32)
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
