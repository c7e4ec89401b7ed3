"""Themes that already know what someone is typing, and words nearest to what someone wrote."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from sqlmodel import col, select

from vocloop.intake.language import language_of
from vocloop.themes.assign import Floats
from vocloop.themes.discover import VOTE
from vocloop.worker.worker import Worker
from vocloop_models import Statement, Theme, ThemeScore
from vocloop_models.database import reading

# So many texts (problems of backlog items, read again and again) are encoded once in a process.
KEPT_TEXTS = 1_000


@dataclass(frozen=True)
class Suggestion:
    """A known theme near some words. ``similarity``: cosine to its nearest statement, in the
    themes' space, in [0, 1]."""

    theme_id: uuid.UUID
    title_ja: str | None
    title_en: str | None
    similarity: float
    quote: str
    quote_language: str
    customers: int


def suggest(worker: Worker, text: str, language: str) -> list[Suggestion]:
    """The themes that ``text`` would be given, or nearly, most votes first: each holds at least
    the share of its neighbours that a run asks for."""
    vector = worker.encoder.encode([text])
    known = worker.known
    fields = known.fields([None], [None], [text], [None], [language])
    near = [n for n in known.near(vector, language, *fields) if n.share >= VOTE]
    with reading(worker.engine) as session:
        themes = {
            theme.id: (theme, customers)
            for theme, customers in session.exec(
                select(Theme, ThemeScore.customers)
                .join(
                    ThemeScore,
                    (col(ThemeScore.theme_id) == col(Theme.id))
                    & (col(ThemeScore.day) == col(Theme.scored_on)),
                    isouter=True,
                )
                .where(col(Theme.id).in_([n.theme_id for n in near]))
            ).all()
        }
        quotes = {
            s.id: s
            for s in session.exec(
                select(Statement).where(col(Statement.id).in_([n.statement_id for n in near]))
            ).all()
        }
    return [
        Suggestion(
            theme_id=n.theme_id,
            title_ja=themes[n.theme_id][0].title_ja,
            title_en=themes[n.theme_id][0].title_en,
            similarity=n.similarity,
            quote=quotes[n.statement_id].text,
            quote_language=quotes[n.statement_id].language,
            customers=themes[n.theme_id][1] or 0,
        )
        for n in near
        if n.theme_id in themes and n.statement_id in quotes
    ]


class Nearest:
    """Which statements of some themes say most nearly what a text says."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        self._read = lru_cache(KEPT_TEXTS)(self._encoded)

    def __call__(self, text: str, themes: Collection[uuid.UUID], most: int) -> list[uuid.UUID]:
        """Their ids, the nearest first. Raises EncoderError."""
        known = self._worker.known
        vector, language = self._read(text)
        fields = known.fields([None], [None], [text], [None], [language])
        return known.nearest_of(themes, most, vector, language, *fields)

    def _encoded(self, text: str) -> tuple[Floats, str]:
        return self._worker.encoder.encode([text]), language_of(text)
