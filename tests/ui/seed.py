"""Nearly two years of an invented vendor: about 30 themes in two languages, of every kind.

The words are those of examples/minamo; companies, dates and numbers are drawn with a fixed seed, so
that a page shows the same thing in every run.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert
from sqlmodel import Session

from vocloop.score.snapshot import score_themes
from vocloop_models import (
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
    TouchTier,
    new_id,
)
from vocloop_models.database import transaction

THEMES = Path(__file__).parent / "themes.jsonl"
VOICES = Path(__file__).parents[2] / "examples" / "minamo" / "voices"
DAY = dt.date(2026, 9, 11)
MONTHS = 22
LONGEST_STATEMENT = 160

INDUSTRIES = ("製造業", "小売・卸売業", "建設業", "医療", "Logistics", "Local finance")
SIZES = ("300名未満", "300–999名", "1,000名以上")
NAMES = (
    ("三ツ峰精機", 0), ("みなと金属工業", 0), ("Halden Components K.K.", 0), ("蒼波建設", 2),
    ("北湊フーズ", 1), ("みなと台クリニック", 3), ("東雲ロジ", 4), ("Ostra Retail Japan", 1),
    ("白樺信用金庫", 5), ("Kestrel Freight Pte Ltd", 4), ("青葉総合病院", 3),
    ("Norrland Timber", 2),
    ("大和田硝子", 0), ("すみれ薬局チェーン", 1), ("Pelham Foods UK", 1), ("岩城工務店", 2),
    ("千早電子", 0), ("Tanager Medical Group", 3), ("瀬戸内物流", 4), ("紺野製作所", 0),
    ("Lyndale Credit Union", 5), ("花園ストア", 1), ("Marlow & Finch Builders", 2),
    ("光が丘医療法人", 3),
    ("Corvid Logistics", 4), ("常盤銀行", 5), ("水無月食品", 1), ("Brandt Präzision GmbH", 0),
    ("遠野建材", 2), ("Saffron Dining SG", 1), ("若草病院", 3), ("日野鋳造", 0),
    ("Wexford Insurance", 5), ("凪海運", 4), ("Juniper Clinics", 3), ("藤沢金型", 0),
)  # fmt: skip
# Invented names of further companies, so that a segment is large enough to be tested.
PLACES = (
    "青嵐",
    "白峰",
    "緑川",
    "夕凪",
    "Alder",
    "Bramley",
    "Cove",
    "Dunmore",
    "Everett",
    "Fenwick",
)
TRADES = ("精密", "商店", "組", "病院", "Freight", "Bank")


@dataclass(frozen=True)
class Plan:
    """What is invented of one theme: titles, keywords, course in time, how many, how grave."""

    key: str
    ja: str
    en: str
    words_ja: list[str]
    words_en: list[str]
    kind: LongevityKind | None
    companies: int
    severity: float
    segment: int  # of INDUSTRIES: where most of its companies are


K = LongevityKind


def plans() -> list[Plan]:
    """The themes of themes.jsonl; the last one is said by too few companies to be ranked."""
    rows = [json.loads(line) for line in THEMES.read_text("utf-8").splitlines()]
    for row in rows:
        row["kind"] = LongevityKind(row["kind"]) if row["kind"] else None
    return [Plan(**row) for row in rows]


def seed(engine: Engine, *, weighty: int = 1) -> dict[str, uuid.UUID]:
    """Fill an empty, migrated database. Returns theme ids by key.

    ``weighty`` multiplies the statements of each company."""
    draw = random.Random(20260911)  # noqa: S311 - invented data, the same in every run
    with transaction(engine) as session:
        customers = _customers(session, draw)
        words = _words()
        ids = {}
        for number, plan in enumerate(plans(), start=1):
            ids[plan.key] = _theme(session, plan, number, customers, words[plan.key], draw, weighty)
        score_themes(session)
        _waiting(session, customers)
    return ids


def _customers(session: Session, draw: random.Random) -> list[Customer]:
    customers = []
    named = [
        *NAMES,
        *((f"{place} {TRADES[trade]}", trade) for place in PLACES for trade in range(6)),
    ]
    for number, (name, industry) in enumerate(named):
        customers.append(
            Customer(
                external_id=f"C-{number + 1:03d}",
                name=name,
                industry=INDUSTRIES[industry],
                size=SIZES[draw.randrange(3)],
                touch_tier=list(TouchTier)[draw.randrange(3)],
            )
        )
    session.add_all(customers)
    session.flush()
    return customers


def _words() -> dict[str, Iterator[tuple[str, str, str]]]:
    """For each theme an endless run of (text, language, channel), both languages in turn."""
    found: dict[str, dict[str, list[tuple[str, str, str]]]] = {}
    for language in ("ja", "en"):
        for line in (VOICES / f"{language}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            if "theme" in row:
                text = _short(row["text"])
                found.setdefault(row["theme"], {"ja": [], "en": []})[language].append(
                    (text, language, row["channel"])
                )
    return {key: _in_turn(both["ja"], both["en"]) for key, both in found.items()}


def _short(text: str) -> str:
    """The first sentences of a voice, greetings and all: as statements look."""
    lines = [line.strip() for line in text.splitlines() if len(line.strip()) > 25]
    text = max(lines or [text], key=len)
    for end in ("。", ". ", "? ", "？"):
        place = text.find(end, 40)
        if 0 < place < LONGEST_STATEMENT:
            return text[: place + len(end)].strip()
    return text[: 2 * LONGEST_STATEMENT]


def _in_turn(
    ja: list[tuple[str, str, str]], en: list[tuple[str, str, str]]
) -> Iterator[tuple[str, str, str]]:
    # Two Japanese voices for each English one.
    for turn in count():
        source = en if turn % 3 == 2 else ja
        yield source[(turn // 3 if source is en else turn - turn // 3) % len(source)]


def _weight(kind: LongevityKind | None, back: int) -> float:
    """How much is said of a theme ``back`` months ago, 0 the newest."""
    if kind is K.TRANSIENT:
        return 1.0 if 9 <= back <= 11 else 0.0
    if kind is K.EMERGING:
        return max(0.0, 1 - back / 7)
    if kind is K.RECURRING:
        return 1.0 if back % 6 in (0, 1) else 0.06
    if kind is K.FADING:
        return 0.9 ** max(0, MONTHS - 1 - back) if back > 2 else 0.02
    return 0.7 + 0.3 * math.cos(back)


def _theme(  # noqa: PLR0917 - one theme's whole world
    session: Session,
    plan: Plan,
    number: int,
    customers: list[Customer],
    words: Iterator[tuple[str, str, str]],
    draw: random.Random,
    weighty: int,
) -> uuid.UUID:
    theme = Theme(
        number=number,
        title_ja=plan.ja,
        title_en=plan.en,
        keywords_ja=plan.words_ja,
        keywords_en=plan.words_en,
    )
    session.add(theme)
    session.flush()
    loved = [c for c in customers if c.industry == INDUSTRIES[plan.segment]]
    others = [c for c in customers if c.industry != INDUSTRIES[plan.segment]]
    draw.shuffle(others)
    speakers = (loved[: max(2, round(plan.companies * 0.55))] + others)[: plan.companies]
    months = [back for back in range(MONTHS) if _weight(plan.kind, back) > 0]
    weights = [_weight(plan.kind, back) for back in months]
    rows: dict[type[Record], list[dict[str, Any]]] = {
        Feedback: [],
        Statement: [],
        ThemeMembership: [],
    }
    said: list[tuple[dt.date, uuid.UUID]] = []
    for customer in speakers:
        for turn in range(weighty * draw.randint(2, 5)):
            back = draw.choices(months, weights)[0]
            day = DAY - dt.timedelta(days=round(30.4 * back) + draw.randrange(30))
            text, language, channel = next(words)
            said.append((day, customer.id))
            feedback, statement = new_id(), new_id()
            rows[Feedback].append(
                {
                    "id": feedback,
                    "source": "seed",
                    "external_id": f"{plan.key}-{len(said)}",
                    "channel": Channel(channel),
                    "customer_id": customer.id,
                    "said_at": dt.datetime.combine(day, dt.time(10), tzinfo=dt.UTC),
                    "received_at": dt.datetime.combine(day, dt.time(11), tzinfo=dt.UTC),
                    "text": text,
                    "language": language,
                    "severity_mark": min(
                        4, max(1, round(4 * plan.severity + draw.gauss(0.4, 0.5)))
                    ),
                    "state": FeedbackState.THEMED,
                }
            )
            rows[Statement].append(
                {
                    "id": statement,
                    "feedback_id": feedback,
                    "position": 0,
                    "text": text,
                    "language": language,
                }
            )
            rows[ThemeMembership].append(
                {
                    "statement_id": statement,
                    "theme_id": theme.id,
                    "confidence": round(draw.uniform(0.6, 0.99), 3),
                    "central": turn == 0 and len(said) < 6,
                    "assigned_by": AssignedBy.RUN,
                    "assigned_at": dt.datetime.combine(DAY, dt.time(12), tzinfo=dt.UTC),
                }
            )
    for table, values in rows.items():
        session.execute(insert(table), values)
    session.add_all(_events(theme, said))
    session.flush()
    return theme.id


def _events(theme: Theme, said: list[tuple[dt.date, uuid.UUID]]) -> list[ThemeEvent]:
    first = min(day for day, _ in said)

    def at(day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(3), tzinfo=dt.UTC)

    return [
        ThemeEvent(
            theme_id=theme.id, kind=ThemeEventKind.BORN, at=at(first), detail={"statements": 6}
        ),
        ThemeEvent(
            theme_id=theme.id,
            kind=ThemeEventKind.GREW,
            at=at(DAY - dt.timedelta(days=9)),
            detail={"before": len(said) // 2, "statements": len(said) - 6, "overlap": 0.61},
        ),
        ThemeEvent(
            theme_id=theme.id,
            kind=ThemeEventKind.CONTINUED,
            at=at(DAY),
            detail={"before": len(said) - 6, "statements": len(said), "overlap": 0.97},
        ),
    ]


def _waiting(session: Session, customers: list[Customer]) -> None:
    """Two voices that the worker has not read yet."""
    for number in range(2):
        session.add(
            Feedback(
                source="seed",
                external_id=f"waiting-{number}",
                channel=Channel.MAIL,
                customer_id=customers[number].id,
                said_at=dt.datetime.combine(DAY, dt.time(9), tzinfo=dt.UTC),
                text="昨日から画面が開きません。",
                language="ja",
            )
        )
