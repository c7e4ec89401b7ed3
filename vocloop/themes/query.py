"""What people read of themes: ranked rows, one theme, its quotes and its time line."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Literal

from sqlmodel import Session

from vocloop_models import Channel, LongevityKind, Theme, ThemeEvent, ThemeScore

Sort = Literal["impact", "generality", "longevity", "severity", "customers"]


@dataclass(frozen=True)
class ThemeFilter:
    """Conditions that are None do not filter. ``min_customers`` 3: fewer are listed, not ranked."""

    language: str | None = None  # themes with at least one statement in it
    kind: LongevityKind | None = None
    text: str | None = None  # in a title or keyword of either language
    min_customers: int = 3
    archived: bool = False


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
class Quote:
    statement_id: uuid.UUID
    feedback_id: uuid.UUID
    text: str
    language: str
    said_at: dt.datetime | None
    channel: Channel
    customer_id: uuid.UUID | None
    customer_name: str | None
    confidence: float
    central: bool


@dataclass(frozen=True)
class QuotePage:
    rows: list[Quote]
    total: int
    next_cursor: str | None


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


def ranked(
    session: Session,
    where: ThemeFilter,
    *,
    sort: Sort = "impact",
    cursor: str | None = None,
    limit: int = 25,
) -> ThemePage: ...


def totals(session: Session) -> Totals: ...


def one(session: Session, theme_id: uuid.UUID) -> ThemeDetail: ...


def quotes(
    session: Session,
    theme_id: uuid.UUID,
    *,
    language: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> QuotePage: ...
