"""Themes of the first release get what edits need, with their titles taken as fitting."""

from __future__ import annotations

import json
from pathlib import Path

from alembic import command
from sqlalchemy import text
from sqlmodel import Session

from vocloop_models import Theme, new_id
from vocloop_models.database import _alembic, open_database, upgrade


def test_titles_that_are_there_were_given_for_the_keywords_that_are_there(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'old.db'}")
    theme = new_id()
    with engine.begin() as connection:
        config = _alembic()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        row = {"id": theme.hex, "keywords": json.dumps(["シフト"]), "at": "2026-01-01 00:00:00"}
        connection.execute(
            text(
                "INSERT INTO theme (id, number, title_ja, keywords_ja, keywords_en, state,"
                " created_at, updated_at)"
                " VALUES (:id, 1, '題', :keywords, '[]', 'active', :at, :at)"
            ),
            row,
        )
    upgrade(engine)
    with Session(engine) as session:
        found = session.get_one(Theme, theme)
    assert (found.titled_for_ja, found.titled_for_en) == (["シフト"], [])
    assert (found.fixed_ja, found.pinned, found.merged_into, found.missed_runs) == (
        False,
        False,
        None,
        0,
    )
    engine.dispose()
