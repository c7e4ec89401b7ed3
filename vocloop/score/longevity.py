"""Longevity: in what share of the months to come will the theme still be heard? (METHOD.md 4.1)

The model is a Poisson process that is switched on and off by a hidden Markov chain (the
interrupted Poisson process: Fischer & Meier-Hellstern 1993, "The Markov-modulated Poisson process
cookbook"; filter and smoother: Rabiner 1989), with Gamma-mixed rates, so that a month's count is
negative binomial:

    state_t ∈ {on, off},  P(on → off) = 1 / months on,  P(off → on) = 1 / months off
    count_t | state ~ NegativeBinomial(mean = rate(state) · exposure_t, size = DISPERSION)

Rate, months on and months off are not fitted to a theme, which would be foolish with three
reports: they are averaged over a grid with a fixed prior, by Bayes' rule. A theme begins with its
first report; what counts is distinct companies in a month, never messages.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from vocloop.score.estimate import LOWER, UPPER, Estimate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MONTH_DAYS = 365.25 / 12
# Months are counted back from the as-of date, not by the calendar, so that shifting all dates
# changes nothing. With these days of slack, dates known only by month (the 1st) still fall one
# month to a bin: the k-th first of month back is 2.5 days short of k mean months at most.
MONTH_SLACK_DAYS = 3.0
HORIZON_MONTHS = 12
# Older reports say nothing of next year, and one date of 1900 must not cost 1,500 steps.
HISTORY_MONTHS = 240

# The grid: companies a month while on, and mean lengths of on and off. Steps of 2.5 to 3 are
# finer than what a few dozen months can tell apart.
RATES = np.array([0.03, 0.1, 0.3, 0.8, 2.0, 5.0, 12.0, 30.0])
MONTHS_ON = np.array([1.5, 4.0, 12.0, 36.0, 120.0])
# The last one is "never again" within any horizon.
MONTHS_OFF = np.array([3.0, 9.0, 24.0, 1000.0])
# While off a statement may still stray in: by wrong assignment, or a customer who is late. A
# constant part of .02 cost .03 of rank correlation on vehicle-defect reports (monthly). Without
# the bound a great fashion would echo for ever.
STRAY_RATES = np.minimum(0.005 + 0.03 * RATES, 0.1)
# Size of the negative binomial: months differ by more than Poisson, since companies talk in waves.
DISPERSION = 2.0
# The first report is the theme's own more often than a stray one before it.
START_ON = 0.8
# A quiet month is not proof of silence: each month's volume is mixed with half a mean month.
VOLUME_PSEUDO = 0.5
CHUNK = 64


@dataclass(frozen=True)
class Course:
    """What the model believes of one theme.

    share: expected share of the next HORIZON_MONTHS in which at least one company says it.
    on: (m,) probability that the theme was on, by month, oldest first; 0 before its first report.
    """

    share: Estimate
    on: Floats


def month_back(age_days: Floats) -> Ints:
    """Months before the as-of date, 0 the newest; shape as given. Ages are in days, ≥ 0."""
    return np.floor((age_days + MONTH_SLACK_DAYS) / MONTH_DAYS).astype(np.int64)


def exposure(volume: Floats) -> Floats:
    """(m,) how much a month could be expected to hold, mean about 1, from all themes' volume.

    It is what keeps a busy month from looking like a trend."""
    mean = float(volume.mean()) if volume.size else 0.0
    if mean == 0.0:
        return np.ones_like(volume)
    return np.asarray((volume / mean + VOLUME_PSEUDO) / (1.0 + VOLUME_PSEUDO), dtype=np.float64)


def courses(counts: Ints, exposures: Floats) -> list[Course]:
    """The course of each theme.

    counts: (n, m) distinct companies that say theme i in month t, oldest month first; the last
    month is the as-of month. exposures: (m,). A theme without any count keeps the prior: a wide
    interval, not a zero."""
    out: list[Course] = []
    for start in range(0, len(counts), CHUNK):
        out.extend(_chunk(counts[start : start + CHUNK], exposures))
    return out


def _chunk(counts: Ints, exposures: Floats) -> list[Course]:
    n, months = counts.shape
    heard = counts > 0
    first = np.where(heard.any(axis=1), heard.argmax(axis=1), months)
    # Axes of the grid after the theme: rate, months on, months off.
    leave = (1.0 / MONTHS_ON)[None, None, :, None]
    enter = (1.0 / MONTHS_OFF)[None, None, None, :]
    shape = (n, len(RATES), len(MONTHS_ON), len(MONTHS_OFF))
    on = np.full(shape, START_ON)
    evidence = np.zeros(shape)
    filtered = np.zeros((months, *shape))
    predicted = np.zeros((months, *shape))
    for t in range(months):
        begun, begins = first <= t, first == t
        if not begun.any():
            continue
        prior = np.where(begins[:, None, None, None], START_ON, on * (1 - leave) + (1 - on) * enter)
        log_on, log_off = _log_counts(counts[:, t], exposures[t], begins)
        a = np.log(prior) + log_on[:, :, None, None]
        b = np.log1p(-prior) + log_off[:, :, None, None]
        total = np.logaddexp(a, b)
        live = begun[:, None, None, None]
        on = np.where(live, np.exp(a - total), on)
        evidence += np.where(live, total, 0.0)
        filtered[t], predicted[t] = on, prior
    weights = np.exp(evidence - evidence.max(axis=(1, 2, 3), keepdims=True))
    weights /= weights.sum(axis=(1, 2, 3), keepdims=True)
    shares = _shares(weights, on)
    paths = _smooth(filtered, predicted, weights, first)
    return [Course(share, path) for share, path in zip(shares, paths, strict=True)]


def _log_counts(counts: Ints, exposed: float, begins: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """(n, rates) log-probabilities of one month's counts, on and off.

    A theme is known only because somebody said it: its first month is conditioned on count > 0."""
    means = np.stack([RATES, STRAY_RATES]) * exposed
    y = counts[:, None].astype(np.float64)
    both = []
    for mean in means:
        zero = DISPERSION * np.log(DISPERSION / (DISPERSION + mean))
        log_mass = (
            gammaln(y + DISPERSION)
            - gammaln(DISPERSION)
            - gammaln(y + 1)
            + zero
            + y * np.log(mean / (DISPERSION + mean))
        )
        heard_at_all = np.log(-np.expm1(zero))
        both.append(log_mass - np.where(begins[:, None], heard_at_all, 0.0))
    return both[0], both[1]


def _active(mean: Floats) -> Floats:
    return np.asarray(1.0 - (DISPERSION / (DISPERSION + mean)) ** DISPERSION, dtype=np.float64)


def _forecasts() -> Floats:
    """(2, rates, on, off) expected active share of the horizon when now on, and when now off."""
    shape = (len(RATES), len(MONTHS_ON), len(MONTHS_OFF))
    leave, enter = (1.0 / MONTHS_ON)[None, :, None], (1.0 / MONTHS_OFF)[None, None, :]
    active = _active(RATES)[:, None, None]
    stray = _active(STRAY_RATES)[:, None, None]
    out = np.zeros((2, *shape))
    for row, start in enumerate((1.0, 0.0)):
        on = np.full(shape, start)
        for _ in range(HORIZON_MONTHS):
            on = on * (1 - leave) + (1 - on) * enter
            out[row] += (on * active + (1 - on) * stray) / HORIZON_MONTHS
    return out


FORECASTS = _forecasts()
_ORDER = np.argsort(FORECASTS, axis=None)
_SORTED = FORECASTS.ravel()[_ORDER]


def _shares(weights: Floats, on: Floats) -> list[Estimate]:
    belief = np.stack([weights * on, weights * (1 - on)], axis=1).reshape(len(weights), -1)
    means = belief @ FORECASTS.ravel()
    ladder = np.cumsum(belief[:, _ORDER], axis=1)
    out = []
    for mean, steps in zip(means, ladder, strict=True):
        low, high = np.interp([LOWER, UPPER], steps / steps[-1], _SORTED)
        out.append(Estimate.inside(float(mean), float(low), float(high)))
    return out


def _smooth(filtered: Floats, predicted: Floats, weights: Floats, first: Ints) -> Floats:
    """(n, m) probability of on by month, given all months (backward pass), over the grid."""
    months, n = filtered.shape[0], filtered.shape[1]
    leave = (1.0 / MONTHS_ON)[None, None, :, None]
    paths = np.zeros((n, months))
    later = filtered[-1] if months else np.zeros_like(weights)
    for t in range(months - 1, -1, -1):
        if t < months - 1:
            # Months before the first report hold zeros; they are masked below.
            ahead = np.clip(predicted[t + 1], 1e-12, 1 - 1e-12)
            stay = (1 - leave) * later / ahead + leave * (1 - later) / (1 - ahead)
            later = filtered[t] * stay
        paths[:, t] = np.where(first <= t, (weights * later).sum(axis=(1, 2, 3)), 0.0)
    return paths
