"""What changed between two periods: themes that were born, grow, emerge, fade or ended."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from vocloop.themes import query
from vocloop_models import (
    SHOWN_STATES,
    Feedback,
    LongevityKind,
    Statement,
    Theme,
    ThemeEvent,
    ThemeEventKind,
    ThemeMembership,
    ThemeScore,
)

# Rows of each list; the whole is a screen, not a report.
MOST = 10
# A rise or fall of fewer companies is told by any week's noise.
LEAST_COMPANIES = 2
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
    """Of one period: ``companies`` that spoke at all, ``statements`` with a theme."""

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
    every: list[Change]  # that was heard in either period, the greatest rise first


def last_day(session: Session, timezone: dt.tzinfo) -> dt.date | None:
    """The day of the newest voice: where a first look at changes ends."""
    newest = session.exec(select(func.max(Feedback.said_at))).one()
    return newest.astimezone(timezone).date() if newest else None


def changes(
    session: Session, period: Period, against: Period, *, timezone: dt.tzinfo = dt.UTC
) -> Changes:
    """Compare ``period`` with ``against``. A rise is judged by the share of companies heard from,
    so that a busy month is no rise of everything."""
    after, before = (_companies(session, each, timezone) for each in (period, against))
    heard, heard_before = (_heard(session, each, timezone) for each in (period, against))
    themes = _themes(session)
    events = _events(session, period, timezone)

    def change(theme_id: uuid.UUID, event: ThemeEvent | None = None) -> Change | None:
        found = themes.get(theme_id)
        if found is None:
            return None
        theme, score = found
        return Change(theme, score, before.get(theme_id, 0), after.get(theme_id, 0), event)

    def listed(ids: Collection[uuid.UUID]) -> list[Change]:
        return [c for c in map(change, ids) if c is not None]

    def rise(each: Change) -> float:
        return each.after / max(heard.companies, 1) - each.before / max(heard_before.companies, 1)

    shown = {t for t, (theme, _) in themes.items() if theme.state in SHOWN_STATES}
    every = sorted(
        listed((set(after) | set(before)) & shown), key=lambda c: (-rise(c), c.theme.number)
    )
    of_kind = {
        kind: [c for c in every if c.score and c.score.longevity_kind == kind]
        for kind in (LongevityKind.EMERGING, LongevityKind.FADING)
    }
    born = [e for e in events if e.kind is ThemeEventKind.BORN and e.theme_id in shown]
    ended = [e for e in events if e.kind in ENDS and "from" not in e.detail]
    return Changes(
        period,
        against,
        heard,
        heard_before,
        _told(change(e.theme_id, e) for e in born),
        [c for c in every if rise(c) > 0 and c.after - c.before >= LEAST_COMPANIES][:MOST],
        of_kind[LongevityKind.EMERGING][:MOST],
        of_kind[LongevityKind.FADING][::-1][:MOST],
        _told(change(e.theme_id, e) for e in ended),
        every,
    )


def _told(found: Iterable[Change | None]) -> list[Change]:
    """Each theme once, the last event first."""
    once: dict[uuid.UUID, Change] = {}
    for each in found:
        if each is not None:
            once.setdefault(each.theme.id, each)
    return list(once.values())[:MOST]


def _themes(session: Session) -> dict[uuid.UUID, tuple[Theme, ThemeScore | None]]:
    newest = and_(
        col(ThemeScore.theme_id) == col(Theme.id), col(ThemeScore.day) == col(Theme.scored_on)
    )
    rows = session.exec(
        select(Theme, ThemeScore)
        .join(ThemeScore, newest, isouter=True)
        .options(*query.without_evidence())
    )
    return {theme.id: (theme, score) for theme, score in rows}


def _bounds(period: Period, timezone: dt.tzinfo) -> tuple[dt.datetime, dt.datetime]:
    start = dt.datetime.combine(period.first, dt.time(), timezone)
    return start, dt.datetime.combine(period.last + dt.timedelta(days=1), dt.time(), timezone)


def _companies(session: Session, period: Period, timezone: dt.tzinfo) -> dict[uuid.UUID, int]:
    """Distinct companies by theme; a voice without a company counts as one of its own."""
    start, end = _bounds(period, timezone)
    who = func.coalesce(col(Feedback.customer_id), col(Feedback.id))
    rows = session.exec(
        select(ThemeMembership.theme_id, func.count(who.distinct()))
        .join(Statement, col(Statement.id) == col(ThemeMembership.statement_id))
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
        .where(col(Feedback.said_at) >= start, col(Feedback.said_at) < end)
        .group_by(col(ThemeMembership.theme_id))
    )
    return dict(rows.all())


def _heard(session: Session, period: Period, timezone: dt.tzinfo) -> Heard:
    start, end = _bounds(period, timezone)
    who = func.coalesce(col(Feedback.customer_id), col(Feedback.id))
    companies, statements = session.exec(
        select(func.count(who.distinct()), func.count(col(Statement.id)))
        .select_from(Feedback)
        .join(Statement, col(Statement.feedback_id) == col(Feedback.id))
        .where(col(Feedback.said_at) >= start, col(Feedback.said_at) < end)
    ).one()
    return Heard(companies, statements)


def _events(session: Session, period: Period, timezone: dt.tzinfo) -> Sequence[ThemeEvent]:
    """Births and ends, the last one first."""
    start, end = _bounds(period, timezone)
    return session.exec(
        select(ThemeEvent)
        .where(
            col(ThemeEvent.at) >= start,
            col(ThemeEvent.at) < end,
            col(ThemeEvent.kind).in_([ThemeEventKind.BORN, *ENDS]),
        )
        .order_by(col(ThemeEvent.at).desc(), col(ThemeEvent.id).desc())
    ).all()
