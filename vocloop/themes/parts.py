"""Sub-themes: what a theme falls into, when a run saw parts inside it."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, col, select

from vocloop_models import Statement, ThemeMembership

Ints = NDArray[np.int32]

# A sub-theme has at least so many statements of its theme.
LEAST_PART = 2


def numbered_parts(labels: Ints, parts: Ints) -> Ints:
    """The sub-theme of each row within its theme, 0 the largest, −1 for none; (n,) all.

    ``parts`` are what a run saw, numbered through its own clusters. A part belongs to the theme
    that most of it ended up in; a theme with a single part has none."""
    answer = np.full(len(labels), -1, np.int32)
    both = np.flatnonzero((labels >= 0) & (parts >= 0))
    if not len(both):
        return answer
    home = np.full(int(parts.max()) + 1, -1, np.int32)
    kinds, counts = np.unique(
        np.stack([parts[both], labels[both]], axis=1), axis=0, return_counts=True
    )
    for i in np.argsort(counts, kind="stable").tolist():
        home[kinds[i, 0]] = kinds[i, 1]
    inside = both[home[parts[both]] == labels[both]]
    size = np.bincount(parts[inside], minlength=len(home))
    first = np.full(len(home), len(labels), np.int64)
    np.minimum.at(first, parts[inside], inside)
    for theme in np.unique(home[home >= 0]).tolist():
        own = np.flatnonzero((home == theme) & (size >= LEAST_PART))
        if len(own) < 2:
            continue
        rank = own[np.lexsort((first[own], -size[own]))]
        for place, part in enumerate(rank.tolist()):
            answer[inside[parts[inside] == part]] = place
    return answer


@dataclass(frozen=True)
class Part:
    """A sub-theme: its statements, their languages, and the most typical one of them."""

    statements: int
    languages: dict[str, int]
    statement_id: uuid.UUID
    text: str
    language: str


def parts_of(session: Session, theme_id: uuid.UUID) -> list[Part]:
    """The sub-themes of a theme, largest first; none when it is of one piece."""
    rows = session.exec(
        select(ThemeMembership.part, ThemeMembership.statement_id, Statement.language)
        .join(Statement, col(Statement.id) == col(ThemeMembership.statement_id))
        .where(ThemeMembership.theme_id == theme_id, col(ThemeMembership.part).is_not(None))
        .order_by(
            col(ThemeMembership.central).desc(),
            col(ThemeMembership.confidence).desc(),
            col(ThemeMembership.statement_id),
        )
    ).all()
    typical: dict[int, uuid.UUID] = {}
    spoken: dict[int, Counter[str]] = {}
    for part, statement_id, language in rows:
        if part is None:
            continue
        typical.setdefault(part, statement_id)
        spoken.setdefault(part, Counter())[language] += 1
    said = {
        s.id: s
        for s in session.exec(select(Statement).where(col(Statement.id).in_(typical.values())))
    }
    found = [
        Part(
            spoken[part].total(),
            dict(spoken[part].most_common()),
            statement_id,
            said[statement_id].text,
            said[statement_id].language,
        )
        for part, statement_id in sorted(typical.items())
    ]
    # People may have moved some of them since the run.
    return sorted(found, key=lambda part: -part.statements) if len(found) > 1 else []
