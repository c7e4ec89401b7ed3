"""Search, the map and saved views, as on the pages."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from vocloop_models import Area, Feedback, Statement, Theme, ThemePlace
from vocloop_models.database import transaction

SAID = "ｼﾌﾄの承認が止まる"


@pytest.fixture
def theme(engine: Engine) -> str:
    with transaction(engine) as session:
        area = Area(title_en="Approvals")
        session.add(area)
        session.flush()
        theme = Theme(number=3, title_en="Approval stalls", area_id=area.id)
        feedback = Feedback(source="t", external_id="1", text="x", language="ja")
        session.add_all([theme, feedback])
        session.flush()
        said = Statement(
            feedback_id=feedback.id, position=0, text="ｼﾌﾄの承認が止まる", language="ja"
        )
        session.add_all([said, ThemePlace(theme_id=theme.id, x=0.25, y=0.5)])
        return str(theme.id)


def test_search_forgives_width_and_a_wrong_letter(client: TestClient, theme: str) -> None:
    found = client.get("/api/search", params={"text": "シフト"}).json()
    assert [row["text"] for row in found["statements"]] == [SAID]
    assert found["themes"] == []
    found = client.get("/api/search", params={"text": "aproval"}).json()
    assert [row["id"] for row in found["themes"]] == [theme]


@pytest.mark.parametrize(
    "asked", [{}, {"text": ""}, {"text": "x" * 201}, {"text": "x", "themes": 0}]
)
def test_a_search_without_words_is_refused(client: TestClient, asked: dict[str, str]) -> None:
    assert client.get("/api/search", params=asked).status_code == 422


def test_the_map_tells_places_and_areas(client: TestClient, theme: str) -> None:
    (row,) = client.get("/api/map").json()["rows"]
    assert (row["id"], row["x"], row["y"]) == (theme, 0.25, 0.5)
    assert row["area"]["title_en"] == "Approvals"
    assert row["impact"] is None


def test_a_view_is_kept_replaced_and_forgotten(client: TestClient) -> None:
    view = {"page": "/themes", "name": "医療", "query": "segment=industry:医療"}
    made = client.post("/api/saved-views", json=view)
    assert made.status_code == 201
    client.post("/api/saved-views", json=view | {"query": "sort=severity"})
    (row,) = client.get("/api/saved-views").json()
    assert (row["id"], row["query"]) == (made.json()["id"], "sort=severity")
    assert client.delete(f"/api/saved-views/{row['id']}").status_code == 204
    assert client.get("/api/saved-views").json() == []
    assert client.delete(f"/api/saved-views/{row['id']}").status_code == 404


@pytest.mark.parametrize("wrong", [{"page": "//evil"}, {"name": ""}, {"query": "a\x00"}, {"x": 1}])
def test_a_view_that_is_none_is_refused(client: TestClient, wrong: dict[str, object]) -> None:
    view = {"page": "/themes", "name": "n", "query": ""} | wrong
    answer = client.post("/api/saved-views", json=view)
    assert answer.status_code == 422
