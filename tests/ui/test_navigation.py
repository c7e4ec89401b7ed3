"""The loop as navigation, and what a step says on the page after it."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from vocloop_ui import navigation
from vocloop_ui.navigation import STAGES, place_of

Reader = Callable[[str], TestClient]
ADDRESSES = [page.address for stage in STAGES for page in stage.pages]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_page_of_the_navigation_is_there(reader: Reader, address: str, language: str) -> None:
    page = reader(language).get(address)
    assert page.status_code == 200
    stage = place_of(address).stage
    assert stage is not None
    alone = len(stage.pages) == 1
    assert alone or f'href="{address}" aria-current="page"' in page.text


def test_a_place_is_that_of_the_longest_address() -> None:
    assert place_of("/themes").page == place_of("/themes/1/history").page
    assert place_of("/themesque").stage is None
    assert place_of("/nowhere") == navigation.Place()
    assert place_of("/triage").page == place_of("/departments").page == place_of("/inbox").page
    assert place_of("/edits").page == place_of("/themes").page


def test_a_stage_without_pages_is_not_offered(reader: Reader) -> None:
    page = reader("en").get("/themes").text
    bar = page.split('class="stages"')[1].split("</nav>")[0]
    for stage in STAGES:
        assert (f">{html.escape(stage.name.title())}<" in bar) == bool(stage.pages)


def test_what_a_step_did_is_told_once_with_the_way_back(reader: Reader) -> None:
    client = reader("en")
    answer = client.post("/design")
    assert answer.status_code == 303
    first = client.get("/design").text
    assert "This step is done." in first
    assert '<form method="post" action="/design"><button class="btn small" data-key="u">' in first
    assert "data-toast>" not in client.get("/design").text


@pytest.mark.parametrize("undo", ["//elsewhere.example", "https://elsewhere.example", "/\\x"])
def test_a_forged_way_back_is_not_offered(reader: Reader, undo: str) -> None:
    client = reader("en")
    client.cookies.set("vocloop_said", quote(json.dumps(["<b>hello</b>", undo])))
    page = client.get("/design").text
    assert "&lt;b&gt;hello&lt;/b&gt;" in page
    assert undo not in page
