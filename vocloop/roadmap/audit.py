"""Who changed what: one line for every change."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import func
from sqlmodel import Session, col, select

from vocloop.errors import NotFoundError
from vocloop_models import Record, RoadmapChange, database, turns
from vocloop_models.turns import Turn

R = TypeVar("R", bound=Record)
MOST_CHANGES = 200


@dataclass(frozen=True)
class Author:
    """Who says so, and why."""

    by: str | None = None
    note: str | None = None


SOMEONE = Author()
# How a tracker signs, before its name.
_TRACKER = "tracker "


def by_tracker(name: str, why: str | None = None) -> Author:
    """A tracker as the author of what it told; ``tracker_of`` tells it from people."""
    return Author(f"{_TRACKER}{name}", why)


def tracker_of(by: str | None) -> str | None:
    """The name of the tracker that an author's ``by`` stands for; None for people."""
    return by.removeprefix(_TRACKER) if by is not None and by.startswith(_TRACKER) else None


def note(
    session: Session, subject_id: uuid.UUID, action: str, author: Author, **detail: Any
) -> None:
    """Keep a line; ids in ``detail`` are kept as text."""
    session.add(
        RoadmapChange(
            subject_id=subject_id,
            action=action,
            detail={name: _plain(value) for name, value in detail.items()},
            by=author.by,
            note=author.note,
        )
    )
    session.flush()


def changes(session: Session, subject_id: uuid.UUID) -> list[RoadmapChange]:
    """The newest 200 of an item, round, decision, review or hypothesis, newest first."""
    return list(
        session.exec(
            select(RoadmapChange)
            .where(RoadmapChange.subject_id == subject_id)
            .order_by(col(RoadmapChange.id).desc())
            .limit(MOST_CHANGES)
        )
    )


def get(session: Session, kind: type[R], record_id: object, what: str) -> R:
    """Raises NotFoundError, naming ``what`` it was looked for as."""
    found = session.get(kind, record_id)
    if found is None:
        raise NotFoundError(f"there is no {what} {record_id}; it may be of another database")
    return found


def held(session: Session, kind: type[R], record_id: uuid.UUID, what: str) -> R:
    """As get(), and nobody else's to change until the transaction ends."""
    return database.held(session, kind, record_id) or get(session, kind, record_id, what)


def next_number(session: Session, column: Any) -> int:
    """One more than the largest; nobody else gets one until the transaction ends."""
    turns.take(session, Turn.NUMBERS)
    return int(session.exec(select(func.max(column))).one() or 0) + 1


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | Iterator):
        return [_plain(each) for each in value]
    return value
