"""One at a time reads what happened and writes what is to be told."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, select

# Any fixed number, for PostgreSQL's advisory locks. On SQLite a writer is alone anyway.
_LOCK = 7_865_107


def take_turn(session: Session) -> None:
    """Wait until no other transaction does this; the turn ends with the transaction."""
    if session.get_bind().dialect.name == "postgresql":
        session.exec(select(func.pg_advisory_xact_lock(_LOCK)))
