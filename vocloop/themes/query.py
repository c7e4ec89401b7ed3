"""What people read of themes: ranked rows, one theme with its time line and history."""

from __future__ import annotations

import datetime as dt
import unicodedata
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from sqlalchemy import ColumnElement, and_, case, false, func, or_
from sqlalchemy import select as rows_of
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from vocloop.said import said
from vocloop.themes import cursor as cursors
from vocloop.themes.checks import check_limit, language_code
from vocloop.themes.heard import Heard
from vocloop.themes.heard import conditions as heard_conditions
from vocloop.themes.parts import Part, parts_of
from vocloop.themes.placing import get_theme, resolve
from vocloop_models import (
    SHOWN_STATES,
    Area,
    Customer,
    Feedback,
    FeedbackState,
    LongevityKind,
    Statement,
    Theme,
    ThemeEvent,
    ThemeMembership,
    ThemeScore,
    ThemeState,
    ValueLayer,
)
from vocloop_models.bulk import among

NOTHING_ASKED = Heard()
SEARCHABLE = (
    col(Theme.title_ja),
    col(Theme.title_en),
    col(Theme.keywords_ja),
    col(Theme.keywords_en),
)
Sort = Literal["impact", "generality", "longevity", "severity", "customers"]


@dataclass(frozen=True)
class ThemeFilter:
    """Conditions that are None do not filter. ``min_customers`` 3: fewer are listed, not ranked."""

    language: str | None = None  # themes with at least one statement in it
    kind: LongevityKind | None = None
    text: str | None = None  # in a title or keyword of either language
    min_customers: int = 3
    archived: bool = False
    area: uuid.UUID | None = None
    layer: ValueLayer | None = None
    heard: Heard = NOTHING_ASKED


@dataclass(frozen=True)
class RankedTheme:
    rank: int  # 1 is first under the chosen sort, counted over all rows that the filter lets pass
    theme: Theme
    score: ThemeScore


@dataclass(frozen=True)
class ThemePage:
    rows: list[RankedTheme]
    total: int
    next_cursor: str | None
    too_few: int  # themes left out only because fewer than ``min_customers`` companies say them


@dataclass(frozen=True)
class Totals:
    """What the ranking was made of."""

    customers: int
    statements: int
    themes: int
    unassigned: int
    pending: int  # feedback that is not themed yet
    first_said: dt.datetime | None
    last_said: dt.datetime | None


@dataclass(frozen=True)
class Month:
    month: dt.date  # its first day
    customers: int
    statements: int


@dataclass(frozen=True)
class ThemeDetail:
    theme: Theme
    score: ThemeScore | None
    rank: int | None  # None while too few companies say it
    ranked: int  # how many themes are ranked
    timeline: list[Month]  # without gaps, oldest first
    events: list[ThemeEvent] = field(default_factory=list)  # newest first
    area: Area | None = None
    parts: list[Part] = field(default_factory=list)  # sub-themes, largest first
    part_of: Theme | None = None  # what a merged theme is part of today, through all merges


def ranked(
    session: Session,
    where: ThemeFilter,
    *,
    sort: Sort = "impact",
    cursor: str | None = None,
    limit: int = 25,
) -> ThemePage:
    """The themes that pass ``where``, highest first; equal values by id, so older first.

    A theme without a score is not ranked. A row keeps its rank on every page: ranks are counted
    over all rows that pass, not over the page. Raises InvalidInputError for a limit outside
    1 … 200, a language that is not a code, and a cursor of another list or sort."""
    check_limit(limit)
    value = _sort_column(sort)
    conditions = _passing(session, where)
    enough = col(ThemeScore.customers) >= where.min_customers
    counts = (
        select(func.count(case((enough, 1))), func.count(case((~enough, 1))))
        .select_from(Theme)
        .join(ThemeScore, _newest_score())
        .where(*conditions)
    )
    total, too_few = session.exec(counts).one()

    order = func.row_number().over(order_by=(value.desc(), col(Theme.id)))
    numbered = (
        select(col(Theme.id).label("theme_id"), order.label("rank"))
        .join(ThemeScore, _newest_score())
        .where(*conditions, enough)
        .subquery()
    )
    rows = (
        select(Theme, ThemeScore, numbered.c.rank)
        .join(numbered, numbered.c.theme_id == col(Theme.id))
        .join(ThemeScore, _newest_score())
        .order_by(numbered.c.rank)
        .limit(limit + 1)
    )
    if cursor is not None:
        last, last_id = cursors.read(cursor, f"themes by {sort}", float, uuid.UUID)
        rows = rows.where(or_(value < last, and_(value == last, col(Theme.id) > last_id)))
    found = [RankedTheme(rank, theme, score) for theme, score, rank in session.exec(rows)]
    next_cursor = None
    if len(found) > limit:
        end = found[limit - 1]
        next_cursor = cursors.write(
            f"themes by {sort}", float(getattr(end.score, sort)), end.theme.id
        )
    return ThemePage(found[:limit], total, next_cursor, too_few)


