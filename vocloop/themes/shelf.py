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


class Shelf:
    """It grows without being copied. Rows are numbered as they come."""

    def __init__(self, dimensions: int) -> None:
        self._points = np.zeros((0, dimensions), np.float32)
        self._themes = np.zeros(0, np.int32)
        self._fresh = np.zeros(0, np.bool_)
        self._held: list[Held] = []

    def add(self, points: Floats, held: Sequence[Held], themes: Ints) -> None:
        """``themes``: the number of the theme of each, −1 for none."""
        before, count = len(self._held), len(self._held) + len(held)
        if count > len(self._points):
            room = max(count, 2 * before)
            self._points = _grown(self._points, before, room)
            self._themes = _grown(self._themes, before, room)
            self._fresh = _grown(self._fresh, before, room)
        self._points[before:count] = points
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

    def nearest(self, similarity: Floats, count: int) -> list[tuple[float, Held]]:
        """The ``count`` rows of the greatest similarity; equal ones by their id."""
        if not count or not self._held:
            return []
        least = np.partition(similarity, -count)[-count] if count < len(similarity) else -np.inf
        rows = np.flatnonzero(similarity >= least).tolist()
        found = [(float(similarity[i]), self._held[i]) for i in rows]
        return sorted(found, key=lambda n: (-n[0], str(n[1][0])))[:count]

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
