"""Customers behind themes: how many, what they pay, when they renew, how near they are to us."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlmodel import Session, col
from sqlmodel import select as query_of

from vocloop.config import settings
from vocloop.money import worth
from vocloop.said import said
from vocloop_models import Customer, TouchTier, id_of, now, raw
from vocloop_models.bulk import among
from vocloop_models.customer import stays

Places = NDArray[np.intp]

RENEWAL_DAYS = 90
SILENT_DAYS = 180
SEGMENTS = ("industry", "size", "region", "plan")
_TIERS: dict[str | None, int] = {TouchTier.HIGH: 4, TouchTier.LOW: 3, TouchTier.TECH: 2}
# Of the scale of NPS, neither promoter nor detractor.
NEUTRAL_NPS = 7


@dataclass(frozen=True)
class Stakes:
    """Customers behind an item: how many, what they pay, what of it renews within 90 days.

    Money is in ``VOCLOOP_CURRENCY``; ``unpriced`` of the companies pay in one without a rate, and
    are not in the sums. Of ``every`` customer, ``who`` are behind it, by row, with these ``pairs``
    of a theme and a company."""

    companies: int
    arr: int
    renewing: int
    unpriced: int
    every: Behind = field(repr=False)
    who: Places = field(repr=False)
    pairs: Places = field(repr=False)

    def largest(self, session: Session, most: int | None = None) -> list[Customer]:
        """The customers that pay most, by name among equals; those in a currency without a rate
        come last."""
        who = self.who
        if most is not None and len(who) > most:
            paid = self.every.arr[who]
            who = who[paid >= np.partition(paid, -most)[-most]]
        paid_by = dict(zip(self.every.ids(who), self.every.arr[who].tolist(), strict=True))
        # Names first: thousands may pay the same.
        named = session.execute(
            select(col(Customer.id), col(Customer.name)).where(
                among(session, col(Customer.id), paid_by)
            )
        )
        order = sorted(named, key=lambda row: (-paid_by[row.id], row.name, row.id))[:most]
        places = {row.id: place for place, row in enumerate(order)}
        found = session.exec(query_of(Customer).where(among(session, col(Customer.id), places)))
        return sorted(found, key=lambda each: places[each.id])

    @cached_property
    def renewals(self) -> list[dt.date]:
        renewal = self.every.renewal[self.who]
        days: list[dt.date] = np.sort(renewal[renewal >= np.datetime64(_today())]).tolist()
        return days

    @cached_property
    def segments(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for names, number in self.every.segments:
            counts = np.bincount(number[self.who], minlength=len(names) + 1)[1:]
            found |= {names[n]: int(counts[n]) for n in np.flatnonzero(counts)}
        return found

    @cached_property
    def suggested_relationship(self) -> int | None:
        """From touch tier, NPS and recency of contact; 1 … 5."""
        tiers = self.every.tier[self.who]
        if not tiers.any():
            return None
        voices = self.every.said.voices
        points = float(tiers[tiers > 0].mean())
        if answers := voices.answers[self.pairs].sum():
            points += (float(voices.nps[self.pairs].sum()) / answers - NEUTRAL_NPS) / 3
        silent = now() - dt.timedelta(days=SILENT_DAYS)
        if voices.last[self.pairs].max(initial=-np.inf) < silent.timestamp():
            points -= 1
        return min(max(round(points), 1), 5)


class Behind:
    """The customers that the reader may see, without those who left, read once for any number of
    items. One row each:
    ``arr`` in ``VOCLOOP_CURRENCY``; ``renewal``, a day or NaT; ``tier``, 0 for none."""

    def __init__(self, session: Session) -> None:
        self.said = said(session)
        plain = (Customer.arr, Customer.currency, *(getattr(Customer, name) for name in SEGMENTS))
        query = select(
            *(raw(each) for each in (Customer.id, Customer.renewal_on, Customer.touch_tier)), *plain
        ).where(stays(_today()))
        rows = session.execute(query).all()
        columns: list[Any] = list(zip(*rows, strict=True)) or [()] * (len(plain) + 3)
        self._ids, renewal, tier, arr, paid_in, *self._values = columns
        companies = self.said.companies
        # Where the company of that number stands among the rows; the last is for those unseen.
        self._row = np.full(len(companies) + 1, len(rows), np.intp)
        self._row[[companies.get(id_of(each), -1) for each in self._ids]] = np.arange(len(rows))
        self._row[-1] = len(rows)
        rates = worth(set(paid_in))
        self.arr = np.array(
            [(a or 0) * (rates[c] or 0) for a, c in zip(arr, paid_in, strict=True)], np.float64
        )
        self._unpriced = np.array(
            [a is not None and rates[c] is None for a, c in zip(arr, paid_in, strict=True)], bool
        )
        self.renewal = np.array(renewal, "datetime64[D]")
        self.tier = np.array([_TIERS.get(each, 0) for each in tier], np.int64)

    def ids(self, rows: Places) -> list[uuid.UUID]:
        return [id_of(self._ids[row]) for row in rows.tolist()]

    @cached_property
    def segments(self) -> list[tuple[list[str], NDArray[np.int32]]]:
        """Of each attribute the names of its segments, and the place of each row's, from 1."""
        return [
            _numbered(f"{name}: ", values)
            for name, values in zip(SEGMENTS, self._values, strict=True)
        ]

    def stakes(self, themes: Iterable[uuid.UUID]) -> Stakes:
        """What the customers who raised any of ``themes`` are worth, and when they renew."""
        return self.stakes_of_each([themes])[0]

    def stakes_of_each(self, groups: Sequence[Iterable[uuid.UUID]]) -> list[Stakes]:
        """As stakes(), of each group of themes."""
        voices, known = self.said.voices, self.said.themes
        asked = [(n, known[t]) for n, themes in enumerate(groups) for t in themes if t in known]
        of, theme = np.array(asked, np.intp).reshape(-1, 2).T
        start, count = voices.start[theme], np.diff(voices.start)[theme]
        pairs = np.arange(count.sum()) + np.repeat(start - np.cumsum(count) + count, count)
        of, row = np.repeat(of, count), self._row[voices.who[pairs]]
        seen = row < len(self.arr)
        of, row, pairs = of[seen], row[seen], pairs[seen]
        # Of each group, each customer once; np.unique, which hashes, takes longer.
        keys = np.sort(of * len(self.arr) + row)
        keys = keys[np.diff(keys, prepend=-1) > 0]
        of_customer, who = np.divmod(keys, max(len(self.arr), 1))
        renewal, today = self.renewal[who], np.datetime64(_today())
        soon = (renewal >= today) & (renewal <= today + np.timedelta64(RENEWAL_DAYS, "D"))
        arr = self.arr[who]
        sums = [
            np.bincount(of_customer, each, len(groups)).tolist()
            for each in (arr, arr * soon, self._unpriced[who])
        ]
        edges = np.arange(1, len(groups))
        customers = np.split(who, np.searchsorted(of_customer, edges))
        behind = np.split(pairs, np.searchsorted(of, edges))
        return [
            Stakes(len(rows), round(paid), round(renewing), int(unpriced), self, rows, spoken)
            for paid, renewing, unpriced, rows, spoken in zip(
                *sums, customers, behind, strict=False
            )
        ]


def _today() -> dt.date:
    return now().astimezone(settings().zone).date()


def _numbered(prefix: str, values: Iterable[str | None]) -> tuple[list[str], NDArray[np.int32]]:
    """The names, and each value's place among them counted from 1; 0 for none."""
    known: dict[str, int] = {}
    number = [0 if v is None else known.setdefault(prefix + v, len(known) + 1) for v in values]
    return list(known), np.array(number, np.int32)
