"""Titles that hold both languages, for the reader of a page (vocloop_models.pairs)."""

from __future__ import annotations

from vocloop_models import pairs
from vocloop_models.pairs import language_of
from vocloop_ui.i18n import Reader

__all__ = ["both", "language_of", "own"]


def both(reader: Reader, title: str) -> tuple[str, str]:
    return pairs.both(reader.language, title)


def own(reader: Reader, title: str) -> str:
    return pairs.own(reader.language, title)
