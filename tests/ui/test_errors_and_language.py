from __future__ import annotations

import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine
from starlette.responses import PlainTextResponse

from vocloop.accounts import users
from vocloop_models import Contact, Role, new_id
from vocloop_models.database import transaction
from vocloop_ui import assets
from vocloop_ui.app import mount_ui
from vocloop_ui.i18n import LANGUAGES, accepted


def language_of(page: str) -> str:
    return page.split('<html lang="')[1][:2]


def test_the_address_speaks_before_cookie_and_browser(client: TestClient) -> None:
    asked = client.get("/themes?lang=ja")
    assert language_of(asked.text) == "ja"
    # Remembered from here on, although the browser wishes for English.
    assert language_of(client.get("/themes").text) == "ja"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("en-GB,en;q=0.9,ja;q=0.8", "en"),
        ("fr, ja;q=0.4", "ja"),
        ("ja;q=0, en", "en"),
        ("fr", None),
        ("", None),
        ("en;q=x, ja", "ja"),
    ],
)
def test_it_hears_the_browsers_wish(header: str, language: str | None) -> None:
    assert accepted(header) == language


@given(st.text())
def test_no_header_breaks_it(header: str) -> None:
    assert accepted(header) in (None, *LANGUAGES)


def test_the_switch_keeps_the_filters(client: TestClient) -> None:
    page = client.get("/themes?kind=lasting&lang=en").text
    assert 'href="/themes?kind=lasting&amp;lang=ja"' in page


@pytest.mark.parametrize(
    ("came_from", "link"),
    [
        ("http://testserver/numbers?by=plan&lang=en", "/numbers?by=plan&amp;lang=ja"),
        ("http://elsewhere.example/numbers", "/?lang=ja"),
        ("http://testserver/numbers/goals", "/?lang=ja"),
        ("", "/?lang=ja"),
    ],
)
def test_the_switch_on_a_refused_form_leads_to_its_page(
    client: TestClient, came_from: str, link: str
) -> None:
    """The address that it was posted to has no page."""
    asked = {"accept-language": "en", "referer": came_from}
    answer = client.post("/numbers/goals", data={"name": ""}, headers=asked)
    assert answer.status_code == 422
    assert f'href="{link}"' in answer.text


def test_the_switch_on_a_form_that_has_a_page_of_its_own_leads_there(client: TestClient) -> None:
    refused = client.post("/rounds", data={"name": ""}, headers={"accept-language": "en"})
    assert 'href="/rounds?lang=ja"' in refused.text


def test_nowhere_is_a_page_in_the_readers_language(client: TestClient) -> None:
    answer = client.get("/nowhere", headers={"accept-language": "ja"})
    assert answer.status_code == 404
    assert "このページはありません" in answer.text


def test_an_error_answers_htmx_with_a_part_for_the_place_of_problems(client: TestClient) -> None:
    answer = client.get("/themes?kind=x", headers={"hx-request": "true"})
    assert answer.status_code == 422
    assert answer.headers["hx-retarget"] == "#page-problem"
    assert "<html" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/themes?cursor=x",
        "/themes?kind=x",
        "/themes/00000000-0000-0000-0000-000000000000",
        "/themes/nonsense",
        "/hand-in/sent/nonsense",
        "/nowhere",
    ],
)
def test_no_error_speaks_english_to_a_japanese_reader(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"accept-language": "ja"})
    assert answer.status_code in {404, 422}
    said = re.sub("<[^>]+>", " ", answer.text.split('<main id="main"')[1].split("</main>")[0])
    allowed = {"transient", "emerging", "lasting", "recurring", "fading", "kind"}
    assert set(re.findall(r"[a-z]{3,}", said.split(">", 1)[-1])) - {"tabindex"} <= allowed


def test_a_fault_tells_nothing_of_its_inside(
    engine: Engine, app: FastAPI, client: TestClient
) -> None:
    app.state.engine = None
    answer = client.get("/themes", headers={"accept-language": "en"})
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "NoneType" not in answer.text


