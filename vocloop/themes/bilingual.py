"""Two halves of one theme, one in each language, become one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

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
    sent = csr_matrix((np.ones(len(ends[0])), ends), shape=(themes, themes)).toarray()
    size = np.bincount(labels[labels >= 0], minlength=themes).astype(float)
    into = np.arange(themes, dtype=np.int32)
    while True:
        out = sent.sum(axis=1)
        share = sent / np.maximum(out, 1)[:, None]
        heard = out >= EDGES_A_MEMBER * size
        mutual = np.minimum(share, share.T) * (heard[:, None] & heard[None, :])
        np.fill_diagonal(mutual, 0)
        one, other = sorted(np.unravel_index(int(mutual.argmax()), mutual.shape))
        if mutual[one, other] < MUTUAL:
            break
        sent[one] += sent[other]
        sent[:, one] += sent[:, other]
        sent[other] = sent[:, other] = 0
        size[one] += size[other]
        size[other] = 0
        into[into == other] = one
    return np.where(labels >= 0, into[np.maximum(labels, 0)], -1).astype(np.int32)
