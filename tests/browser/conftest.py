"""A real server over the invented company, and a real Chromium in front of it."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Literal

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from tests.doors import OPEN
from vocloop.errors import InvalidInputError, NotFoundError
from vocloop.intake.importing import work
from vocloop.intake.imports import waiting
from vocloop.intake.ingest import ingest
from vocloop_api.app import create_app
from vocloop_api.errors import STATUS
from vocloop_models import Theme
from vocloop_models.database import open_database, reading, upgrade
from vocloop_ui import assets
from vocloop_ui.app import mount_ui
from vocloop_ui.suggestions import Suggest

# importlib mode knows no sibling modules.
sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "ui")]
from chromium import is_there, started  # noqa: E402 - after the path is set
from furnished import Furnished, furnish  # noqa: E402
from seed import seed  # noqa: E402

START_SECONDS = 20
expect.set_options(timeout=30_000)
# A machine that does other work takes its time.
PATIENCE_MS = 60_000
# Narrower screens are touched.
TOUCHED_BELOW = 1_000


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
    """The invented company's themes, open to whoever sits at this machine."""
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('browser') / 'vocloop.db'}")
    upgrade(engine)
    seed(engine)
    app = FastAPI()
    app.state.engine = engine
    app.state.suggest = _suggesting(engine)
    mount_ui(app, {NotFoundError: 404, InvalidInputError: 422})
    with served(app) as where:
        yield where
    engine.dispose()


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Furnished]:
    """The invented company with something on every page, where people sign in."""
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('office') / 'vocloop.db'}")
    upgrade(engine)
    with pytest.MonkeyPatch.context() as patch:
        # Links that stop mail lead there.
        patch.setenv("VOCLOOP_PUBLIC_URL", "https://voc.example")
        made = furnish(engine)
    app = create_app(engine)
    app.state.suggest = _suggesting(engine)
    mount_ui(app, STATUS)
    with served(app) as where:
        yield replace(made, address=where)
    engine.dispose()


@pytest.fixture(scope="session")
def empty_office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, str]]:
    """A workspace in which nothing has been done yet, open to whoever sits at this machine."""
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('empty') / 'vocloop.db'}")
    upgrade(engine)
    app = create_app(engine, openness=OPEN)
    app.state.suggest = None
    mount_ui(app, STATUS)
    with served(app) as where:
        yield engine, where
    engine.dispose()


