"""A large workspace, invented in bulk: for the speed of pages (ui.py) and under load (load.py)."""

from __future__ import annotations

import datetime as dt
import random
import uuid
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rows import BLOCK, DIMENSIONS
from sqlalchemy import Engine, insert
from sqlmodel import Session, col, select

from vocloop.roadmap import backlog, decisions, hypotheses, outcomes, rounds, selection
from vocloop.roadmap.audit import Author
from vocloop.roadmap.priority import Ratings
from vocloop.route.setup import put_department
from vocloop.success import goals
from vocloop_models import (
    Area,
    AssignedBy,
    Channel,
    ClusterRun,
    Customer,
    Feedback,
    FeedbackState,
    GoalMetric,
    Horizon,
    ItemState,
    LongevityKind,
    MeasureLevel,
    RatingScale,
    Record,
    RunState,
    Statement,
    StatementVector,
    SuccessActual,
    SuccessMeasure,
    Theme,
    ThemeEvent,
    ThemeEventKind,
    ThemeMembership,
    ThemePlace,
    ThemeScore,
    Verdict,
    new_id,
    now,
)
from vocloop_models.database import transaction

SEED = 11
CUSTOMERS = 2_000
AREAS = 24
# One voice in so many is an answer on one of the scales.
RATED = 5
SCALES = (RatingScale.NPS, RatingScale.CSAT, RatingScale.CES)
DAY = dt.date(2026, 9, 11)
DAYS = 720
INDUSTRIES = ("製造業", "小売業", "物流業", "医療", "建設業", "金融業", "IT", "教育")
NOUNS = ("承認", "請求", "出力", "通知", "権限", "画面", "予算", "経路", "領収書", "明細", "export")
PAINS = ("止まる", "遅い", "届かない", "見つからない", "消える", "二重になる", "ずれる", "stalls")
# The roadmap: so many items, of which the first are shipped, decided, in the round; departments.
ITEMS, SHIPPED, DECIDED, IN_ROUND = 200, 20, 60, 40
DEPARTMENTS = 8


def invent(engine: Engine, statements: int, themes: int, *, encoder: str = "") -> None:
    """Fill the database. With the name of an ``encoder`` each statement has a vector under it, near
    the others of its theme, and a run that found the themes is there: a worker goes on from it."""
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
                "rating_scale": SCALES[n // RATED % len(SCALES)] if n % RATED == 0 else None,
                "rating": float(draw.randint(1, 5)) if n % RATED == 0 else None,
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
        if encoder:
            run = ClusterRun(
                state=RunState.DONE,
                encoder=encoder,
                statements=statements,
                themes=themes,
                finished_at=now(),
            )
            session.add(run)
    if encoder:
        _vectors(engine, encoder, [row["id"] for row in rows[Statement]], homes)
    with transaction(engine) as session:
        _roadmap(session, ids, draw)


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


def _vectors(
    engine: Engine, encoder: str, statements: list[uuid.UUID], homes: list[int | None]
) -> None:
    random_ = np.random.default_rng(SEED)
    themes = 1 + max((home for home in homes if home is not None), default=0)
    centres = random_.standard_normal((themes, DIMENSIONS), np.float32)
    for start in range(0, len(statements), BLOCK):
        part = homes[start : start + BLOCK]
        points = random_.standard_normal((len(part), DIMENSIONS), np.float32)
        inside = [row for row, home in enumerate(part) if home is not None]
        points[inside] += centres[[part[row] for row in inside]]
        points /= np.linalg.norm(points, axis=1, keepdims=True)
        halves: NDArray[np.float16] = points.astype("<f2")
        values = [
            {"statement_id": statement, "encoder": encoder, "vector": point.tobytes()}
            for statement, point in zip(statements[start : start + BLOCK], halves, strict=True)
        ]
        with transaction(engine) as session:
            session.execute(insert(StatementVector), values)


def _measures(session: Session) -> None:
    """What every other customer wants to reach, with a value a quarter."""
    customers = session.exec(select(Customer.id).order_by(col(Customer.id))).all()[::2]
    wanted = [
        {"id": new_id(), "customer_id": customer, "name": "Orders", "level": MeasureLevel.KPI}
        | {"baseline": 100.0, "target": 150.0, "updated_at": now()}
        for customer in customers
    ]
    session.execute(insert(SuccessMeasure), wanted)
    values = [
        {"measure_id": each["id"], "day": DAY - dt.timedelta(days=91 * n), "value": 140.0 - 9 * n}
        for each in wanted
        for n in range(4)
    ]
    session.execute(insert(SuccessActual), values)


def _roadmap(session: Session, themes: list[uuid.UUID], draw: random.Random) -> None:
    """Items, rated and partly decided and shipped, and a round with a conflict on every page."""
    by = Author("Sato")
    keys = [f"team-{n}" for n in range(DEPARTMENTS)]
    for n, key in enumerate(keys):
        put_department(session, key, {"name_ja": f"第{n}部", "name_en": f"Department {n}"})
    items = []
    for n in range(ITEMS):
        solved = dict.fromkeys(draw.sample(themes[: 2 * ITEMS], 2), 0.8)
        first = next(iter(solved))
        words = hypotheses.Words(f"店長{n}", f"仕事{n}", f"原因{n}")
        supposed = hypotheses.propose(session, first, words, by)
        item = backlog.create(
            session,
            f"{draw.choice(NOUNS)}が{draw.choice(PAINS)}のを直す({n})",
            solved,
            by,
            problem=f"{draw.choice(NOUNS)}が{draw.choice(PAINS)}。",
            horizon=draw.choice(list(Horizon)),
            hypothesis_id=supposed.id,
            goals=["Less effort", "Recommendation"],
            departments={
                key: backlog.Work(draw.randint(1, 6), draw.uniform(-0.5, 0.5))
                for key in draw.sample(keys, 3)
            },
        )
        items.append(item.id)
        rated = Ratings(*(draw.randint(1, 5) for _ in range(4)), 6.0, 0.5)
        selection.rate(session, item.id, rated, by)
    weeks = {key: [12.0, 12.0] for key in keys}
    sitting = rounds.open_round(session, "2027", ["2027Q1", "2027Q2"], weeks, by)
    rounds.consider(session, sitting.id, {i: rounds.Taken() for i in items[-IN_ROUND:]}, by)
    goals.add(session, "Less effort", GoalMetric.CES, 5.5, baseline=4)
    goals.add(session, "Recommendation", GoalMetric.NPS, 40, baseline=0)
    _measures(session)
    metric = {"name": "Tickets", "unit": "a month", "baseline": 40, "target": 20}
    for n, item_id in enumerate(items[:DECIDED]):
        verdict = Verdict.APPROVE if n < SHIPPED else draw.choice((Verdict.APPROVE, Verdict.DEFER))
        decisions.decide(session, item_id, verdict, "Many ask for it.", by, agree_as_customer=True)
        if n < SHIPPED:
            outcomes.agree(session, item_id, [metric], by)
            backlog.move(session, item_id, ItemState.IN_PROGRESS, by)
            backlog.move(session, item_id, ItemState.SHIPPED, by)
