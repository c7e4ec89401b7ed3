"""Pages offer what the role may do: nothing on them ends in a refusal."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from tests import applications, stocked
from tests.ui.conftest import at_this_machine
from vocloop.accounts.permissions import RULES, may_at
from vocloop.accounts.visitor import Visitor
from vocloop_api.doors import Openness
from vocloop_models import Customer, ImportJob, Role
from vocloop_models.database import reading, transaction
from vocloop_ui.navigation import STAGES

WHO = {role: Visitor("x", frozenset({role})) for role in Role}
PAGES = (
    *("/themes", "/proposals", "/quality", "/edits", "/customers", "/settings"),
    *("/alerts", "/numbers", "/map", "/minority-voices", "/changes", "/voices", "/imports"),
)
EVERYWHERE = (
    *(page.address for stage in STAGES for page in stage.pages),
    *("/map/tree", "/search?text=CSV", "/edits", "/settings", "/start", "/notifications"),
    *("/outbox", "/trackers", "/departments", "/triage", "/themes?text=zzzz"),
)
PAGES_OF_ALL = sorted(
    line.removeprefix("GET ") for line in RULES if re.match(r"GET /(?!api/)", line)
)
OF_THE_REST = ("/backlog", "/rounds", "/decisions", "/outcomes", "/hypotheses")


def client_as(engine: Engine, role: Role) -> TestClient:
    return at_this_machine(applications.whole(engine, openness=Openness(WHO[role])), "en")


class Offers(HTMLParser):
    """(method, address) of all that a page lets one do: links, forms, what HTMX asks."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self._form = "get"
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.found.add(("GET", given["href"]))
        if tag == "form":
            self._form = given.get("method", "get")
            if self._form != "dialog":
                self.found.add((self._form.upper(), given.get("action", "")))
        if "formaction" in given:
            method = given.get("formmethod", self._form)
            self.found.add((method.upper(), given["formaction"]))
        for method in ("get", "post", "put", "delete"):
            if f"hx-{method}" in given:
                self.found.add((method.upper(), given[f"hx-{method}"]))


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, dict[str, str]]]:
    with stocked.workspace(tmp_path_factory.mktemp("stock")) as (engine, named):
        with transaction(engine) as session:
            session.get_one(ImportJob, uuid.UUID(named["import_id"])).by = WHO[Role.AGENT].name
        yield engine, named


@pytest.mark.parametrize("role", list(Role))
def test_whatever_a_page_offers_its_reader_may_do(
    stock: tuple[Engine, dict[str, str]], role: Role
) -> None:
    engine, named = stock
    client = client_as(engine, role)
    wrong, opened = [], 0
    for template in PAGES_OF_ALL:
        path = re.sub(r"\{(\w+)\}", lambda name: named.get(name[1], "x"), template)
        if not may_at(WHO[role], "GET", path):
            continue
        page = client.get(path)
        assert page.status_code in (200, 303, 404), (path, page.status_code)
        opened += page.status_code == 200
        for method, to in Offers(page.text).found if page.status_code == 200 else ():
            parts = urlsplit(urljoin(f"{client.base_url}{path}", to))
            own = parts.netloc == client.base_url.netloc.decode()
            shut = not may_at(WHO[role], method, parts.path)
            if own and shut and not parts.path.startswith("/static/"):
                wrong.append(f"{template} offers {method} {parts.path}")
    assert wrong == []
    assert opened > 20


def test_what_is_offered_is_seen() -> None:
    page = """<a href="/a">a</a><form method="post" action="/b"><button formaction="/c">c</button>
    </form><form action="/d"></form><div hx-get="/e"></div><form method="dialog"></form>"""
    wanted = {("GET", "/a"), ("POST", "/b"), ("POST", "/c"), ("GET", "/d"), ("GET", "/e")}
    assert Offers(page).found == wanted


def posted_to(page: str) -> set[str]:
    forms = re.findall(r"<form[^>]*method=\"post\"[^>]*>", page)
    return {re.findall(r'action="([^"]*)"', form)[0] for form in forms}


def linked_from(page: str) -> set[str]:
    """Addresses of pages; a file among static ones is everyone's."""
    found = re.findall(r'<a [^>]*?href="(/[^"#]*)', page)
    return {link.replace("&amp;", "&") for link in found if not link.startswith("/static")}


@pytest.mark.parametrize("role", [Role.AGENT, Role.EXECUTIVE, Role.AUDITOR])
def test_no_link_leads_to_a_refusal(
    seeded_engine: tuple[Engine, dict[str, uuid.UUID]], role: Role
) -> None:
    engine, themes = seeded_engine
    visitor, theme = WHO[role], f"/themes/{next(iter(themes.values()))}"
    client = client_as(engine, role)
    wrong = {}
    for path in (*EVERYWHERE, theme, f"{theme}/explanation"):
        if not may_at(visitor, "GET", path):
            continue
        page = client.get(path)
        assert page.status_code == 200, path
        shut = {to for to in linked_from(page.text) if not may_at(visitor, "GET", to)}
        if shut:
            wrong[path] = shut
    assert wrong == {}


@pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR])
def test_who_may_not_edit_is_offered_no_form_for_it(
    seeded_engine: tuple[Engine, dict[str, uuid.UUID]], role: Role
) -> None:
    engine, themes = seeded_engine
    with reading(engine) as session:
        customer = session.exec(select(Customer.id)).first()
    more = OF_THE_REST if role is Role.AUDITOR else ()
    client = client_as(engine, role)
    wrong = {}
    for path in (*PAGES, *more, f"/themes/{next(iter(themes.values()))}", f"/customers/{customer}"):
        page = client.get(path)
        assert page.status_code == 200, path
        offered = {to for to in posted_to(page.text) if not may_at(WHO[role], "POST", to)}
        if offered:
            wrong[path] = offered
        if role is Role.AUDITOR:
            assert posted_to(page.text) <= {"/sign-out"}, path
    assert wrong == {}


def test_who_may_edit_is_offered_it(
    seeded_engine: tuple[Engine, dict[str, uuid.UUID]],
) -> None:
    engine, themes = seeded_engine
    theme = f"/themes/{next(iter(themes.values()))}"
    client = client_as(engine, Role.PRODUCT_MANAGER)
    assert {f"{theme}/rename", f"{theme}/pin"} <= posted_to(client.get(theme).text)
    assert "/imports" in posted_to(client.get("/imports").text)
    # Weights are the administrator's, and everyone's to read.
    page = client.get("/settings").text
    assert "/settings/weights" not in posted_to(page)
    assert 'name="generality"' in page


def test_an_address_is_held_against_the_line_that_the_router_chooses() -> None:
    manager = WHO[Role.PRODUCT_MANAGER]
    assert may_at(manager, "GET", "/rounds/1")
    assert not may_at(manager, "GET", "/rounds/new")
    assert may_at(manager, "POST", "/backlog/1/ratings#ratings")
    assert not may_at(manager, "POST", "/nowhere")
