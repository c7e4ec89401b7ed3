"""Notes in someone's application, and tasks among them: customers to be told in person."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from vocloop.errors import ConflictError, NotFoundError, says
from vocloop.notify import people, telling
from vocloop_models import Note, Recipient, now

Told = tuple[Note, dict[str, Any]]


def listed(
    session: Session,
    recipient_id: uuid.UUID,
    *,
    unread: bool = False,
    tasks: bool = False,
    limit: int = 50,
) -> list[Told]:
    """Newest first, with subject, text and link; ``tasks``: those not done yet."""
    reader = people.get(session, recipient_id)
    found = of(session, recipient_id, unread=unread, tasks=tasks, limit=limit)
    return [(note, telling.note(session, note, reader)) for note in found]


def of(
    session: Session,
    recipient_id: uuid.UUID,
    *,
    unread: bool = False,
    tasks: bool = False,
    limit: int = 50,
) -> list[Note]:
    """See listed(); without their words."""
    query = select(Note).where(Note.recipient_id == recipient_id)
    if unread:
        query = query.where(col(Note.read_at).is_(None))
    if tasks:
        query = query.where(col(Note.task).is_(True), col(Note.done_at).is_(None))
    return list(session.exec(query.order_by(col(Note.id).desc()).limit(limit)))


def mark_read(session: Session, note_id: uuid.UUID, *, read: bool = True) -> Told:
    """Raises NotFoundError."""
    note = _get(session, note_id)
    note.read_at = now() if read else None
    return _told(session, note)


def mark_all_read(session: Session, recipient_id: uuid.UUID) -> None:
    """Also those that a list had no room for."""
    unread = col(Note.recipient_id) == recipient_id, col(Note.read_at).is_(None)
    session.exec(update(Note).where(*unread).values(read_at=now()))


def mark_done(session: Session, note_id: uuid.UUID, *, done: bool = True) -> Told:
    """Raises NotFoundError, ConflictError for a note that asks for nothing."""
    note = _get(session, note_id)
    if not note.task:
        raise ConflictError(says("this note asks for nothing; mark it as read instead"))
    note.done_at = now() if done else None
    note.read_at = note.read_at or note.done_at
    return _told(session, note)


def _told(session: Session, note: Note) -> Told:
    session.flush()
    return note, telling.note(session, note, session.get_one(Recipient, note.recipient_id))


def _get(session: Session, note_id: uuid.UUID) -> Note:
    found = session.get(Note, note_id)
    if found is None:
        raise NotFoundError(f"there is no note {note_id}; list someone's notes to see which are")
    return found
