"""Search over statements and themes, in Japanese and English, forgiving of width, case and typos.

The texts are kept in memory, folded (``query.folded``), because neither database knows that ﾊﾞｰ is
バー, and what each offers for likeness is different and not always installed. 100,000 statements
take some 30 MB; the newest MOST_STATEMENTS are searched. What the database holds is the truth: a
text that is gone there is not found here."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import repeat
from operator import contains

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from vocloop.themes.query import folded, searchable
from vocloop_models import (
    KNOWN_STATES,
    Channel,
    Customer,
    Feedback,
    Statement,
    Theme,
    ThemeMembership,
)
from vocloop_models.bulk import parts
from vocloop_models.database import PerDatabase, whole

MOST_STATEMENTS = 500_000
# Of a word's pieces this share must be in a text that does not hold the word itself: one wrong
# letter breaks three pieces of three letters, which leaves half of a word of eight.
LIKENESS = 0.5
# Shorter English words are cut into pairs, which any long text has many of: more must be there.
LONG_WORD = 8
LIKENESS_OF_PAIRS = 0.7
# Still shorter words have too few pieces to be misspelt. ASCII or not: a kanji says more.
LEAST_LETTERS = {True: 5, False: 3}
# A text that only resembles comes after one that has the words.
EXACT = 1.0


@dataclass(frozen=True)
class FoundTheme:
    """``likeness`` 1: it has all the words; below, how much of them."""

    theme: Theme
    likeness: float


@dataclass(frozen=True)
class FoundStatement:
    statement: Statement
    said_at: dt.datetime | None
    channel: Channel
    customer: str | None
    theme: Theme | None
    likeness: float


@dataclass
class Texts:
    """Folded texts and what each belongs to."""

    ids: list[uuid.UUID] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def best(self, text: str, limit: int) -> list[tuple[uuid.UUID, float]]:
        """The texts most like ``text``: those with all its words first, the newest of equals."""
        words = [Word(word) for word in folded(text).split()]
        if not words:
            return []
        exact: Sequence[int] = range(len(self.texts))
        for word in words:
            exact = [i for i in exact if word.text in self.texts[i]]
            if not exact:
                break
        if len(exact) >= limit or not any(word.pieces for word in words):
            return [(self.ids[i], EXACT) for i in nlargest(limit, exact)]
        # Word by word over the texts that are left: each must have something of every word.
        texts, left = self.texts, np.arange(len(self.texts))
        total = np.zeros(len(texts))
        for word in words:
            likeness = word.likeness(texts)
            some = np.flatnonzero(likeness)
            left, total = left[some], total[some] + likeness[some]
            texts = [texts[i] for i in some.tolist()]
        scored = list(zip((total / len(words)).tolist(), left.tolist(), strict=True))
        best = nlargest(limit, (each for each in scored if each[0] >= LIKENESS))
        return [(self.ids[i], likeness) for likeness, i in best]


class Word:
    """One word that is looked for; ``pieces``: what stands in for it when it is misspelt."""

    def __init__(self, text: str) -> None:
        self.text = text
        plain = text.isascii()
        size = 3 if plain and len(text) >= LONG_WORD else 2
        share = LIKENESS_OF_PAIRS if plain and size == 2 else LIKENESS
        self.pieces: list[str] = []
        if len(text) >= LEAST_LETTERS[plain]:
            self.pieces = sorted({text[i : i + size] for i in range(len(text) - size + 1)})
        self.most_missing = int((1 - share) * len(self.pieces))

    def likeness(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Of each text the share of the word's pieces that it has, 0 for too few; of a short word,
        whether it has it."""
        if not self.pieces:
            return _in(self.text, texts).astype(np.float64)
        # What lacks more pieces than may be missing is not looked for the others.
        here = np.zeros(len(texts), np.int64)
        for piece in self.pieces[: self.most_missing + 1]:
            here += _in(piece, texts)
        some = np.flatnonzero(here)
        left = [texts[i] for i in some.tolist()]
        for piece in self.pieces[self.most_missing + 1 :]:
            here[some] += _in(piece, left)
        share = here / len(self.pieces)
        share[here < len(self.pieces) - self.most_missing] = 0
        return share