def by_kind(session: Session, where: ThemeFilter) -> dict[LongevityKind | None, int]:
    """How many ranked themes of each kind of longevity pass the other conditions; None: of those
    whose kind is not known."""
    rows = session.exec(
        select(ThemeScore.longevity_kind, func.count())
        .select_from(Theme)
        .join(ThemeScore, _newest_score())
        .where(
            *_passing(session, replace(where, kind=None)),
            col(ThemeScore.customers) >= where.min_customers,
        )
        .group_by(col(ThemeScore.longevity_kind))
    )
    return {LongevityKind(kind) if kind else None: count for kind, count in rows}


@dataclass(frozen=True)
class Titled:
    """A theme as long lists show it: to make whole themes takes longer than to read them."""

    id: uuid.UUID
    number: int
    title_ja: str | None
    title_en: str | None
    state: ThemeState
    area_id: uuid.UUID | None


TITLED = (
    col(Theme.id),
    col(Theme.number),
    col(Theme.title_ja),
    col(Theme.title_en),
    col(Theme.state),
    col(Theme.area_id),
)


def totals(session: Session) -> Totals:
    """What stands behind the ranking; themes that are archived or ended are not counted."""
    pending = col(Feedback.state).in_([FeedbackState.RECEIVED, FeedbackState.ENCODED])
    pending_without_theme = (
        select(func.count())
        .select_from(Feedback)
        .join(Statement, col(Statement.feedback_id) == col(Feedback.id))
        .join(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id), isouter=True)
        .where(pending, col(ThemeMembership.statement_id).is_(None))
    )
    # One scalar subquery each: every one of them is answered from an index of its own.
    row = session.execute(
        select(
            # Both databases sort a column to count what is distinct in it.
            select(func.count())
            .select_from(Customer)
            .where(select(Feedback.id).where(Feedback.customer_id == Customer.id).exists())
            .scalar_subquery(),
            select(func.count()).select_from(Statement).scalar_subquery(),
            select(func.count())
            .select_from(Theme)
            .where(col(Theme.state).in_(SHOWN_STATES))
            .scalar_subquery(),
            select(func.count()).select_from(ThemeMembership).scalar_subquery(),
        ).add_columns(
            pending_without_theme.scalar_subquery(),
            select(func.count()).select_from(Feedback).where(pending).scalar_subquery(),
            select(func.min(Feedback.said_at)).scalar_subquery(),
            select(func.max(Feedback.said_at)).scalar_subquery(),
        )
    ).one()
    customers, statements, themes, members, waiting, unthemed, first, last = row
    # By subtraction: a statement has one theme at most, and to look for the missing ones row by
    # row takes ten times as long.
    unassigned = statements - members - waiting
    return Totals(customers, statements, themes, unassigned, unthemed, first, last)


def one(session: Session, theme_id: uuid.UUID, *, timezone: dt.tzinfo = dt.UTC) -> ThemeDetail:
    """A theme with its newest scores, its rank by impact, its months and its history.

    A merged theme is answered with its history and the theme that it is ``part_of`` today.
    ``timezone`` says where a month begins. Raises NotFoundError for an unknown id."""
    theme = get_theme(session, theme_id)
    score = session.get(ThemeScore, (theme_id, theme.scored_on)) if theme.scored_on else None
    part_of = get_theme(session, resolve(session, theme_id)) if theme.merged_into else None
    rank, of = _rank(session, theme, score)
    events = session.exec(
        select(ThemeEvent)
        .where(ThemeEvent.theme_id == theme_id)
        .order_by(col(ThemeEvent.at).desc(), col(ThemeEvent.id).desc())
    ).all()
    timeline = _timeline(session, theme_id, score.day if score else None, timezone)
    area = session.get(Area, theme.area_id) if theme.area_id else None
    parts = parts_of(session, theme_id)
    return ThemeDetail(theme, score, rank, of, timeline, list(events), area, parts, part_of)


