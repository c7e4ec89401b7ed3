"""Themes out of vectors: the whole of discovery as one function over arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from vocloop.themes import graph, hierarchy
from vocloop.themes.communities import agreement
from vocloop.themes.space import Space, fit

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

# docs/method/themes.md tells how these were chosen; benchmarks/themes.py repeats it.
MIN_SAMPLES = 3
# What a difference in direction counts beside being parted in all runs.
LIKENESS = 0.3
# A theme needs this many statements once there are MANY; small sets ask for fewer.
LEAST_SIZE = 3
FULL_SIZE = 8
MANY = 400
# No theme holds more than this share of everything.
LARGEST_SHARE = 0.5
# A statement that no cluster holds joins the theme of at least this share of its neighbours.
VOTE = 0.2


@dataclass(frozen=True)
class Discovery:
    """``labels`` (n,): 0 is the largest theme, −1 unassigned; ``confidence`` (n,) in [0, 1];
    ``points`` (n, r): the space the themes were found in; ``space``: how to bring new vectors
    there."""

    labels: Ints
    confidence: Floats
    points: Floats
    space: Space


def discover(vectors: Floats, languages: Sequence[str]) -> Discovery:
    """Find themes among ``vectors`` (n, d), L2-normalised, one language code per row.

    Deterministic; fewer than 2 × LEAST_SIZE rows give no theme. The caller puts the rows into a
    canonical order when the answer must not depend on theirs (see themes.refresh)."""
    space = fit(vectors, languages)
    points = space.apply(vectors, languages)
    labels = np.full(len(vectors), -1, np.int32)
    confidence = np.zeros(len(vectors), np.float32)
    if len(vectors) >= 2 * LEAST_SIZE:
        first, inverse, copies = _distinct(vectors, languages)
        found, sure = _cluster(points[first], [languages[i] for i in first], smallest(len(vectors)))
        found, sure = _own_themes(found, sure, copies, smallest(len(vectors)))
        labels, confidence = _by_size(found[inverse]), sure[inverse]
    return Discovery(labels, confidence, points, space)


def _distinct(
    vectors: Floats, languages: Sequence[str]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Rows that say the very same (survey answers such as "none" by the hundred) are one point:
    else they are each other's only neighbours. First rows, their index per row, their counts."""
    seen: dict[tuple[str, bytes], int] = {}
    first: list[int] = []
    inverse = np.empty(len(vectors), np.intp)
    for row, (vector, language) in enumerate(zip(vectors, languages, strict=True)):
        key = (language, vector.tobytes())
        if key not in seen:
            seen[key] = len(first)
            first.append(row)
        inverse[row] = seen[key]
    return np.array(first, np.intp), inverse, np.bincount(inverse)


def _own_themes(
    labels: Ints, confidence: Floats, copies: NDArray[np.intp], least: int
) -> tuple[Ints, Floats]:
    """What was said in the same words often enough is a theme even without neighbours."""
    labels, confidence = labels.copy(), confidence.copy()
    alone = np.flatnonzero((labels < 0) & (copies >= least))
    labels[alone] = labels.max(initial=-1) + 1 + np.arange(len(alone), dtype=np.int32)
    confidence[alone] = 1
    return labels, confidence


def _cluster(points: Floats, languages: Sequence[str], least: int) -> tuple[Ints, Floats]:
    """Labels and confidence of distinct points; ``least``: statements that a theme needs."""
    n = len(points)
    if n < 2 * LEAST_SIZE:
        return np.full(n, -1, np.int32), np.zeros(n, np.float32)
    neighbours = graph.balanced(points, languages)
    apart = neighbours.copy()
    apart.data = 1 - agreement(neighbours)
    labels = hierarchy.clusters(
        apart,
        points,
        likeness=LIKENESS,
        min_cluster_size=least,
        min_samples=MIN_SAMPLES,
        max_cluster_size=int(n * LARGEST_SHARE),
    )
    labels = _vote(labels, neighbours)
    return labels, _confidence(labels, neighbours)


def smallest(n: int) -> int:
    """Statements that a theme needs among ``n``: LEAST_SIZE at first, FULL_SIZE from MANY on."""
    return int(np.clip(round(FULL_SIZE * np.sqrt(n / MANY)), LEAST_SIZE, FULL_SIZE))


def _vote(labels: Ints, neighbours: csr_matrix) -> Ints:
    """Unassigned rows join the theme of their neighbours, in rounds, until no one moves."""
    labels = labels.copy()
    while (labels < 0).any() and labels.max() >= 0:
        share, best = _shares(labels, neighbours)
        joins = (labels < 0) & (share >= VOTE)
        if not joins.any():
            break
        labels[joins] = best[joins]
    return labels


def _shares(labels: Ints, neighbours: csr_matrix) -> tuple[Floats, Ints]:
    """Per row: the greatest share that one theme has among the neighbours, and that theme."""
    inside = np.flatnonzero(labels >= 0)
    member = csr_matrix(
        (np.ones(len(inside), np.float32), (inside, labels[inside])),
        shape=(len(labels), int(labels.max()) + 1),
    )
    votes = (neighbours @ member).tocsr()
    degree = np.maximum(np.asarray(neighbours.sum(axis=1)).ravel(), 1)
    best = np.asarray(votes.argmax(axis=1)).ravel().astype(np.int32)
    most = votes.max(axis=1).toarray().ravel()
    return (most / degree).astype(np.float32), best


def _confidence(labels: Ints, neighbours: csr_matrix) -> Floats:
    """The share of a row's neighbours that are of its theme; 0 when unassigned."""
    if labels.max(initial=-1) < 0:
        return np.zeros(len(labels), np.float32)
    edges = neighbours.tocoo()
    agree = (labels[edges.row] == labels[edges.col]) & (labels[edges.row] >= 0)
    same = np.bincount(edges.row[agree], minlength=len(labels))
    degree = np.maximum(np.asarray(neighbours.sum(axis=1)).ravel(), 1)
    return np.asarray(same / degree, np.float32)


def _by_size(labels: Ints) -> Ints:
    """Number themes from the largest down; equal sizes by their first row."""
    found = labels[labels >= 0]
    if not len(found):
        return labels
    names, first, sizes = np.unique(found, return_index=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    rank = np.empty(int(names.max()) + 1, np.int32)
    rank[names[order]] = np.arange(len(names), dtype=np.int32)
    return np.where(labels >= 0, rank[np.maximum(labels, 0)], -1).astype(np.int32)
