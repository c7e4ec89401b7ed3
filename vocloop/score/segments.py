"""The segment finder: where a theme concentrates (METHOD.md 4.1, "the right segment").

Segments are the values of one attribute, and of two together: a value of each. Of every one it is
asked whether more of its companies face the theme than of the rest (Fisher's exact test,
one-sided); of a pair, whether it stands out inside both of its halves too, so that every
corner of a true segment is not one more (an intersection–union test: the larger p-value counts;
Berger 1982). What is then called a segment is corrected for having asked so often: at a
false-discovery rate of FALSE_DISCOVERY_RATE (Benjamini & Hochberg 1995).

An attribute that nobody knows of a company is unknown: the company is neither in nor outside of
any segment of that attribute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, betaln

from vocloop.score.estimate import LOWER, UPPER, Estimate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Part = tuple[str, str]

SEGMENT_PRIOR = 4.0
# Fewer companies than this are people, not a segment.
MIN_SEGMENT = 5
# Benjamini & Hochberg 1995: of the segments called significant at most this share is false.
FALSE_DISCOVERY_RATE = 0.1
# Standard deviations above the rest from which an exact test is worth its time.
CLEARLY = 0.8
NEGLIGIBLE = 1e-9
# Pairs of fields with thousands of values would cost memory and power: the largest are asked.
MAX_PAIRS = 2_000
# Intervals are worked out for the surest of each theme: a page shows no more.
MAX_FOUND = 20


@dataclass(frozen=True)
class Traits:
    """What is known of whoever speaks: attributes a, of values each.

    codes: (n, a) value of each attribute for each statement, −1 unknown."""

    attributes: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    codes: Ints


@dataclass(frozen=True)
class Segments:
    """Segments of those heard from, s of them, single attributes first.

    parts: one or two (attribute, value) each. heard: (s,) companies in it. known: (s,) companies
    whose value of its attributes is known, one counted in each of its values. said, known_said:
    (themes, s) the same of those who face each theme. halves: (s, 2) the single segments of a
    pair, −1 for a single one.
    """

    parts: tuple[tuple[Part, ...], ...]
    heard: Ints
    known: Ints
    said: Ints
    known_said: Ints
    halves: Ints

    @property
    def singles(self) -> int:
        return int((self.halves[:, 0] < 0).sum())


@dataclass(frozen=True)
class SegmentShare:
    """``said`` of ``heard`` companies face it; ``lift`` is their share over the share in the
    rest; ``p`` before correction, ``significant`` after it."""

    parts: tuple[Part, ...]
    said: int
    heard: int
    share: Estimate
    lift: float
    lift_low: float
    lift_high: float
    p: float
    significant: bool

    @property
    def attribute(self) -> str:
        return " × ".join(attribute for attribute, _ in self.parts)

    @property
    def value(self) -> str:
        return " × ".join(value for _, value in self.parts)


def segments_of(traits: Traits, who: Ints, theme: Ints, themes: int) -> Segments:
    """The segments of some statements.

    who: (n,) who said it, any ids. theme: (n,) what it was about, −1 no theme of ``themes``."""
    offsets = np.concatenate([[0], np.cumsum([len(v) for v in traits.values])]).astype(np.int64)
    flat = np.where(traits.codes >= 0, traits.codes + offsets[:-1], -1)
    names = [
        (attribute, value)
        for attribute, values in zip(traits.attributes, traits.values, strict=True)
        for value in values
    ]
    blocks = []
    single_at = np.full(len(names), -1, dtype=np.int64)
    columns = range(len(traits.attributes))
    asked = 0
    for group in [*combinations(columns, 1), *combinations(columns, 2)]:
        keys, heard, said, known, known_said = _counted(flat[:, group], who, theme, themes)
        large = heard >= MIN_SEGMENT
        if len(group) == 1:
            # A value that all share tells nothing of where a theme sits.
            large &= known > heard
            single_at[keys[large, 0]] = asked + np.arange(large.sum())
            halves = np.full((int(large.sum()), 2), -1, dtype=np.int64)
        else:
            halves = single_at[keys]
            large &= (halves >= 0).all(axis=1)
            halves = halves[large]
        asked += int(large.sum())
        parts = [tuple(names[k] for k in key) for key in keys[large].tolist()]
        blocks.append(
            (parts, heard[large], np.full(large.sum(), known), said[:, large],
             np.repeat(known_said[:, None], large.sum(), axis=1), halves)
        )  # fmt: skip
    if not blocks:
        empty, none = np.zeros(0, np.int64), np.zeros((themes, 0), np.int64)
        return Segments((), empty, empty, none, none, np.zeros((0, 2), np.int64))
    parts_, heard_, known_, said_, known_said_, halves_ = zip(*blocks, strict=True)
    return _largest(
        Segments(
            tuple(part for parts in parts_ for part in parts),
            np.concatenate(heard_),
            np.concatenate(known_),
            np.concatenate(said_, axis=1),
            np.concatenate(known_said_, axis=1),
            np.concatenate(halves_),
        )
    )


def _counted(
    codes: Ints, who: Ints, theme: Ints, themes: int
) -> tuple[Ints, Ints, Ints, int, Ints]:
    """Of one attribute, or two together: (keys, heard, said, known, known said)."""
    rows = (codes >= 0).all(axis=1)
    if not rows.any():
        empty = np.zeros(0, np.int64)
        return (
            np.zeros((0, codes.shape[1]), np.int64), empty, np.zeros((themes, 0), np.int64), 0,
            np.zeros(themes, np.int64),
        )  # fmt: skip
    keys, key = np.unique(codes[rows], axis=0, return_inverse=True)
    key = key.reshape(-1).astype(np.int64)
    cells = np.unique(who[rows] * len(keys) + key)
    heard = np.bincount(cells % len(keys), minlength=len(keys)).astype(np.int64)
    about = theme[rows]
    cells = np.unique(
        (about[about >= 0] * (int(who.max()) + 1) + who[rows][about >= 0]) * len(keys)
        + key[about >= 0]
    )
    place = cells // len(keys) // (int(who.max()) + 1) * len(keys) + cells % len(keys)
    said = np.bincount(place, minlength=themes * len(keys)).reshape(themes, len(keys))
    return keys, heard, said.astype(np.int64), int(heard.sum()), said.sum(axis=1).astype(np.int64)


def _largest(found: Segments) -> Segments:
    singles = found.singles
    if len(found.parts) - singles <= MAX_PAIRS:
        return found
    order = np.argsort(-found.heard[singles:], kind="stable")[:MAX_PAIRS]
    kept = np.concatenate([np.arange(singles), singles + np.sort(order)])
    return Segments(
        tuple(found.parts[i] for i in kept.tolist()),
        found.heard[kept], found.known[kept], found.said[:, kept], found.known_said[:, kept],
        found.halves[kept],
    )  # fmt: skip


def find(
    segments: Segments, theme: int, overall: float, *, always: int | None = None
) -> tuple[SegmentShare, ...]:
    """Where a theme sits, the surest first, at most MAX_FOUND and the segment ``always``.

    overall: the theme's share of all companies, to which segments are shrunk."""
    k, n = segments.said[theme], segments.heard
    # The rest: the same attributes with other values.
    rest_n = segments.known - n
    rest_k = np.minimum(segments.known_said[theme] - k, rest_n)
    p = _tested(k, n, rest_k, rest_n)
    pairs = np.flatnonzero((segments.halves[:, 0] >= 0) & (p < 1))
    for half in segments.halves[pairs].T:
        inside_n = np.maximum(segments.heard[half] - n[pairs], 0)
        inside_k = np.clip(segments.said[theme][half] - k[pairs], 0, inside_n)
        p[pairs] = np.maximum(p[pairs], _tested(k[pairs], n[pairs], inside_k, inside_n))
    sure = _benjamini_hochberg(p)
    shown = np.lexsort((-k / np.maximum(n, 1), p))[:MAX_FOUND]
    if always is not None and always not in shown:
        shown = np.append(shown, always)
    lifts = _lift(k[shown], n[shown], rest_k[shown], rest_n[shown])
    shares = _shrunk(k[shown], n[shown], overall)
    return tuple(
        SegmentShare(
            segments.parts[s],
            int(k[s]),
            int(n[s]),
            share,
            *lift,
            p=float(p[s]),
            significant=bool(sure[s]),
        )
        for s, share, lift in zip(shown.tolist(), shares, zip(*lifts, strict=True), strict=True)
    )


