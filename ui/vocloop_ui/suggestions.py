"""Themes already known, while someone types."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Protocol


class Suggestion(Protocol):
    """A known theme near the words typed. ``similarity`` is a cosine in [0, 1]."""

    @property
    def theme_id(self) -> uuid.UUID: ...
    @property
    def title_ja(self) -> str | None: ...
    @property
    def title_en(self) -> str | None: ...
    @property
    def similarity(self) -> float: ...
    @property
    def quote(self) -> str | None: ...
    @property
    def quote_language(self) -> str: ...
    @property
    def customers(self) -> int: ...


# Kept in ``app.state.suggest``; None while there is no encoder.
Suggest = Callable[[str], Sequence[Suggestion]]

# Cosines of multilingual-e5 lie between 0.7 and 1.0 (its model card): even unrelated texts reach
# 0.8, so that below this a suggestion would be noise. Nothing is shown then, rather than a guess.
LEAST_SIMILARITY = 0.86
MOST_SUGGESTIONS = 3
# Fewer letters than this say nothing yet; a Japanese word has two to four.
LEAST_LETTERS = 6
# The encoder reads 512 tokens at most, so more would only slow the answer.
MOST_LETTERS = 2_000


def near(suggest: Suggest | None, text: str) -> list[Suggestion] | None:
    """The known themes near ``text``, nearest first; None when there is no encoder."""
    if suggest is None:
        return None
    text = text.strip()[:MOST_LETTERS]
    if len(text) < LEAST_LETTERS:
        return []
    found = [one for one in suggest(text) if one.similarity >= LEAST_SIMILARITY]
    return sorted(found, key=lambda one: -one.similarity)[:MOST_SUGGESTIONS]
