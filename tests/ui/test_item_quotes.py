"""What an item, and the page of its decision, quote of what customers said."""

from __future__ import annotations

import uuid
from collections.abc import Collection

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from tests.api.records import say
from tests.ui.planned import Plan
from vocloop.errors import EncoderError
from vocloop_models import Statement, Theme, ThemeMembership
from vocloop_models.database import reading, transaction
from vocloop_ui.pages.item import SHOWN_QUOTES


@pytest.mark.parametrize("page", ["/backlog/{}", "/backlog/{}/decision"])
def test_what_is_nearest_to_the_problem_is_quoted_first(
    client: TestClient, app: FastAPI, engine: Engine, made: Plan, page: str
) -> None:
    asked: list[tuple[str, list[uuid.UUID]]] = []

    def nearest(text: str, themes: Collection[uuid.UUID], _most: int) -> list[uuid.UUID]:
        asked.append((text, list(themes)))
        with reading(engine) as session:
            by_text = {each.text: each.id for each in session.exec(select(Statement))}
        return [by_text["Swap fails for us 2"], uuid.uuid4()]

    def quoted() -> list[int]:
        text = client.get(page.format(made.item)).text
        found = [text.find(f"Swap fails for us {number}") for number in range(3)]
        assert min(found) > 0
        return sorted(range(3), key=found.__getitem__)

    usual = quoted()
    app.state.nearest = nearest
    assert quoted() == [2, *(number for number in usual if number != 2)]
    (told,) = asked
    assert "Swap shifts" in told[0]
    assert "by phone" in told[0]
    assert told[1] == [made.theme]


def test_one_of_the_quotes_is_in_the_language_of_the_reader(
    client: TestClient, app: FastAPI, engine: Engine, made: Plan
) -> None:
    with transaction(engine) as session:
        say(session, "No way to swap", theme=session.get_one(Theme, made.theme))
        of_theme = ThemeMembership.theme_id == made.theme
        own = session.exec(select(Statement).join(ThemeMembership).where(of_theme)).all()
        assert len(own) == SHOWN_QUOTES + 1
        for said in own:
            said.language = "ja"
        own[-1].language = "en"
        order, far = [said.id for said in own], own[-1].text
    app.state.nearest = lambda *_: order

    def quoted(language: str) -> bool:
        answer = client.get(f"/backlog/{made.item}", headers={"accept-language": language})
        return far in answer.text

    assert (quoted("en"), quoted("ja")) == (True, False)


def test_an_item_is_shown_where_quotes_can_not_be_compared(
    client: TestClient, app: FastAPI, made: Plan
) -> None:
    def broken(*_: object) -> list[uuid.UUID]:
        raise EncoderError("there is no model")

    app.state.nearest = broken
    assert "Swap fails for us 0" in client.get(f"/backlog/{made.item}").text