def _in(piece: str, texts: Sequence[str]) -> NDArray[np.bool_]:
    # contains() by map() stays in C: a loop of Python over all texts takes five times as long.
    return np.fromiter(map(contains, texts, repeat(piece)), np.bool_, len(texts))


class SearchIndex:
    """What a process keeps of one database, for whoever asks; brought up to date when it is asked.
    What is hidden from them is left out of what was found."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._statements = Texts()
        # How many the database had then: more than are kept, of too many.
        self._counted = 0
        self._themes = Texts()
        self._themes_of: tuple[object, ...] = ()

    def themes(self, session: Session, text: str, *, limit: int = 8) -> list[FoundTheme]:
        """Themes whose titles or keywords are like ``text``; merged and dismissed ones are not
        among them."""
        self._read_themes(session)
        found = dict(self._themes.best(text, limit))
        rows = session.exec(select(Theme).where(col(Theme.id).in_(found)))
        themes = [FoundTheme(theme, found[theme.id]) for theme in rows]
        return sorted(themes, key=lambda each: (-each.likeness, each.theme.number))

    def statements(self, session: Session, text: str, *, limit: int = 50) -> list[FoundStatement]:
        """Statements like ``text``, the likest first, the newest of equals."""
        with whole(session):
            self._read_statements(session)
        most = limit
        while True:
            found = self._statements.best(text, most)
            shown = _shown(session, dict(found))
            if len(shown) >= limit or len(found) < most:
                return [shown[each] for each, _ in found if each in shown][:limit]
            # Others take the place of those that are hidden from who asks, or gone.
            most *= 4

    def _read_themes(self, session: Session) -> None:
        state = session.exec(select(func.count(), func.max(Theme.updated_at))).one()
        with self._lock:
            if tuple(state) == self._themes_of:
                return
            rows = session.exec(
                select(Theme)
                .where(col(Theme.state).in_(KNOWN_STATES))
                .order_by(col(Theme.number).desc())
            ).all()
            # A line break between texts: no word is found across the end of one.
            self._themes = Texts(
                [theme.id for theme in rows],
                [folded("\n".join(searchable(theme))) for theme in rows],
            )
            self._themes_of = tuple(state)

    def _read_statements(self, session: Session) -> None:
        count = session.exec(select(func.count()).select_from(Statement)).one()
        with self._lock:
            known = self._statements
            fresh = count - self._counted
            if not fresh:
                return
            if fresh > 0 and known.ids:
                more = self._newer(session, known.ids[-1])
                if len(more) == fresh:
                    ids, texts = [*known.ids, *(i for i, _ in more)], known.texts + _texts(more)
                    self._statements = Texts(ids[-MOST_STATEMENTS:], texts[-MOST_STATEMENTS:])
                    self._counted = count
                    return
            # Erased, or committed in another order than they were made: read all anew.
            every = self._newer(session, None)
            self._statements = Texts([i for i, _ in every], _texts(every))
            self._counted = count

    @staticmethod
    def _newer(session: Session, than: uuid.UUID | None) -> list[tuple[uuid.UUID, str]]:
        asked = select(Statement.id, Statement.text).order_by(col(Statement.id).desc())
        if than is not None:
            asked = asked.where(col(Statement.id) > than)
        return list(session.exec(asked.limit(MOST_STATEMENTS)).all())[::-1]


def _shown(
    session: Session, likeness: Mapping[uuid.UUID, float]
) -> dict[uuid.UUID, FoundStatement]:
    """Of these statements those that are there and that who asks may see."""
    asked = (
        rows_of(Statement, Feedback, col(Customer.name), Theme)
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
        .join(Customer, col(Customer.id) == col(Feedback.customer_id), isouter=True)
        .join(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id), isouter=True)
        .join(Theme, col(Theme.id) == col(ThemeMembership.theme_id), isouter=True)
    )
    return {
        said.id: FoundStatement(
            said, voice.said_at, voice.channel, customer, theme, likeness[said.id]
        )
        for part in parts(list(likeness))
        for said, voice, customer, theme in session.execute(
            asked.where(col(Statement.id).in_(part))
        )
    }


_indexes = PerDatabase(SearchIndex)


def index_of(session: Session) -> SearchIndex:
    """One index a process and database, whoever asks."""
    return _indexes.of(session)


def _texts(rows: Sequence[tuple[uuid.UUID, str]]) -> list[str]:
    return [folded(text) for _, text in rows]
