"""Two halves of one theme, one in each language, become one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

Ints = NDArray[np.int32]

# Halves belong together when each sends at least this share of its trusted edges across
# languages to the other, and at least this many a member.
MUTUAL = 0.5
EDGES_A_MEMBER = 1.0


def join_halves(labels: Ints, graph: csr_matrix, languages: Sequence[str]) -> Ints:
    """``labels`` (n,) with themes joined that are each other's answer across languages.

    ``graph``: symmetric (n, n), see themes.graph; only its edges across languages are asked, and
    the surest pair goes first. A problem that one language alone knows has no such edges."""
    names, spoken = np.unique(np.asarray(languages), return_inverse=True)
    if len(names) < 2 or labels.max(initial=-1) < 1:
        return labels
    edges = graph.tocoo()
    across = (spoken[edges.row] != spoken[edges.col]) & (labels[edges.row] >= 0)
    across &= labels[edges.col] >= 0
    themes = int(labels.max()) + 1
    ends = (labels[edges.row[across]], labels[edges.col[across]])
    sent = csr_matrix((np.ones(len(ends[0])), ends), shape=(themes, themes))
    size = np.bincount(labels[labels >= 0], minlength=themes).astype(float)
    into = np.arange(themes, dtype=np.int32)
    while pair := _surest(sent, size):
        one, other = pair
        into[into == other] = one
        # Sparse throughout: of 20,000 themes a square would take gigabytes.
        joined = csr_matrix((np.ones(themes), (into, np.arange(themes))), shape=(themes, themes))
        sent = joined @ sent @ joined.T
        size[one] += size[other]
        size[other] = 0
    return np.where(labels >= 0, into[np.maximum(labels, 0)], -1).astype(np.int32)


def _surest(sent: csr_matrix, size: NDArray[np.float64]) -> tuple[int, int] | None:
    """The two halves that are most each other's answer; None if no two are. ``sent`` (k, k): edges
    across languages from theme to theme; ``size`` (k,): members."""
    out = np.asarray(sent.sum(axis=1)).ravel()
    heard = out >= EDGES_A_MEMBER * size
    share = (diags(1 / np.maximum(out, 1)) @ sent).tocsr()
    mutual = share.minimum(share.T).tocoo()
    fit = (mutual.row < mutual.col) & (mutual.data >= MUTUAL)
    fit &= heard[mutual.row] & heard[mutual.col]
    if not fit.any():
        return None
    row, column, value = mutual.row[fit], mutual.col[fit], mutual.data[fit]
    best = np.lexsort((column, row, -value))[0]
    return int(row[best]), int(column[best])
