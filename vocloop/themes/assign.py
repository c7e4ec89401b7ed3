"""A new statement's theme, at once: the vote of its nearest known statements, unless it is too far
from all of them to be of the theme that wins."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from heapq import nlargest

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, col, select

from vocloop.themes.discover import VOTE
from vocloop.themes.graph import ACROSS, NEIGHBOURS, TRUST
from vocloop.themes.kinship import Floors, floors, kinship
from vocloop.themes.names import held
from vocloop.themes.refresh import load
from vocloop.themes.registry import newest
from vocloop.themes.shelf import Held, Shelf
from vocloop.themes.space import Group, Space, fit, manners
from vocloop_models import (
    Feedback,
    FeedbackState,
    RunState,
    Statement,
    Theme,
    ThemeMembership,
    ThemeState,
)

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

# Texts whose similarity to every statement is worked out together: what is known is read from
# memory once for all of them.
AT_ONCE = 32


@dataclass(frozen=True)
class Nearby:
    """A theme near a text: ``share`` of its neighbours' votes, the ``similarity`` (cosine in the
    themes' space) of the nearest statement, and that statement."""

    theme_id: uuid.UUID
    share: float
    similarity: float
    statement_id: uuid.UUID


@dataclass(frozen=True)
class Fresh:
    """Statements that came after the run: points (n, r), the theme that each was given, and its
    kinship to that theme as the run left it, (n,)."""

    ids: list[uuid.UUID]
    points: Floats
    themes: list[uuid.UUID | None]
    bonds: Floats


