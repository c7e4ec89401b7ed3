"""Which cluster of a new run is which known theme?"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

# A cluster takes over a theme's id only when their common members are at least this share of
# both together; below it people would meet another problem under a known name.
LEAST_OVERLAP = 0.2


@dataclass(frozen=True)
class Match:
    theme: Hashable
    cluster: int
    overlap: float  # Jaccard index over the statements that both runs know


def match(
    known: Sequence[Hashable | None], clusters: NDArray[np.int32], *, least: float = LEAST_OVERLAP
) -> list[Match]:
    """One-to-one matches of known themes and new clusters, of greatest total overlap.

    ``known`` and ``clusters`` are aligned by statement; None and -1 mean unassigned. A statement
    that the known themes never saw must not be passed: growth is no evidence against identity.
    The assignment problem is solved exactly (Kuhn 1955, scipy's implementation); the result does
    not depend on the order of rows."""
    themes = sorted({t for t in known if t is not None}, key=str)
    index = {t: i for i, t in enumerate(themes)}
    if not themes or not (clusters >= 0).any():
        return []
    common = np.zeros((len(themes), int(clusters.max()) + 1))
    size = np.bincount(clusters[clusters >= 0], minlength=common.shape[1]).astype(float)
    held = np.zeros(len(themes))
    for theme, cluster in zip(known, clusters.tolist(), strict=True):
        if theme is None:
            continue
        held[index[theme]] += 1
        if cluster >= 0:
            common[index[theme], cluster] += 1
    jaccard = common / np.maximum(held[:, None] + size[None, :] - common, 1)
    jaccard[jaccard < least] = 0
    rows, columns = linear_sum_assignment(jaccard, maximize=True)
    return [
        Match(themes[i], int(j), float(jaccard[i, j]))
        for i, j in zip(rows, columns, strict=True)
        if jaccard[i, j] > 0
    ]
