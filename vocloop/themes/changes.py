"""What changed between two periods: themes that were born, grow, emerge, fade or ended."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func
from sqlmodel import Session, col, select

from vocloop.said import said
from vocloop_models import (
    SHOWN_STATES,
    Feedback,
    LongevityKind,
    Theme,
    ThemeEvent,
    ThemeEventKind,
    ThemeScore,
    without_evidence,
)
from vocloop_models.bulk import parts

# Rows of each list; the whole is a screen, not a report.
MOST = 10
# A rise or fall of fewer companies is told by any week's noise.
LEAST_COMPANIES = 2
NO_EVENTS: Mapping[uuid.UUID, ThemeEvent] = {}
ENDS = (ThemeEventKind.RETIRED, ThemeEventKind.MERGED, ThemeEventKind.DISMISSED)


@dataclass(frozen=True)
class Period:
    """Days from ``first`` to ``last``, both included."""

    first: dt.date
    last: dt.date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def before(self) -> Period:
        """The period of the same length that ends where this one begins."""
        last = self.first - dt.timedelta(days=1)
        return Period(last - dt.timedelta(days=self.days - 1), last)

    def a_year_before(self) -> Period:
        year = dt.timedelta(days=365)
        return Period(self.first - year, self.last - year)


@dataclass(frozen=True)
class Heard:
    """Of one period: ``companies`` that spoke at all, and their ``statements``."""

    companies: int
    statements: int


@dataclass(frozen=True)
class Change:
    """Distinct companies that said the theme in the earlier and in the later period."""

    theme: Theme
    score: ThemeScore | None
    before: int
    after: int
    event: ThemeEvent | None = None


@dataclass(frozen=True)
class Changes:
    period: Period
    against: Period
    heard: Heard
    heard_before: Heard
    born: list[Change]
    growing: list[Change]
    emerging: list[Change]
    fading: list[Change]
    ended: list[Change]


def last_day(session: Session, timezone: dt.tzinfo) -> dt.date | None:
    """The day of the newest voice: where a first look at changes ends."""
    newest = session.exec(select(func.max(Feedback.said_at))).one()
    return newest.astimezone(timezone).date() if newest else None


@dataclass(frozen=True)
class _Compared:
    """Companies by theme in the later and in the earlier period."""

    after: dict[uuid.UUID, int]
    before: dict[uuid.UUID, int]
    heard: Heard
    heard_before: Heard

    def rise(self, theme: uuid.UUID) -> float:
        later = self.after.get(theme, 0) / max(self.heard.companies, 1)
        return later - self.before.get(theme, 0) / max(self.heard_before.companies, 1)

    def ordered(self, shown: dict[uuid.UUID, _Kind]) -> list[uuid.UUID]:
        """Themes that were heard in either period, the greatest rise first."""
        either = [t for t in shown if t in self.after or t in self.before]
        return sorted(either, key=lambda t: (-self.rise(t), shown[t].number))


@dataclass(frozen=True)
class _Kind:
    number: int
    longevity: LongevityKind | None


def changes(
    session: Session, period: Period, against: Period, *, timezone: dt.tzinfo = dt.UTC
) -> Changes:
    """Compare ``period`` with ``against``. A rise is judged by the share of companies heard from,
    so that a busy month is no rise of everything."""
    figures = _compare(session, period, against, timezone)
    shown = _shown(session)
    order = figures.ordered(shown)
    growing = [
        t
        for t in order
        if figures.rise(t) > 0
        and figures.after.get(t, 0) - figures.before.get(t, 0) >= LEAST_COMPANIES
    ][:MOST]
    of_kind = {
        kind: [t for t in order if shown[t].longevity is kind]
        for kind in (LongevityKind.EMERGING, LongevityKind.FADING)
    }
    emerging = of_kind[LongevityKind.EMERGING][:MOST]
    fading = of_kind[LongevityKind.FADING][::-1][:MOST]
    born, ended = _events(session, period, timezone, shown)
    themes = _themes(session, {*growing, *emerging, *fading, *born, *ended})

    def listed(
        ids: Iterable[uuid.UUID], events: Mapping[uuid.UUID, ThemeEvent] = NO_EVENTS
    ) -> list[Change]:
        return [_change(figures, *themes[t], events.get(t)) for t in ids if t in themes]

    return Changes(
        period,
        against,
        figures.heard,
        figures.heard_before,
        listed(born, born),
        listed(growing),
        listed(emerging),
        listed(fading),
        listed(ended, ended),
    )


def every_change(
    session: Session, period: Period, against: Period, *, timezone: dt.tzinfo = dt.UTC
) -> list[Change]:
    """All themes that were heard in either period, the greatest rise first."""
    figures = _compare(session, period, against, timezone)
    order = figures.ordered(_shown(session))
    themes = _themes(session, order)
    return [_change(figures, *themes[t]) for t in order]


def _compare(session: Session, period: Period, against: Period, timezone: dt.tzinfo) -> _Compared:
    known = said(session)
    after, before = (known.between(*_bounds(each, timezone)) for each in (period, against))
    return _Compared(
        known.companies_of_themes(after),
        known.companies_of_themes(before),
        *(Heard(known.company_count(rows), int(rows.sum())) for rows in (after, before)),
    )


def _change(
    figures: _Compared, theme: Theme, score: ThemeScore | None, event: ThemeEvent | None = None
) -> Change:
    return Change(
        theme, score, figures.before.get(theme.id, 0), figures.after.get(theme.id, 0), event
    )


def _shown(session: Session) -> dict[uuid.UUID, _Kind]:
    rows = session.exec(
        select(Theme.id, Theme.number, ThemeScore.longevity_kind)
        .join(ThemeScore, _newest(), isouter=True)
        .where(col(Theme.state).in_(SHOWN_STATES))
    )
    return {
        theme: _Kind(number, LongevityKind(kind) if kind else None) for theme, number, kind in rows
    }


def _newest() -> ColumnElement[bool]:
    return and_(
        col(ThemeScore.theme_id) == col(Theme.id), col(ThemeScore.day) == col(Theme.scored_on)
    )


def _themes(
    session: Session, ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, tuple[Theme, ThemeScore | None]]:
    found: dict[uuid.UUID, tuple[Theme, ThemeScore | None]] = {}
    for part in parts(sorted(ids)):
        rows = session.exec(
            select(Theme, ThemeScore)
            .join(ThemeScore, _newest(), isouter=True)
            .where(col(Theme.id).in_(part))
            .options(*without_evidence())
        )
        found |= {theme.id: (theme, score) for theme, score in rows}
    return found


def _bounds(period: Period, timezone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    start = dt.datetime.combine(period.first, dt.time(), timezone)
    return start, dt.datetime.combine(period.last + dt.timedelta(days=1), dt.time(), timezone)


def _events(
    session: Session, period: Period, timezone: dt.tzinfo, shown: Collection[uuid.UUID]
) -> tuple[dict[uuid.UUID, ThemeEvent], dict[uuid.UUID, ThemeEvent]]:
    """Births of themes that are still shown, and ends of others: what was undone, or came back, is
    no end. Each theme once, the last event first."""
    start, end = _bounds(period, timezone)
    events = session.exec(
        select(ThemeEvent)
        .where(
            col(ThemeEvent.at) >= start,
            col(ThemeEvent.at) < end,
            col(ThemeEvent.kind).in_([ThemeEventKind.BORN, *ENDS]),
        )
        .order_by(col(ThemeEvent.at).desc(), col(ThemeEvent.id).desc())
    )
    born: dict[uuid.UUID, ThemeEvent] = {}
    ended: dict[uuid.UUID, ThemeEvent] = {}
    for event in events:
        there = event.theme_id in shown
        if event.kind is ThemeEventKind.BORN and there and len(born) < MOST:
            born.setdefault(event.theme_id, event)
        if event.kind in ENDS and not there and "from" not in event.detail and len(ended) < MOST:
            ended.setdefault(event.theme_id, event)
    return born, ended
