"""GET /api/voices: what became of each."""

from __future__ import annotations

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.api.records import add_theme, keep, say
from vocloop_models import BacklogItem, ItemState, ItemTheme
from vocloop_models.database import transaction


def hand_in(client: TestClient, text: str, by: str) -> None:
    row = {"text": text, "source": "hand-in", "submitted_by": by}
    assert client.post("/api/feedback", json=row).status_code == 201


def test_a_person_finds_the_voices_they_handed_in(client: TestClient, engine: Engine) -> None:
    hand_in(client, "The export is slow.", "Aoi")
    hand_in(client, "検索が遅い。", "Ren")
    hand_in(client, "The import is slow.", "Aoi")
    mine = client.get("/api/voices", params={"by": "Aoi", "source": "hand-in"}).json()
    assert [row["text"] for row in mine["rows"]] == ["The import is slow.", "The export is slow."]
    assert {row["step"] for row in mine["rows"]} == {"heard"}
    assert client.get("/api/voices", params={"by": "Nobody"}).json()["rows"] == []


def test_pages_go_on_where_the_last_one_ended(client: TestClient, engine: Engine) -> None:
    for number in range(3):
        hand_in(client, f"Row {number} is lost.", "Aoi")
    first = client.get("/api/voices", params={"limit": 2}).json()
    page = {"limit": 2, "cursor": first["next_cursor"]}
    second = client.get("/api/voices", params=page).json()
    texts = [row["text"] for row in first["rows"] + second["rows"]]
    assert texts == [f"Row {number} is lost." for number in (2, 1, 0)]
    assert second["next_cursor"] is None


def test_a_voice_tells_its_theme_and_what_was_decided(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        theme = add_theme(session, "Exports stop")
        say(session, "The export stops.", theme=theme)
    known = client.get("/api/voices").json()["rows"][0]
    assert (known["step"], known["theme"]["title_en"]) == ("known", "Exports stop")
    assert known["item"] is None
    with transaction(engine) as session:
        item = keep(session, BacklogItem(number=7, title="Exports", state=ItemState.APPROVED))
        keep(session, ItemTheme(item_id=item.id, theme_id=theme.id))
    decided = client.get("/api/voices").json()["rows"][0]
    assert (decided["step"], decided["item"]["number"]) == ("decided", 7)
