"""The pages that show how good themes are, what they leave out, and the tree around them."""

from __future__ import annotations

import re
import uuid

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from tests.api.records import add_customer, add_theme, say
from vocloop.themes.areas import write_areas
from vocloop.themes.minority_voices import write_groups
from vocloop.themes.spot_checks import draw
from vocloop_models import ClusterRun, RunState, SpotCheck, ThemeMembership, now
from vocloop_models.database import reading, transaction


@pytest.fixture
def filled(engine: Engine) -> list[uuid.UUID]:
    """Three themes in two areas, the first of two parts, a group of three companies, and a run."""
    with transaction(engine) as session:
        words = ["swap", "shift", "login"]
        themes = [
            add_theme(session, f"The {w} fails", keywords_en=[w], keywords_ja=["画面"])
            for w in words
        ]
        for theme in themes:
            for i in range(4):
                said = say(session, f"{theme.title_en} again {i}", theme=theme)
                session.get_one(ThemeMembership, said.id).part = i % 2
        write_areas(session, dict(enumerate(t.id for t in themes)), {0: 0, 1: 0, 2: 1})
        group = [
            say(session, f"Dark mode {i}", customer=add_customer(session, f"Company {i}")).id
            for i in range(3)
        ]
        write_groups(session, [(group, 0.8)])
        draw(session)
        a, b = str(themes[0].id), str(themes[1].id)
        quality = {
            "stability": 0.81,
            "separation": 0.66,
            "mixed": None,
            "languages": {"en": 15},
            "usual_nearness": 0.5,
            "dial": {"asked": None, "found": 0.2, "reached": 0.2, "curve": [[0.2, 0.7]]},
            "themes": {a: {"stability": 0.37, "separation": 0.5}},
            "near_duplicates": [[a, b, 0.91]],
        }
        session.add(
            ClusterRun(
                encoder="none",
                state=RunState.DONE,
                statements=15,
                themes=3,
                unassigned=3,
                quality=quality,
                finished_at=now(),
            )
        )
        return [theme.id for theme in themes]


def test_quality_shows_the_run_its_doubts_and_asks_for_checks(
    client: TestClient, engine: Engine, filled: list[uuid.UUID]
) -> None:
    page = client.get("/quality").text
    assert all(figure in page for figure in ("81%", "66%", "37%", "0.91", "0.70"))
    action = re.search(r'action="(/quality/checks/[^"]+)"', page)
    assert action is not None
    client.cookies.set("vocloop_name", "Emma%20Clarke")
    answer = client.post(action[1], data={"right": "yes"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/quality#checks")
    with reading(engine) as session:
        said = [(c.right, c.by) for c in session.exec(select(SpotCheck)) if c.right is not None]
    assert said == [(True, "Emma Clarke")]
    assert "1 of 12" in client.get("/quality").text
    assert client.post(action[1], data={"right": "perhaps"}).status_code == 422
    assert client.post("/quality/checks/nonsense", data={"right": "no"}).status_code == 404


def test_minority_voices_lift_groups_out_and_can_be_searched(
    client: TestClient, filled: list[uuid.UUID]
) -> None:
    page = client.get("/minority-voices").text
    assert "3 companies say the same" in page
    assert page.count("Dark mode") == 3
    assert "Dark mode 1" in client.get("/minority-voices?text=ＤＡＲＫ").text
    assert "No voice fits these filters" in client.get("/minority-voices?text=light").text
    assert client.get("/minority-voices?language=klingon").status_code == 422
    ja = client.get("/minority-voices?lang=ja").text
    assert "3社が同じことを言っています" in ja


def test_the_tree_is_shown_on_the_list_and_on_a_theme(
    client: TestClient, filled: list[uuid.UUID]
) -> None:
    page = client.get("/themes").text
    area = re.search(r'<a href="/themes\?area=([^"]+)">login</a>', page)
    assert area is not None
    only = client.get(f"/themes?area={area[1]}").text
    assert "The login fails" in only
    assert "The swap fails" not in only
    assert client.get("/themes?area=nonsense").status_code == 422
    theme = client.get(f"/themes/{filled[0]}").text
    assert "2 sub-themes" in theme
    assert ">shift, swap</a>" in theme


def test_before_the_first_run_the_pages_say_so(app: FastAPI, client: TestClient) -> None:
    assert "No run yet" in client.get("/quality").text
    assert "No minority voices" in client.get("/minority-voices").text
