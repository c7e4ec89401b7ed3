"""What one transaction at a time does, over all processes of a database."""

from __future__ import annotations

from enum import IntEnum, unique

from sqlalchemy import func, select
from sqlalchemy.orm import Session


@unique
class Turn(IntEnum):
    """Any fixed numbers that no other of PostgreSQL's advisory locks has."""

    # Two that write themes or scores would number new themes alike, lose an edit made while a run
    # writes, or score what is being removed. Whoever takes this and the next takes this first, and
    # both before any row.
    THEMES = 7_865_103
    # Which rows a merge, its undo or a forgetting needs shows only as it goes on.
    MERGES = 7_865_116
    # Names of customers are not unique in their table.
    NAMES = 7_865_115
    NUMBERS = 7_865_113
    ALERTS = 7_865_114
    # What happened is read, and what is to be told of it is written.
    TELLING = 7_865_107
    # Only just before a commit.
    AUDIT = 7_865_111


def take(session: Session, turn: Turn) -> None:
    """Wait until no other transaction has this turn; it ends with the transaction. On SQLite a
    writer is alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(select(func.pg_advisory_xact_lock(turn)))
