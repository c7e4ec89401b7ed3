"""Pages of themes that people edited: old links lead on, and the history says what happened."""

from __future__ import annotations

import uuid

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.api.records import add_theme, say
from vocloop.themes.facts import archive, different, merge, move, not_a_theme, pin, rename, split
from vocloop.themes.placing import members
from vocloop.themes.undo import undo
from vocloop_models import Theme
from vocloop_models.database import transaction


def filled(engine: Engine) -> tuple[uuid.UUID, uuid.UUID]:
    with transaction(engine) as session:
        themes: list[Theme] = [add_theme(session, title) for title in ("Exports", "Swaps")]
        for theme in themes:
            for _ in range(4):
                say(session, theme=theme)
        return themes[0].id, themes[1].id


def test_the_page_of_a_merged_theme_leads_to_what_it_is_part_of(
    client: TestClient, engine: Engine
) -> None:
    gone, stays = filled(engine)
    with transaction(engine) as session:
        merge(session, gone, stays)
    answer = client.get(f"/themes/{gone}")
    assert (answer.status_code, answer.headers["location"]) == (307, f"/themes/{stays}")
    assert "Took in T-" in client.get(f"/themes/{stays}").text


def test_every_edit_is_told_in_both_languages(client: TestClient, engine: Engine) -> None:
    theme, other = filled(engine)
    with transaction(engine) as session:
        rename(session, theme, {"en": "Our exports"})
        move(session, members(session, other)[:1], theme)
        split(session, theme, members(session, theme)[:1])
        different(session, theme, other)
        undo(session, pin(session, theme).id)
        archive(session, theme)
        not_a_theme(session, theme)
    page = client.get(f"/themes/{theme}")
    assert page.status_code == 200
    for told in (
        "Given the title “Our exports”",
        "Statements moved by hand",
        "A part of it became T-",
        "Said to be different from T-",
        "Pinned",
        "An edit was undone",
        "Archived",
        "Marked as not a theme",
    ):
        assert told in page.text
    assert (
        "テーマではないと判断"
        in client.get(f"/themes/{theme}", headers={"accept-language": "ja"}).text
    )
