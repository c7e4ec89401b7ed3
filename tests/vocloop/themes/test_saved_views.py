"""Views of a page have a name each, also where two people save, change or remove them at once."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from tests.meanwhile import Step, at_once
from vocloop.errors import NotFoundError
from vocloop.themes.saved_views import remove_view, save_view, saved_views
from vocloop_models import new_id
from vocloop_models.database import (
    is_there_already,
    migrate,
    reading,
    schema_change,
    transaction,
    upgrade,
)


def saving(query: str) -> Step:
    return lambda session: save_view(session, "/themes", "Mine", query)


def removing(view: uuid.UUID) -> Step:
    return lambda session: remove_view(session, view)


@pytest.fixture
def view(engine: Engine) -> uuid.UUID:
    with transaction(engine) as session:
        made: uuid.UUID = saving("sort=impact")(session).id
        return made


def kept(engine: Engine) -> list[tuple[str, str]]:
    with reading(engine) as session:
        return [(each.name, each.query) for each in saved_views(session, "/themes")]


def test_of_two_of_a_name_that_are_saved_at_once_one_is_kept(engine: Engine) -> None:
    error = at_once(engine, saving("kind=lasting"), saving("kind=fading"))
    # On SQLite the second begins when the first is kept, and renews it.
    if engine.dialect.name == "postgresql":
        assert isinstance(error, IntegrityError)
        assert is_there_already(error)
    assert len(kept(engine)) == 1


def test_a_view_that_is_removed_just_as_it_is_saved_anew_is_kept(
    engine: Engine, view: uuid.UUID
) -> None:
    assert at_once(engine, removing(view), saving("kind=lasting")) is None
    assert kept(engine) == [("Mine", "kind=lasting")]


def test_a_view_that_two_remove_at_once_is_not_there_for_the_second(
    engine: Engine, view: uuid.UUID
) -> None:
    error = at_once(engine, removing(view), removing(view))
    assert isinstance(error, NotFoundError)


def test_views_of_one_name_from_before_are_all_kept_and_told_apart(engine: Engine) -> None:
    names = ["Mine", "Mine", "Mine (2)", "Mine", "x" * 100, "x" * 100]
    try:
        with schema_change(engine) as connection:
            migrate(connection, "base")
            migrate(connection, "0021")
            for number, name in enumerate(names):
                connection.execute(
                    text(
                        "INSERT INTO savedview (id, page, name, query, created_at)"
                        " VALUES (:id, '/themes', :name, :query, '2026-01-01 00:00:00')"
                    ),
                    {"id": str(new_id()).replace("-", ""), "name": name, "query": f"q={number}"},
                )
    finally:
        upgrade(engine)
    assert kept(engine) == [
        ("Mine", "q=0"),
        ("Mine (3)", "q=1"),
        ("Mine (2)", "q=2"),
        ("Mine (4)", "q=3"),
        ("x" * 100, "q=4"),
        ("x" * 96 + " (2)", "q=5"),
    ]
