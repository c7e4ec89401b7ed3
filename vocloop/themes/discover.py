"""Themes out of vectors: the whole of discovery as one function over arrays."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from vocloop.themes import graph, hierarchy
from vocloop.themes.bilingual import join_halves
from vocloop.themes.communities import agreement
from vocloop.themes.evidence import structured
from vocloop.themes.quality import by_theme
from vocloop.themes.space import Space, Vectors, fit
from vocloop.themes.tree import areas

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Doubles = NDArray[np.float64]

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
# The least sure are left out: noise is three to four times as frequent among them as elsewhere.
LEAST_SURE = 0.2
# Values of two rows that differ by less are the same text, encoded twice.
SAME = 1e-4
# So many of the same count as so many voices; more of them would be a theme of their own.
COPIES = 3
SEED = 7
# How far the search is said to be, in hundredths, after the space, the graph, its partitions and
# the groups; these take unlike times in small and in large workspaces.
SPACE, GRAPH, AGREED, GROUPED, WAY = 10, 25, 75, 95, 100
BLOCK = 16_384


@dataclass(frozen=True)
class Discovery:
    """``labels`` (n,): 0 is the largest theme, −1 unassigned; ``confidence`` (n,) in [0, 1];
    ``points`` (n, r): the space the themes were found in; ``space``: how to bring new vectors
    there.

    The tree above and below: ``areas`` (k,): each theme's area, 0 the largest; ``parts`` (n,): the
    sub-theme of each row, numbered through all themes, −1 for none. ``stability`` and
    ``separation`` (k,) in [0, 1]: see themes.quality."""

    labels: Ints
    confidence: Floats
    points: Floats
    space: Space
    areas: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    parts: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    stability: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    separation: Floats = field(default_factory=lambda: np.zeros(0, np.float32))


def discover(
    vectors: Vectors,
    languages: Sequence[str],
    *fields: Sequence[str | None],
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Discovery:
    """Find themes among ``vectors`` (n, d), L2-normalised, one language code per row.

    ``fields``: what else is known of each row and is no theme itself (customer, product), one
    name per row or None. The answer does not depend on the order of the rows, and is always the
    same. No theme is claimed where nothing is nearer than chance makes it (themes.evidence).

    ``progress``: how much of the way is behind it, of WAY; what it raises ends the search."""
    order, far = _canonical(vectors, languages)
    ordered = _ordered(vectors, order)
    groups = [[names[i] for i in order] for names in (languages, *fields)]
    spoken = [languages[i] for i in order]
    space = fit(ordered, *groups)
    points = space.apply(ordered, *groups)
    progress(SPACE, WAY)
    first, inverse, said = _distinct(ordered, spoken, far[order])
    del ordered
    some = points[first]
    least = smallest(len(vectors))
    sides = graph.views(some, [spoken[i] for i in first])
    neighbours = reduce(lambda one, other: one.maximum(other), sides).tocsr()
    neighbours.sort_indices()
    progress(GRAPH, WAY)
    together = np.ones((1, neighbours.nnz), np.float32)
    cosine = hierarchy.cosines(neighbours, some)
    found, parts = np.full((2, len(first)), -1, np.int32)
    if len(first) >= 2 * LEAST_SIZE and structured(some):
        together = agreement(
            neighbours,
            sides,
            lambda done, runs: progress(GRAPH + (AGREED - GRAPH) * done // runs, WAY),
        )
        found, parts = _cluster(neighbours, together, cosine, some, least)
        found = join_halves(_vote(found, neighbours), neighbours, [spoken[i] for i in first])
    progress(GROUPED, WAY)
    copies = np.bincount(said[inverse])[said]
    alone = np.flatnonzero((found < 0) & (copies >= least))
    # What was said in the same words often enough is a theme even without neighbours.
    found[alone] = found.max(initial=-1) + 1 + np.unique(said[alone], return_inverse=True)[1]
    sure = _confidence(found, neighbours, cosine)
    sure[alone] = 1
    found[sure < LEAST_SURE] = -1
    sure[found < 0] = 0
    labels = _by_size(found[inverse])
    found = labels[first]
    parts = _inside(parts, found)
    stability, separation = by_theme(found, neighbours, together.mean(axis=0))
    back = np.argsort(order)
    return Discovery(
        labels[back],
        sure[inverse][back],
        points[back],
        space,
        areas(found, neighbours, some),
        parts[inverse][back],
        stability,
        separation,
    )


def _canonical(
    vectors: Vectors, languages: Sequence[str]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """An order that only the rows' content decides: by language, then along one direction; and
    how far along it each row lies. Rows whose last digits changed (another batch of the encoder)
    stay where they were."""
    along = np.random.default_rng(SEED).standard_normal(vectors.shape[1])
    far = np.concatenate(
        [np.zeros(0), *(vectors[i : i + BLOCK] @ along for i in range(0, len(vectors), BLOCK))]
    )
    return np.lexsort((far, np.asarray(languages, str))), far


def _ordered(vectors: Vectors, order: NDArray[np.intp]) -> NDArray[np.float16]:
    """Rows in ``order``, in half precision as the database holds them: a second copy in full would
    be the largest array of all."""
    ordered = np.empty(vectors.shape, np.float16)
    for start in range(0, len(order), BLOCK):
        rows = slice(start, start + BLOCK)
        ordered[rows] = vectors[order[rows]]
    return ordered


def _distinct(
    vectors: Vectors, languages: Sequence[str], far: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Rows that say the very same (survey answers such as "none" by the hundred) are COPIES points
    at most: else they are each other's only neighbours. The rows that stand for all, each row's
    index among them, and a number for what each of them says.

    Rows are in canonical order, so that copies are side by side."""
    spoken = np.asarray(languages)
    new = np.ones(len(vectors), bool)
    new[1:] = (spoken[1:] != spoken[:-1]) | (np.diff(far) > SAME * np.sqrt(vectors.shape[1]))
    near = np.flatnonzero(~new)
    for start in range(0, len(near), BLOCK):
        rows = near[start : start + BLOCK]
        new[rows] = np.abs(vectors[rows] - vectors[rows - 1]).max(axis=1) > SAME
    text = np.cumsum(new) - 1
    copy = np.arange(len(vectors)) - np.flatnonzero(new)[text]
    stands = copy < COPIES
    return np.flatnonzero(stands), np.cumsum(stands) - 1, text[stands]


