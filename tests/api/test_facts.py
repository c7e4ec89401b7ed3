"""People's edits of themes through the API."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.api.records import add_theme, keep, say
from vocloop_models import ProposalKind, Theme, ThemeProposal
from vocloop_models.database import transaction


@pytest.fixture
def pair(engine: Engine) -> tuple[str, str]:
    """Two themes of three statements each."""
    with transaction(engine) as session:
        themes = [_filled(session, title) for title in ("Exports stop", "CSV ends early")]
    return str(themes[0].id), str(themes[1].id)


def _filled(session: Any, title: str) -> Theme:
    theme = add_theme(session, title)
    for _ in range(3):
        say(session, title, theme=theme)
    return theme


def quotes(client: TestClient, theme: str) -> list[str]:
    rows = client.get(f"/api/themes/{theme}/quotes").json()["rows"]
    return sorted(row["statement_id"] for row in rows)


def test_a_title_is_given_and_taken_back(client: TestClient, pair: tuple[str, str]) -> None:
    path = f"/api/themes/{pair[0]}"
    answer = client.patch(path, json={"title_ja": "書き出しが止まる", "by": "sato"})
    (fact,) = answer.json()
    assert (fact["kind"], fact["language"], fact["by"]) == ("rename", "ja", "sato")
    theme = client.get(path).json()
    assert (theme["title_ja"], theme["fixed_ja"], theme["fixed_en"]) == (
        "書き出しが止まる",
        True,
        False,
    )
    (undone,) = client.post("/api/facts:undo", json={"facts": [fact["id"]], "by": "abe"}).json()
    assert (undone["fact"]["undone_by"], undone["remarks"]) == ("abe", [])
    assert client.get(path).json()["title_ja"] is None
    again = client.post("/api/facts:undo", json={"facts": [fact["id"]]})
    assert again.status_code == 409


def test_the_id_of_a_merged_theme_goes_on_to_lead_somewhere(
    client: TestClient, pair: tuple[str, str]
) -> None:
    gone, stays = pair
    answer = client.post(f"/api/themes/{gone}/merge", json={"into": stays})
    assert (answer.status_code, answer.json()["other_id"]) == (201, stays)
    theme = client.get(f"/api/themes/{gone}").json()
    assert (theme["state"], theme["part_of"]["id"]) == ("merged", stays)
    assert quotes(client, gone) == quotes(client, stays)
    assert len(quotes(client, gone)) == 6
    assert [row["id"] for row in client.get("/api/themes").json()["rows"]] == [stays]


def test_statements_are_split_off_and_moved(client: TestClient, pair: tuple[str, str]) -> None:
    one, other = pair
    first, second, _ = quotes(client, one)
    fact = client.post(
        f"/api/themes/{one}/split", json={"statements": [first], "title_en": "Another matter"}
    ).json()
    born = fact["other_id"]
    assert client.get(f"/api/themes/{born}").json()["title_en"] == "Another matter"
    assert quotes(client, born) == [first]
    client.post("/api/statements:move", json={"statements": [second], "theme_id": born})
    assert quotes(client, born) == [first, second]
    client.post("/api/statements:move", json={"statements": [second], "theme_id": None})
    assert quotes(client, born) == [first]
    assert len(quotes(client, other)) == 3


@pytest.mark.parametrize(
    ("verb", "field", "value"),
    [
        ("pin", "pinned", True),
        ("archive", "state", "archived"),
        ("not-a-theme", "state", "dismissed"),
        ("layer", "layer", "connected"),
    ],
)
def test_a_word_about_a_theme_is_kept_and_can_be_undone(
    client: TestClient, pair: tuple[str, str], verb: str, field: str, value: object
) -> None:
    path = f"/api/themes/{pair[0]}"
    said = {"layer": value} if verb == "layer" else {}
    before = client.get(path).json()[field]
    fact = client.post(f"{path}/{verb}", json={"note": "so we agreed", **said})
    assert fact.status_code == 201
    assert client.get(path).json()[field] == value
    again = client.post(f"{path}/{verb}", json=said)
    assert again.status_code == 409
    client.post("/api/facts:undo", json={"facts": [fact.json()["id"]]})
    assert client.get(path).json()[field] == before


def test_conflicts_are_shown(client: TestClient, pair: tuple[str, str]) -> None:
    one, other = pair
    apart = client.post(f"/api/themes/{one}/different", json={"other": other}).json()
    merged = client.post(f"/api/themes/{one}/merge", json={"into": other}).json()
    (conflict,) = client.get("/api/facts/conflicts").json()
    assert (conflict["older"]["id"], conflict["newer"]["id"]) == (apart["id"], merged["id"])
    assert conflict["reason"] == "themes said to be different were merged"


def test_facts_come_page_by_page(client: TestClient, pair: tuple[str, str]) -> None:
    for title in "abc":
        client.patch(f"/api/themes/{pair[0]}", json={"title_en": title})
    query: dict[str, str | int] = {"theme_id": pair[0], "limit": 2}
    page = client.get("/api/facts", params=query).json()
    assert [row["title"] for row in page["rows"]] == ["c", "b"]
    rest = client.get("/api/facts", params=query | {"cursor": page["next_cursor"]}).json()
    assert ([row["title"] for row in rest["rows"]], rest["next_cursor"]) == (["a"], None)
    only = client.get("/api/facts", params=query | {"standing": "true"}).json()
    assert [row["title"] for row in only["rows"]] == ["c"]


def test_a_suggested_title_is_taken(
    client: TestClient, engine: Engine, pair: tuple[str, str]
) -> None:
    with transaction(engine) as session:
        session.get_one(Theme, uuid.UUID(pair[0])).suggested_title_en = "Better"
    path = f"/api/themes/{pair[0]}"
    assert client.get(path).json()["suggested_title_en"] == "Better"
    taken = client.post(f"{path}/suggested-title:accept", json={"languages": ["en"]})
    assert taken.status_code == 201
    theme = client.get(path).json()
    assert (theme["title_en"], theme["suggested_title_en"]) == ("Better", None)


def test_proposals_are_decided_in_a_batch_each_with_its_outcome(
    client: TestClient, engine: Engine, pair: tuple[str, str]
) -> None:
    one, other = (uuid.UUID(each) for each in pair)
    leaving = quotes(client, pair[1])[:1]
    with transaction(engine) as session:
        merge = ThemeProposal(kind=ProposalKind.MERGE, theme_id=one, other_id=other, strength=0.4)
        split = ThemeProposal(
            kind=ProposalKind.SPLIT, theme_id=other, statements=leaving, strength=0.6
        )
        ids = [str(keep(session, each).id) for each in (merge, split)]
    shown = client.get("/api/proposals").json()
    assert [row["id"] for row in shown] == ids[::-1]
    assert shown[0]["statements"] == leaving
    done = client.post("/api/proposals:accept", json={"proposals": ids, "by": "sato"}).json()
    assert done[0]["fact"]["kind"] == "merge"
    assert "outdated already" in done[1]["refused"]
    assert client.get("/api/proposals").json() == []
    (accepted,) = client.get("/api/proposals", params={"state": "accepted"}).json()
    assert (accepted["decided_by"], accepted["fact_id"]) == ("sato", done[0]["fact"]["id"])
    refused = client.post("/api/proposals:dismiss", json={"proposals": ids}).json()
    assert all(row["refused"] for row in refused)


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("merge", {}, "into"),
        ("merge", {"into": "x"}, "into"),
        ("split", {"statements": []}, "statements"),
        ("split", {"statements": [str(uuid.uuid4())]}, "statements"),
        ("pin", {"by": "x" * 201}, "by"),
        ("pin", {"note": "\0"}, "note"),
        ("pin", {"why": "?"}, "why"),
        ("different", {}, "other"),
        ("suggested-title:accept", {"languages": ["fr"]}, "languages.0"),
    ],
)
def test_a_bad_edit_is_refused_and_its_field_named(
    client: TestClient, pair: tuple[str, str], path: str, body: dict[str, object], where: str
) -> None:
    answer = client.post(f"/api/themes/{pair[0]}/{path}", json=body)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["where"] == where


def test_an_unknown_theme_is_404(client: TestClient) -> None:
    assert client.post(f"/api/themes/{uuid.uuid4()}/pin", json={}).status_code == 404


def test_undoing_several_is_all_or_nothing(client: TestClient, pair: tuple[str, str]) -> None:
    pinned = client.post(f"/api/themes/{pair[0]}/pin", json={}).json()
    facts = [pinned["id"], str(uuid.uuid4())]
    assert client.post("/api/facts:undo", json={"facts": facts}).status_code == 404
    assert client.get(f"/api/themes/{pair[0]}").json()["pinned"] is True
