"""A new statement's theme, at once: the vote of its nearest known statements."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, col, select

from vocloop.themes.discover import VOTE
from vocloop.themes.graph import ACROSS, NEIGHBOURS, TRUST
from vocloop.themes.refresh import load
from vocloop.themes.space import Space, fit
from vocloop_models import Theme, ThemeMembership, ThemeState

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Nearby:
    """A theme near a text: ``share`` of its neighbours' votes, the ``similarity`` (cosine in the
    themes' space) of the nearest statement and that statement."""

    theme_id: uuid.UUID
    share: float
    similarity: float
    statement_id: uuid.UUID


class KnownThemes:
    """The statements of one encoder with their themes, in memory, for nearest-neighbour votes.

    A cache of the database: dropped after each run, added to as statements arrive."""

    def __init__(
        self,
        ids: Sequence[uuid.UUID],
        vectors: Floats,
        languages: Sequence[str],
        themes: Sequence[uuid.UUID | None],
    ) -> None:
        """``vectors``: shape (n, d), aligned with the three lists; None = unassigned, which
        counts as a vote against any theme."""
        self._space: Space = fit(vectors, languages)
        self._shelves: dict[str, Shelf] = {}
        # Web requests look while the worker adds.
        self._lock = threading.Lock()
        self._put(ids, self._space.apply(vectors, languages), languages, themes)

    @classmethod
    def of(cls, session: Session, encoder: str) -> KnownThemes:
        """The themes of the database; faded and archived ones take no new statements."""
        corpus = load(session, encoder)
        members = dict(
            session.exec(
                select(ThemeMembership.statement_id, ThemeMembership.theme_id)
                .join(Theme, col(Theme.id) == col(ThemeMembership.theme_id))
                .where(Theme.state == ThemeState.ACTIVE)
            ).all()
        )
        return cls(
            corpus.ids, corpus.vectors, corpus.languages, [members.get(i) for i in corpus.ids]
        )

    def assign(
        self, vectors: Floats, languages: Sequence[str]
    ) -> list[tuple[uuid.UUID, float] | None]:
        """(theme, confidence) for each row, or None: by the vote, with the threshold, of a run."""
        return [
            (near[0].theme_id, near[0].share) if near and near[0].share >= VOTE else None
            for near in self.near(vectors, languages)
        ]

    def near(self, vectors: Floats, languages: Sequence[str]) -> list[list[Nearby]]:
        """For each row the themes among its nearest statements, by their share of the votes."""
        if not len(self) or not len(vectors):
            return [[] for _ in vectors]
        points = self._space.apply(vectors, languages)
        with self._lock:
            return [self._near(p, g) for p, g in zip(points, languages, strict=True)]

    def _near(self, point: Floats, language: str) -> list[Nearby]:
        across = ACROSS if len({*self._shelves, language}) > 1 else 0
        home = self._shelves.get(language)
        asked = home.nearest(point, NEIGHBOURS - across) if home else []
        usual = np.mean([s for s, _, _ in asked]) if asked else 0.0
        for other, shelf in sorted(self._shelves.items()):
            if other != language:
                # As in a run, a neighbour in another language must deserve trust.
                asked += [n for n in shelf.nearest(point, across) if n[0] >= TRUST * usual]
        votes: Counter[uuid.UUID] = Counter()
        best: dict[uuid.UUID, tuple[float, uuid.UUID]] = {}
        for similarity, statement, theme in asked:
            if theme is not None:
                votes[theme] += 1
                best[theme] = max(best.get(theme, (-1.0, statement)), (similarity, statement))
        found = [
            Nearby(t, n / len(asked), max(best[t][0], 0.0), best[t][1]) for t, n in votes.items()
        ]
        return sorted(found, key=lambda x: (-x.share, -x.similarity, str(x.theme_id)))

    def add(
        self,
        ids: Sequence[uuid.UUID],
        vectors: Floats,
        languages: Sequence[str],
        themes: Sequence[uuid.UUID | None],
    ) -> None:
        """Let newly assigned statements vote from now on; the first ones wait for a run."""
        if not len(ids) or not len(self):
            return
        points = self._space.apply(vectors, languages)
        with self._lock:
            self._put(ids, points, languages, themes)

    def _put(
        self,
        ids: Sequence[uuid.UUID],
        points: Floats,
        languages: Sequence[str],
        themes: Sequence[uuid.UUID | None],
    ) -> None:
        spoken = np.asarray(languages, str)
        for language in sorted(set(languages)):
            rows = np.flatnonzero(spoken == language)
            shelf = self._shelves.setdefault(language, Shelf(points.shape[1]))
            shelf.add(points[rows], [(ids[i], themes[i]) for i in rows.tolist()])

    def __len__(self) -> int:
        return sum(len(shelf) for shelf in self._shelves.values())


class Shelf:
    """Statements of one language, found by their points; it grows without being copied."""

    def __init__(self, dimensions: int) -> None:
        self._points = np.zeros((0, dimensions), np.float32)
        self._held: list[tuple[uuid.UUID, uuid.UUID | None]] = []

    def add(self, points: Floats, held: Sequence[tuple[uuid.UUID, uuid.UUID | None]]) -> None:
        count = len(self._held) + len(held)
        if count > len(self._points):
            grown = np.zeros((max(count, 2 * len(self._held)), points.shape[1]), np.float32)
            grown[: len(self._held)] = self._points[: len(self._held)]
            self._points = grown
        self._points[len(self._held) : count] = points
        self._held += held

    def nearest(self, point: Floats, count: int) -> list[tuple[float, uuid.UUID, uuid.UUID | None]]:
        """(similarity, statement, theme) of the ``count`` nearest; equal ones by their id."""
        if not count or not self._held:
            return []
        similarity = self._points[: len(self._held)] @ point
        least = np.partition(similarity, -count)[-count] if count < len(similarity) else -np.inf
        rows = np.flatnonzero(similarity >= least).tolist()
        found = [(float(similarity[i]), *self._held[i]) for i in rows]
        return sorted(found, key=lambda n: (-n[0], str(n[1])))[:count]

    def __len__(self) -> int:
        return len(self._held)
