"""Ids as addresses and forms hold them; what is none names nothing that exists."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from vocloop.errors import NotFoundError


def theme_id(text: str) -> uuid.UUID:
    """Raises NotFoundError for what is no id."""
    return _id(text, f"theme '{text[:60]}' does not exist; open one from the list of themes")


def fact_id(text: str) -> uuid.UUID:
    return _id(text, f"edit '{text[:60]}' does not exist; open one from the list of edits")


def view_id(text: str) -> uuid.UUID:
    return _id(text, f"view '{text[:60]}' does not exist; open one from its list")


def statement_ids(texts: Iterable[str]) -> list[uuid.UUID]:
    return [
        _id(text, f"statement '{text[:60]}' does not exist; choose it from its theme")
        for text in texts
    ]


def proposal_ids(texts: Iterable[str]) -> list[uuid.UUID]:
    return [
        _id(text, f"proposal '{text[:60]}' does not exist; read the proposals again")
        for text in texts
    ]


def _id(text: str, missing: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise NotFoundError(missing) from error
