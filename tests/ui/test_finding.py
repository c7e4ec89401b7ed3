"""Filters, saved views, files, the map and search: what leads to a theme."""

from __future__ import annotations

import csv
import html
import io
import re
import uuid
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import Session

from tests import applications
from tests.ui.conftest import at_this_machine, client_of
from tests.ui.seed import seed
from vocloop.accounts.visitor import Visitor
from vocloop.roadmap import backlog
from vocloop.score import weights
from vocloop_api.doors import Openness
from vocloop_models import Role, ThemePlace
from vocloop_models.database import transaction

Reader = Callable[[str], TestClient]
Themes = dict[str, uuid.UUID]


def listed(client: TestClient, **asked: str) -> list[dict[str, str]]:
    answer = client.get("/themes", params={**asked, "format": "csv"})
    assert answer.status_code == 200
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_the_file_holds_the_whole_list_in_its_order(reader: Reader) -> None:
    rows = listed(reader("en"))
    assert [int(row["Rank"]) for row in rows] == list(range(1, 29))
    impacts = [float(row["Impact"]) for row in rows]
    assert impacts == sorted(impacts, reverse=True)
    assert all(float(r["Impact low"]) <= float(r["Impact"]) for r in rows)


@pytest.mark.parametrize(
    "asked",
    [
        {"segment": "industry:医療"},
        {"segment": "touch_tier:high"},
        {"since": "2026-08-01"},
        {"language": "en"},
        {"kind": "emerging"},
    ],
)
def test_a_filter_narrows_the_list_and_is_a_chip(reader: Reader, asked: dict[str, str]) -> None:
    every, some = listed(reader("en")), listed(reader("en"), **asked)
    assert {row["Number"] for row in some} <= {row["Number"] for row in every}
    if "language" not in asked:
        assert 0 < len(some) <= len(every)
    page = reader("en").get("/themes", params=asked).text
    assert 'class="chip on"' in page


def test_filters_hold_for_one_and_the_same_voice(reader: Reader) -> None:
    client = reader("en")
    both = listed(client, segment="industry:医療", since="2026-09-01", customers="1")
    recent = listed(client, since="2026-09-01", customers="1")
    healthcare = listed(client, segment="industry:医療", customers="1")
    assert len(both) < len(recent)
    assert len(both) < len(healthcare)


def test_nothing_is_of_a_source_or_segment_that_is_not_there(reader: Reader) -> None:
    assert listed(reader("en"), source="nowhere") == []
    assert listed(reader("en"), segment="touch_tier:none") == []
    assert listed(reader("en"), department=str(uuid.uuid4())) == []


@pytest.mark.parametrize(
    "asked", [{"segment": "shoe:9"}, {"since": "soon"}, {"department": "x"}, {"source": "x" * 300}]
)
def test_a_filter_that_is_none_is_refused(reader: Reader, asked: dict[str, str]) -> None:
    assert reader("en").get("/themes", params=asked).status_code == 422


def test_the_pager_and_the_file_keep_the_filters(reader: Reader) -> None:
    page = reader("en").get("/themes", params={"since": "2024-01-01", "sort": "severity"}).text
    links = [html.unescape(link) for link in re.findall(r'href="(/themes\?[^"]*)"', page)]
    assert any("cursor=" in x and "since=2024-01-01" in x and "sort=severity" in x for x in links)
    assert any("format=csv" in x and "since=2024-01-01" in x for x in links)


def test_a_view_is_saved_opened_and_removed(client: TestClient) -> None:
    query = "kind=lasting&sort=severity"
    answer = client.post("/views", data={"name": " Lasting  pains ", "query": query})
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/themes?{query}"
    page = client.get(f"/themes?{query}").text
    assert "The view “Lasting pains” is saved." in page


def test_views_are_those_of_the_workspace(engine: Engine) -> None:
    seed(engine)
    client = client_of(applications.pages(engine))
    client.post("/views", data={"name": "Fading", "query": "kind=fading"})
    client.post("/views", data={"name": "Fading", "query": "kind=fading&sort=severity"})
    page = client.get("/themes?kind=fading&sort=severity").text
    assert page.count(">Fading</a>") == 1, "the same name is the same view"
    remove = re.search(r'action="(/views/[^"]+/remove)"', page)
    assert remove is not None
    assert client.post(remove[1]).status_code == 303
    assert ">Fading</a>" not in client.get("/themes").text
    assert client.post(remove[1]).status_code == 404


@pytest.mark.parametrize("data", [{"name": "", "query": ""}, {"name": "x", "query": "kind=no"}])
def test_a_view_that_could_not_be_opened_is_not_saved(
    client: TestClient, data: dict[str, str]
) -> None:
    assert client.post("/views", data=data).status_code == 422


