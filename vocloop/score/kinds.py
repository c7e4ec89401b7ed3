"""Which of the five courses a theme takes: rules over the hidden on/off path of longevity.py."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from vocloop_models import LongevityKind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# A month belongs to a spell when the model gives "on" better than even odds.
ON = 0.5
# METHOD.md 4.1: a fashion scores low. A theme whose only spell was over within this many months
# is one; the longest fashion that is still a spike and not a life.
TRANSIENT_MONTHS = 5
# A theme this young has not shown yet what it is.
EMERGING_MONTHS = 6
# Fewer silent months at the end are not an end: most customers speak less than monthly.
SILENT_MONTHS = 2
# A theme that comes back may stay away half as long again as it ever did, and a month more.
RETURN_PATIENCE = 1.5
# Still heard, but fading: the last third of its life at most at this ratio of the first third,
# and too low for chance (one-sided 1 % of the normal).
FADING_RATIO, FADING_Z = 0.5, -2.33
# Below this share of its best spell's monthly mean another spell is an echo, not a return.
ECHO_SHARE = 0.15


@dataclass(frozen=True)
class Trend:
    """Monthly rate of the last third of a life over that of the first third, volume taken out.

    ``z`` is the log-ratio over its Poisson standard error, ½ added to each count."""

    ratio: float
    z: float


def trend(counts: Ints, exposures: Floats) -> Trend:
    """The trend from the first report on; counts and exposures (m,) oldest first."""
    heard = np.flatnonzero(counts)
    if heard.size == 0:
        return Trend(1.0, 0.0)
    life, could = counts[heard[0] :], exposures[heard[0] :]
    third = len(life) // 3
    if third == 0:
        return Trend(1.0, 0.0)
    early, late = life[:third].sum() + 0.5, life[-third:].sum() + 0.5
    ratio = float(late / early * could[:third].sum() / could[-third:].sum())
    return Trend(ratio, math.log(ratio) / math.sqrt(1 / early + 1 / late))


def spells(on: Floats, counts: Ints) -> list[tuple[int, int]]:
    """The (first, last) months of each spell; on and counts (m,), oldest first.

    A spell that is a faint echo of the strongest one is left out."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (on > ON).astype(np.int8), [0]])))
    found = list(zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True))
    rates = [float(counts[a : b + 1].mean()) for a, b in found]
    return [s for s, rate in zip(found, rates, strict=True) if rate >= ECHO_SHARE * max(rates)]


def kind(counts: Ints, on: Floats, exposures: Floats) -> LongevityKind | None:
    """The kind of a theme, None when nothing of it is dated; all (m,), oldest month first."""
    heard = np.flatnonzero(counts)
    if heard.size == 0:
        return None
    last_month = len(counts) - 1
    found = spells(on, counts) or [(int(heard[0]), int(heard[-1]))]
    silence = last_month - found[-1][1]
    if len(found) > 1:
        longest = max(b[0] - a[1] - 1 for a, b in pairwise(found))
        patience = max(longest * RETURN_PATIENCE, longest + 1, SILENT_MONTHS)
        return LongevityKind.RECURRING if silence <= patience else LongevityKind.FADING
    begin, end = found[0]
    if silence >= SILENT_MONTHS:
        short = end - begin + 1 <= TRANSIENT_MONTHS
        return LongevityKind.TRANSIENT if short else LongevityKind.FADING
    if last_month - begin < EMERGING_MONTHS:
        return LongevityKind.EMERGING
    course = trend(counts, exposures)
    if course.ratio <= FADING_RATIO and course.z <= FADING_Z:
        return LongevityKind.FADING
    return LongevityKind.LASTING