def folded(text: str) -> str:
    """The text as search compares it: without case (ß = ss) and without width (ｼﾌﾄ = シフト)."""
    # Twice: folding case can bring back what the first normalisation took away.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _passing(session: Session, where: ThemeFilter) -> list[ColumnElement[bool]]:
    """Conditions on Theme and ThemeScore: all of ``where`` but the number of customers."""
    states = [ThemeState.ARCHIVED] if where.archived else list(SHOWN_STATES)
    conditions: list[ColumnElement[bool]] = [col(Theme.state).in_(states)]
    if where.kind is not None:
        conditions.append(col(ThemeScore.longevity_kind) == where.kind)
    if where.language is not None:
        said = col(ThemeScore.languages)[language_code(where.language)]
        conditions.append(said.as_integer() > 0)
    if where.area is not None:
        conditions.append(col(Theme.area_id) == where.area)
    if where.layer is not None:
        conditions.append(col(Theme.layer) == where.layer)
    if where.text is not None and where.text.strip():
        conditions.append(among(session, col(Theme.id), matching(session, where.text)))
    return [*conditions, *heard_conditions(session, where.heard)]


def matching(session: Session, text: str) -> list[uuid.UUID]:
    """Themes with all the words of ``text`` in their titles and keywords."""
    # In Python, not in SQL: lower() of SQLite knows ASCII only, neither database takes ﾊﾞｰ for
    # バー, and a few thousand titles are read in milliseconds.
    wanted = folded(text).split()
    # Columns, not themes: to make a thousand of those takes longer than to read their words.
    rows = session.exec(
        rows_of(col(Theme.id), *SEARCHABLE)  # type: ignore[call-overload]  # SQLModel's knows four
    )
    return [theme for theme, *words in rows if has_all(wanted, _texts(*words))]


def searchable(theme: Theme) -> list[str]:
    return _texts(theme.title_ja, theme.title_en, theme.keywords_ja, theme.keywords_en)


def _texts(
    title_ja: str | None, title_en: str | None, keywords_ja: list[str], keywords_en: list[str]
) -> list[str]:
    return [title_ja or "", title_en or "", *keywords_ja, *keywords_en]


def has_all(wanted: list[str], texts: list[str]) -> bool:
    # A line break between texts: no word is found across the end of one and the start of the next.
    together = "\n".join(folded(text) for text in texts)
    return all(word in together for word in wanted)


def _newest_score() -> ColumnElement[bool]:
    return and_(
        col(ThemeScore.theme_id) == col(Theme.id), col(ThemeScore.day) == col(Theme.scored_on)
    )


def _sort_column(sort: Sort) -> Mapped[Any]:
    columns = {
        "impact": col(ThemeScore.impact),
        "generality": col(ThemeScore.generality),
        "longevity": col(ThemeScore.longevity),
        "severity": col(ThemeScore.severity),
        "customers": col(ThemeScore.customers),
    }
    return columns[sort]


def _rank(session: Session, theme: Theme, score: ThemeScore | None) -> tuple[int | None, int]:
    """(rank by impact, how many are ranked) under the filter that people see first."""
    where = ThemeFilter()
    before: ColumnElement[bool] = false()
    if score is not None:
        equal = and_(col(ThemeScore.impact) == score.impact, col(Theme.id) < theme.id)
        before = or_(col(ThemeScore.impact) > score.impact, equal)
    of, ahead = session.exec(
        select(func.count(), func.count(case((before, 1))))
        .select_from(Theme)
        .join(ThemeScore, _newest_score())
        .where(*_passing(session, where), col(ThemeScore.customers) >= where.min_customers)
    ).one()
    if score is None or score.customers < where.min_customers:
        return None, of
    if theme.state not in SHOWN_STATES:
        return None, of
    return ahead + 1, of


def _timeline(
    session: Session, theme_id: uuid.UUID, scored_on: dt.date | None, timezone: dt.tzinfo
) -> list[Month]:
    # Months are cut in Python: the two databases have no common way to say "month, in that time
    # zone".
    known = said(session)
    own = known.of_theme(theme_id) & ~np.isnan(known.at)
    statements: dict[dt.date, int] = {}
    customers: dict[dt.date, set[int]] = {}
    columns = (known.at[own].tolist(), known.who[own].tolist(), known.named[own].tolist())
    for at, who, named in zip(*columns, strict=True):
        month = dt.datetime.fromtimestamp(at, timezone).date().replace(day=1)
        statements[month] = statements.get(month, 0) + 1
        heard = customers.setdefault(month, set())
        if named:
            heard.add(who)
    if not statements:
        return []
    # Silence up to the day of the scores is what "fading" means, so it must be seen.
    end = max(*statements, (scored_on or dt.date.min).replace(day=1))
    return [
        Month(month, len(customers.get(month, ())), statements.get(month, 0))
        for month in _months(min(statements), end)
    ]


def _months(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    for count in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield dt.date(count // 12, count % 12 + 1, 1)
