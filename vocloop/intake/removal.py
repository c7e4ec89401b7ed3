"""Feedback out of the database, with everything that hangs on it: what undo, erasure and retention
share."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table, delete, func, select, update
from sqlmodel import Session, SQLModel, col

from vocloop.quoting import clear_wording, quotes
from vocloop_models import (
    Contact,
    Customer,
    Feedback,
    Record,
    Statement,
    Theme,
    ThemeMembership,
    ThemeScore,
    turns,
)
from vocloop_models.bulk import parts
from vocloop_models.turns import Turn


@dataclass
class Removed:
    """What went. ``themes`` are those that the statements were in: they stay."""

    feedback: int = 0
    statements: int = 0
    themes: set[uuid.UUID] = field(default_factory=set)

    def add(self, other: Removed) -> None:
        self.feedback += other.feedback
        self.statements += other.statements
        self.themes |= other.themes


def take_turns(session: Session) -> None:
    """Before anything is removed: scores written meanwhile would name what is gone, a merge bring
    it back."""
    turns.take(session, Turn.THEMES)
    turns.take(session, Turn.MERGES)


def remove_feedback(session: Session, ids: Sequence[uuid.UUID]) -> Removed:
    """Remove feedback with its statements, vectors, memberships, sealed values, and what any other
    table holds of them. Titles that machines made of its words are cleared: the next run makes new
    ones. Themes stay, and so does every title that a person gave. Take turns before."""
    overwrite(session)
    removed = Removed()
    for some in parts(sorted(ids)):
        # A worker that encodes or themes them is waited for: what it adds has to go, too.
        held = select(col(Feedback.id)).where(col(Feedback.id).in_(some))
        session.execute(held.order_by(col(Feedback.id)).with_for_update())
        # So is whoever says something of a statement.
        said = select(col(Statement.id), col(Statement.text)).order_by(col(Statement.id))
        statements = session.execute(
            said.where(col(Statement.feedback_id).in_(some)).with_for_update()
        ).all()
        gone = [statement_id for statement_id, _ in statements]
        themes = _themes_of(session, gone)
        texts = [text for _, text in statements]
        detach(session, Statement, gone)
        detach(session, Feedback, some, besides=frozenset({"statement"}))
        _hand_over(session, some)
        delete_rows(session, Statement, gone)
        removed.feedback += delete_rows(session, Feedback, some)
        removed.statements += len(gone)
        removed.themes |= themes
        _clear_quotes(session, themes, texts, {*map(str, gone), *map(str, some)})
    return removed


def _hand_over(session: Session, going: Sequence[uuid.UUID]) -> None:
    """What repeated one of ``going`` is told by the earliest of its copies that stays."""
    query = select(col(Feedback.repeats_id), col(Feedback.id)).where(
        col(Feedback.repeats_id).in_(going), col(Feedback.id).not_in(going)
    )
    heirs: dict[uuid.UUID, uuid.UUID] = {}
    for origin, copy in session.execute(query.order_by(col(Feedback.id))):
        heirs.setdefault(origin, copy)
    for origin, heir in heirs.items():
        session.execute(
            update(Feedback).where(col(Feedback.repeats_id) == origin).values(repeats_id=heir)
        )
        session.execute(update(Feedback).where(col(Feedback.id) == heir).values(repeats_id=None))
    session.execute(
        update(Feedback).where(col(Feedback.repeats_id).in_(going)).values(repeats_id=None)
    )


def remove_unused(session: Session, import_id: uuid.UUID) -> tuple[int, int]:
    """Remove the contacts and customers that an import made and nothing refers to any more; how
    many of them stay (contacts, customers), since others use them by now."""
    for model in (Customer, Contact):
        # What is being stored with them is waited for: who is named there is used.
        made = select(_id(model)).where(col(model.import_id) == import_id)
        session.execute(made.order_by(_id(model)).with_for_update())
    for model in (Contact, Customer):
        ids = list(session.scalars(select(_id(model)).where(col(model.import_id) == import_id)))
        used = {id_ for some in parts(ids) for id_ in _referred(session, model, some)}
        unused = [id_ for id_ in ids if id_ not in used]
        for some in parts(unused):
            detach(session, model, some)
            delete_rows(session, model, some)

    def left(model: type[Contact] | type[Customer]) -> int:
        query = select(func.count()).where(col(model.import_id) == import_id)
        return int(session.execute(query).scalar_one())

    return left(Contact), left(Customer)


def empty_themes(session: Session, themes: Iterable[uuid.UUID]) -> list[int]:
    """Numbers of those of ``themes`` that have no statement left."""
    held = select(col(ThemeMembership.theme_id))
    numbers: list[int] = []
    for some in parts(sorted(themes)):
        query = select(col(Theme.number)).where(col(Theme.id).in_(some), col(Theme.id).not_in(held))
        numbers += session.scalars(query)
    return sorted(numbers)


def overwrite(session: Session) -> None:
    """Let SQLite write zeros over what is deleted: else it stays readable in free pages. On
    PostgreSQL that is autovacuum's work."""
    if session.get_bind().dialect.name == "sqlite":
        session.connection().exec_driver_sql("PRAGMA secure_delete=ON")


