"""The tree, minority voices, figures and spot checks over HTTP."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.api.records import add_customer, add_theme, say
from vocloop.themes.areas import write_areas
from vocloop.themes.minority_voices import write_groups
from vocloop.themes.spot_checks import draw
from vocloop_models import ClusterRun, RunState, ThemeMembership
from vocloop_models.database import transaction


@pytest.fixture
def themes(engine: Engine) -> list[str]:
    with transaction(engine) as session:
        made = [add_theme(session, f"About {w}", keywords_en=[w]) for w in ("swap", "login")]
        for theme in made:
            for i in range(4):
                said = say(session, f"{theme.title_en} {i}", theme=theme)
                session.get_one(ThemeMembership, said.id).part = i % 2
        write_areas(session, dict(enumerate(t.id for t in made)), {0: 0, 1: 1})
        voices = [say(session, "Dark", customer=add_customer(session, n)).id for n in "abc"]
        write_groups(session, [(voices, 0.8)])
        say(session, "Alone")
        draw(session)
        ids = [str(theme.id) for theme in made]
        quality = {"stability": 0.8, "themes": {ids[1]: {"stability": 0.3, "separation": 0.4}}}
        quality |= {"dial": {"asked": 0.1, "found": 0.0, "reached": 0.1, "curve": [[0.1, 0.9]]}}
        quality |= {"near_duplicates": [[*ids, 0.9]]}
        session.add(
            ClusterRun(encoder="x", state=RunState.DONE, statements=12, themes=2, quality=quality)
        )
        return ids


def get(client: TestClient, path: str) -> Any:
    answer = client.get(f"/api{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_themes_have_areas_and_sub_themes(client: TestClient, themes: list[str]) -> None:
    rows = get(client, "/areas")["rows"]
    assert {row["title_en"]: row["statements"] for row in rows} == {"swap": 4, "login": 4}
    swap = next(row for row in rows if row["title_en"] == "swap")
    assert [theme["id"] for theme in swap["themes"]] == themes[:1]
    found = get(client, f"/themes?area={swap['id']}")["rows"]
    assert [row["id"] for row in found] == themes[:1]
    page = get(client, f"/themes/{themes[0]}")
    assert page["area"]["title_en"] == "swap"
    assert [part["statements"] for part in page["parts"]] == [2, 2]
    assert get(client, f"/themes?area={uuid.uuid4()}")["rows"] == []


def test_minority_voices_come_page_by_page(client: TestClient, themes: list[str]) -> None:
    first = get(client, "/minority-voices?limit=1")
    assert (first["groups"], first["rows"][0]["customers"]) == (1, 3)
    second = get(client, f"/minority-voices?limit=1&cursor={first['next_cursor']}")
    assert [v["text"] for v in second["rows"][0]["voices"]] == ["Alone"]
    assert second["next_cursor"] is None
    assert client.get("/api/minority-voices?cursor=x").status_code == 422


def test_figures_of_runs_and_people_stand_side_by_side(
    client: TestClient, themes: list[str]
) -> None:
    checks = get(client, "/quality/checks")["rows"]
    assert len(checks) == 8
    said = {"right": True, "by": "sato"}
    marked = client.put(f"/api/quality/checks/{checks[0]['id']}", json=said)
    assert (marked.status_code, marked.json()["right"]) == (200, True)
    assert client.put(f"/api/quality/checks/{uuid.uuid4()}", json=said).status_code == 404
    found = get(client, "/quality")
    assert found["accuracy"][0]["checked"] == 1
    assert found["themes"][0]["id"] in themes
    assert {t["stability"] for t in found["themes"]} == {None, 0.3}
    assert found["dial"]["curve"] == [{"unassigned": 0.1, "confidence": 0.9}]
    assert found["near_duplicates"][0]["nearness"] == 0.9


def test_nothing_is_known_before_the_first_run(client: TestClient) -> None:
    assert get(client, "/quality") == {
        "runs": [],
        "themes": [],
        "near_duplicates": [],
        "dial": None,
        "accuracy": [],
    }
