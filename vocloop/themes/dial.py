"""The unassigned dial: how many statements stay without a theme, and how sure the others are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]

# The surest members of a theme that no dial takes away: themes get smaller, none disappears.
KEPT = 3
# Shares at which the curve tells what more certainty would cost.
STEP = 0.05


@dataclass(frozen=True)
class Dial:
    """``asked``: the share of statements that should stay unassigned (None: as found);
    ``found``, ``reached``: what it was before and is now; ``curve``: pairs of a share left out
    and the mean confidence of what stays, from what was found upwards."""

    asked: float | None
    found: float
    reached: float
    curve: list[tuple[float, float]]


def turn(labels: Ints, confidence: Floats, fixed: Bools, asked: float | None) -> tuple[Ints, Dial]:
    """Let the least sure leave their theme until the share ``asked`` is unassigned.

    All arrays are (n,). What a person placed (``fixed``) and the KEPT surest of each theme stay;
    when too few are left to go, less than was asked is reached. Of equally sure rows the later
    one goes first."""
    n = len(labels)
    if not n:
        return labels, Dial(asked, 0.0, 0.0, [])
    leaving = _order(labels, confidence, fixed)
    out = int((labels < 0).sum())
    wanted = 0 if asked is None else int(np.ceil(round(asked * n, 6)))
    going = leaving[: max(wanted - out, 0)]
    turned = labels.copy()
    turned[going] = -1
    curve = _curve(labels, confidence, leaving)
    return turned, Dial(asked, _share(out, n), _share(out + len(going), n), curve)


def _order(labels: Ints, confidence: Floats, fixed: Bools) -> NDArray[np.intp]:
    """The rows that may leave, least sure first."""
    inside = np.flatnonzero(labels >= 0)
    surest = inside[np.lexsort((inside, -confidence[inside], labels[inside]))]
    theme = labels[surest]
    first = np.flatnonzero(np.append(True, theme[1:] != theme[:-1])[: len(theme)])
    place = np.arange(len(surest)) - np.repeat(first, np.diff(np.append(first, len(surest))))
    free = surest[(place >= KEPT) & ~fixed[surest]]
    return free[np.lexsort((-free, confidence[free]))]


def _curve(
    labels: Ints, confidence: Floats, leaving: NDArray[np.intp]
) -> list[tuple[float, float]]:
    n, inside = len(labels), labels >= 0
    total, held = float(confidence[inside].sum(dtype=np.float64)), int(inside.sum())
    gone = np.append(0.0, np.cumsum(confidence[leaving], dtype=np.float64))
    steps = [round(STEP * i, 2) for i in range(1, round(1 / STEP))]
    counts = [0, *(int(np.ceil(s * n)) - (n - held) for s in steps)]
    return [
        (_share(n - held + out, n), round((total - float(gone[out])) / (held - out), 4))
        for out in counts
        if 0 <= out <= len(leaving) and out < held
    ]


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4)
