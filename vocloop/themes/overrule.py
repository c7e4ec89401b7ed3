"""The facts there are, and those that contradict each other: the newest wins, and the older one is
kept and shown."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from vocloop.themes.placing import get_theme, pointers
from vocloop_models import FactKind, FactStatement, ThemeFact
from vocloop_models.bulk import parts

# Older kind, newer kind → why both can't hold.
REASONS = {
    (FactKind.RENAME, FactKind.RENAME): "the theme was given another title",
    (FactKind.LAYER, FactKind.LAYER): "the theme was said to hurt another layer of value",
    (FactKind.MOVE, FactKind.MOVE): "the statement was moved again",
    (FactKind.MOVE, FactKind.SPLIT): "the statement was split off with others",
    (FactKind.MOVE, FactKind.MERGE): "the theme it was moved to was merged into another",
    (FactKind.MOVE, FactKind.NOT_A_THEME): "the theme it was moved to is not a theme",
    (FactKind.PIN, FactKind.MERGE): "the pinned theme was merged into another",
    (FactKind.PIN, FactKind.NOT_A_THEME): "the pinned theme is not a theme",
    (FactKind.ARCHIVE, FactKind.MERGE): "the archived theme was merged into another",
    (FactKind.ARCHIVE, FactKind.NOT_A_THEME): "the archived theme is not a theme",
    (FactKind.DIFFERENT, FactKind.MERGE): "themes said to be different were merged",
    (FactKind.SPLIT, FactKind.MERGE): "what was split was merged again",
    (FactKind.MERGE, FactKind.MERGE): "the themes were merged again",
    (FactKind.MERGE, FactKind.DIFFERENT): "the merged themes were said to be different",
}


@dataclass(frozen=True)
class Conflict:
    """Two facts in force that can't both hold; ``newer`` wins while it stands."""

    older: ThemeFact
    newer: ThemeFact
    reason: str


def conflicts(session: Session, theme_id: uuid.UUID | None = None) -> list[Conflict]:
    """Contradictions between facts that nobody has undone, the last one first.

    A person who renames or moves the same thing again has changed their mind; that is none.
    ``theme_id``: only those in which one of the two facts names the theme."""
    newer = aliased(ThemeFact)
    query = (
        select(ThemeFact, newer)
        .join(newer, col(newer.id) == col(ThemeFact.overruled_by))
        .where(col(ThemeFact.undone_at).is_(None))
        .order_by(col(newer.id).desc(), col(ThemeFact.id).desc())
    )
    if theme_id is not None:
        query = query.where(
            or_(
                *(
                    col(column) == theme_id
                    for fact in (ThemeFact, newer)
                    for column in (fact.theme_id, fact.other_id)
                )
            )
        )
    return [
        Conflict(older, over, REASONS[older.kind, over.kind])
        for older, over in session.exec(query)
        if not (older.kind is over.kind and older.by == over.by)
    ]


def listed(
    session: Session,
    *,
    theme_id: uuid.UUID | None = None,
    standing: bool = False,
    before: uuid.UUID | None = None,
    limit: int = 50,
) -> list[ThemeFact]:
    """Facts, the newest first, from the one ``before`` on; ``standing`` leaves out those that
    were undone or are overruled."""
    query = select(ThemeFact).order_by(col(ThemeFact.id).desc()).limit(limit)
    if theme_id is not None:
        get_theme(session, theme_id)
        query = query.where(
            or_(col(ThemeFact.theme_id) == theme_id, col(ThemeFact.other_id) == theme_id)
        )
    if standing:
        query = query.where(*in_force())
    if before is not None:
        query = query.where(col(ThemeFact.id) < before)
    return list(session.exec(query))


# When people last said something of themes, and last took something back.
Edits = tuple[dt.datetime | None, dt.datetime | None]


def edits_so_far(session: Session) -> Edits:
    """Changes with every edit: whoever keeps something read from themes can tell that it is old."""
    said, undone = session.exec(select(func.max(ThemeFact.at), func.max(ThemeFact.undone_at))).one()
    return said, undone