def _shrunk(k: Ints, n: Ints, overall: float) -> list[Estimate]:
    """Belief about the share in each segment, from a prior worth SEGMENT_PRIOR companies at the
    share of all, so that a small segment must earn its difference."""
    a, b = SEGMENT_PRIOR * overall + k, SEGMENT_PRIOR * (1 - overall) + n - k
    low, high = betaincinv(a, b, LOWER), betaincinv(a, b, UPPER)
    return [Estimate.inside(*map(float, row)) for row in zip(a / (a + b), low, high, strict=True)]


def _tested(k: Ints, n: Ints, rest_k: Ints, rest_n: Ints) -> Floats:
    """One-sided p-values of Fisher's exact test; 1 where the share is not clearly above the
    rest's: such a p-value could not be significant, and takes its time."""
    p = np.ones(len(k))
    total, faces = n + rest_n, k + rest_k
    expected = n * faces / np.maximum(total, 1)
    spread = expected * (1 - faces / np.maximum(total, 1)) * rest_n / np.maximum(total - 1, 1)
    clear = k - expected > CLEARLY * np.sqrt(np.maximum(spread, 0.0))
    asked = np.flatnonzero((k > 1) & (rest_n > 0) & clear)
    if asked.size:
        p[asked] = _upper_tail(k[asked], total[asked], faces[asked], n[asked])
    return p


