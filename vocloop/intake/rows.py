"""Rows on their way from a file to a record."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_NOT_IN_NAMES = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Row:
    """``values`` by the file's own column names; ``line`` is where the row begins."""

    line: int
    values: dict[str, Any]


@dataclass(frozen=True)
class Refusal:
    line: int
    reason: str


@dataclass(frozen=True)
class Cells:
    """A row of a table by position."""

    line: int
    cells: list[str]


@dataclass
class Table:
    """``header`` is the first row; ``head`` the rows below it that were looked at; ``rows`` all
    rows below the header, those of ``head`` among them."""

    header: list[str]
    head: list[list[str]]
    rows: Iterator[Cells | Refusal]

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(map(key, self.header))


def key(name: str) -> str:
    """A column's name without case, width, spaces and punctuation."""
    return _NOT_IN_NAMES.sub("", unicodedata.normalize("NFKC", name).casefold())
