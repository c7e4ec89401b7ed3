"""Customers' own words on a theme, page by page."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import Session, col, select

from vocloop.themes import cursor as cursors
from vocloop.themes.checks import check_limit, language_code
from vocloop.themes.placing import resolve
from vocloop_models import Channel, Customer, Feedback, Statement, ThemeMembership


@dataclass(frozen=True)
class Quote:
    """A statement as it is quoted; ``confidence`` 0 and not ``central`` without a theme."""

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

    @classmethod
    def of(
        cls,
        statement: Statement,
        feedback: Feedback,
        customer: str | None,
        membership: ThemeMembership | None = None,
    ) -> Quote:
        return cls(
            statement_id=statement.id,
            feedback_id=feedback.id,
            text=statement.text,
            language=statement.language,
            said_at=feedback.said_at,
            channel=feedback.channel,
            customer_id=feedback.customer_id,
            customer_name=customer,
            confidence=membership.confidence if membership else 0.0,
            central=membership is not None and membership.central,
        )


# The same words from the same person are quoted once.
_ONCE = [col(Feedback.repeats_id).is_(None)]
_QUOTED = (
    select(ThemeMembership, Statement, Feedback, Customer.name)
    .join(Statement, col(Statement.id) == col(ThemeMembership.statement_id))
    .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
    .join(Customer, col(Customer.id) == col(Feedback.customer_id), isouter=True)
)


def _quote(row: tuple[ThemeMembership, Statement, Feedback, str | None]) -> Quote:
    membership, statement, feedback, customer = row
    return Quote.of(statement, feedback, customer, membership)


@dataclass(frozen=True)
class QuotePage:
    rows: list[Quote]
    total: int
    next_cursor: str | None


def quotes(
    session: Session,
    theme_id: uuid.UUID,
    *,
    language: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> QuotePage:
    """Customers' own words on a theme: central ones first, then the surest, then by id.

    Of a merged theme: those of the theme that it is part of today. Raises NotFoundError for an
    unknown theme, InvalidInputError for a limit outside 1 … 200, a
    language that is not a code, and a cursor of another list."""
    check_limit(limit)
    theme_id = resolve(session, theme_id)
    conditions: list[ColumnElement[bool]] = [col(ThemeMembership.theme_id) == theme_id, *_ONCE]
    if language is not None:
        conditions.append(col(Statement.language) == language_code(language))
    total = session.exec(
        select(func.count())
        .select_from(ThemeMembership)
        .join(Statement, col(Statement.id) == col(ThemeMembership.statement_id))
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
        .where(*conditions)
    ).one()
    if cursor is not None:
        conditions.append(_after_quote(cursor))
    found = _first(session, conditions, limit + 1)
    next_cursor = None
    if len(found) > limit:
        end = found[limit - 1]
        next_cursor = cursors.write("quotes", end.central, end.confidence, end.statement_id)
    return QuotePage(found[:limit], total, next_cursor)


def typical(session: Session, theme_id: uuid.UUID, most: int) -> list[Quote]:
    """The first of quotes(), for who need not know how many there are. Raises NotFoundError for an
    unknown theme."""
    there = col(ThemeMembership.theme_id) == resolve(session, theme_id)
    return _first(session, [there, *_ONCE], most)


def _first(session: Session, conditions: Sequence[ColumnElement[bool]], most: int) -> list[Quote]:
    rows = session.exec(
        _QUOTED.where(*conditions)
        .order_by(
            col(ThemeMembership.central).desc(),
            col(ThemeMembership.confidence).desc(),
            col(ThemeMembership.statement_id),
        )
        .limit(most)
    )
    return [_quote(row) for row in rows]


def first_quotes(
    session: Session,
    themes: Iterable[uuid.UUID],
    most: int,
    *,
    before: Sequence[Quote] = (),
) -> list[Quote]:
    """The first words on the first of ``themes``, then on the next until there are ``most``; the
    quotes ``before`` come before them, in their order."""
    found = list(before[:most])
    told = {quote.statement_id for quote in found}
    for theme in themes:
        if len(found) >= most:
            break
        # As many more as may be among those that are told already.
        rows = typical(session, theme, most)
        found += [row for row in rows if row.statement_id not in told][: most - len(found)]
    return found


def of_statements(session: Session, ids: Sequence[uuid.UUID]) -> list[Quote]:
    """Quotes of these statements, in this order; those without a theme are left out."""
    rows = session.exec(_QUOTED.where(col(Statement.id).in_(ids), *_ONCE)) if ids else ()
    found = {quote.statement_id: quote for quote in map(_quote, rows)}
    return [found[each] for each in ids if each in found]


def _after_quote(cursor: str) -> ColumnElement[bool]:
    central, confidence, statement_id = cursors.read(cursor, "quotes", bool, float, uuid.UUID)
    further = or_(
        col(ThemeMembership.confidence) < confidence,
        and_(
            col(ThemeMembership.confidence) == confidence,
            col(ThemeMembership.statement_id) > statement_id,
        ),
    )
    is_central = col(ThemeMembership.central).is_(True)
    if central:
        return or_(~is_central, and_(is_central, further))
    return and_(~is_central, further)