@pytest.mark.parametrize(("reads", "told"), [("en", "look at what is there"), ("ja", "同時に")])
def test_who_adds_what_somebody_adds_just_then_is_told_what_to_do(
    engine: Engine, client: TestClient, monkeypatch: pytest.MonkeyPatch, reads: str, told: str
) -> None:
    with transaction(engine) as session:
        users.add(session, "sato", "Sato", [Role.AGENT])
    # As on PostgreSQL, where the other one's is not to be seen yet.
    monkeypatch.setattr(users, "by_login", lambda *_: None)
    monkeypatch.setattr(users, "_check_name", lambda *_: None)
    answer = client.post(
        "/users",
        data={"login": "sato", "name": "Sato", "roles": "agent"},
        headers={"accept-language": reads},
    )
    assert answer.status_code == 409
    assert told in answer.text


def test_a_row_of_nobody_is_our_fault(engine: Engine) -> None:
    app = FastAPI()

    @app.get("/broken")
    def broken() -> None:
        with transaction(engine) as session:
            session.add(Contact(external_id="c1", customer_id=new_id()))

    mount_ui(app, {})
    assert TestClient(app, raise_server_exceptions=False).get("/broken").status_code == 500


def test_errors_under_api_are_left_to_the_api(engine: Engine) -> None:
    app = FastAPI()
    app.state.engine = engine

    @app.exception_handler(Exception)
    async def fault(request: object, error: Exception) -> PlainTextResponse:
        return PlainTextResponse("api", 500)

    @app.get("/api/fault")
    def raises() -> None:
        raise RuntimeError

    mount_ui(app, {})
    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/api/fault").text == "api"
    assert client.get("/nowhere").status_code == 404


def test_pages_forbid_everything_inline(client: TestClient) -> None:
    answer = client.get("/themes")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert not re.search(r"\sstyle=|<style|<script>|\son\w+=|javascript:", answer.text)


def test_files_are_kept_for_ever_under_their_hash_and_asked_for_again_without(
    client: TestClient,
) -> None:
    address = assets.address("base.css")
    assert client.get(address).headers["cache-control"] == assets.FOREVER
    assert client.get("/static/base.css").headers["cache-control"] == assets.ASK_AGAIN
    assert client.get("/static/base.css?v=old").headers["cache-control"] == assets.ASK_AGAIN
    assert client.get("/static/../app.py").status_code == 404
    assert client.get("/static/nothing.css").status_code == 404


def test_the_pages_stay_light() -> None:
    """Bounds for one page, not for all sheets together: each stage has one of its own, and no page
    loads those of the others."""
    sizes = {path.name: path.stat().st_size for path in assets.STATIC.glob("*.css")}
    common = [f"{name}.css" for name in ("tokens", "base", "frame", "components")]
    assert sum(sizes.pop(name) for name in common) < 45_000
    assert max(sizes.values()) < 12_500
    assert (assets.STATIC / "vocloop.js").stat().st_size < 10_000


def test_styles_and_scripts_are_sent_packed(client: TestClient) -> None:
    """What a browser fetches for the first page, without the page itself."""
    page = client.get("/themes").text
    links = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    answers = [client.get(link, headers={"accept-encoding": "gzip, br"}) for link in links]
    assert sum(int(answer.headers["content-length"]) for answer in answers) < 50_000
    assert all(answer.headers["vary"] == "accept-encoding" for answer in answers)


@pytest.mark.parametrize("taken", ["", "br", "gzip;q=0", "gzip; q=0.0", "xgzip"])
def test_who_takes_no_gzip_is_sent_the_file_as_it_is(client: TestClient, taken: str) -> None:
    answer = client.get(assets.address("base.css"), headers={"accept-encoding": taken})
    assert "content-encoding" not in answer.headers
    assert answer.content == (assets.STATIC / "base.css").read_bytes()
