"""A list with its filters is kept under a name, in the same way wherever a list can be filtered."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests import applications
from tests.ui.conftest import at_this_machine
from tests.ui.planned import plan_in_every_list
from vocloop.accounts.visitor import Visitor
from vocloop_api.doors import Openness
from vocloop_models import Role
from vocloop_models.database import transaction
from vocloop_ui import saved_lists
from vocloop_ui.saved_lists import LISTS, query_of
from vocloop_ui.view import TEMPLATES

# A filter of each list that is not the usual one.
FILTERS = {
    "/themes": "kind=lasting&sort=severity",
    "/map": "text=swap&columns=area",
    "/changes": "until=2026-09-11&days=365&against=year",
    "/hypotheses": "text=swap&state=open",
    "/minority-voices": "text=dark",
    "/voices": "all=1&columns=company%2Cday",
    "/customers": "q=Swap&columns=plan",
    "/backlog": "view=board&horizon=now",
    "/decisions": "verdict=defer",
    "/numbers": "scale=nps&every=quarter",
    "/alerts": "state=closed",
    "/outbox": "state=failed&columns=state",
}


def client_as(engine: Engine, name: str, *roles: Role) -> TestClient:
    openness = Openness(Visitor(name, frozenset(roles)))
    return at_this_machine(applications.whole(engine, openness=openness), "en")


@pytest.fixture
def manager(engine: Engine) -> TestClient:
    with transaction(engine) as session:
        plan_in_every_list(session)
    return client_as(engine, "Ito", Role.PRODUCT_MANAGER)


def chips(page: str) -> dict[str, str]:
    """Saved views by name, each with its address."""
    found = re.findall(r'<ul class="row filters" aria-label="Saved views">(.*?)</ul>', page, re.S)
    links = re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', found[0]) if found else []
    return {name: html.unescape(address) for address, name in links}


@pytest.mark.parametrize("page", LISTS)
def test_a_view_of_any_list_is_saved_opened_and_removed(manager: TestClient, page: str) -> None:
    address = f"{page}?{FILTERS[page]}"
    data = {"page": page, "query": FILTERS[page], "name": "Mine"}
    assert manager.post("/views", data=data).headers["location"] == address
    opened = manager.get(address)
    assert opened.status_code == 200
    assert chips(opened.text) == {"Mine": address}
    assert 'aria-current="page">Mine</a>' in opened.text
    assert chips(manager.get(page).text) == {"Mine": address}
    remove = re.search(r'action="(/views/[^"]+/remove)"', opened.text)
    assert remove is not None
    manager.post(remove[1])
    assert chips(manager.get(page).text) == {}


def test_every_list_offers_its_view_and_no_other_page_does() -> None:
    offering = {
        path.name
        for path in Path(TEMPLATES).rglob("*.html")
        if "save_view()" in path.read_text("utf-8") and path.parent.name != "components"
    }
    assert len(offering) == len(LISTS)


def test_the_form_says_what_the_address_asks_for(manager: TestClient) -> None:
    page = manager.get("/backlog?text=swap&columns=rice&columns=stage&sort=priority&lang=en").text
    assert 'name="query" value="text=swap&amp;columns=rice%2Cstage"' in page


def test_a_query_is_the_same_for_the_same_list() -> None:
    assert query_of("/backlog", [("text", "a"), ("view", "board")]) == "view=board&text=a"
    assert query_of("/backlog", [("view", "table"), ("text", ""), ("cursor", "x")]) == ""
    assert query_of("/quality", [("text", "a")]) == ""
    assert set(saved_lists.USUAL) <= set(LISTS)


def test_a_page_without_a_list_has_no_views(manager: TestClient) -> None:
    for page in ("/quality", "https://elsewhere.example/", "//elsewhere.example"):
        answer = manager.post("/views", data={"page": page, "query": "", "name": "x"})
        assert answer.status_code == 422


def test_agents_change_their_own_views_only(engine: Engine, manager: TestClient) -> None:
    agent = client_as(engine, "Sato", Role.AGENT)
    data = {"page": "/voices", "query": "all=1", "name": "Everyone's"}
    assert agent.post("/views", data=data).status_code == 303
    manager.post("/views", data=data | {"name": "The manager's"})
    page = agent.get("/voices?all=1").text
    assert set(chips(page)) == {"Everyone&#39;s", "The manager&#39;s"}
    [own] = re.findall(r'action="(/views/[^"]+/remove)"', page)
    others = set(re.findall(r'action="(/views/[^"]+/remove)"', manager.get("/voices?all=1").text))
    assert own in others
    [foreign] = others - {own}
    assert agent.post(foreign).status_code == 403
    assert agent.post("/views", data=data | {"name": "The manager's"}).status_code == 403
    assert agent.post(own).status_code == 303
    # The backlog is not theirs to read, so neither are its views.
    assert agent.post("/views", data=data | {"page": "/backlog"}).status_code == 422


def test_views_of_a_page_that_is_not_theirs_are_not_told_over_the_api(
    engine: Engine, manager: TestClient
) -> None:
    for page, name in (("/backlog", "Drop Minamo"), ("/voices", "Last week")):
        manager.post("/views", data={"page": page, "query": "text=x", "name": name})
    agent = client_as(engine, "Sato", Role.AGENT)
    assert [row["name"] for row in agent.get("/api/saved-views?page=/voices").json()] == [
        "Last week"
    ]
    assert agent.get("/api/saved-views?page=/backlog").json() == []
    assert len(manager.get("/api/saved-views?page=/backlog").json()) == 1


def test_an_auditor_saves_nothing(engine: Engine, manager: TestClient) -> None:
    auditor = client_as(engine, "Audit", Role.AUDITOR)
    assert "Save this view" not in auditor.get("/themes").text
    assert auditor.post("/views", data={"page": "/themes", "name": "x"}).status_code == 403