def _suggesting(engine: Engine) -> Suggest:
    """The first theme knows what is said of approvals; nothing is near anything else."""

    def suggest(text: str) -> list[SimpleNamespace]:
        with Session(engine) as session:
            theme = session.exec(select(Theme).order_by(col(Theme.number))).first()
        assert theme is not None
        return [
            SimpleNamespace(
                theme_id=theme.id,
                title_ja=theme.title_ja,
                title_en=theme.title_en,
                similarity=0.53 if "承認" in text or "approv" in text else 0.1,
                quote="代わりに課長が押せる設定はどこにありますか。",
                quote_language="ja",
                customers=28,
            )
        ]

    return suggest


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The address of ``app`` on a port of its own."""
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


@pytest.fixture
def importing(tmp_path: Path) -> Iterator[str]:
    """An empty workspace whose worker takes files in."""
    engine = open_database(f"sqlite:///{tmp_path / 'vocloop.db'}")
    upgrade(engine)
    app = FastAPI()
    app.state.engine = engine
    mount_ui(app, {NotFoundError: 404, InvalidInputError: 422})
    over = threading.Event()

    def take_in() -> None:
        while not over.wait(0.05):
            with reading(engine) as session:
                todo = waiting(session)
            for import_id in todo:
                work(engine, import_id)

    worker = threading.Thread(target=take_in, daemon=True)
    worker.start()
    with served(app) as where:
        yield where
    over.set()
    worker.join(START_SECONDS)
    engine.dispose()


# Half a dozen of the sample company's problems, thirty short voices of each: few enough to be
# encoded and themed within the minute that a build has for it.
PROBLEMS = ("month_end_csv", "receipt_ocr", "approver_absent", "site_permissions", "audit_export")
VOICES_EACH = 30
LONGEST_VOICE = 160
SAMPLE = Path(__file__).parents[2] / "examples" / "minamo"
THEMED_SECONDS = 150


def part_of_the_sample(folder: Path) -> Path:
    """A file with the first short voices of each of PROBLEMS, in both languages."""
    truth, voices = (
        [json.loads(line) for line in (SAMPLE / name).read_text("utf-8").splitlines()]
        for name in ("truth.jsonl", "feedback.jsonl")
    )
    wanted = {row["id"]: row["themes"][0] for row in truth if len(row["themes"]) == 1}
    left = dict.fromkeys(PROBLEMS, VOICES_EACH)
    path = folder / "feedback.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for voice in voices:
            problem = wanted.get(voice["id"])
            if left.get(problem or "", 0) and len(voice["text"]) <= LONGEST_VOICE:
                left[str(problem)] -= 1
                file.write(json.dumps(voice, ensure_ascii=False) + "\n")
    return path


@pytest.fixture(scope="session")
def real_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """``vocloop serve`` as people start it, its worker and model included, once it has themes."""
    folder = tmp_path_factory.mktemp("real")
    url = f"sqlite:///{folder / 'vocloop.db'}"
    engine = open_database(url)
    upgrade(engine)
    for path in (SAMPLE / "customers.csv", SAMPLE / "contacts.csv", part_of_the_sample(folder)):
        ingest(engine, path, source="minamo")
    command = [str(Path(sys.executable).parent / "vocloop"), "serve", "--port", "0"]
    log = folder / "serve.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            command,
            env={
                **os.environ,
                "VOCLOOP_DATABASE_URL": url,
                "VOCLOOP_LANGUAGE": "ja",
                "VOCLOOP_OPEN_ON_LOCALHOST": "true",
            },
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        end = time.monotonic() + THEMED_SECONDS
        while time.monotonic() < end and server.poll() is None:
            with Session(engine) as session:
                scored = session.exec(select(Theme).where(Theme.scored_on != None)).first()  # noqa: E711
            if scored is not None:
                break
            time.sleep(0.5)
        else:
            pytest.fail(f"vocloop serve has no themes after {THEMED_SECONDS} s: {log.read_text()}")
        found = re.search(r"http://[\d.]+:\d+", log.read_text())
        assert found is not None, log.read_text()
        yield found[0]
    finally:
        server.terminate()
        server.wait(20)
        engine.dispose()


@pytest.fixture
def real_page(browser: Browser, real_address: str) -> Iterator[Page]:
    yield from opened(browser, real_address, {"width": 1440, "height": 900})


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A Japanese reader at a desk. Requests to other hosts and errors in the console fail it."""
    yield from opened(browser, address, {"width": 1440, "height": 900})


@pytest.fixture
def phone(browser: Browser, address: str) -> Iterator[Page]:
    yield from opened(browser, address, {"width": 390, "height": 844})


def opened(
    browser: Browser,
    address: str,
    size: dict[str, int],
    *,
    language: str = "ja",
    scheme: Literal["light", "dark"] = "light",
    by_axe: bool = False,
) -> Iterator[Page]:
    """``by_axe``: without the policy of the pages, which would keep axe out too."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": size["width"], "height": size["height"]},
        color_scheme=scheme,
        locale="ja-JP" if language == "ja" else "en-GB",
        timezone_id="Asia/Tokyo",
        has_touch=size["width"] < TOUCHED_BELOW,
        bypass_csp=by_axe,
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    foreign = [url for url in asked if not url.startswith(address)]
    assert foreign == [], "nothing may be asked of another host"
    # A refusal is answered with its status, which Chromium reports as if it were a fault.
    assert [line for line in said if not re.search(r"\b(403|404|422)\b", line)] == []
