"""Customers behind themes: how many, what they pay, when they renew, how near they are to us."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlmodel import Session

from vocloop.money import converted
from vocloop.said import said
from vocloop_models import Customer, TouchTier, now

RENEWAL_DAYS = 90
SILENT_DAYS = 180
SEGMENTS = ("industry", "size", "region", "plan")
_TIERS = {TouchTier.HIGH: 4, TouchTier.LOW: 3, TouchTier.TECH: 2}
# Of the scale of NPS, neither promoter nor detractor.
NEUTRAL_NPS = 7


@dataclass(frozen=True)
class Stakes:
    """Customers behind an item: how many, what they pay, what of it renews within 90 days.

    Money is in ``VOCLOOP_CURRENCY``; ``unpriced`` of the companies pay in one without a rate, and
    are not in the sums."""

    companies: int
    arr: int
    renewing: int
    unpriced: int
    renewals: list[dt.date]
    segments: dict[str, int]
    suggested_relationship: int | None  # from touch tier, NPS and recency of contact; 1 … 5


class Behind:
    """The customers that the reader may see, read once for any number of items."""

    def __init__(self, session: Session) -> None:
        self._said = said(session)
        names = ("id", "arr", "currency", "renewal_on", "touch_tier", *SEGMENTS)
        rows = session.execute(select(*(getattr(Customer, name) for name in names))).all()
        ids, arr, paid_in, renewal, tier, *segments = (
            zip(*rows, strict=True) if rows else [()] * len(names)
        )
        # Where the company of that number stands among the rows; the last is for those unseen.
        self._row = np.full(len(self._said.companies) + 1, len(rows), np.int32)
        for place, known in enumerate(ids):
            if known in self._said.companies:
                self._row[self._said.companies[known]] = place
        worth = {each: converted(1, each) for each in set(paid_in)}
        self._arr = np.array(
            [(a or 0) * (worth[c] or 0) for a, c in zip(arr, paid_in, strict=True)], np.float64
        )
        self._unpriced = np.array(
            [a is not None and worth[c] is None for a, c in zip(arr, paid_in, strict=True)], bool
        )
        self._renewal = np.array([each.toordinal() if each else 0 for each in renewal], np.int64)
        self._tier = np.array([_TIERS[each] if each else 0 for each in tier], np.int64)
        self._segments = [
            _numbered(f"{name}: ", values) for name, values in zip(SEGMENTS, segments, strict=True)
        ]

    def stakes(self, themes: Iterable[uuid.UUID]) -> Stakes:
        """What the customers who raised any of ``themes`` are worth, and when they renew."""
        voices = self._said.voices
        places = [self._said.themes[t] for t in themes if t in self._said.themes]
        pairs = np.concatenate(
            [
                np.zeros(0, np.intp),
                *(np.arange(voices.start[p], voices.start[p + 1]) for p in places),
            ]
        )
        rows = self._row[voices.who[pairs]]
        pairs = pairs[rows < len(self._arr)]
        who = np.unique(rows[rows < len(self._arr)])
        renewal, today = self._renewal[who], now().date().toordinal()
        soon = (renewal >= today) & (renewal <= today + RENEWAL_DAYS)
        return Stakes(
            len(who),
            round(self._arr[who].sum()),
            round(self._arr[who][soon].sum()),
            int(self._unpriced[who].sum()),
            [dt.date.fromordinal(int(day)) for day in np.sort(renewal[renewal >= today])],
            self._segments_of(who),
            self._relationship(who, pairs),
        )

    def _segments_of(self, who: NDArray[np.int32]) -> dict[str, int]:
        found: dict[str, int] = {}
        for names, number in self._segments:
            counts = np.bincount(number[who], minlength=len(names) + 1)[1:]
            found |= {names[n]: int(counts[n]) for n in np.flatnonzero(counts)}
        return found

    def _relationship(self, who: NDArray[np.int32], pairs: NDArray[np.intp]) -> int | None:
        tiers = self._tier[who]
        if not tiers.any():
            return None
        voices = self._said.voices
        points = float(tiers[tiers > 0].mean())
        if answers := voices.answers[pairs].sum():
            points += (float(voices.nps[pairs].sum()) / answers - NEUTRAL_NPS) / 3
        silent = now() - dt.timedelta(days=SILENT_DAYS)
        if voices.last[pairs].max(initial=-np.inf) < silent.timestamp():
            points -= 1
        return min(max(round(points), 1), 5)


def _numbered(prefix: str, values: Iterable[str | None]) -> tuple[list[str], NDArray[np.int32]]:
    """The names, and each value's place among them counted from 1; 0 for none."""
    known: dict[str, int] = {}
    number = [0 if v is None else known.setdefault(prefix + v, len(known) + 1) for v in values]
    return list(known), np.array(number, np.int32)
