"""Files of feedback in which tests.fakes sees three themes, and what a database holds of them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import select

from tests.vocloop.worker.voices import THEMES
from vocloop_models import (
    Customer,
    Feedback,
    Statement,
    StatementVector,
    Theme,
    ThemeMembership,
    ThemeScore,
)
from vocloop_models.database import reading

Row = dict[str, Any]


def voices(each: int, *, start: int = 0) -> list[Row]:
    """``each`` rows of every theme, alternating languages."""
    return [
        {
            "id": f"{key}-{i}",
            "text": f"{texts[i % 2]} {key[0]}{i}",
            "language": "ja" if i % 2 else "en",
            "customer": f"customer {i % 7}",
            "date": f"2026-0{1 + i % 6}-{1 + i % 28:02}",
        }
        for i in range(start, start + each)
        for key, texts in THEMES.items()
    ]


def written(path: Path, rows: list[Row]) -> str:
    lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
    path.write_text("".join(lines), encoding="utf-8")
    return str(path)


def read(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def holds(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that an interruption could lose or double, by names instead of ids."""
    place = (Feedback.external_id, Statement.position)
    queries = {
        "customers": select(Customer.name),
        "feedback": select(Feedback.source, Feedback.external_id, Feedback.text, Feedback.state),
        "statements": select(*place, Statement.text, Statement.language).join(Feedback),
        "vectors": select(*place, StatementVector.encoder, StatementVector.vector)
        .select_from(StatementVector)
        .join(Statement)
        .join(Feedback),
        "members": select(
            *place,
            Theme.number,
            ThemeMembership.confidence,
            ThemeMembership.central,
            ThemeMembership.assigned_by,
        )
        .select_from(ThemeMembership)
        .join(Statement)
        .join(Feedback)
        .join(Theme),
        "themes": select(
            Theme.number, Theme.title_ja, Theme.title_en, Theme.state, Theme.scored_on
        ),
        "scores": select(
            Theme.number,
            ThemeScore.day,
            ThemeScore.generality,
            ThemeScore.longevity,
            ThemeScore.severity,
            ThemeScore.impact,
            ThemeScore.statements,
            ThemeScore.customers,
        )
        .select_from(ThemeScore)
        .join(Theme),
    }
    with reading(engine) as session:
        found = {name: session.exec(query).all() for name, query in queries.items()}
    return {name: sorted((_plain(row) for row in rows), key=str) for name, rows in found.items()}


def _plain(row: Any) -> tuple[Any, ...]:
    values = (row,) if isinstance(row, str) else tuple(row)
    return tuple(
        hashlib.sha256(v).hexdigest()
        if isinstance(v, bytes)
        else round(v, 9)
        if isinstance(v, float)
        else v
        for v in values
    )
