"""Statements of one language, found by their points."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Rows = NDArray[np.intp]

# A statement, its theme, and whether it came after the run.
Held = tuple[uuid.UUID, uuid.UUID | None, bool]

# ``nearly``: of each row so many axes, the strongest, choose those that are looked at whole. Of
# 8,500 real statements in both languages 100 chosen so hold 99.3 % of the 15 nearest, 200 99.9 %.
AXES = 128
CHOSEN = 2_000
# Fewer rows than this are all looked at.
MANY = 20_000


class Shelf:
    """It grows without being copied. Rows are numbered as they come. ``ordered``: the axes of its
    points come by their strength, the strongest first."""

    def __init__(self, dimensions: int, *, ordered: bool) -> None:
        self._points = np.zeros((0, dimensions), np.float32)
        # The same without the weaker axes, side by side: a third of the memory to go through.
        self._strong = np.zeros((0, AXES if ordered else 0), np.float32)
        self._themes = np.zeros(0, np.int32)
        self._fresh = np.zeros(0, np.bool_)
        self._held: list[Held] = []

    def add(self, points: Floats, held: Sequence[Held], themes: Ints) -> None:
        """``themes``: the number of the theme of each, −1 for none."""
        before, count = len(self._held), len(self._held) + len(held)
        if count > len(self._points):
            room = max(count, 2 * before)
            self._points = _grown(self._points, before, room)
            self._strong = _grown(self._strong, before, room)
            self._themes = _grown(self._themes, before, room)
            self._fresh = _grown(self._fresh, before, room)
        self._points[before:count] = points
        self._strong[before:count] = points[:, : self._strong.shape[1]]
        self._themes[before:count] = themes
        self._fresh[before:count] = [fresh for *_, fresh in held]
        self._held += held

    def move(self, statements: Collection[uuid.UUID], theme: uuid.UUID, number: int) -> None:
        for row, (statement, _, fresh) in enumerate(self._held):
            if statement in statements:
                self._held[row] = statement, theme, fresh
                self._themes[row] = number

    def similarity(self, points: Floats) -> Floats:
        """Of ``points``, (d,) or (m, d), to every row: (n,) or (m, n)."""
        alike: Floats = points @ self._points[: len(self._held)].T
        return alike

    def nearest(
        self, similarity: Floats, count: int, rows: Rows | None = None
    ) -> list[tuple[float, Held]]:
        """The ``count`` rows of the greatest similarity; equal ones by their id. ``rows``: which
        ones the similarities are of, all by default."""
        if not count or not len(similarity):
            return []
        least = np.partition(similarity, -count)[-count] if count < len(similarity) else -np.inf
        best = np.flatnonzero(similarity >= least)
        own = best if rows is None else rows[best]
        alike = similarity[best].tolist()
        found = [(s, self._held[row]) for s, row in zip(alike, own.tolist(), strict=True)]
        return sorted(found, key=lambda n: (-n[0], str(n[1][0])))[:count]

    def nearly(self, point: Floats, count: int) -> list[tuple[float, Held]]:
        """As ``nearest`` of the similarity to ``point``, (d,), hardly ever missing a row, in a
        third of the time where there are many."""
        n = len(self._held)
        if n < MANY or not self._strong.shape[1]:
            return self.nearest(self.similarity(point), count)
        rough = self._strong[:n] @ point[:AXES]
        rows = np.argpartition(rough, -CHOSEN)[-CHOSEN:]
        return self.nearest(self._points[rows] @ point, count, rows)

    def of_theme(self, number: int, *, fresh: bool) -> Rows:
        """Rows of a theme; without ``fresh`` only those that a run confirmed."""
        n = len(self._held)
        own = self._themes[:n] == number
        return np.flatnonzero(own if fresh else own & ~self._fresh[:n])

    def confirmed(self) -> Rows:
        n = len(self._held)
        return np.flatnonzero((self._themes[:n] >= 0) & ~self._fresh[:n])

    def points(self, rows: Sequence[int] | Rows) -> Floats:
        chosen: Floats = self._points[np.asarray(rows, np.intp)]
        return chosen

    def theme(self, row: int) -> uuid.UUID | None:
        return self._held[row][1]

    def statement(self, row: int) -> uuid.UUID:
        return self._held[row][0]

    def held(self) -> Iterator[tuple[int, Held]]:
        return enumerate(self._held)

    def __len__(self) -> int:
        return len(self._held)


def _grown(values: NDArray, count: int, room: int) -> NDArray:  # type: ignore[type-arg]
    grown = np.zeros((room, *values.shape[1:]), values.dtype)
    grown[:count] = values[:count]
    return grown
