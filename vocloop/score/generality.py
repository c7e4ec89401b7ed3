"""Generality: how many of the companies that we could have heard it from face it? (METHOD.md 4.1)

A share of distinct companies, never a count of messages. Belief about a share is a Beta
distribution (beta-binomial; Gelman et al., Bayesian Data Analysis, 2.4): Jeffreys' prior
Beta(½, ½) for all companies, and for a segment a prior worth a few companies at the share of all.

The value is the share in the best-fitting segment, discounted to the SEGMENT_QUANTILE of its
belief, or the share of all companies, whichever is higher. The discount takes the place of a
yes-or-no test of significance: one more company that faces the theme raises the belief about
every segment and never lowers the value, while a test could be lost to a company outside the
segment, and the value with it. Significance is said beside it, for people to read
(vocloop.score.segments), also of pairs of attributes; those do not make the value, since the best
of hundreds is far above the truth by chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from vocloop.score.estimate import LOWER, UPPER, Estimate
from vocloop.score.segments import SEGMENT_PRIOR, Segments, SegmentShare, find

JEFFREYS = 0.5
# Chosen on simulated companies in five attributes with 19 values. Nothing planted, 60 companies:
# the best segment lifts the value by .02 at most (at the median of the belief, by up to .15); 60 %
# planted in one segment of 75 over 10 %: the value is .52.
SEGMENT_QUANTILE = 0.1
# Voices without a company stand in for companies, since each may be another one, or all the same:
# a contact or a message is worth at most half a company, and all together no more than this.
STAND_IN_WEIGHT = 0.5
CONTACT_COMPANIES, MESSAGE_COMPANIES = 8.0, 4.0


@dataclass(frozen=True)
class Counted:
    """Who was heard from, or who faces a theme: companies, and voices of no known company."""

    companies: int
    contacts: int = 0
    messages: int = 0


@dataclass(frozen=True)
class Generality:
    """``basis`` is the segment that gave the value, None when it is the share of all companies.

    best: the significant segment of the highest share, to be named. segments: the surest first."""

    estimate: Estimate
    share: Estimate
    basis: SegmentShare | None
    best: SegmentShare | None
    segments: tuple[SegmentShare, ...]


def generality(facing: Counted, heard: Counted, segments: Segments, theme: int) -> Generality:
    """Generality of one theme; ``theme`` is its row in ``segments``.

    Nobody heard from at all gives the prior. Segments of voices without a company are found too,
    but do not make the value: nobody knows how many companies they are."""
    share = overall(facing, heard)
    top, discounted = _fitting(segments, theme, share.value) if heard.companies else (None, 0.0)
    found = find(segments, theme, share.value, always=top)
    best = max((s for s in found if s.significant), key=lambda s: s.share.value, default=None)
    if top is None:
        return Generality(share, share, None, best, found)
    basis = next(s for s in found if s.parts == segments.parts[top])
    estimate = Estimate.inside(discounted, basis.share.low, basis.share.high)
    return Generality(estimate, share, basis, best, found)


def _fitting(segments: Segments, theme: int, share: float) -> tuple[int | None, float]:
    """(row of the best-fitting single segment, its discounted share), None when all fit better."""
    k, n = segments.said[theme, : segments.singles], segments.heard[: segments.singles]
    if not k.size:
        return None, 0.0
    a, b = SEGMENT_PRIOR * share + k, SEGMENT_PRIOR * (1 - share) + n - k
    discounted = betaincinv(a, b, SEGMENT_QUANTILE)
    top = int(np.argmax(discounted))
    return (top, float(discounted[top])) if discounted[top] > share else (None, 0.0)


def overall(facing: Counted, heard: Counted) -> Estimate:
    """Belief about the share of all companies."""
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