def _upper_tail(k: Ints, total: Ints, faces: Ints, n: Ints) -> Floats:
    """P(k or more) of the hypergeometric distribution; scipy.stats takes ten times as
    long for arrays."""

    def log_ways(m: Ints, j: Ints) -> Floats:
        return np.asarray(-betaln(m - j + 1.0, j + 1.0) - np.log(m + 1.0))

    term = np.exp(log_ways(faces, k) + log_ways(total - faces, n - k) - log_ways(total, n))
    tail, i = term, k.astype(np.float64)
    for _ in range(int((np.minimum(n, faces) - k).max())):
        term = term * (faces - i) * (n - i) / ((i + 1) * (total - faces - n + i + 1))
        tail, i = tail + term, i + 1
        if (term < NEGLIGIBLE * tail).all():
            break
    return np.minimum(tail, 1.0)


def _lift(k: Ints, n: Ints, k0: Ints, n0: Ints) -> tuple[list[float], list[float], list[float]]:
    """Share in the segment over the share in the rest, with the log interval of Katz et al. 1978;
    ½ is added to each count (Pettigrew, Gart & Thomas 1986), so that zeros have one too."""
    lift = (k + 0.5) / (n + 0.5) * (n0 + 0.5) / (k0 + 0.5)
    error = np.sqrt(1 / (k + 0.5) - 1 / (n + 0.5) + 1 / (k0 + 0.5) - 1 / (n0 + 0.5))
    half = np.exp(1.6449 * error)
    return lift.tolist(), (lift / half).tolist(), (lift * half).tolist()


def _benjamini_hochberg(p: Floats) -> NDArray[np.bool_]:
    sure = np.zeros(len(p), dtype=np.bool_)
    order = np.argsort(p, kind="stable")
    passes = p[order] <= FALSE_DISCOVERY_RATE * np.arange(1, len(p) + 1) / max(len(p), 1)
    if passes.any():
        sure[order[: int(np.flatnonzero(passes)[-1]) + 1]] = True
    return sure & (p < 1)


class Reachable:
    """The active customers of any segment.

    people: of each active customer one mapping for each of its people, attributes of company and
    person together. A customer whose attributes are unknown is not in the segment."""

    def __init__(self, people: Mapping[str, Sequence[Mapping[str, str]]]) -> None:
        self._people = people
        self._members: dict[tuple[Part, ...], frozenset[str]] = {}

    def silent(self, parts: tuple[Part, ...], said: Set[str]) -> int:
        """How many of the segment's customers are not among those who ``said`` it."""
        if parts not in self._members:
            self._members[parts] = frozenset(
                customer
                for customer, people in self._people.items()
                if any(all(person.get(a) == v for a, v in parts) for person in people)
            )
        return len(self._members[parts] - said)
