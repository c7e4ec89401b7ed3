"""Generality: how many of the companies that we could have heard it from face it? (METHOD.md 4.1)

A share of distinct companies, never a count of messages. Belief about a share is a Beta
distribution (beta-binomial; Gelman et al., Bayesian Data Analysis, 2.4): Jeffreys' prior
Beta(½, ½) for all companies, and for a segment a prior worth SEGMENT_PRIOR companies at the
share of all companies, so that a small segment must earn its difference.

The value is the share in the best-fitting segment, discounted to the SEGMENT_QUANTILE of its
belief, or the share of all companies, whichever is higher. The discount takes the place of a
yes-or-no test of significance: one more company that faces the theme raises the belief about
every segment and never lowers the value, while a test could be lost to a company outside the
segment, and the value with it. Significance is said beside it, for people to read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv
from scipy.stats import hypergeom

from vocloop.score.estimate import LOWER, UPPER, Estimate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

JEFFREYS = 0.5
SEGMENT_PRIOR = 4.0
# Chosen on simulated companies in five attributes with 19 values. Nothing planted, 60 companies:
# the best segment lifts the value by .02 at most (at the median of the belief, by up to .15); 60 %
# planted in one segment of 75 over 10 %: the value is .52.
SEGMENT_QUANTILE = 0.1
# Fewer companies than this are people, not a segment.
MIN_SEGMENT = 5
# Benjamini & Hochberg 1995: of the segments called significant at most this share is false.
FALSE_DISCOVERY_RATE = 0.1
# Voices without a company stand in for companies, since each may be another one, or all the same:
# a contact or a message is worth at most half a company, and all together no more than this.
STAND_IN_WEIGHT = 0.5
CONTACT_COMPANIES, MESSAGE_COMPANIES = 8.0, 4.0


@dataclass(frozen=True)
class Segments:
    """Segments of the companies heard from: one row each for an attribute and a value.

    heard: (s,) companies with that value. attribute_heard: (s,) companies whose value of the
    row's attribute is known, one counted in each of its values; unknown is in neither."""

    attributes: tuple[str, ...]
    values: tuple[str, ...]
    heard: Ints
    attribute_heard: Ints


@dataclass(frozen=True)
class SegmentShare:
    attribute: str
    value: str
    said: int
    heard: int
    share: Estimate
    lift: float
    lift_low: float
    lift_high: float
    p: float
    significant: bool


@dataclass(frozen=True)
class Counted:
    """Who was heard from, or who faces a theme: companies, and voices of no known company."""

    companies: int
    contacts: int = 0
    messages: int = 0


@dataclass(frozen=True)
class Generality:
    """``basis`` is the segment that gave the value, None when it is the share of all companies.

    best: the significant segment of the highest share, to be named. segments: all that were
    tested, the surest first."""

    estimate: Estimate
    share: Estimate
    basis: SegmentShare | None
    best: SegmentShare | None
    segments: tuple[SegmentShare, ...]


def generality(
    facing: Counted, heard: Counted, segments: Segments, said: Ints, attribute_said: Ints
) -> Generality:
    """Generality of one theme.

    said: (s,) companies of each segment that face it. attribute_said: (s,) companies with a known
    value of the row's attribute that face it. Nobody heard from at all gives the prior."""
    share = _overall(facing, heard)
    tested = np.flatnonzero(
        (segments.heard >= MIN_SEGMENT) & (segments.attribute_heard > segments.heard)
    )
    if tested.size == 0:
        return Generality(share, share, None, None, ())
    k, n = said[tested].astype(np.float64), segments.heard[tested].astype(np.float64)
    a = SEGMENT_PRIOR * share.value + k
    b = SEGMENT_PRIOR * (1 - share.value) + n - k
    low, discounted, high = (betaincinv(a, b, q) for q in (LOWER, SEGMENT_QUANTILE, UPPER))
    others_k = attribute_said[tested] - k
    others_n = segments.attribute_heard[tested] - n
    lift, lift_low, lift_high = _lift(k, n, others_k, others_n)
    p = hypergeom.sf(k - 1, n + others_n, k + others_k, n)
    sure = _benjamini_hochberg(p)
    rows = [
        SegmentShare(
            segments.attributes[s],
            segments.values[s],
            int(k[i]),
            int(n[i]),
            Estimate.inside(float(a[i] / (a[i] + b[i])), float(low[i]), float(high[i])),
            float(lift[i]),
            float(lift_low[i]),
            float(lift_high[i]),
            float(p[i]),
            bool(sure[i] and lift[i] > 1),
        )
        for i, s in enumerate(tested.tolist())
    ]
    top = int(np.argmax(discounted))
    basis = rows[top] if discounted[top] > share.value else None
    estimate = share
    if basis is not None:
        estimate = Estimate.inside(float(discounted[top]), basis.share.low, basis.share.high)
    significant = [row for row in rows if row.significant]
    best = max(significant, key=lambda row: row.share.value, default=None)
    ordered = sorted(rows, key=lambda row: (row.p, row.attribute, row.value))
    return Generality(estimate, share, basis, best, tuple(ordered))


def _overall(facing: Counted, heard: Counted) -> Estimate:
    weights = (
        1.0,
        min(STAND_IN_WEIGHT, CONTACT_COMPANIES / max(heard.contacts, 1)),
        min(STAND_IN_WEIGHT, MESSAGE_COMPANIES / max(heard.messages, 1)),
    )
    k = np.dot(weights, (facing.companies, facing.contacts, facing.messages))
    n = np.dot(weights, (heard.companies, heard.contacts, heard.messages))
    a, b = JEFFREYS + k, JEFFREYS + n - k
    low, high = betaincinv(a, b, LOWER), betaincinv(a, b, UPPER)
    return Estimate.inside(float(a / (a + b)), float(low), float(high))


def _lift(k: Floats, n: Floats, k0: Floats, n0: Floats) -> tuple[Floats, Floats, Floats]:
    """Share in the segment over the share in the rest, with the log interval of Katz et al. 1978;
    ½ is added to each count (Pettigrew, Gart & Thomas 1986), so that zeros have one too."""
    lift = (k + 0.5) / (n + 0.5) * (n0 + 0.5) / (k0 + 0.5)
    error = np.sqrt(1 / (k + 0.5) - 1 / (n + 0.5) + 1 / (k0 + 0.5) - 1 / (n0 + 0.5))
    half = np.exp(1.6449 * error)
    return lift, lift / half, lift * half


def _benjamini_hochberg(p: Floats) -> NDArray[np.bool_]:
    order = np.argsort(p, kind="stable")
    passes = p[order] <= FALSE_DISCOVERY_RATE * np.arange(1, len(p) + 1) / len(p)
    sure = np.zeros(len(p), dtype=np.bool_)
    if passes.any():
        sure[order[: int(np.flatnonzero(passes)[-1]) + 1]] = True
    return sure
