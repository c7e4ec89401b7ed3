"""Who said what of which theme, and when: one row a statement, kept in memory by each process.

Lists ask "how many companies, of this theme, between these days" of a hundred thousand statements.
Distinct companies of any two days can't be stored beforehand, and neither database counts them in
the time a page has. The database is the truth: every look asks it first whether anything changed,
and only what is new is read. 100,000 statements take some 30 MB."""

from __future__ import annotations

import datetime as dt
import threading
import time
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Row, Select, Uuid, bindparam, case, func
from sqlalchemy import select as rows_of
from sqlmodel import Session, col

from vocloop import longlived
from vocloop_models import (
    ClusterRun,
    CustomerMerge,
    Feedback,
    RatingScale,
    Statement,
    ThemeFact,
    ThemeMembership,
    UtcDateTime,
    first_id,
    id_of,
    now,
    raw,
)
from vocloop_models.database import PerDatabase, whole

Mask = NDArray[np.bool_]

# Rows of another process may be committed later than rows that were made after them.
OVERLAP = dt.timedelta(minutes=10)
# To count all statements takes longer than the rest of a look: in between, only those that came
# within OVERLAP are counted.
COUNTED_SECONDS = 5.0
# In Session.info: what a transaction was told.
ASKED = "said"
EVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
NO_THEME = -1


@dataclass(frozen=True)
class Voices:
    """One row a theme and company, those of a theme side by side: of theme t from ``start[t]`` to
    ``start[t + 1]``. ``last``: when it last spoke of it, −inf if no date is known; ``nps``: the sum
    of its ``answers`` on that scale."""

    start: NDArray[np.intp]
    who: NDArray[np.int32]
    last: NDArray[np.float64]
    nps: NDArray[np.float64]
    answers: NDArray[np.float64]