def references(model: type[SQLModel]) -> list[tuple[Table, Any]]:
    """(table, column) of every foreign key to ``model``, so that a table of tomorrow is not
    forgotten."""
    return _pointing(model.__table__)  # type: ignore[attr-defined]


def _pointing(own: Table) -> list[tuple[Table, Any]]:
    return [
        (table, foreign.parent)
        for table in Record.metadata.sorted_tables
        for foreign in table.foreign_keys
        if foreign.column.table is own
    ]


def _id(model: type[SQLModel]) -> Any:
    return model.__table__.c.id  # type: ignore[attr-defined]


def detach(
    session: Session,
    model: type[SQLModel],
    ids: Sequence[uuid.UUID],
    besides: frozenset[str] = frozenset(),
) -> None:
    """Delete the rows that need one of ``ids``, and what needs those in turn; rows that only point
    to it forget it."""
    session.flush()
    _detach(session, model.__table__, ids, besides)  # type: ignore[attr-defined]


def _detach(
    session: Session, own: Table, ids: Sequence[uuid.UUID], besides: frozenset[str]
) -> None:
    gone = set(ids)
    for table, column in _pointing(own):
        if table.name in besides:
            continue
        for some in parts(ids):
            if column.nullable:
                session.execute(update(table).where(column.in_(some)).values({column: None}))
                continue
            if _pointing(table):
                needing = session.scalars(select(table.c.id).where(column.in_(some))).all()
                _detach(session, table, needing, besides)
            session.execute(delete(table).where(column.in_(some)))
        for record in _held(session, table):
            if getattr(record, column.name) not in gone:
                continue
            if column.nullable:
                session.refresh(record)
            else:
                session.expunge(record)


def delete_rows(session: Session, model: type[SQLModel], ids: Sequence[uuid.UUID]) -> int:
    """Delete the rows with these ids, to which nothing refers any more; how many there were."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    done = 0
    for some in parts(ids):
        deleted = session.connection().execute(delete(table).where(table.c.id.in_(some)))
        done += deleted.rowcount
    gone = set(ids)
    for record in _held(session, table):
        if record.id in gone:
            session.expunge(record)
    return done


def _held(session: Session, table: Table) -> list[Any]:
    """What the session holds of a table: it does not hear of what is done to many rows at once."""
    return [record for record in session if getattr(record, "__table__", None) is table]


def _referred(session: Session, model: type[SQLModel], ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    found: set[uuid.UUID] = set()
    for table, column in references(model):
        if table.name != "customeralias":  # goes with its customer
            found |= set(session.scalars(select(column).where(column.in_(ids))))
    return found


def _themes_of(session: Session, statements: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    themes: set[uuid.UUID] = set()
    for some in parts(statements):
        query = select(col(ThemeMembership.theme_id)).where(
            col(ThemeMembership.statement_id).in_(some)
        )
        themes |= set(session.scalars(query))
    return themes


def _clear_quotes(
    session: Session, themes: set[uuid.UUID], texts: Sequence[str], gone: set[str]
) -> None:
    """Titles that repeat ``texts``, and evidence that names what is ``gone``."""
    for some in parts(sorted(themes)):
        for theme in session.scalars(select(Theme).where(col(Theme.id).in_(some))):
            for language in ("ja", "en"):
                title, suggested = f"title_{language}", f"suggested_title_{language}"
                if quotes(getattr(theme, suggested), texts):
                    setattr(theme, suggested, None)
                if not getattr(theme, f"fixed_{language}") and quotes(getattr(theme, title), texts):
                    setattr(theme, title, None)
            clear_wording(session, theme, gone)
        for score in session.scalars(select(ThemeScore).where(col(ThemeScore.theme_id).in_(some))):
            evidence = without(score.evidence, gone)
            if evidence != score.evidence:
                score.evidence = evidence
    session.flush()


def without(value: Any, gone: set[str]) -> Any:
    """JSON without the parts that name one of ``gone``: the smallest list element or key."""
    if isinstance(value, dict):
        return {
            key: without(each, gone)
            for key, each in value.items()
            if key not in gone and not (isinstance(each, str) and each in gone)
        }
    if isinstance(value, list):
        return [without(each, gone) for each in value if not _names(each, gone)]
    return value


def _names(value: Any, gone: set[str]) -> bool:
    if isinstance(value, str):
        return value in gone
    if isinstance(value, dict):
        return any(isinstance(each, str) and each in gone for each in value.values())
    return False
