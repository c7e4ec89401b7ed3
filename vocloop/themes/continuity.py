"""A new run meets the themes that exist: what stays, what is new, what people should decide.

Discovery knows nothing of earlier runs, and small changes of the data move its borders. Here the
known themes keep their members unless the evidence against is strong; larger splits and merges of
known themes are proposed, not made."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from vocloop.themes.discover import Discovery, smallest

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]

# A cluster continues a theme when their common members are at least this share of both together.
LEAST_OVERLAP = 0.2
# A member moves to another theme when at least this share of its neighbours are there, and no
# theme loses more than this share of its members in one run.
SURE = 0.6
MOST_LOST = 0.3
# A cluster that nobody continues is a new theme when at least this share of it had no theme.
NEW = 0.5
# A part of a theme that is proposed to leave it is at least this share of it; two themes are
# proposed to be one when at least this share of the smaller lies in the other's cluster.
SPLIT_SHARE = 0.2
MERGE_SHARE = 0.6


@dataclass(frozen=True)
class Proposal:
    """``themes``: numbers of known themes, (t,) of a split, (t, u) of a merge of u into t;
    ``rows``: those that would leave t, or come to it; ``strength`` in [0, 1]."""

    kind: Literal["split", "merge"]
    themes: tuple[int, ...]
    rows: Ints
    strength: float


@dataclass(frozen=True)
class Continuation:
    """``labels`` (n,): −1 unassigned, 0 … k − 1 known themes, from k on new ones; ``confidence``
    (n,) in [0, 1]; ``overlap`` (k,): Jaccard index of each known theme and the cluster that
    continues it, 0 without one."""

    labels: Ints
    confidence: Floats
    overlap: Floats
    proposals: list[Proposal] = field(default_factory=list)


def carry(
    found: Discovery,
    known: Ints,
    *,
    fixed: Bools | None = None,
    apart: Collection[tuple[int, int]] = (),
) -> Continuation:
    """Bring what a run ``found`` to the ``known`` themes: (n,) numbers 0 … k − 1, or −1 for a row
    that has none or is new.

    ``fixed`` (n,): rows that a person placed (known −1: outside all themes), which nothing moves.
    ``apart``: pairs of themes that people called different; no merge of theirs is proposed.
    With no known theme the answer is what was found; known themes that are what was found do not
    change."""
    n, themes = len(known), int(known.max(initial=-1)) + 1
    placed = np.zeros(n, bool) if fixed is None else fixed
    clusters = np.where(placed, -1, found.labels).astype(np.int32)
    common = _common(known, found.labels, themes)
    home, overlap = _homes(common, known)
    labels = known.astype(np.int32).copy()
    least = smallest(n)
    following = themes
    # One more, for rows outside all clusters (−1).
    target = np.full(common.shape[1] + 1, -1, np.int32)
    target[home[home >= 0]] = np.flatnonzero(home >= 0)
    proposals: list[Proposal] = []
    free = (known < 0) & ~placed
    for cluster in np.flatnonzero(target[:-1] < 0).tolist():
        rows = np.flatnonzero(clusters == cluster)
        without = rows[free[rows]]
        if len(without) >= max(NEW * len(rows), 1) and (len(without) >= least or not themes):
            target[cluster] = following
            following += 1
        elif common[:, cluster].any():
            target[cluster] = common[:, cluster].argmax()
    inside = free & (clusters >= 0)
    labels[inside] = target[clusters[inside]]
    settled = ~placed & (known >= 0) & (np.append(home, -1)[known] >= 0)
    _move(labels, known, target[clusters], found.confidence, settled)
    for kind, pair, rows in [
        *_splits(known, clusters, home, common),
        *_merges(known, home, common, apart),
    ]:
        strength = float(found.confidence[rows].mean()) if len(rows) else 0.0
        proposals.append(Proposal(kind, pair, rows.astype(np.int32), round(strength, 3)))
    agrees = (labels >= 0) & (clusters >= 0) & (target[clusters] == labels)
    doubt = np.where(clusters >= 0, 1 - found.confidence, 0.5)
    confidence = np.where(agrees, found.confidence, doubt)
    confidence = np.where(placed & (labels >= 0), 1.0, confidence) * (labels >= 0)
    return Continuation(
        _without_gaps(labels, themes), confidence.astype(np.float32), overlap, proposals
    )


def _common(known: Ints, clusters: Ints, themes: int) -> NDArray[np.int64]:
    """Members that theme and cluster share, (themes, clusters)."""
    common = np.zeros((themes, int(clusters.max(initial=-1)) + 1), np.int64)
    both = (known >= 0) & (clusters >= 0)
    np.add.at(common, (known[both], clusters[both]), 1)
    return common


def _homes(common: NDArray[np.int64], known: Ints) -> tuple[Ints, Floats]:
    """The cluster that continues each theme, −1 for none, and their Jaccard index over rows with
    a known theme: growth is no evidence against identity. One to one, of greatest total (the
    assignment problem, Kuhn 1955, in scipy's implementation)."""
    held = np.bincount(known[known >= 0], minlength=common.shape[0])
    size = common.sum(axis=0)
    jaccard = common / np.maximum(held[:, None] + size[None, :] - common, 1)
    jaccard[jaccard < LEAST_OVERLAP] = 0
    home = np.full(common.shape[0], -1, np.int32)
    overlap = np.zeros(common.shape[0], np.float32)
    for theme, cluster in zip(*linear_sum_assignment(jaccard, maximize=True), strict=True):
        if jaccard[theme, cluster] > 0:
            home[theme], overlap[theme] = cluster, jaccard[theme, cluster]
    return home, overlap


def _move(labels: Ints, known: Ints, goal: Ints, sure: Floats, may: Bools) -> None:
    """Single members go where most of their neighbours are, the surest first, and not too many."""
    may = may & (goal >= 0) & (goal != known) & (sure >= SURE)
    held = np.bincount(known[known >= 0], minlength=1)
    for theme in np.unique(known[may]).tolist():
        rows = np.flatnonzero(may & (known == theme))
        surest = rows[np.argsort(-sure[rows], kind="stable")]
        leaving = surest[: int(MOST_LOST * held[theme])]
        labels[leaving] = goal[leaving]


_Change = tuple[Literal["split", "merge"], tuple[int, ...], NDArray[np.intp]]


def _splits(known: Ints, clusters: Ints, home: Ints, common: NDArray[np.int64]) -> list[_Change]:
    """Parts of a theme that form a cluster of their own, which continues no theme."""
    continued = set(home[home >= 0].tolist())
    least = smallest(len(known))
    changes: list[_Change] = []
    for theme in range(len(home)):
        held = int((known == theme).sum())
        for cluster in np.flatnonzero(common[theme] >= max(least, SPLIT_SHARE * held)).tolist():
            mostly = common[theme, cluster] > common[:, cluster].sum() / 2
            if cluster in continued or not mostly:
                continue
            rows = np.flatnonzero((known == theme) & (clusters == cluster))
            # All of it would be another name for the same.
            if least <= len(rows) <= held - least:
                changes.append(("split", (theme,), rows))
    return changes


def _merges(
    known: Ints,
    home: Ints,
    common: NDArray[np.int64],
    apart: Collection[tuple[int, int]],
) -> list[_Change]:
    """Themes without a cluster of their own, most of which lies in the cluster of another."""
    owner = {cluster: theme for theme, cluster in enumerate(home.tolist()) if cluster >= 0}
    different = {frozenset(pair) for pair in apart}
    changes: list[_Change] = []
    for theme in np.flatnonzero(home < 0).tolist():
        if not common.shape[1] or not common[theme].any():
            continue
        cluster = int(common[theme].argmax())
        held = int((known == theme).sum())
        other = owner.get(cluster)
        if other is None or frozenset((theme, other)) in different:
            continue
        if common[theme, cluster] >= MERGE_SHARE * held:
            changes.append(("merge", (other, theme), np.flatnonzero(known == theme)))
    return changes


def _without_gaps(labels: Ints, themes: int) -> Ints:
    """New themes numbered from ``themes`` on without gaps, in the order they have."""
    new = np.unique(labels[labels >= themes])
    rank = np.searchsorted(new, labels)
    return np.where(labels >= themes, themes + rank, labels).astype(np.int32)
