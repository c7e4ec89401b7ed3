"""How fast the pages answer in a large workspace: ``python benchmarks/ui.py [--statements N]``.

``--keep FILE`` makes the workspace once and uses it again; ``--only PART …`` measures the addresses
that contain one of the parts.

A SQLite workspace of 100,000 statements in 1,000 themes is invented in bulk (no encoder: pages read
no vector), then every page and partial is asked for in-process, without a network. Told are the
median and the 95th percentile of the time and of the processor time, how many statements of SQL an
answer takes, and the bytes of the first page as a browser fetches it, before charts. On a machine
that does other work, read the processor time.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import re
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, insert
from sqlmodel import Session, col, func, select

from vocloop_models import (
    Area,
    AssignedBy,
    Channel,
    Customer,
    Feedback,
    FeedbackState,
    LongevityKind,
    Record,
    Statement,
    Theme,
    ThemeEvent,
    ThemeEventKind,
    ThemeMembership,
    ThemePlace,
    ThemeScore,
    new_id,
)
from vocloop_models.database import open_database, transaction, upgrade
from vocloop_ui.app import mount_ui

SEED = 11
CUSTOMERS = 2_000
AREAS = 24
DAY = dt.date(2026, 9, 11)
DAYS = 720
ROUNDS = 20
# What the pages are held to, in milliseconds at the 95th percentile.
PAGE_MS = 150
TYPING_MS = 60
INDUSTRIES = ("製造業", "小売業", "物流業", "医療", "建設業", "金融業", "IT", "教育")
NOUNS = ("承認", "請求", "出力", "通知", "権限", "画面", "予算", "経路", "領収書", "明細", "export")
PAINS = ("止まる", "遅い", "届かない", "見つからない", "消える", "二重になる", "ずれる", "stalls")
# Pages that are asked as someone types.
TYPED = ("/search/palette?text=承認が止", "/search/palette?text=exprt", "/search/palette")
PAGES = (
    "/themes",
    "/themes?sort=severity&kind=lasting",
    "/themes?segment=industry:医療",
    "/themes?segment=industry:医療&since=2026-09-01",
    "/themes?text=承認",
    "/themes/work",
    "/changes",
    "/changes?days=365",
    "/map",
    "/map/tree",
    "/proposals",
    "/edits",
    "/minority-voices",
    "/minority-voices?text=承認",
    "/quality",
    "/search?text=承認",
    "/search?text=承認が止まらない",
    "/search?text=exprt stals",
    "/settings",
    "/start",
    "/hand-in",
    "/design",
    "{theme}",
    "{theme}/merge",
    "{theme}/merge/{other}",
    "{theme}/split",
    "{theme}/explanation",
)


def invent(engine: Engine, statements: int, themes: int) -> list[uuid.UUID]:
    """Fill the database; the ids of the themes, the largest first."""
    draw = random.Random(SEED)  # noqa: S311 - invented data
    rows: dict[type[Record], list[dict[str, Any]]] = {
        kind: [] for kind in (Area, Customer, Theme, Feedback, Statement, ThemeMembership)
    }
    rows |= {kind: [] for kind in (ThemeScore, ThemePlace, ThemeEvent)}
    areas = [new_id() for _ in range(AREAS)]
    rows[Area] = [
        {"id": a, "title_ja": f"領域{n}", "title_en": f"Area {n}"} for n, a in enumerate(areas)
    ]
    customers = [new_id() for _ in range(CUSTOMERS)]
    for n, customer in enumerate(customers):
        rows[Customer].append(
            {"id": customer, "name": f"会社{n}", "industry": INDUSTRIES[n % len(INDUSTRIES)]}
        )
    ids = [new_id() for _ in range(themes)]
    # A few large themes and many small ones, as in real data (Zipf).
    weights = [1 / (n + 10) for n in range(themes)]
    homes = draw.choices([*range(themes), None], [*weights, sum(weights) * 0.2], k=statements)
    spoken: dict[int, list[int]] = {n: [] for n in range(themes)}
    for n, home in enumerate(homes):
        feedback, statement, who = new_id(), new_id(), draw.randrange(CUSTOMERS)
        day = DAY - dt.timedelta(days=draw.randrange(DAYS))
        text = (
            f"{draw.choice(NOUNS)}の{draw.choice(NOUNS)}が{draw.choice(PAINS)}。{n}件目の声です。"
        )
        language = "en" if n % 3 == 0 else "ja"
        rows[Feedback].append(
            {
                "id": feedback,
                "source": f"source-{n % 4}",
                "external_id": str(n),
                "channel": Channel.TICKET,
                "customer_id": customers[who],
                "said_at": dt.datetime.combine(day, dt.time(9), dt.UTC),
                "text": text,
                "language": language,
                "state": FeedbackState.THEMED,
            }
        )
        rows[Statement].append(
            {"id": statement, "feedback_id": feedback, "position": 0, "text": text}
            | {"language": language}
        )
        if home is None:
            continue
        spoken[home].append(who)
        rows[ThemeMembership].append(
            {
                "statement_id": statement,
                "theme_id": ids[home],
                "confidence": round(draw.uniform(0.5, 1), 3),
                "central": len(spoken[home]) <= 5,
                "assigned_by": AssignedBy.RUN,
            }
        )
    for n, theme in enumerate(ids):
        noun, pain = draw.choice(NOUNS), draw.choice(PAINS)
        rows[Theme].append(
            {
                "id": theme,
                "number": n + 1,
                "title_ja": f"{noun}が{pain}({n})",
                "title_en": f"The {noun} {pain} ({n})",
                "keywords_ja": [noun, pain],
                "keywords_en": ["export", f"word{n}"],
                "area_id": areas[n % AREAS],
                "scored_on": DAY,
            }
        )
        rows[ThemeScore].append(_score(draw, theme, spoken[n]))
        near = [[str(other), 0.8] for other in draw.sample(ids, 8)]
        rows[ThemePlace].append(
            {"theme_id": theme, "x": draw.random(), "y": draw.random(), "near": near}
        )
        rows[ThemeEvent].append(
            {"id": new_id(), "theme_id": theme, "kind": ThemeEventKind.BORN, "detail": {}}
        )
    with transaction(engine) as session:
        for table, values in rows.items():
            session.execute(insert(table), values)
    return ids


def _score(draw: random.Random, theme: uuid.UUID, who: list[int]) -> dict[str, Any]:
    parts = {name: draw.random() for name in ("generality", "longevity", "severity")}
    parts["impact"] = float(np.prod(list(parts.values())))
    bounds = {f"{name}_low": 0.8 * value for name, value in parts.items()}
    bounds |= {f"{name}_high": min(1.0, 1.2 * value) for name, value in parts.items()}
    return {
        "theme_id": theme,
        "day": DAY,
        **parts,
        **bounds,
        "longevity_kind": draw.choice(list(LongevityKind)),
        "statements": len(who),
        "customers": len(set(who)),
        "languages": {"ja": 2 * len(who) // 3, "en": len(who) - 2 * len(who) // 3},
        "weeks": [draw.randrange(9) for _ in range(26)],
        "evidence": {},
    }


def largest(engine: Engine) -> list[uuid.UUID]:
    """Ids of the two themes with most statements."""
    with Session(engine) as session:
        size = func.count(col(ThemeMembership.statement_id))
        rows = select(ThemeMembership.theme_id).group_by(col(ThemeMembership.theme_id))
        return list(session.exec(rows.order_by(size.desc()).limit(2)))


@dataclass
class Measured:
    """Milliseconds, milliseconds of processor, bytes and SQL statements of ROUNDS answers."""

    wall: list[float]
    busy: list[float]
    size: int
    asked: float


def measured(client: TestClient, engine: Engine, address: str) -> Measured:
    """One answer before them warms caches as the first reader of the day does."""
    client.get(address)
    wall, busy = [], []
    asked = 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1

    event.listen(engine, "before_cursor_execute", count)
    for _ in range(ROUNDS):
        begun, begun_busy = time.perf_counter(), time.process_time()
        answer = client.get(address)
        wall.append(1000 * (time.perf_counter() - begun))
        busy.append(1000 * (time.process_time() - begun_busy))
        if answer.status_code != 200:
            raise SystemExit(f"{address} answers {answer.status_code}")
    event.remove(engine, "before_cursor_execute", count)
    return Measured(wall, busy, len(answer.content), asked / ROUNDS)


def first_page(client: TestClient) -> int:
    """Bytes that the list of themes takes with the styles and scripts it names."""
    page = client.get("/themes")
    links = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
    return sum(int(client.get(link).headers["content-length"]) for link in ("/themes", *links))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
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
        if not made:
            invent(engine, asked.statements, asked.themes)
        ids = largest(engine)
        app = FastAPI()
        app.state.engine, app.state.suggest = engine, None
        mount_ui(app, {})
        client = TestClient(app, headers={"accept-language": "ja"})
        slow = 0
        chosen = [a for a in (*TYPED, *PAGES) if any(part in a for part in asked.only)]
        print("| page | p50 ms | p95 ms | p50 cpu ms | p95 cpu ms | SQL | bytes |")
        print("|---|---|---|---|---|---|---|")
        for address in chosen:
            path = address.format(theme=f"/themes/{ids[0]}", other=ids[1])
            got = measured(client, engine, path)
            figures = [
                f"{np.percentile(of, q):.0f}" for of in (got.wall, got.busy) for q in (50, 95)
            ]
            print(
                f"| {address} | {' | '.join(figures)} | {got.asked:g} | {got.size:,} |", flush=True
            )
            slow += np.percentile(got.busy, 95) > (TYPING_MS if address in TYPED else PAGE_MS)
        print(f"\nfirst page with styles and scripts: {first_page(client):,} bytes")
        print(f"{slow} of {len(chosen)} take more processor time than they may")
        engine.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
