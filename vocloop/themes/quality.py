"""How good is what a run found? Measured without labels, theme by theme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from vocloop.themes.space import middles

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

# A theme is mixed when each language reaches at least this share of what it has among all.
FAIR_SHARE = 0.5
# Two themes whose middles are at least this near are perhaps one (cosine, in the themes' space).
NEAR = 0.8


def by_theme(labels: Ints, graph: csr_matrix, together: Floats) -> tuple[Floats, Floats]:
    """Stability and separation of each theme, (k,) both, in [0, 1].

    Stability: the mean share of resampled partitions that keep two neighbouring members of the
    theme together (``together``, one per stored edge of ``graph``, see themes.communities).
    Separation: the share of its members' edges that end inside the theme (1 − conductance)."""
    themes = int(labels.max(initial=-1)) + 1
    rows = np.repeat(np.arange(graph.shape[0]), np.diff(graph.indptr))
    own = labels[rows]
    inside = (own >= 0) & (own == labels[graph.indices])
    edges = np.bincount(own[own >= 0], minlength=themes)
    kept = np.bincount(own[inside], minlength=themes)
    agreed = np.bincount(own[inside], weights=together[inside], minlength=themes)
    # A theme of one point said many times has no edges: nothing could part it.
    stability = np.where(kept > 0, agreed / np.maximum(kept, 1), 1.0)
    separation = np.where(edges > 0, kept / np.maximum(edges, 1), 1.0)
    return stability.astype(np.float32), separation.astype(np.float32)


@dataclass(frozen=True)
class Quality:
    """Of a whole run, all in [0, 1] but the pairs: ``stability`` and ``separation``: mean over
    statements; ``mixed``: share of themes that hold both main languages (None with one);
    ``near_duplicates``: pairs of themes that are perhaps one, nearest first."""

    stability: float | None
    separation: float | None
    unassigned: float
    mixed: float | None
    near_duplicates: list[tuple[int, int, float]]


def of_run(
    labels: Ints,
    points: Floats,
    languages: Sequence[str],
    stability: Floats,
    separation: Floats,
) -> Quality:
    """Quality of themes 0 … k − 1 among n rows. ``points`` (n, r), unit length."""
    n, themes = len(labels), int(labels.max(initial=-1)) + 1
    inside = labels >= 0
    if not themes:
        return Quality(None, None, float(n > 0), None, [])
    size = np.bincount(labels[inside], minlength=themes)
    return Quality(
        float(np.average(stability, weights=size)),
        float(np.average(separation, weights=size)),
        float(1 - inside.mean()),
        _mixed(labels, languages),
        _near(labels, points),
    )


def _mixed(labels: Ints, languages: Sequence[str]) -> float | None:
    names, spoken = np.unique(np.asarray(languages), return_inverse=True)
    share = np.bincount(spoken) / len(spoken)
    if len(names) < 2:
        return None
    main = np.argsort(share)[-2:]
    count = np.zeros((int(labels.max()) + 1, len(names)))
    np.add.at(count, (labels[labels >= 0], spoken[labels >= 0]), 1)
    own = count / np.maximum(count.sum(axis=1, keepdims=True), 1)
    return float((own[:, main] >= FAIR_SHARE * share[main]).all(axis=1).mean())


def _near(labels: Ints, points: Floats) -> list[tuple[int, int, float]]:
    middle = middles(labels, points)
    cosine = np.triu(middle @ middle.T, 1)
    pairs = [(int(a), int(b), round(float(cosine[a, b]), 3)) for a, b in np.argwhere(cosine > NEAR)]
    return sorted(pairs, key=lambda pair: -pair[2])