def _cluster(
    neighbours: csr_matrix, together: Floats, cosine: Doubles, points: Floats, least: int
) -> tuple[Ints, Ints]:
    """Theme and sub-theme of each row; ``together``: (g, edges), see communities.agreement;
    ``least``: statements that a theme needs.

    Which of two cuts of a tree has more mass may hang on a few edges. Of several groups of runs
    each has a tree of its own, and what counts is how many of them put the ends of an edge in one
    theme (evidence accumulation, Fred & Jain 2005)."""

    def cut(kept: Floats) -> tuple[Ints, Ints]:
        apart = neighbours.copy()
        apart.data = 1 - kept
        return hierarchy.clusters(
            apart,
            cosine,
            points,
            likeness=LIKENESS,
            min_cluster_size=least,
            min_samples=MIN_SAMPLES,
            max_cluster_size=int(len(points) * LARGEST_SHARE),
        )

    if len(together) == 1:
        return cut(together[0])
    rows = np.repeat(np.arange(len(points)), np.diff(neighbours.indptr))
    same = np.zeros(neighbours.nnz, np.float32)
    for kept in together:
        labels = _vote(cut(kept)[0], neighbours)
        same += (labels[rows] == labels[neighbours.indices]) & (labels[rows] >= 0)
    return cut((same / len(together)).astype(np.float32))


def _inside(parts: Ints, labels: Ints) -> Ints:
    """Sub-themes of themes that have more than one, numbered through in the order of themes."""
    pairs = np.stack([labels, parts], axis=1)
    pairs[(labels < 0) | (parts < 0)] = -1
    kinds, number = np.unique(pairs, axis=0, return_inverse=True)
    several = np.bincount(kinds[kinds[:, 0] >= 0, 0], minlength=1) > 1
    kept = np.array([t >= 0 and bool(several[t]) for t, _ in kinds], bool)
    rank = np.where(kept, np.cumsum(kept) - 1, -1)
    return rank[number.ravel()].astype(np.int32)


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


def _confidence(labels: Ints, neighbours: csr_matrix, cosine: Doubles) -> Floats:
    """The share of a row's neighbours that are of its theme, times how near they are beside what
    is usual in that theme (its median; 1 at most); 0 when unassigned. ``cosine``: of the ends of
    each edge."""
    n, themes = len(labels), int(labels.max(initial=-1)) + 1
    rows = np.repeat(np.arange(n), np.diff(neighbours.indptr))
    agree = (labels[rows] == labels[neighbours.indices]) & (labels[rows] >= 0)
    same = np.bincount(rows[agree], minlength=n)
    near = np.bincount(rows[agree], cosine[agree], minlength=n) / np.maximum(same, 1)
    usual = np.ones(themes + 1)
    for theme, inside in enumerate(np.split(*_grouped(labels, themes))):
        usual[theme] = max(float(np.median(near[inside])), 1e-6) if len(inside) else 1.0
    share = same / np.maximum(np.diff(neighbours.indptr), 1)
    return np.asarray(share * np.clip(near / usual[labels], 0, 1), np.float32)


def _grouped(labels: Ints, themes: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows in the order of their theme, unassigned ones left out, and where each next theme
    begins."""
    order = np.argsort(labels, kind="stable")
    order = order[np.searchsorted(labels[order], 0) :]
    return order, np.searchsorted(labels[order], np.arange(1, themes))


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
