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
from vocloop.themes.graph import ACROSS, NEIGHBOURS, nearest
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
        self._points = self._space.apply(vectors, languages)
        self._ids = list(ids)
        self._languages = np.asarray(languages)
        self._themes = list(themes)
        # Web requests look while the worker adds.
        self._lock = threading.Lock()

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
        spoken = sorted(set(self._languages.tolist()))
        across = ACROSS if len({*spoken, language}) > 1 else 0
        votes: Counter[uuid.UUID] = Counter()
        best: dict[uuid.UUID, tuple[float, uuid.UUID]] = {}
        asked = 0
        for other in spoken:
            rows = np.flatnonzero(self._languages == other)
            k = NEIGHBOURS - across if other == language else across
            ids, similarity = nearest(point[None, :], self._points[rows], k, same=False)
            asked += ids.shape[1]
            for i, s in zip(rows[ids[0]].tolist(), similarity[0].tolist(), strict=True):
                theme = self._themes[i]
                if theme is None:
                    continue
                votes[theme] += 1
                best[theme] = max(best.get(theme, (-1.0, self._ids[i])), (s, self._ids[i]))
        found = [Nearby(t, n / asked, max(best[t][0], 0.0), best[t][1]) for t, n in votes.items()]
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
            self._points = np.concatenate([self._points, points])
            self._ids += ids
            self._languages = np.concatenate([self._languages, np.asarray(languages)])
            self._themes += themes

    def __len__(self) -> int:
        return len(self._ids)