def in_force() -> list[ColumnElement[bool]]:
    return [col(ThemeFact.undone_at).is_(None), col(ThemeFact.overruled_by).is_(None)]


def newest(
    session: Session, theme_id: uuid.UUID, kind: FactKind, *where: ColumnElement[bool] | bool
) -> ThemeFact | None:
    """The fact in force of that kind on a theme that was said last."""
    return session.exec(
        select(ThemeFact)
        .where(*in_force(), ThemeFact.theme_id == theme_id, ThemeFact.kind == kind, *where)
        .order_by(col(ThemeFact.id).desc())
    ).first()


def overrule(session: Session, fact: ThemeFact, statements: Sequence[uuid.UUID] = ()) -> None:
    """Mark the older facts in force that ``fact``, whose effect is in place, contradicts.

    A merge that it denies is not among them: it has to be taken back first (see facts)."""
    for older in _contradicted(session, fact, statements):
        older.overruled_by = fact.id
    session.flush()


def _contradicted(
    session: Session, fact: ThemeFact, statements: Sequence[uuid.UUID]
) -> list[ThemeFact]:
    if fact.kind is FactKind.RENAME:
        same = (col(ThemeFact.theme_id) == fact.theme_id, ThemeFact.language == fact.language)
        return _older(session, fact, [FactKind.RENAME], *same)
    if fact.kind is FactKind.LAYER:
        return _older(session, fact, [FactKind.LAYER], col(ThemeFact.theme_id) == fact.theme_id)
    if fact.kind in (FactKind.MOVE, FactKind.SPLIT):
        return _moves_of(session, fact, statements)
    if fact.kind in (FactKind.MERGE, FactKind.NOT_A_THEME):
        about = [FactKind.MOVE, FactKind.PIN, FactKind.ARCHIVE]
        gone = _older(session, fact, about, col(ThemeFact.theme_id) == fact.theme_id)
        return [*gone, *joined(session, fact)] if fact.kind is FactKind.MERGE else gone
    return []


def _older(
    session: Session, fact: ThemeFact, kinds: Iterable[FactKind], *where: ColumnElement[bool] | bool
) -> list[ThemeFact]:
    return list(
        session.exec(
            select(ThemeFact).where(
                *in_force(), col(ThemeFact.kind).in_(list(kinds)), ThemeFact.id != fact.id, *where
            )
        )
    )


def _moves_of(
    session: Session, fact: ThemeFact, statements: Sequence[uuid.UUID]
) -> list[ThemeFact]:
    found: list[ThemeFact] = []
    for part in parts(statements):
        named = select(FactStatement.fact_id).where(col(FactStatement.statement_id).in_(part))
        found += _older(session, fact, [FactKind.MOVE], col(ThemeFact.id).in_(named))
    return found


def joined(session: Session, fact: ThemeFact) -> list[ThemeFact]:
    """Facts in force that keep two themes apart which have become one by now."""
    final = pointers(session)
    return [
        each
        for each in _older(session, fact, [FactKind.DIFFERENT, FactKind.SPLIT])
        if each.theme_id is not None
        and each.other_id is not None
        and final.get(each.theme_id, each.theme_id) == final.get(each.other_id, each.other_id)
    ]


def denied_merge(session: Session, one: uuid.UUID, other: uuid.UUID) -> ThemeFact | None:
    """The newest merge in force that made these two themes one."""
    final = pointers(session)
    if final.get(one, one) != final.get(other, other):
        return None
    for merge in session.exec(
        select(ThemeFact)
        .where(*in_force(), ThemeFact.kind == FactKind.MERGE)
        .order_by(col(ThemeFact.id).desc())
    ):
        gone = merge.theme_id
        if gone is None:
            continue
        without = pointers(session, leaving_out=gone)
        if without.get(one, one) != without.get(other, other):
            return merge
    return None


def victims(session: Session, fact: ThemeFact) -> list[ThemeFact]:
    """What ``fact`` overrules, oldest first."""
    return list(
        session.exec(
            select(ThemeFact)
            .where(ThemeFact.overruled_by == fact.id, col(ThemeFact.undone_at).is_(None))
            .order_by(col(ThemeFact.id))
        )
    )
