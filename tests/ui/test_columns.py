"""Columns of wide tables are chosen by a form, and the choice stays in the address."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine
from sqlmodel import select

from tests.ui.planned import plan
from vocloop.intake.customers import upsert_customers
from vocloop.intake.records import CustomerIn, FeedbackIn
from vocloop.intake.store import store_many
from vocloop.notify import people
from vocloop_models import Message, Theme, ThemePlace, Topic, Transport
from vocloop_models.database import transaction
from vocloop_ui import columns

Reader = Callable[[str], TestClient]
EVERY = [("a", "A"), ("b", "B"), ("c", "C")]
STYLES = Path(columns.__file__).parent / "static" / "components.css"


@pytest.mark.parametrize(
    ("asked", "written", "look"),
    [
        ("", "", ""),
        ("a,b,c", "", ""),
        ("c,a", "a,c", "hide-3"),
        ("b,gone", "b", "hide-2 hide-4"),
        ("gone", "", ""),
    ],
)
def test_a_choice_is_written_short_and_forgets_what_is_not_known(
    asked: str, written: str, look: str
) -> None:
    chosen = columns.chosen(EVERY, asked)
    assert (chosen.written, chosen.look) == (written, look)


def boxes(page: str) -> dict[str, bool]:
    found = re.findall(r'type="checkbox" name="columns" value="(\w+)"( checked)?', page)
    return {key: bool(checked) for key, checked in found}


def table_of(page: str) -> str:
    return re.findall(r'<(?:table|ol) [^>]*class="(?:ledger|fates)[^"]*"', page)[0]


@pytest.fixture
def filled(client: TestClient, engine: Engine) -> TestClient:
    with transaction(engine) as session:
        plan(session)
        rows = [CustomerIn(name=f"Harbour {n:03}", plan="pro") for n in range(60)]
        upsert_customers(session, rows)
        voice = {"text": "It is slow.", "source": "hand-in", "customer": {"name": "Minato"}}
        store_many(session, [FeedbackIn.model_validate(voice)])
        sato = people.put_colleague(session, "Sato", address="sato@minamo.example")
        about = {"transport": Transport.MAIL, "topic": Topic.HEARD, "error": "550 unknown"}
        for number in range(120):
            session.add(Message(key=f"m-{number}", recipient_id=sato.id, **about))
        for number, theme in enumerate(session.exec(select(Theme))):
            session.add(ThemePlace(theme_id=theme.id, x=float(number), y=0.5))
    return client


@pytest.mark.parametrize(
    ("address", "keys", "hidden"),
    [
        ("/backlog", ["priority", "stage"], "hide-3 hide-4 hide-5 hide-7 hide-8"),
        ("/outbox", ["receiver"], "hide-2 hide-4 hide-5"),
        ("/map", ["impact", "companies"], "hide-2"),
        ("/customers", ["plan", "voices"], "hide-2 hide-3 hide-5 hide-6 hide-7"),
        ("/voices?all=1", ["company", "state"], "hide-3 hide-5 hide-6"),
    ],
)
def test_a_page_shows_the_columns_that_its_address_asks_for(
    filled: TestClient, address: str, keys: list[str], hidden: str
) -> None:
    page = filled.get(address).text
    assert all(boxes(page).values())
    assert "hide-" not in table_of(page)
    more = "&".join(f"columns={key}" for key in keys)
    page = filled.get(f"{address}{'&' if '?' in address else '?'}{more}").text
    assert hidden in table_of(page)
    assert [key for key, on in boxes(page).items() if on] == keys


def test_another_form_or_page_of_the_list_keeps_the_choice(filled: TestClient) -> None:
    page = filled.get("/customers?q=harbour&columns=plan&columns=voices").text
    assert '<input type="hidden" name="columns" value="plan,voices">' in page
    assert "columns=plan&amp;columns=voices&amp;start=50" in page
    # The form of the choice keeps the filter.
    assert '<input type="hidden" name="q" value="harbour">' in page
    page = filled.get("/backlog?columns=stage").text
    assert "/backlog?sort=rice&amp;columns=stage" in page
    assert "/backlog?view=board&amp;columns=stage" in page


def file_of(client: TestClient, address: str) -> list[list[str]]:
    """The table of the page as a file, head first."""
    [link] = re.findall(
        r'href="(/(?!api/)[^"]*(?:[?;]table=|format=csv)[^"]*)" download', client.get(address).text
    )
    text = client.get(unescape(link)).text.removeprefix("\ufeff")
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize(
    ("address", "heads"),
    [
        ("/customers?q=harbour&columns=plan", ["Company", "Plan"]),
        ("/voices?all=1&columns=company", ["Words", "Company"]),
        ("/backlog?columns=rice&columns=stage", ["Item", "RICE", "Stage"]),
        ("/outbox?columns=receiver", ["Time", "Way", "Receiver"]),
        ("/outbox?columns=about&columns=state", ["Time", "About", "State", "Reason"]),
        ("/map?columns=area", ["Number", "Japanese title", "English title", "Area", "x", "y"]),
        (
            "/themes?columns=kind&columns=companies",
            [
                *("Rank", "Number", "Japanese title", "English title"),
                *("Kind of longevity", "Companies", "Statements", "Scored as of"),
            ],
        ),
    ],
)
def test_a_file_has_the_columns_that_are_shown(
    filled: TestClient, address: str, heads: list[str]
) -> None:
    head, *rows = file_of(filled, address)
    assert head == heads
    assert rows
    assert all(len(row) == len(heads) for row in rows)


def test_a_file_of_the_backlog_keeps_the_filter_and_has_plain_values(filled: TestClient) -> None:
    head, row = file_of(filled, "/backlog?text=swap+shifts&columns=rice,when,effort")
    assert head == ["Item", "RICE", "When", "Person-weeks"]
    assert "Swap shifts" in row[0]
    assert float(row[1]) > 0
    assert row[2] == "Now"


def test_a_file_of_messages_has_more_than_the_page(filled: TestClient) -> None:
    assert len(file_of(filled, "/outbox")) == 1 + 120
    assert filled.get("/outbox").text.count("<tr ") == 1 + 100


def test_a_saved_view_of_themes_keeps_its_columns(reader: Reader) -> None:
    page = reader("en").get("/themes?columns=impact&columns=companies").text
    assert "hide-4 hide-5 hide-6" in table_of(page)
    saved = '<input type="hidden" name="query" value="columns=impact%2Ccompanies">'
    assert saved in page
    assert "columns=impact%2Ccompanies&amp;sort=severity" in page
    again = reader("en").get("/themes?columns=impact%2Ccompanies").text
    assert table_of(again) == table_of(page)


def test_a_view_is_saved_and_opened_with_its_columns(client: TestClient) -> None:
    answer = client.post("/views", data={"name": "Short", "query": "columns=impact%2Ckind"})
    assert answer.headers["location"] == "/themes?columns=impact%2Ckind"


def test_styles_know_every_place() -> None:
    style = STYLES.read_text("utf-8")
    places = range(2, 9)
    assert all(
        f".hide-{n} :is(tr > :nth-child({n}), col:nth-child({n}), .col-{n})" in style
        for n in places
    )