def test_search_finds_themes_and_voices_in_both_languages(reader: Reader) -> None:
    client = reader("en")
    for text in ("承認者", "aprover", "ＣＳＶ"):
        page = client.get("/search", params={"text": text}).text
        assert "/themes/" in page.split("<main")[1], text
        assert "<blockquote" in page, text
    assert "Nothing has these words" in client.get("/search?text=qqqqqq").text
    assert client.get("/search").status_code == 200


def test_the_palette_offers_pages_and_themes(reader: Reader) -> None:
    client = reader("ja")
    assert 'data-href="/changes"' in client.get("/search/palette").text
    found = client.get("/search/palette", params={"text": "承認"}).text
    assert 'data-href="/changes"' not in found
    assert found.count('data-href="/themes/') >= 1
    assert "をすべての声から探す" in found
    assert 'data-href="/backlog/' not in found
    hostile = client.get("/search/palette", params={"text": '"><script>'}).text
    assert "<script>" not in hostile


@pytest.mark.parametrize("text", ["b-0001", "STAND", "ｓｔａｎｄ-in approver", "nobody else"])
def test_the_palette_offers_items_by_number_title_and_problem(engine: Engine, text: str) -> None:
    themes = {next(iter(seed(engine).values())): 1.0}
    with transaction(engine) as session:
        problem = "An approver is away and nobody else may approve."
        title = "代理で承認する / Stand-in approvers"
        known = backlog.create(session, title, themes, problem=problem).id
        backlog.create(session, "A faster search", themes)
    client = client_of(applications.pages(engine), "en")
    found = client.get("/search/palette", params={"text": text}).text
    assert re.findall('data-href="/backlog/([^"]+)"', found) == [str(known)]
    assert "<span>Stand-in approvers</span>" in found


def test_the_palette_offers_no_item_to_whom_the_backlog_is_closed(engine: Engine) -> None:
    themes = {next(iter(seed(engine).values())): 1.0}
    with transaction(engine) as session:
        backlog.create(session, "Stand-in approvers", themes)
    for role, offered in ((Role.AGENT, False), (Role.EXECUTIVE, True)):
        openness = Openness(Visitor("x", frozenset({role})))
        client = at_this_machine(applications.whole(engine, openness=openness), "en")
        found = client.get("/search/palette", params={"text": "stand"}).text
        assert ("Stand-in approvers" in found) is offered, role


def test_a_workspace_without_places_says_how_the_map_comes(reader: Reader) -> None:
    assert "vocloop themes refresh" in reader("en").get("/map").text
    assert "vocloop themes refresh" in reader("en").get("/map/tree").text


def test_the_map_has_a_table_with_the_same_points(engine: Engine) -> None:
    ids = list(seed(engine).values())
    with transaction(engine) as session:
        for n, theme in enumerate(ids):
            near = [[str(ids[0]), 0.8]] if n else []
            session.add(ThemePlace(theme_id=theme, x=n / len(ids), y=0.5, near=near))
    client = client_of(applications.pages(engine))
    page = client.get("/map", params={"text": "approver"}).text
    assert page.count("data-x=") == len(ids)
    assert page.count("data-found") >= 1
    assert "data-here" in client.get("/map", params={"theme": str(ids[3])}).text
    file = client.get("/map?format=csv").text
    assert file.count("T-00") == len(ids)
    with Session(engine) as session:
        assert session.get(ThemePlace, ids[0]) is not None
    assert str(ids[0]) in client.get(f"/themes/{ids[1]}").text


def test_weights_are_set_with_their_reason(engine: Engine) -> None:
    seed(engine)
    client = client_of(applications.pages(engine))
    given = {"generality": "1", "longevity": "2", "severity": "0.5", "reason": "We plan for years"}
    client.cookies.set("vocloop_name", "Mori")
    assert client.post("/settings/weights", data=given).status_code == 303
    with Session(engine) as session:
        assert [version.set_by for version in weights.versions(session)] == ["Mori"]
    page = client.get("/settings").text
    assert "We plan for years" in page
    assert 'value="0.5"' in page
    for wrong in ({"severity": "eleven"}, {"severity": "11"}, {"severity": "nan"}):
        assert client.post("/settings/weights", data={**given, **wrong}).status_code == 422
    zero = dict.fromkeys(("generality", "longevity", "severity"), "0")
    assert client.post("/settings/weights", data=zero).status_code == 422


def test_an_empty_workspace_leads_to_its_first_steps(client: TestClient) -> None:
    assert 'href="/start"' in client.get("/themes").text
    page = client.get("/start").text
    assert 'href="/imports"' in page
    assert "step-done" not in page