class KnownThemes:
    """The statements of one encoder with their themes, in memory, for nearest-neighbour votes.

    A cache of the database: dropped after each run, added to as statements arrive. Statements come
    as vectors with their languages and, where known, the fields that a run takes out of the space
    as well: customers, products, names and manners (``fields`` makes them)."""

    def __init__(
        self,
        ids: Sequence[uuid.UUID],
        vectors: Floats,
        languages: Sequence[str],
        themes: Sequence[uuid.UUID | None],
        *fields: Sequence[Group],
        names: Sequence[str] = (),
        since: uuid.UUID | None = None,
    ) -> None:
        """``vectors``: shape (n, d), aligned with the lists; theme None = unassigned, which counts
        as a vote against any theme. ``names``: what the run took for names. ``since``: the run;
        statements with later ids are fresh: they vote, but no run has confirmed their theme."""
        self._names = list(names)
        self.since = since
        self._arrived: set[uuid.UUID] = set()
        self._numbers: dict[uuid.UUID, int] = {}
        self._space: Space = fit(vectors, languages, *fields)
        self._shelves: dict[str, Shelf] = {}
        # Web requests look while the worker adds.
        self._lock = threading.Lock()
        points = self._space.apply(vectors, languages, *fields)
        self._put(ids, points, languages, themes)
        sure = [None if self._fresh(i) else t for i, t in zip(ids, themes, strict=True)]
        self._floors: Floors = floors(points, languages, self._numbered(sure))

    @classmethod
    def of(cls, session: Session, encoder: str) -> KnownThemes:
        """The themes of the database, in the space of its newest run; faded and archived ones take
        no new statements."""
        corpus = load(session, encoder)
        # What waits for its theme has no vote on it.
        waiting = set(
            session.exec(
                select(Statement.id)
                .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
                .where(col(Feedback.state) != FeedbackState.THEMED)
            )
        )
        rows = [row for row, i in enumerate(corpus.ids) if i not in waiting]
        run = newest(session, RunState.DONE)
        names = list(run.parameters.get("names", [])) if run else []
        members = dict(
            session.exec(
                select(ThemeMembership.statement_id, ThemeMembership.theme_id)
                .join(Theme, col(Theme.id) == col(ThemeMembership.theme_id))
                .where(Theme.state == ThemeState.ACTIVE)
            ).all()
        )
        return cls(
            [corpus.ids[i] for i in rows],
            corpus.vectors[rows] if waiting else corpus.vectors,
            [corpus.languages[i] for i in rows],
            [members.get(corpus.ids[i]) for i in rows],
            [corpus.customers[i] for i in rows],
            [corpus.products[i] for i in rows],
            held([corpus.texts[i] for i in rows], names),
            manners([corpus.channels[i] for i in rows], [corpus.languages[i] for i in rows]),
            names=names,
            since=run.id if run else None,
        )

    def fields(
        self,
        customers: Sequence[Group],
        products: Sequence[Group],
        texts: Sequence[str],
        channels: Sequence[Group],
        languages: Sequence[str],
    ) -> tuple[Sequence[Group], ...]:
        """What a run would take out of the space beside the languages."""
        return customers, products, held(texts, self._names), manners(channels, languages)

    def assign(
        self, vectors: Floats, languages: Sequence[str], *fields: Sequence[Group]
    ) -> list[tuple[uuid.UUID, float] | None]:
        """(theme, confidence) for each row, or None: by the vote, with the threshold, of a run,
        if it is no farther from the theme than members are (themes.kinship)."""
        if not len(self) or not len(vectors):
            return [None] * len(vectors)
        points = self._space.apply(vectors, languages, *fields)
        found = []
        with self._lock:
            shelves = sorted(self._shelves.items())
            for start in range(0, len(points), AT_ONCE):
                some = points[start : start + AT_ONCE]
                alike = {g: shelf.similarity(some) for g, shelf in shelves}
                found += [
                    self._given({g: each[row] for g, each in alike.items()}, language)
                    for row, language in enumerate(languages[start : start + AT_ONCE])
                ]
        return found

    def _given(self, alike: dict[str, Floats], language: str) -> tuple[uuid.UUID, float] | None:
        """``alike``: of each language the similarity to every statement, (n,)."""
        near = self._voted(lambda g, count: self._shelves[g].nearest(alike[g], count), language)
        if not near or near[0].share < VOTE:
            return None
        theme, share = near[0].theme_id, near[0].share
        least = self._floors.of(self._numbers[theme], language)
        return (theme, share) if self._kinship(alike, theme) >= least else None

    def near(self, vector: Floats, language: str, *fields: Sequence[Group]) -> list[Nearby]:
        """The themes among the nearest statements to one text, (1, d), by their share of the votes:
        at once, where there are many statements with a neighbour less now and then."""
        if not len(self):
            return []
        (point,) = self._space.apply(vector, [language], *fields)
        with self._lock:
            return self._voted(lambda g, count: self._shelves[g].nearly(point, count), language)

    def _voted(
        self, nearest: Callable[[str, int], list[tuple[float, Held]]], language: str
    ) -> list[Nearby]:
        """``nearest``: so many of a language's statements, with their similarity."""
        across = ACROSS if len({*self._shelves, language}) > 1 else 0
        asked = nearest(language, NEIGHBOURS - across) if language in self._shelves else []
        usual = np.mean([s for s, _ in asked]) if asked else 0.0
        for other in sorted(self._shelves):
            if other != language:
                # As in a run, a neighbour in another language must deserve trust.
                asked += [n for n in nearest(other, across) if n[0] >= TRUST * usual]
        votes: Counter[uuid.UUID] = Counter()
        best: dict[uuid.UUID, tuple[float, uuid.UUID]] = {}
        for similarity, (statement, theme, _) in asked:
            if theme is not None:
                votes[theme] += 1
                best[theme] = max(best.get(theme, (-1.0, statement)), (similarity, statement))
        return sorted(
            (
                Nearby(
                    theme,
                    count / len(asked),
                    max(best[theme][0], 0.0),
                    best[theme][1],
                )
                for theme, count in votes.items()
            ),
            key=lambda x: (-x.share, -x.similarity, str(x.theme_id)),
        )

    def _kinship(self, alike: dict[str, Floats], theme: uuid.UUID) -> float:
        """To the members that a run confirmed; to all of a theme that no run knows yet."""
        number = self._numbers[theme]
        for fresh in (False, True):
            rows = {g: shelf.of_theme(number, fresh=fresh) for g, shelf in self._shelves.items()}
            near = np.concatenate([alike[g][own] for g, own in rows.items()])
            if len(near):
                return kinship(near)
        return -1.0

    def add(
        self,
        ids: Sequence[uuid.UUID],
        vectors: Floats,
        languages: Sequence[str],
        themes: Sequence[uuid.UUID | None],
        *fields: Sequence[Group],
    ) -> None:
        """Let newly assigned statements vote from now on; the first ones wait for a run."""
        if not len(ids) or not len(self):
            return
        points = self._space.apply(vectors, languages, *fields)
        with self._lock:
            self._put(ids, points, languages, themes)

    def move(self, ids: Sequence[uuid.UUID], theme: uuid.UUID) -> None:
        """Let statements vote for another theme."""
        number = self._number(theme)
        with self._lock:
            for shelf in self._shelves.values():
                shelf.move(set(ids), theme, number)

    def fresh(self, most: int) -> Fresh:
        """The newest ``most`` statements that came after the run, oldest first."""
        with self._lock:
            rows = [
                (statement, g, row, theme)
                for g, shelf in self._shelves.items()
                for row, (statement, theme, fresh) in shelf.held()
                if fresh
            ]
            chosen = sorted(rows, key=lambda r: r[0])[-most:]
            points = [self._shelves[g].points([row])[0] for _, g, row, _ in chosen]
            themes = [theme for *_, theme in chosen]
            stacked = np.array(points, np.float32)
            return Fresh([i for i, *_ in chosen], stacked, themes, self._bonds(stacked, themes))

    def _bonds(self, points: Floats, themes: Sequence[uuid.UUID | None]) -> Floats:
        """Kinship of each row to the members of its theme that a run confirmed; −1 without a
        theme, 2 (nearer than anything) where the theme itself is fresh."""
        bonds = np.full(len(themes), -1, np.float32)
        for theme in sorted({t for t in themes if t is not None}):
            rows = [i for i, t in enumerate(themes) if t == theme]
            members = self._members(theme)
            bonds[rows] = [kinship(members @ points[i]) if len(members) else 2.0 for i in rows]
        return bonds

    def _members(self, theme: uuid.UUID) -> Floats:
        number = self._numbers[theme]
        shelves = self._shelves.values()
        return np.concatenate([s.points(s.of_theme(number, fresh=False)) for s in shelves])

    def points(self, ids: Sequence[uuid.UUID]) -> tuple[list[uuid.UUID], Floats]:
        """Those of ``ids`` that are known, with their points."""
        wanted = set(ids)
        found: dict[uuid.UUID, Floats] = {}
        with self._lock:
            for shelf in self._shelves.values():
                rows = [(i, row) for row, (i, *_) in shelf.held() if i in wanted]
                stacked = shelf.points([row for _, row in rows])
                found |= dict(zip((i for i, _ in rows), stacked, strict=True))
        known = sorted(found)
        return known, np.array([found[i] for i in known], np.float32)

    def nearest_of(
        self,
        themes: Collection[uuid.UUID],
        most: int,
        vector: Floats,
        language: str,
        *fields: Sequence[Group],
    ) -> list[uuid.UUID]:
        """The ``most`` statements of these themes that are nearest to one text, (1, d), the nearest
        first. Each language has its own centre, as in a vote."""
        if not len(self):
            return []
        (point,) = self._space.apply(vector, [language], *fields)
        numbers = [self._numbers[theme] for theme in themes if theme in self._numbers]
        found: list[tuple[float, uuid.UUID]] = []
        with self._lock:
            for shelf in self._shelves.values():
                for number in numbers:
                    rows = shelf.of_theme(number, fresh=True)
                    alike = shelf.points(rows) @ point
                    found += zip(alike.tolist(), map(shelf.statement, rows.tolist()), strict=True)
        return [statement for _, statement in nlargest(most, found)]

    def nearest_theme(self, point: Floats) -> uuid.UUID | None:
        """The theme of the nearest statement whose theme a run confirmed."""
        best: tuple[float, uuid.UUID] | None = None
        with self._lock:
            for shelf in self._shelves.values():
                alike = shelf.similarity(point)
                rows = shelf.confirmed()
                if len(rows):
                    row = int(rows[alike[rows].argmax()])
                    theme = shelf.theme(row)
                    if theme is not None and (best is None or alike[row] > best[0]):
                        best = float(alike[row]), theme
        return best[1] if best else None

    def _fresh(self, statement: uuid.UUID) -> bool:
        return self.since is not None and statement > self.since

    def missing(self, ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
        """Those of ``ids``, which came after the run, that are not known here."""
        with self._lock:
            return [each for each in ids if each not in self._arrived]

    def _number(self, theme: uuid.UUID | None) -> int:
        return -1 if theme is None else self._numbers.setdefault(theme, len(self._numbers))

    def _numbered(self, themes: Sequence[uuid.UUID | None]) -> Ints:
        return np.fromiter((self._number(t) for t in themes), np.int32, len(themes))

    def _put(
        self,
        ids: Sequence[uuid.UUID],
        points: Floats,
        languages: Sequence[str],
        themes: Sequence[uuid.UUID | None],
    ) -> None:
        self._arrived.update(each for each in ids if self._fresh(each))
        spoken = np.asarray(languages, str)
        ordered = self._space.axes is not None
        for language in sorted(set(languages)):
            rows = np.flatnonzero(spoken == language)
            shelf = self._shelves.setdefault(language, Shelf(points.shape[1], ordered=ordered))
            held_: list[Held] = [(ids[i], themes[i], self._fresh(ids[i])) for i in rows.tolist()]
            shelf.add(points[rows], held_, self._numbered([theme for _, theme, _ in held_]))

    def __len__(self) -> int:
        return sum(len(shelf) for shelf in self._shelves.values())
