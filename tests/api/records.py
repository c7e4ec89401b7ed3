"""Rows for tests: a theme with its scores, a customer, a voice of one statement."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any, TypeVar

from sqlalchemy import Engine
from sqlmodel import Session, func, select

from vocloop.score.snapshot import score_themes
from vocloop_models import (
    AssignedBy,
    Customer,
    Feedback,
    FeedbackState,
    Record,
    Statement,
    Theme,
    ThemeMembership,
    ThemeScore,
    ThemeState,
)
from vocloop_models.database import reading

SCORED_ON = dt.date(2026, 9, 30)

R = TypeVar("R", bound=Record)
_numbers = itertools.count(1)


def keep(session: Session, record: R) -> R:
    """Add and flush at once: the tables know each other by id only, so order is ours."""
    session.add(record)
    session.flush()
    return record


def add_customer(session: Session, name: str, external_id: str | None = None) -> Customer:
    return keep(session, Customer(name=name, external_id=external_id))


def add_theme(
    session: Session,
    title_en: str | None = "Shift swaps need the manager",
    *,
    title_ja: str | None = None,
    keywords_ja: list[str] | None = None,
    keywords_en: list[str] | None = None,
    state: ThemeState = ThemeState.ACTIVE,
    scored: bool = True,
    **scores: Any,
) -> Theme:
    """A theme and, when ``scored``, its snapshot of SCORED_ON with ``scores`` put over it."""
    theme = keep(
        session,
        Theme(
            number=next(_numbers),
            title_ja=title_ja,
            title_en=title_en,
            keywords_ja=keywords_ja or [],
            keywords_en=keywords_en or [],
            state=state,
            scored_on=SCORED_ON if scored else None,
        ),
    )
    if scored:
        add_score(session, theme, **scores)
    return theme


def add_score(session: Session, theme: Theme, **scores: Any) -> ThemeScore:
    row: dict[str, Any] = {"day": SCORED_ON, "statements": 8, "customers": 5}
    row |= {"languages": {"en": 8}, "weeks": [0] * 25 + [5], "evidence": {"severity": {"n": 8}}}
    for name in ("generality", "longevity", "severity", "impact"):
        value = scores.get(name, 0.4)
        row |= {name: value, f"{name}_low": value / 2, f"{name}_high": (value + 1) / 2}
    return keep(session, ThemeScore(theme_id=theme.id, **(row | scores)))


def say(
    session: Session,
    text: str = "We cannot swap shifts",
    *,
    theme: Theme | None = None,
    customer: Customer | None = None,
    said_at: dt.datetime | None = None,
    language: str = "en",
    state: FeedbackState = FeedbackState.THEMED,
    source: str = "desk",
    confidence: float = 0.9,
    central: bool = False,
) -> Statement:
    """A feedback of one statement, in ``theme`` when one is given."""
    feedback = keep(
        session,
        Feedback(
            source=source,
            external_id=str(next(_numbers)),
            customer_id=customer.id if customer else None,
            said_at=said_at,
            text=text,
            language=language,
            state=state,
        ),
    )
    statement = keep(
        session,
        Statement(feedback_id=feedback.id, position=0, text=text, language=language),
    )
    if theme is not None:
        keep(
            session,
            ThemeMembership(
                statement_id=statement.id,
                theme_id=theme.id,
                confidence=confidence,
                central=central,
                assigned_by=AssignedBy.RUN,
            ),
        )
    return statement


def slow_lists(session: Session) -> Theme:
    """Said by five companies, one a month; scored."""
    theme = add_theme(session, "Slow lists", title_ja="一覧が遅い", scored=False)
    for month in range(1, 6):
        customer = add_customer(session, f"C{month}")
        said_at = dt.datetime(2026, month, 3, tzinfo=dt.UTC)
        say(session, "the list is slow", theme=theme, customer=customer, said_at=said_at)
    score_themes(session)
    return theme


def stored_rows(engine: Engine) -> int:
    with reading(engine) as session:
        return session.exec(select(func.count()).select_from(Feedback)).one()
