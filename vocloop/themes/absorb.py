"""Clusters that people have decided already do not come back as new themes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]

# A cluster goes to what people said of more than this share of it.
MOSTLY = 0.5


def absorb(
    labels: Ints, fresh: Ints, *, known: int, dismissed: Ints, merged: Ints
) -> tuple[Ints, Ints]:
    """Labels without the new themes that contradict people, and the decision that took each row.

    All arrays are (n,). ``labels``: 0 … known − 1 for known themes, more for new ones, −1 for
    none; ``fresh``: the clusters of this run alone; ``dismissed``: which "not a theme" a row is
    part of, −1 for none; ``merged``: the known theme, if people merged others into it, that a
    row is of, −1 for none.

    Of a cluster that is mostly of one dismissal, the rows of new themes get none, and that
    dismissal as the second answer (−1 elsewhere). Of one that is mostly of one merged theme, they
    join it: what people put together, a part of it does not leave as a new theme."""
    labels = labels.copy()
    taken = np.full(len(labels), -1, np.int32)
    for cluster in np.unique(fresh[(labels >= known) & (fresh >= 0)]).tolist():
        rows = np.flatnonzero(fresh == cluster)
        new = rows[labels[rows] >= known]
        decision = _majority(dismissed[rows])
        if decision >= 0:
            labels[new], taken[new] = -1, decision
            continue
        theme = _majority(merged[rows])
        if theme >= 0:
            labels[new] = theme
    return labels, taken


def _majority(said: Ints) -> int:
    """The value ≥ 0 that more than MOSTLY of all rows have, else −1."""
    values, counts = np.unique(said[said >= 0], return_counts=True)
    if not len(values) or counts.max() <= MOSTLY * len(said):
        return -1
    return int(values[counts.argmax()])
