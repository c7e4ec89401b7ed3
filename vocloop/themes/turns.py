"""One writer of themes at a time, also on PostgreSQL."""

from __future__ import annotations

from sqlalchemy import func
from sqlmodel import Session, select

# Any fixed number that no other lock of vocloop has (see vocloop_models.database).
THEMES_LOCK = 7_865_103


def take_turns(session: Session) -> None:
    """Let one transaction at a time write themes or scores: two at once would number new themes
    alike, and an edit made while a run writes would be lost. SQLite has a single writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().execute(select(func.pg_advisory_xact_lock(THEMES_LOCK)))
