"""What a text comes with beside its words: tags, product, source, channel, priority, the customer
and its industry. What they say of a department, labels teach; a value that uses its own words, a
tag "refund request", speaks for it before."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

# (name, value) of one text, each once.
Fields = Sequence[tuple[str, str]]
NAMES = ("tags", "product", "source", "channel", "priority", "customer", "industry")
_BETWEEN_TAGS = re.compile("[,、;；\n]")


def fields_of(values: Mapping[str, Any]) -> Fields:
    """What ``values`` hold of NAMES, one value or a list of them, whatever the case of letters; a
    text of tags is taken apart at commas. Blanks, and what is no text or number, are left out."""
    found: dict[tuple[str, str], None] = {}
    for name in NAMES:
        value = values.get(name)
        if name == "tags" and isinstance(value, str):
            value = _BETWEEN_TAGS.split(value)
        for each in value if isinstance(value, list | tuple) else [value]:
            if isinstance(each, str | int | float) and (word := str(each).strip().casefold()):
                found[name, word] = None
    return tuple(found)


def whole(fields: Sequence[Fields], count: int) -> Sequence[Fields]:
    """``fields`` of ``count`` texts; none of each where none are told."""
    return fields or [()] * count


@dataclass(frozen=True)
class Marking:
    """columns: of each field and value; rarity: (f,)."""

    columns: Mapping[tuple[str, str], int]
    rarity: NDArray[np.float64]

    def weights(self, fields: Sequence[Fields]) -> csr_matrix:
        """(n, f) of n texts. A name has length 1 at most in a text, however many values it has;
        a value weighs the root of the share of texts without it, so that one that all texts have
        says nothing."""
        marks = csr_matrix((len(fields), len(self.columns)), dtype=np.float32).tolil()
        for row, each in enumerate(fields):
            many = Counter(name for name, _ in each)
            for pair in each:
                if (column := self.columns.get(pair)) is not None:
                    marks[row, column] = self.rarity[column] / many[pair[0]] ** 0.5
        return marks.tocsr()


def marking(taught: Sequence[Fields], others: Sequence[Fields]) -> Marking:
    """taught: fields of each text whose department is known; others: of texts of their kind."""
    seen = Counter(pair for each in (*taught, *others) for pair in each)
    count = len(taught) + len(others)
    rarity = np.array([(1 - seen[pair] / count) ** 0.5 for pair in seen], np.float64)
    return Marking({pair: column for column, pair in enumerate(seen)}, rarity)
