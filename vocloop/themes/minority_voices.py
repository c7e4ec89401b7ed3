"""What belongs to no theme, to be read and searched: groups that say the same first."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, literal
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from vocloop.themes import cursor as cursors
from vocloop.themes.checks import check_limit, language_code
from vocloop.themes.query import folded
from vocloop.themes.quotes import Quote
from vocloop_models import (
    Customer,
    Feedback,
    FeedbackState,
    MinorityGroup,
    MinorityMember,
    Statement,
    ThemeMembership,
)
from vocloop_models.bulk import parts

# A group of which fewer are left without a theme is none any more.
LEAST_LEFT = 2
OF = "minority voices"
# Statements that are looked at together, to fill a page or to search.
READ_AT_ONCE = 500


@dataclass(frozen=True)
class MinorityVoice:
    """A group of statements that say the same, or a single statement (``group_id`` None).

    ``customers``: distinct companies, known ones only."""

    group_id: uuid.UUID | None
    customers: int
    voices: list[Quote]


@dataclass(frozen=True)
class MinorityPage:
    rows: list[MinorityVoice]
    groups: int  # that pass the filter, on all pages
    next_cursor: str | None


def write_groups(session: Session, groups: Iterable[tuple[Sequence[uuid.UUID], float]]) -> None:
    """Replace the groups by those of a new run: their statements and mean cosine."""
    session.exec(delete(MinorityMember))
    session.exec(delete(MinorityGroup))
    for statements, nearness in groups:
        group = MinorityGroup(nearness=nearness)
        session.add(group)
        session.flush()
        session.add_all(MinorityMember(statement_id=s, group_id=group.id) for s in statements)
    session.flush()


def minority_voices(
    session: Session,
    *,
    text: str | None = None,
    language: str | None = None,
    cursor: str | None = None,
    limit: int = 25,
) -> MinorityPage:
    """Statements of no theme: groups first, of most companies first, then single ones, newest
    first. What waits to be themed is not among them.

    ``text``: all of its words in one statement, whatever their case and width; ``language``: as
    well. Raises InvalidInputError for a limit outside 1 … 200, a language that is not a code and
    a cursor of another list."""
    check_limit(limit)
    wanted = folded(text or "").split()

    def fits(said: str) -> bool:
        plain = folded(said)
        return all(word in plain for word in wanted)

    spoken = None if language is None else col(Statement.language) == language_code(language)
    single, customers, statements, last = (
        cursors.read(cursor, OF, bool, float, float, uuid.UUID)
        if cursor is not None
        else (False, float("inf"), float("inf"), uuid.UUID(int=0))
    )
    groups = _groups(session)
    if wanted or spoken is not None:
        passing = _passing(session, spoken, fits)
        groups = [group for group in groups if group[2] in passing]
    ahead = [g for g in groups if not single and _place(g) > (-customers, -statements, last)]
    page = [
        MinorityVoice(group_id, heard, [])
        for heard, _, group_id in sorted(ahead, key=_place)[: limit + 1]
    ]
    voices = _members(session, [row.group_id for row in page if row.group_id])
    rows = [MinorityVoice(r.group_id, r.customers, voices[r.group_id]) for r in page if r.group_id]
    if len(rows) <= limit:
        shown = {group_id for *_, group_id in _groups(session)} if groups else set()
        start = last if single else None
        rows += _singles(session, shown, spoken, start, fits, most=limit + 1 - len(rows))
    return MinorityPage(rows[:limit], len(groups), _after(rows, limit))


def _place(group: tuple[int, int, uuid.UUID]) -> tuple[float, float, uuid.UUID]:
    customers, statements, group_id = group
    return (-customers, -statements, group_id)


def _after(rows: list[MinorityVoice], limit: int) -> str | None:
    if len(rows) <= limit:
        return None
    end = rows[limit - 1]
    if end.group_id is None:
        return cursors.write(OF, True, 0.0, 0.0, end.voices[0].statement_id)  # noqa: FBT003
    return cursors.write(OF, False, float(end.customers), float(len(end.voices)), end.group_id)  # noqa: FBT003


def _unassigned() -> ColumnElement[bool]:
    return ~exists().where(col(ThemeMembership.statement_id) == col(Statement.id))


def _groups(session: Session) -> list[tuple[int, int, uuid.UUID]]:
    """(companies, statements, id) of every group of which enough is still without a theme."""
    rows = session.exec(
        select(
            func.count(col(Feedback.customer_id).distinct()),
            func.count(),
            MinorityMember.group_id,
        )
        # Outer joins keep SQLite from beginning with all feedback; every member has both.
        .join(Statement, col(Statement.id) == col(MinorityMember.statement_id), isouter=True)
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id), isouter=True)
        .where(_unassigned(), col(Feedback.repeats_id).is_(None))
        .group_by(col(MinorityMember.group_id))
        .having(func.count() >= LEAST_LEFT)
    )
    return [(customers, statements, group) for customers, statements, group in rows]


def _passing(
    session: Session, spoken: ColumnElement[bool] | None, fits: Callable[[str], bool]
) -> set[uuid.UUID]:
    """Groups with a statement that passes. In Python, as themes.query does and tells why."""
    asked = (
        select(MinorityMember.group_id, Statement.text)
        .join(Statement, col(Statement.id) == col(MinorityMember.statement_id), isouter=True)
        .where(_unassigned(), literal(value=True) if spoken is None else spoken)
    )
    return {group for group, said in session.exec(asked) if fits(said)}


def _quotes() -> Any:
    return (
        rows_of(Statement, Feedback, col(Customer.name))
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
        .join(Customer, col(Customer.id) == col(Feedback.customer_id), isouter=True)
        .where(_unassigned())
    )


def _members(session: Session, groups: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Quote]]:
    found: dict[uuid.UUID, list[Quote]] = defaultdict(list)
    for part in parts(groups):
        asked = (
            _quotes()
            .join(MinorityMember, col(MinorityMember.statement_id) == col(Statement.id))
            .add_columns(col(MinorityMember.group_id))
            .where(col(MinorityMember.group_id).in_(part))
            .order_by(col(Statement.id))
        )
        for statement, feedback, customer, group in session.execute(asked):
            found[group].append(Quote.of(statement, feedback, customer))
    return found


def _singles(
    session: Session,
    shown: set[uuid.UUID],
    spoken: ColumnElement[bool] | None,
    last: uuid.UUID | None,
    fits: Callable[[str], bool],
    *,
    most: int,
) -> list[MinorityVoice]:
    """Up to ``most`` statements of no theme and of no group that is shown, newest first."""
    chosen: list[uuid.UUID] = []
    while len(chosen) < most:
        read = session.execute(_newest_unassigned(spoken, last)).all()
        chosen += [
            statement
            for statement, said, state, group in read
            if state is FeedbackState.THEMED and group not in shown and fits(said)
        ]
        if len(read) < READ_AT_ONCE:
            break
        last = read[-1][0]
    chosen = chosen[:most]
    quotes = {
        statement.id: Quote.of(statement, feedback, customer)
        for statement, feedback, customer in session.execute(
            _quotes().where(col(Statement.id).in_(chosen))
        )
    }
    return [
        MinorityVoice(None, int(quotes[s].customer_id is not None), [quotes[s]]) for s in chosen
    ]


def _newest_unassigned(spoken: ColumnElement[bool] | None, last: uuid.UUID | None) -> Any:
    """(id, text, state of its feedback, group) of the next READ_AT_ONCE statements of no theme."""
    # Chosen before anything is joined: a database that begins with the feedback sorts all of it.
    some = (
        rows_of(col(Statement.id), col(Statement.text), col(Statement.feedback_id))
        .where(
            _unassigned(),
            literal(value=True) if spoken is None else spoken,
            literal(value=True) if last is None else col(Statement.id) < last,
        )
        .order_by(col(Statement.id).desc())
        .limit(READ_AT_ONCE)
        .subquery()
    )
    return (
        rows_of(some.c.id, some.c.text, col(Feedback.state), col(MinorityMember.group_id))
        .join(Feedback, col(Feedback.id) == some.c.feedback_id)
        .join(MinorityMember, col(MinorityMember.statement_id) == some.c.id, isouter=True)
        .order_by(some.c.id.desc())
    )
