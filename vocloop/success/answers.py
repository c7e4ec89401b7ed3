"""Answers to NPS, CSAT, CES and stars: read as columns, and kept by each process.

Figures are made of tens of thousands of them, and to read them takes longer than to count them. The
database is asked first what there is (one look into an index); only when that changed are they read
again."""

from __future__ import annotations

import datetime as dt
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, func, select

from vocloop_models import (
    COMPANY_ATTRIBUTES,
    RATING_BOUNDS,
    Customer,
    CustomerMerge,
    Feedback,
    RatingScale,
    id_of,
    raw,
)
from vocloop_models.database import PerDatabase, whole

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
MOST_KEPT = 12
# Voices are only ever added and removed. That as many came as went, of the same contacts, dates and
# sum, would not be seen: after so long they are read in any case.
KEPT_SECONDS = 300.0


@dataclass(frozen=True)
class Answers:
    """Columns of equal length, one row an answer, oldest first. ``who`` numbers the respondents:
    the contact, else the customer, else the voice itself. ``customer`` counts into ``customers``,
    ids as the driver gives them (vocloop_models.id_of), None for no customer. ``at``: seconds since
    1970. ``segments``: of each of ``customers``; empty when nobody asked for them."""

    who: Places
    customer: Places
    at: Floats
    value: Floats
    customers: Sequence[Hashable]
    segments: Sequence[Mapping[str, str]] = ()

    @cached_property
    def _again(self) -> Places:
        """(n,) The place of the respondent's next answer, n for none."""
        places = np.argsort(self.who, kind="stable")
        same = self.who[places[:-1]] == self.who[places[1:]]
        again = np.full(len(self), len(self))
        again[places[:-1][same]] = places[1:][same]
        return again

    def newest(self, since: dt.datetime | None = None, until: dt.datetime | None = None) -> Places:
        """The places of each respondent's newest answer of those said at ``since`` or later, before
        ``until``."""
        start = 0 if since is None else self.place(since)
        return self.newest_of(start, len(self) if until is None else self.place(until))

    def newest_of(self, start: int, stop: int) -> Places:
        """As newest(), of the answers from place ``start`` to before ``stop``."""
        return start + np.flatnonzero(self._again[start:stop] >= stop)

    def place(self, moment: dt.datetime) -> int:
        """Of the first answer said then or later."""
        return int(np.searchsorted(self.at, moment.timestamp()))

    def only(self, rows: NDArray[np.bool_] | slice) -> Answers:
        return replace(
            self,
            who=self.who[rows],
            customer=self.customer[rows],
            at=self.at[rows],
            value=self.value[rows],
        )

    def __len__(self) -> int:
        return len(self.at)


def answers(
    session: Session,
    scale: RatingScale,
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    segmented: bool = True,
) -> Answers:
    """Dated answers within the scale, of the customers that the reader may see; what repeats
    another voice is left out. Without ``segmented`` nothing is read of the customers' segments."""
    # What is kept serves everyone: two readers from whom one customer each is hidden may well be
    # told as many answers of as much.
    with whole(session):
        found = _kept_or_read(session, scale)
    if hidden := _hidden(session):
        seen = [each is None or id_of(each) not in hidden for each in found.customers]
        found = found.only(np.array(seen, np.bool_)[found.customer])
    if since is not None or until is not None:
        start = 0 if since is None else found.place(since)
        found = found.only(slice(start, len(found) if until is None else found.place(until)))
    if not segmented:
        return found
    known = {each.id: segments_of(each) for each in session.exec(select(Customer))}
    return replace(
        found, segments=[known.get(id_of(each), {}) if each else {} for each in found.customers]
    )


def _hidden(session: Session) -> set[uuid.UUID]:
    """Customers that are not for this reader; mostly nobody restricts any."""
    restricted = select(Customer.id).where(Customer.restricted)
    with whole(session):
        every = set(session.exec(restricted).all())
    return every - set(session.exec(restricted).all()) if every else every


def segments_of(customer: Customer) -> dict[str, str]:
    own = {name: getattr(customer, name) for name in COMPANY_ATTRIBUTES}
    return {**customer.segments, **{name: str(v) for name, v in own.items() if v is not None}}


@dataclass
class _Kept:
    """By scale and what the database said of its answers; the last asked for stand last."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    read: OrderedDict[tuple[object, ...], tuple[float, Answers]] = field(
        default_factory=OrderedDict
    )


_kept = PerDatabase(_Kept)


def _kept_or_read(session: Session, scale: RatingScale) -> Answers:
    kept = _kept.of(session)
    with kept.lock:
        state = (scale, *_state(session, scale))
        at, found = kept.read.pop(state, (-KEPT_SECONDS, None))
        if found is None or time.monotonic() - at >= KEPT_SECONDS:
            at, found = time.monotonic(), _read(session, scale)
        kept.read[state] = (at, found)
        if len(kept.read) > MOST_KEPT:
            kept.read.popitem(last=False)
        return found


def _counted(scale: RatingScale) -> list[ColumnElement[bool]]:
    return [
        col(Feedback.rating_scale) == scale,
        col(Feedback.rating).is_not(None),
        col(Feedback.rating).between(*RATING_BOUNDS[scale]),
        col(Feedback.said_at).is_not(None),
        col(Feedback.repeats_id).is_(None),
    ]


def _state(session: Session, scale: RatingScale) -> Sequence[object]:
    """Differs whenever other answers count, or count for other customers."""
    merges = (func.count(), func.max(CustomerMerge.decided_at))
    return tuple(
        session.execute(
            rows_of(
                func.count(),
                func.count(col(Feedback.contact_id)),
                func.count(col(Feedback.customer_id)),
                func.sum(Feedback.rating),
                func.max(Feedback.said_at),
                *(rows_of(m).select_from(CustomerMerge).scalar_subquery() for m in merges),
            ).where(*_counted(scale))
        ).one()
    )


def _read(session: Session, scale: RatingScale) -> Answers:
    # Columns, not rows of tables: there may be tens of thousands.
    rows = session.exec(
        select(
            raw(func.coalesce(Feedback.contact_id, Feedback.customer_id, Feedback.id)),
            raw(Feedback.customer_id),
            raw(Feedback.said_at),
            Feedback.rating,
        )
        .where(*_counted(scale))
        .order_by(col(Feedback.said_at), col(Feedback.id))
    ).all()
    respondent, customer, at, value = zip(*rows, strict=True) if rows else [()] * 4
    who, _ = numbered(respondent)
    of, customers = numbered(customer)
    return Answers(who, of, _seconds(at), np.array(value, float), customers)


def numbered(values: Sequence[Any]) -> tuple[Places, list[Any]]:
    """The number of each among the distinct ones, and these."""
    known: dict[Any, int] = {}
    return np.array([known.setdefault(each, len(known)) for each in values], np.intp), list(known)


def _seconds(moments: Sequence[Any]) -> Floats:
    """Since 1970, of a column of UtcDateTime as ``raw`` gives it: text in UTC from SQLite, else the
    driver's own moments."""
    if moments and isinstance(moments[0], str):
        return np.array(moments, "datetime64[us]").astype(np.int64) / 1e6
    return np.array([each.timestamp() for each in moments], float)
