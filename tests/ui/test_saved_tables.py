"""Any table of a page can be saved: the same rows, under the same filters, as a file."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from tests import applications, stocked
from tests.ui.conftest import at_this_machine
from vocloop.accounts.permissions import RULES
from vocloop.accounts.visitor import AT_THIS_MACHINE, Visitor
from vocloop.intake.customers import upsert_customers
from vocloop.intake.records import CustomerIn
from vocloop_api.doors import Openness
from vocloop_models import Customer, Role
from vocloop_models.database import reading, transaction
from vocloop_ui import saved_tables
from vocloop_ui.saved_tables import rows_of
from vocloop_ui.view import TEMPLATES

PAGES = sorted(line.removeprefix("GET ") for line in RULES if re.match(r"GET /(?!api/)", line))
TOKYO = ZoneInfo("Asia/Tokyo")
# Tables that are not saved by their name, by the template, with what they are instead.
WITHOUT = {
    "import_state.html": "a form: what the columns hold",
    "split.html": "a form: which statements leave",
    "roadmap/item_edit.html": "a form: the effort of each department",
    "roadmap/outcome.html": "forms: metrics and their parts, before there is a review",
    "roadmap/room.html": "a form: the capacity of each department",
    "themes.html": "saved with more columns than it shows (?format=csv)",
    "map.html": "saved with all themes, of which it shows some (?format=csv)",
    "outbox.html": "saved with more columns than it shows (?format=csv)",
}
# Lists of records, which are saved though they are no tables.
LISTS = (
    *("/alerts", "/voices?all=1", "/minority-voices", "/inbox", "/inbox/{key}", "/triage"),
    *("/users", "/restricted", "/colleagues", "/rounds", "/departments"),
)


def client_as(engine: Engine, visitor: Visitor, language: str = "en") -> TestClient:
    return at_this_machine(applications.whole(engine, openness=Openness(visitor)), language)


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, dict[str, str]]]:
    with stocked.workspace(tmp_path_factory.mktemp("stock")) as (engine, named):
        with transaction(engine) as session:
            names = [*(f"Harbour {number:03}" for number in range(120)), "=HYPERLINK(1)"]
            upsert_customers(session, [CustomerIn(name=name, plan="pro") for name in names])
        yield engine, named


@pytest.fixture(scope="module")
def client(stock: tuple[Engine, dict[str, str]]) -> TestClient:
    return client_as(stock[0], AT_THIS_MACHINE)


def read(client: TestClient, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200, address
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith('attachment; filename="vocloop-')
    assert answer.text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def saved_from(page: str) -> dict[str, str]:
    """By name, the addresses of files that a page offers."""
    links = [
        link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*[?&;]table=[^"]*)"', page)
    ]
    return {link.rpartition("table=")[2]: link for link in links}


def test_every_table_in_a_template_is_saved_or_says_why_not() -> None:
    bare: dict[str, int] = {}
    for path in sorted(Path(TEMPLATES).rglob("*.html")):
        source = path.read_text("utf-8")
        name = str(path.relative_to(TEMPLATES))
        tables = re.findall(r"<table[^>]*>|call data_table\(.*\) %}", source)
        unnamed = [each for each in tables if "data-save" not in each and "save=" not in each]
        if unnamed and not name.startswith("components/"):
            bare[name] = len(unnamed)
        # What has a name has a link beside it, and the other way round.
        assert sorted(re.findall(r'data-save="([\w-]+)"', source)) == sorted(
            re.findall(r'saved\("([\w-]+)"\)', source)
        ), name
    assert bare.keys() == WITHOUT.keys(), (
        "give the table a name with data-save and a link with saved(name) from "
        "components/tables.html, or say here why it is not saved"
    )
    forms = {"roadmap/outcome.html": 2}
    assert bare == dict.fromkeys(WITHOUT, 1) | forms


def test_every_page_saves_each_of_its_tables(
    client: TestClient, stock: tuple[Engine, dict[str, str]]
) -> None:
    wrong, files = [], 0
    for template in PAGES:
        path = re.sub(r"\{(\w+)\}", lambda name: stock[1].get(name[1], "x"), template)
        page = client.get(path)
        if page.status_code != 200 or not page.headers["content-type"].startswith("text/html"):
            continue
        offered = saved_from(page.text)
        for name in re.findall(r'data-save="([^"]*)"', page.text):
            if name not in offered:
                empty = "data-record" not in page.text
                wrong += [] if empty else [f"{template}: {name} has no link"]
                continue
            head, *rows = read(client, offered[name])
            files += 1
            if not head or not all(len(row) == len(head) for row in rows):
                wrong.append(f"{template}: {name} is saved as {[head, *rows][:3]}")
    assert wrong == []
    assert files > 20


@pytest.mark.parametrize("address", LISTS)
def test_a_list_is_saved_as_rows(
    client: TestClient, stock: tuple[Engine, dict[str, str]], address: str
) -> None:
    page = client.get(address.format_map(stock[1])).text
    for link in saved_from(page).values():
        head, *rows = read(client, link)
        assert rows
        assert all(head)


def test_a_file_has_all_rows_of_a_filter_and_not_of_a_page(client: TestClient) -> None:
    page = client.get("/customers?q=harbour&start=50").text
    [link] = saved_from(page).values()
    head, *rows = read(client, link)
    assert head[0] == "Company"
    assert len(rows) == 120
    assert all("Harbour" in row[0] for row in rows)
    assert "start=" not in link


def test_a_file_that_may_lack_rows_says_so_in_its_name(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def name(address: str) -> str:
        return client.get(address).headers["content-disposition"].partition("filename=")[2]

    assert name("/customers?table=customers") == '"vocloop-customers.csv"'
    monkeypatch.setattr(saved_tables, "MOST_ROWS", 100)
    assert name("/customers?table=customers") == '"vocloop-customers-first-100.csv"'
    assert name("/alerts?table=alerts") == '"vocloop-alerts.csv"'


def test_what_looks_like_a_formula_is_text(client: TestClient) -> None:
    rows = read(client, "/customers?q=HYPERLINK&table=customers")
    assert rows[1][0] == "'=HYPERLINK(1)"


def test_heads_are_in_the_readers_language(stock: tuple[Engine, dict[str, str]]) -> None:
    japanese = client_as(stock[0], AT_THIS_MACHINE, "ja")
    assert read(japanese, "/customers?q=harbour&table=customers")[0][0] == "会社"


def test_a_hidden_customer_is_in_no_file(stock: tuple[Engine, dict[str, str]]) -> None:
    engine, named = stock
    seeing = client_as(engine, AT_THIS_MACHINE)
    found = stocked.SECRET in seeing.get("/customers?table=customers").text
    assert found
    with reading(engine) as session:
        hidden = session.exec(select(Customer.id).where(Customer.restricted)).all()
    other = client_as(engine, Visitor("x", frozenset(Role), hidden=frozenset(hidden)))
    for template in PAGES:
        path = re.sub(r"\{(\w+)\}", lambda name: named.get(name[1], "x"), template)
        page = other.get(path)
        for link in saved_from(page.text).values() if page.status_code == 200 else ():
            assert stocked.SECRET not in other.get(link).text, link


def test_a_file_needs_what_its_page_needs(stock: tuple[Engine, dict[str, str]]) -> None:
    agent = client_as(stock[0], Visitor("x", frozenset({Role.AGENT})))
    assert agent.get("/users?table=users").status_code == 403
    assert agent.get("/decisions?table=decisions").status_code == 403
    assert agent.get("/alerts?table=alerts").status_code == 200


def test_a_table_that_is_not_there_is_not_found(client: TestClient) -> None:
    assert client.get("/customers?table=nothing").status_code == 404
    assert client.get("/hand-in?table=customers").status_code == 404


class TestReading:
    def rows(self, page: str) -> object:
        return rows_of(page, "t", TOKYO)

    def test_cells_are_what_is_read_of_them(self) -> None:
        page = """<p>x</p><table data-save="t"><thead><tr><th>Name</th><th class="n">Count</th>
        <th class="bar-cell">Bar</th><th>Day</th>
        <th><span class="sr">What to do</span></th></tr></thead><tbody>
        <tr><th>a <b>b</b><br>c &amp; d</th><td class="n">−1,234</td>
        <td class="bar-cell"><svg><text>9</text></svg></td>
        <td><time datetime="2026-09-11T20:00:00+00:00">11 Sep</time></td>
        <td><form><button>Go</button></form></td></tr>
        <tr><td>e</td><td class="n">+2.5</td><td></td><td><time datetime="2026-09-01">1</time></td>
        <td></td></tr></tbody></table><table><tr><td>other</td></tr></table>"""
        assert self.rows(page) == [
            ["Name", "Count", "Day"],
            ["a b c & d", -1234, "2026-09-12"],
            ["e", 2.5, "2026-09-01"],
        ]

    def test_a_table_without_a_head_keeps_its_rows(self) -> None:
        page = '<table data-save="t"><tbody><tr><th>a</th><td>1 %</td></tr></tbody></table>'
        assert self.rows(page) == [["a", "1 %"]]

    def test_nothing_known_stays_a_column_and_nothing_at_all_is_zero(self) -> None:
        page = """<table data-save="t"><thead><tr><th>A</th><th>B</th><th>C</th></tr></thead><tbody>
        <tr><td></td><td class="n">0</td><td><label>Rule</label><select><option>free</option>
        <option selected>must</option></select></td></tr></tbody></table>"""
        assert self.rows(page) == [["A", "B", "C"], ["", 0, "must"]]

    def test_a_list_is_read_by_its_fields(self) -> None:
        page = """<ul data-save="t"><li data-record><b data-field="Who">A</b> x
        <i data-field="Theme">one</i><i data-field="Theme">two</i></li>
        <li data-record><b data-field="Who">B</b><span data-field="Sum" data-value="3">three</span>
        </li></ul><ul><li data-record><b data-field="Who">C</b></li></ul>"""
        assert self.rows(page) == [
            ["Who", "Theme", "Sum"],
            ["A", "one; two", ""],
            ["B", "", "3"],
        ]

    def test_another_name_is_none(self) -> None:
        assert self.rows('<table data-save="u"></table>') is None
