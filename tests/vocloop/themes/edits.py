"""Themes to edit, and what edits can change of them."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session, select

from tests.api.records import add_theme, say
from vocloop.themes.record import Author
from vocloop_models import Theme, ThemeMembership

SATO = Author(by="sato", note="read them all")
ABE = Author(by="abe")


def theme_of(session: Session, size: int = 4, title: str = "Exports stop", **fields: Any) -> Theme:
    theme = add_theme(session, title, **fields)
    for _ in range(size):
        say(session, title, theme=theme)
    return theme


def snapshot(session: Session) -> dict[str, Any]:
    """All that edits can change."""
    session.expire_all()
    themes = {
        t.id: (t.title_ja, t.title_en, t.fixed_ja, t.fixed_en, t.state, t.merged_into, t.pinned)
        for t in session.exec(select(Theme))
    }
    placed = dict(
        session.exec(select(ThemeMembership.statement_id, ThemeMembership.theme_id)).all()
    )
    return {"themes": themes, "placed": placed}
