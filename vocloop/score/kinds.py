"""Which of the five courses a theme takes, by comparing shapes (METHOD.md 4.1).

Each kind is a family of shapes: the relative rate of a theme in each month, 1 while it lives and
a background while it does not (steps, spells, decays, yearly and half-yearly rhythms). Months are
Poisson with that shape times an unknown rate times how much was heard in the month; the rate has
a Gamma prior, so that the evidence of a shape has a closed form (Gelman et al., Bayesian Data
Analysis, 2.6 and 7.4):

    log P(counts | shape) = Σ c_t log s_t − (a + N) log(b + Σ s_t e_t) + terms without the shape

All kinds are equally likely beforehand, and all shapes of a kind share its prior: a kind with
many shapes has to fit better before it is believed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from vocloop_models import LongevityKind

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Family = tuple[LongevityKind, Floats]

KINDS = tuple(LongevityKind)
# Older months say nothing of what a theme is today.
WINDOW_MONTHS = 60
# METHOD.md 4.1: a fashion scores low. A theme whose only spell was over within this many months
# is one; the longest fashion that is still a spike and not a life.
TRANSIENT_MONTHS = 5
# A theme this young has not shown yet what it is.
EMERGING_MONTHS = 6
# Fewer silent months at the end are not an end: most customers speak less than monthly.
SILENT_MONTHS = 2
# While it does not live a theme is still heard at this share of its rate: late customers, and
# statements in the wrong theme.
BACKGROUNDS = (0.02, 0.1)
# Months in which a fading theme halves; and the share of its first rate below which it fades.
HALVINGS = (2.0, 3.0, 4.5, 6.0, 9.0, 14.0, 20.0)
FADED_SHARE = 0.3
RHYTHMS = (3, 4, 6, 12)
RETURNS = (1, 2, 4)
# A theme that comes back may stay away half as long again as it ever did.
RETURN_PATIENCE = 1.5
# Months differ by more than Poisson, since companies talk in waves: the likelihood is tempered.
OVERDISPERSION = 2.0
RATE_SHAPE, RATE_SCALE = 0.5, 0.1
# A quiet month is not proof of silence: each month's volume is mixed with half a usual month. And a
# survey that reached everyone in one month is no proof that themes it did not touch are fading.
VOLUME_PSEUDO, BUSIEST = 0.5, 2.0
CHUNK = 128


@dataclass(frozen=True)
class Trend:
    """Monthly rate of the last third of a life over that of the first third, volume taken out.

    ``z`` is the log-ratio over its Poisson standard error, ½ added to each count."""

    ratio: float
    z: float


def exposure(volume: Floats) -> Floats:
    """(m,) how much a month could be expected to hold, 1 the usual, from all themes' volume.

    It is what keeps a busy month from looking like a trend."""
    if not volume.any():
        return np.ones_like(volume)
    usual = float(np.median(volume[volume > 0]))
    mixed = (volume / usual + VOLUME_PSEUDO) / (1.0 + VOLUME_PSEUDO)
    return np.asarray(np.minimum(mixed, BUSIEST), dtype=np.float64)


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


def beliefs(counts: Ints, exposures: Floats) -> Floats:
    """(n, 5) belief in each of KINDS; rows of a theme without any count are all 0.

    counts: (n, m) distinct companies by month, the newest last; exposures: (m,). What was last
    heard before the window is over for sure, and what was not heard for EMERGING_MONTHS does not
    emerge."""
    out = _compared(counts[:, -WINDOW_MONTHS:], exposures[-WINDOW_MONTHS:])
    out[~counts[:, -EMERGING_MONTHS:].any(axis=1), KINDS.index(LongevityKind.EMERGING)] = 0.0
    long_over = counts.any(axis=1) & ~counts[:, -WINDOW_MONTHS:].any(axis=1)
    for i in np.flatnonzero(long_over).tolist():
        heard = np.flatnonzero(counts[i])
        short = heard[-1] - heard[0] < TRANSIENT_MONTHS
        out[i, KINDS.index(LongevityKind.TRANSIENT if short else LongevityKind.FADING)] = 1.0
    return np.asarray(out / np.maximum(out.sum(axis=1, keepdims=True), 1e-12), dtype=np.float64)


def _compared(counts: Ints, exposures: Floats) -> Floats:
    """(n, 5) belief by the shapes alone."""
    family, log_shapes, shapes = _shapes(counts.shape[1])
    out = np.zeros((len(counts), len(KINDS)))
    if not family.size:
        return out
    log_priors = -np.log(np.bincount(family)[family])
    log_expected = np.log(RATE_SCALE + shapes @ exposures)
    starts = np.searchsorted(family, np.arange(len(KINDS)))
    present = np.unique(family)
    for begin in range(0, len(counts), CHUNK):
        part = counts[begin : begin + CHUNK].astype(np.float64)
        total = part.sum(axis=1, keepdims=True)
        fit = part @ log_shapes.T - (RATE_SHAPE + total) * log_expected
        weights = fit / OVERDISPERSION + log_priors
        weights = np.exp(weights - weights.max(axis=1, keepdims=True))
        sums = np.add.reduceat(weights, starts[present], axis=1)
        out[begin : begin + CHUNK, present] = np.where(
            total > 0, sums / sums.sum(axis=1, keepdims=True), 0.0
        )
    return out


def kind(belief: Floats) -> LongevityKind | None:
    """The kind most believed in, None when nothing of the theme is dated; belief: (5,)."""
    return KINDS[int(belief.argmax())] if belief.any() else None


@lru_cache(maxsize=4)
def _shapes(months: int) -> tuple[Ints, Floats, Floats]:
    """(family, log shapes, shapes): (k,) index into KINDS, sorted, and (k, months) twice."""
    rows: dict[tuple[int, bytes], tuple[int, Floats]] = {}
    for kind_, shape in _all(months):
        for background in BACKGROUNDS:
            row = background + (1 - background) * shape
            rows.setdefault((KINDS.index(kind_), row.tobytes()), (KINDS.index(kind_), row))
    found = sorted(rows.values(), key=lambda row: row[0])
    if not found:
        return np.zeros(0, np.int64), np.zeros((0, months)), np.zeros((0, months))
    shapes = np.array([row for _, row in found])
    return np.array([f for f, _ in found], dtype=np.int64), np.log(shapes), shapes


def _all(m: int) -> Iterator[Family]:
    t = np.arange(m)
    yield from _steps(t, m)
    yield from _spells(t, m)
    yield from _fading(t, m)
    yield from _rhythms(t, m)
    yield from _returns(t, m)


def _steps(t: Ints, m: int) -> Iterator[Family]:
    """Begun and not over: young ones emerge, steadily or growing; the others last."""
    for begin in range(m):
        young = m - begin <= EMERGING_MONTHS and (begin > 0 or m < EMERGING_MONTHS)
        if young:
            yield LongevityKind.EMERGING, (t >= begin).astype(float)
            yield LongevityKind.EMERGING, np.clip((t - begin + 1) / (m - begin), 0, 1)
        if not young or begin == 0:
            yield LongevityKind.LASTING, (t >= begin).astype(float)


def _spells(t: Ints, m: int) -> Iterator[Family]:
    """One spell that is over: short ones are fashions, in one burst or rising and falling."""
    for begin in range(m - SILENT_MONTHS):
        for end in range(begin + 1, m - SILENT_MONTHS + 1):
            length = end - begin
            if length <= TRANSIENT_MONTHS:
                yield LongevityKind.TRANSIENT, ((t >= begin) & (t < end)).astype(float)
                yield (
                    LongevityKind.TRANSIENT,
                    np.where((t >= begin) & (t < end), 1 - (t - begin) / (length + 1), 0.0),
                )
            if length > TRANSIENT_MONTHS:
                yield LongevityKind.FADING, ((t >= begin) & (t < end)).astype(float)


def _fading(t: Ints, m: int) -> Iterator[Family]:
    """Decays, from its first month on or from a later one, that have come far by now."""
    for begin in range(max(m - EMERGING_MONTHS, 0)):
        for halving in HALVINGS:
            decay = 0.5 ** (np.maximum(t - begin, 0) / halving)
            if decay[-1] <= FADED_SHARE:
                yield LongevityKind.FADING, np.where(t >= begin, decay, 0.0)
                if begin >= EMERGING_MONTHS:
                    yield LongevityKind.FADING, decay


def _rhythms(t: Ints, m: int) -> Iterator[Family]:
    """Live months that come back every so many months, at least twice so far."""
    for period in RHYTHMS:
        if m < period + 2:
            continue
        for phase in range(period):
            place = (t - phase) % period
            for length in range(1, period // 2):
                yield LongevityKind.RECURRING, (place < length).astype(float)
            if period >= 6:
                wave = (1 + np.cos(2 * np.pi * place / period)) / 2
                yield LongevityKind.RECURRING, wave
                yield LongevityKind.RECURRING, wave**3


def _returns(t: Ints, m: int) -> Iterator[Family]:
    """Two spells with a longer silence between them, and none as long since."""
    for length in RETURNS:
        for first in range(m - length):
            least = first + length + max(length, SILENT_MONTHS) + 1
            for second in range(least, m):
                gap = second - first - length
                if m - second - length <= max(gap * RETURN_PATIENCE, SILENT_MONTHS):
                    on = (t >= first) & (t < first + length)
                    on |= (t >= second) & (t < second + length)
                    yield LongevityKind.RECURRING, on.astype(float)
