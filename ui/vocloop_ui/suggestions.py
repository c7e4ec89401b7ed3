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

# A cosine in the themes' space (centred, half-whitened), of themes that hold a fifth of the
# neighbours' votes. Measured on the sample company by benchmarks/suggestions.py: 100 voices
# held out and 50 sentences about something else. With the planted themes, from 0.30 on 51 voices
# get a suggestion, right for 45, and so do 5 of the 50; from 0.35 on 32, right for 28, and 2; from
# 0.40 on 23, right for 22, and none. With the 29 themes that a run found: 73, 35 and 25; 52, 24
# and 12; 30, 15 and 1. Nothing rather than a guess: a voice without a suggestion is assigned all
# the same.
LEAST_SIMILARITY = 0.4
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
