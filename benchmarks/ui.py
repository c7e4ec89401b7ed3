"""How fast the pages answer in a large workspace: ``python benchmarks/ui.py [--statements N]``.

``--keep FILE`` makes the workspace once and uses it again; ``--only PART …`` measures the addresses
that contain one of the parts.

A SQLite workspace of 100,000 statements in 1,000 themes, with a backlog of 200 items, is invented
in bulk; then every page and partial of the table of permissions is asked for in-process, without a
network, with the real encoder behind what is suggested while typing. Told are the median and the
95th percentile of the time and of the processor time, how many statements of SQL an answer takes,
and the bytes of the first page as a browser fetches it, before charts. On a machine that does other
work, read the processor time, and set OPENBLAS_THREAD_TIMEOUT=20 as ``vocloop`` itself does.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from fastapi.testclient import TestClient
from invented import invent
from sqlalchemy import Engine, event
from sqlmodel import Session, SQLModel, col, func, select

from vocloop.accounts.permissions.page_rules import PAGE_RULES
from vocloop.accounts.visitor import AT_THIS_MACHINE
from vocloop.cli import workspace
from vocloop.cli.serve import build, warming
from vocloop.worker.worker import Worker
from vocloop_api.doors import Openness
from vocloop_models import (
    BacklogItem,
    Customer,
    Decision,
    Department,
    Feedback,
    Hypothesis,
    ItemState,
    Round,
    ThemeMembership,
)
from vocloop_models.database import open_database, upgrade

ROUNDS = 20
# What the pages are held to, in milliseconds at the 95th percentile.
PAGE_MS = 150
TYPING_MS = 60
# What is asked as someone types.
TYPED = (
    "/hand-in/known",
    "/hand-in/customers?customer=会社1",
    "/search/palette?text=承認が止",
    "/search/palette?text=exprt",
    "/search/palette",
)
# Each different by its number, as no two people type the same.
WORDS = "承認が止まって、月末に請求が出力できません。{}回目です。"
# Beside every page of the table as it opens.
VARIANTS = (
    "/themes?sort=severity&kind=lasting",
    "/themes?segment=industry:医療",
    "/themes?segment=industry:医療&since=2026-09-01",
    "/themes?text=承認",
    "/changes?days=365",
    "/minority-voices?text=承認",
    "/search?text=承認",
    "/search?text=承認が止まらない",
    "/search?text=exprt stals",
)
# Files, other people's addresses, and what needs an import under way or nobody signed in.
NOT_ASKED = re.compile(r"/(static|setup|sign-in|unsubscribe|imports/\{|account)|\.csv|/$")
HERE = ("127.0.0.1", 50_000)


def pages(session: Session) -> list[str]:
    """Addresses of all pages and partials, ids filled in with the largest there is of each."""
    size = func.count(col(ThemeMembership.statement_id))
    themes = session.exec(
        select(ThemeMembership.theme_id)
        .group_by(col(ThemeMembership.theme_id))
        .order_by(size.desc())
        .limit(2)
    ).all()
    shipped = session.exec(
        select(BacklogItem.id).where(BacklogItem.state == ItemState.SHIPPED)
    ).first()
    ids = {
        "theme_id": themes[0],
        "other_id": themes[1],
        "item_id": shipped,
        "key": session.exec(select(Department.key)).first(),
        "customer_id": _first(session, Customer),
        "hypothesis_id": _first(session, Hypothesis),
        "round_id": _first(session, Round),
        "decision_id": _first(session, Decision),
        "feedback_id": _first(session, Feedback),
    }
    lines = [line.strip() for rules in PAGE_RULES.values() for line in rules.splitlines()]
    shapes = [line.removeprefix("GET ") for line in lines if line.startswith("GET ")]
    wanted = [shape for shape in shapes if not NOT_ASKED.search(shape)]
    return [shape.format(**ids) for shape in wanted] + list(VARIANTS)


def _first(session: Session, table: type[SQLModel]) -> uuid.UUID | None:
    found: uuid.UUID | None = session.exec(select(table.id)).first()  # type: ignore[attr-defined]
    return found


@dataclass
class Measured:
    """Milliseconds, milliseconds of processor, bytes and SQL statements of ROUNDS answers."""

    wall: list[float]
    busy: list[float]
    size: int
    asked: float


def measured(ask: Callable[[int], httpx2.Response], engine: Engine, address: str) -> Measured:
    """One answer before them warms caches as the first reader of the day does."""
    ask(ROUNDS)
    wall, busy = [], []
    asked = 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1

    event.listen(engine, "before_cursor_execute", count)
    for turn in range(ROUNDS):
        begun, begun_busy = time.perf_counter(), time.process_time()
        answer = ask(turn)
        wall.append(1000 * (time.perf_counter() - begun))
        busy.append(1000 * (time.process_time() - begun_busy))
        if answer.status_code not in {200, 303}:
            raise SystemExit(f"{address} answers {answer.status_code}: {answer.text[:500]}")
    event.remove(engine, "before_cursor_execute", count)
    return Measured(wall, busy, len(answer.content), asked / ROUNDS)


def asking(client: TestClient, address: str) -> Callable[[int], httpx2.Response]:
    if address == "/hand-in/known":
        return lambda turn: client.post(address, data={"text": WORDS.format(turn)})
    return lambda _: client.get(address)


def first_page(client: TestClient) -> int:
    """Bytes that the list of themes takes with the styles and scripts it names."""
    page = client.get("/themes")
    links = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
    return sum(int(client.get(link).headers["content-length"]) for link in ("/themes", *links))


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--statements", type=int, default=100_000)
    parser.add_argument("--themes", type=int, default=1_000)
    parser.add_argument("--keep", type=Path, metavar="FILE", help="database to keep and use again")
    parser.add_argument("--only", nargs="+", default=[""], metavar="PART", help="of an address")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = asked.keep or Path(folder) / "vocloop.db"
        made = file.exists()
        file.parent.mkdir(parents=True, exist_ok=True)
        engine = open_database(f"sqlite:///{file}")
        upgrade(engine)
        encoder = workspace.encoder()
        if not made:
            invent(engine, asked.statements, asked.themes, encoder=encoder.name)
        app = build(engine, Worker(engine, lambda: encoder), Openness(AT_THIS_MACHINE))
        # As a web process is when people are let in.
        warming(engine, app).join()
        with Session(engine) as session:
            every = [*TYPED, *pages(session)]
        client = TestClient(
            app,
            base_url="http://127.0.0.1",
            client=HERE,
            headers={"accept-language": "ja"},
            follow_redirects=False,
        )
        slow = report(client, engine, [a for a in every if any(p in a for p in asked.only)])
        print(f"\nfirst page with styles and scripts: {first_page(client):,} bytes")
        print(f"{len(slow)} take more time than they may: {', '.join(slow)}")
        engine.dispose()
    return 0


def report(client: TestClient, engine: Engine, chosen: list[str]) -> list[str]:
    """A table; the addresses that take longer than they may."""
    slow: list[str] = []
    print("| page | p50 ms | p95 ms | p50 cpu ms | p95 cpu ms | SQL | bytes |")
    print("|---|---|---|---|---|---|---|")
    for address in chosen:
        got: Any = measured(asking(client, address), engine, address)
        figures = [f"{np.percentile(of, q):.0f}" for of in (got.wall, got.busy) for q in (50, 95)]
        print(f"| {address} | {' | '.join(figures)} | {got.asked:g} | {got.size:,} |", flush=True)
        if np.percentile(got.wall, 95) > (TYPING_MS if address in TYPED else PAGE_MS):
            slow.append(address)
    return slow


if __name__ == "__main__":
    sys.exit(main())
