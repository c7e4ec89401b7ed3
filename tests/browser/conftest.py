"""A real server over the invented company, and a real Chromium in front of it."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page
from sqlmodel import Session, select

from vocloop.errors import InvalidInputError, NotFoundError
from vocloop_models import Theme
from vocloop_models.database import open_database, upgrade
from vocloop_ui import assets
from vocloop_ui.app import mount_ui

# importlib mode knows no sibling modules.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "ui")]
from chromium import is_there, started  # noqa: E402 - after the path is set
from seed import seed  # noqa: E402

START_SECONDS = 20


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    missing = []
    if not is_there():
        missing.append("chromium (apt-get install chromium fonts-noto-cjk)")
    if not assets.exists("vendor/htmx.min.js"):
        missing.append("the browser libraries (python ui/vendor.py --dev)")
    if missing:
        reason = f"browser tests need {' and '.join(missing)}"
        # A build that silently leaves out its browser tests would be green for nothing.
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with started() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('browser') / 'vocloop.db'}")
    upgrade(engine)
    seed(engine)
    app = FastAPI()
    app.state.engine = engine

    def suggest(text: str) -> list[SimpleNamespace]:
        with Session(engine) as session:
            theme = session.exec(select(Theme).order_by(Theme.number)).first()  # type: ignore[arg-type]
        assert theme is not None
        return [
            SimpleNamespace(
                theme_id=theme.id,
                title_ja=theme.title_ja,
                title_en=theme.title_en,
                similarity=0.93 if "承認" in text else 0.5,
                quote="代わりに課長が押せる設定はどこにありますか。",
                quote_language="ja",
                customers=28,
            )
        ]

    app.state.suggest = suggest
    mount_ui(app, {NotFoundError: 404, InvalidInputError: 422})
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        end = time.monotonic() + START_SECONDS
        while not server.started and time.monotonic() < end:
            time.sleep(0.02)
        assert server.started
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        thread.join(START_SECONDS)
    engine.dispose()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A Japanese reader at a desk. Requests to other hosts and errors in the console fail it."""
    yield from opened(browser, address, {"width": 1440, "height": 900})


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Page]:
    yield from opened(browser, address, {"width": 390, "height": 844}, touch=True)


def opened(
    browser: Browser, address: str, size: dict[str, int], *, touch: bool = False
) -> Iterator[Page]:
    context = browser.new_context(
        base_url=address,
        viewport={"width": size["width"], "height": size["height"]},
        locale="ja-JP",
        timezone_id="Asia/Tokyo",
        has_touch=touch,
    )
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    foreign = [url for url in asked if not url.startswith(address)]
    assert foreign == [], "nothing may be asked of another host"
    # A refused form is answered with 422, which Chromium reports as if it were a fault.
    assert [line for line in said if "422" not in line and "404" not in line] == []