@dataclass(frozen=True)
class Said:
    """Columns of equal length, one row a statement. ``theme`` and ``source`` count into ``themes``
    and ``sources``, ``who`` into ``companies``: a voice without a company is one of its own.
    ``at``: seconds since 1970, NaN without a date; ``nps``: an answer on that scale, or NaN."""

    theme: NDArray[np.int32]
    who: NDArray[np.int32]
    named: Mask  # the company is known
    at: NDArray[np.float64]
    source: NDArray[np.int32]
    nps: NDArray[np.float64]
    themes: dict[uuid.UUID, int]
    companies: dict[uuid.UUID, int]
    sources: dict[str, int]

    def between(self, start: dt.datetime, end: dt.datetime) -> Mask:
        """Rows said at ``start`` or later, before ``end``."""
        return (self.at >= start.timestamp()) & (self.at < end.timestamp())

    def companies_of_themes(self, rows: Mask) -> dict[uuid.UUID, int]:
        """Distinct companies by theme."""
        themed = rows & (self.theme != NO_THEME)
        width = len(self.companies) + 1
        pairs = np.unique(self.theme[themed].astype(np.int64) * width + self.who[themed])
        return self._by_theme(pairs // width)

    @cached_property
    def voices(self) -> Voices:
        """By theme and company, of statements whose company is known."""
        rows = np.flatnonzero(self.named & (self.theme != NO_THEME))
        width = len(self.companies) + 1
        key = self.theme[rows].astype(np.int64) * width + self.who[rows]
        pairs, place = np.unique(key, return_inverse=True)
        last = np.full(len(pairs), -np.inf)
        np.maximum.at(last, place, np.nan_to_num(self.at[rows], nan=-np.inf))
        answered = (~np.isnan(self.nps[rows])).astype(np.float64)
        points = np.nan_to_num(self.nps[rows])
        return Voices(
            np.searchsorted(pairs, np.arange(len(self.themes) + 1) * width),
            (pairs % width).astype(np.int32),
            last,
            np.bincount(place, points, len(pairs)).astype(np.float64),
            np.bincount(place, answered, len(pairs)).astype(np.float64),
        )

    def themes_by_company(self, themes: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
        """How many of ``themes`` a company speaks of, of those that speak of any."""
        voices = self.voices
        asked = np.zeros(len(self.themes), bool)
        asked[[self.themes[theme] for theme in themes if theme in self.themes]] = True
        spoken = voices.who[np.repeat(asked, np.diff(voices.start))]
        counts = np.bincount(spoken, minlength=len(self.companies)).tolist()
        return {company: counts[n] for company, n in self.companies.items() if counts[n]}

    def raised(self, themes: Iterable[uuid.UUID]) -> Mask:
        """Of the companies, by number, those that speak of any of ``themes``; one place more for
        whoever is not among the companies."""
        voices = self.voices
        found = np.zeros(len(self.companies) + 1, bool)
        for place in (self.themes[theme] for theme in themes if theme in self.themes):
            found[voices.who[voices.start[place] : voices.start[place + 1]]] = True
        return found

    def of_theme(self, theme: uuid.UUID) -> Mask:
        # No theme has a number below NO_THEME.
        own: Mask = self.theme == self.themes.get(theme, NO_THEME - 1)
        return own

    def company_count(self, rows: Mask) -> int:
        return len(np.unique(self.who[rows]))

    def themes_said(
        self,
        *,
        source: str | None,
        since: dt.datetime | None,
        companies: Collection[uuid.UUID] | None,
    ) -> list[uuid.UUID]:
        """Themes with one statement that meets every condition that is not None."""
        rows = self.theme != NO_THEME
        if source is not None:
            rows = rows & (self.source == self.sources.get(source, NO_THEME))
        if since is not None:
            rows = rows & (self.at >= since.timestamp())
        if companies is not None:
            wanted = [self.companies[c] for c in companies if c in self.companies]
            rows = rows & np.isin(self.who, wanted)
        found = set(np.unique(self.theme[rows]).tolist())
        return [theme for theme, place in self.themes.items() if place in found]

    def _by_theme(self, places: NDArray[Any]) -> dict[uuid.UUID, int]:
        counts = np.bincount(places, minlength=len(self.themes)).tolist()
        return {theme: counts[place] for theme, place in self.themes.items() if counts[place]}


@dataclass(frozen=True)
class _State:
    """``merges`` changes when customers become one, ``edits`` with whatever else moves statements;
    ``statements`` and ``members``: how many there are; ``assigned``: when the last one got its
    theme."""

    merges: tuple[object, ...]
    edits: tuple[object, ...]
    statements: int
    members: int
    assigned: dt.datetime | None


@dataclass
class _Kept:
    """``state``: of all rows when they were read; ``recent``: of those since ``since`` then;
    ``counted``: when all were last counted (time.monotonic)."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    state: _State | None = None
    recent: _State | None = None
    since: dt.datetime = EVER
    counted: float = -COUNTED_SECONDS
    place: dict[object, int] = field(default_factory=dict)  # by id as the database wrote it
    last: uuid.UUID | None = None
    said: Said | None = None


_kept = PerDatabase(_Kept)


def said(session: Session) -> Said:
    """What all statements of the database say, as of this transaction.

    What came or went within the last minutes shows at once; that older statements were removed,
    within COUNTED_SECONDS."""
    asked = session.info.get(ASKED)
    if asked is not None and asked[0] is session.get_transaction():
        told: Said = asked[1]
        return told
    kept = _kept.of(session)
    with whole(session), kept.lock:
        if kept.said is None or _state(session, kept.since) != kept.recent or _overdue(kept):
            _bring_up_to_date(session, kept)
        assert kept.said is not None  # noqa: S101 - it was read
        # Who reads hears the same as long as the transaction lasts; a writer may have added to it.
        if not session.get_bind().get_execution_options().get("vocloop_write", False):
            session.info[ASKED] = session.get_transaction(), kept.said
        return kept.said


def _overdue(kept: _Kept) -> bool:
    return time.monotonic() - kept.counted >= COUNTED_SECONDS


def _bring_up_to_date(session: Session, kept: _Kept) -> None:
    # Counted before anything is read: what comes in between is seen the next time.
    since = now() - OVERLAP
    recent, state, counted = _state(session, since), _state(session, EVER), time.monotonic()
    same = kept.said is not None and state == kept.state
    if not same and not _grown(session, kept, state):
        _read_anew(session, kept)
        longlived.keep(state.statements)
    kept.state, kept.recent, kept.since, kept.counted = state, recent, since, counted


def _state(session: Session, since: dt.datetime) -> _State:
    bound = {"first": first_id(since), "since": since}
    row = session.execute(_counts(), bound).one()
    return _State(tuple(row[:2]), tuple(row[2:7]), *row[7:])


@cache
def _counts() -> Select[Any]:
    """One look for all: of the merges and of what moves statements, then of the statements from
    ``first`` on and of those that got their theme ``since``."""
    of_facts = (func.count(), func.count(col(ThemeFact.undone_at)), func.max(ThemeFact.at))
    came = col(Statement.id) >= bindparam("first", type_=Uuid)
    got = col(ThemeMembership.assigned_at) >= bindparam("since", type_=UtcDateTime)
    return rows_of(
        rows_of(func.count()).select_from(CustomerMerge).scalar_subquery(),
        rows_of(func.max(CustomerMerge.decided_at)).scalar_subquery(),
        *(rows_of(each).select_from(ThemeFact).scalar_subquery() for each in of_facts),
        rows_of(func.count()).select_from(ClusterRun).scalar_subquery(),
        rows_of(func.count(col(ClusterRun.finished_at))).scalar_subquery(),
        rows_of(func.count()).select_from(Statement).where(came).scalar_subquery(),
        rows_of(func.count()).select_from(ThemeMembership).where(got).scalar_subquery(),
        rows_of(func.max(ThemeMembership.assigned_at)).scalar_subquery(),
    )


def _grown(session: Session, kept: _Kept, state: _State) -> bool:
    """Whether reading what came since made ``kept`` complete. It did not when rows are gone, or
    were committed in another order than made: then ``kept`` has other numbers of them."""
    before = kept.state
    if before is None or kept.last is None or before.merges != state.merges:
        return False
    if state.statements < before.statements or state.members < before.members:
        return False
    _append(kept, session.execute(_rows().where(col(Statement.id) > kept.last)).all())
    if len(kept.place) != state.statements:
        return False
    if before.assigned is not None:
        fresh = session.execute(
            rows_of(_raw(ThemeMembership.statement_id), _raw(ThemeMembership.theme_id)).where(
                col(ThemeMembership.assigned_at) >= before.assigned - OVERLAP
            )
        ).all()
        _assign(kept, fresh)
    return bool(kept.said and int((kept.said.theme != NO_THEME).sum()) == state.members)


def _read_anew(session: Session, kept: _Kept) -> None:
    kept.place, kept.last = {}, None
    none = np.zeros(0, np.int32)
    no = np.zeros(0)
    kept.said = Said(none, none, none.astype(bool), no, none, no, {}, {}, {})
    _append(kept, session.execute(_rows()).all())


def _rows() -> Select[Any]:
    return (
        rows_of(
            _raw(Statement.id),
            _raw(ThemeMembership.theme_id),
            _raw(Feedback.customer_id),
            _raw(Feedback.id),
            col(Feedback.said_at),
            col(Feedback.source),
            case((col(Feedback.rating_scale) == RatingScale.NPS, col(Feedback.rating))),
        )
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
        .join(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id), isouter=True)
        .order_by(col(Statement.id))
    )


def _raw(column: Any) -> ColumnElement[Any]:
    return raw(column).label(f"{column.class_.__tablename__}_{column.key}")


def _numbers(ids: Iterable[Any], known: dict[uuid.UUID, int]) -> list[int]:
    """The number of each id, new ones counted on; NO_THEME for None."""
    seen: dict[Any, int] = {None: NO_THEME}
    found = []
    for each in ids:
        number = seen.get(each)
        if number is None:
            number = seen[each] = known.setdefault(id_of(each), len(known))
        found.append(number)
    return found


def _append(kept: _Kept, rows: Sequence[Row[Any]]) -> None:
    old = kept.said
    if old is None or not rows:
        return
    # Copies: a reader of another thread may still count with the ones before.
    themes, companies, sources = dict(old.themes), dict(old.companies), dict(old.sources)
    statement, theme, customer, voice, at, source, nps = zip(*rows, strict=True)
    start = len(kept.place)
    kept.place |= {one: start + n for n, one in enumerate(statement)}
    kept.last = id_of(statement[-1])
    who = [known or own for known, own in zip(customer, voice, strict=True)]
    moments = [each.timestamp() if each else np.nan for each in at]
    spoken_in = [sources.setdefault(each, len(sources)) for each in source]
    kept.said = Said(
        np.concatenate([old.theme, np.array(_numbers(theme, themes), np.int32)]),
        np.concatenate([old.who, np.array(_numbers(who, companies), np.int32)]),
        np.concatenate([old.named, np.array([known is not None for known in customer], bool)]),
        np.concatenate([old.at, np.array(moments, np.float64)]),
        np.concatenate([old.source, np.array(spoken_in, np.int32)]),
        np.concatenate([old.nps, np.array(nps, np.float64)]),
        themes,
        companies,
        sources,
    )


def _assign(kept: _Kept, fresh: Sequence[Row[Any]]) -> None:
    """Statements that were known before they got their theme."""
    old = kept.said
    if old is None or not fresh:
        return
    themes, theme = dict(old.themes), old.theme.copy()
    statements, homes = zip(*fresh, strict=True)
    for statement, number in zip(statements, _numbers(homes, themes), strict=True):
        if statement in kept.place:
            theme[kept.place[statement]] = number
    kept.said = Said(
        theme,
        old.who,
        old.named,
        old.at,
        old.source,
        old.nps,
        themes,
        old.companies,
        old.sources,
    )
