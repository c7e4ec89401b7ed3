"""What a run changed in the identity of themes, told as events.

An event is written only when there is something to tell: a run over the same data writes none,
and a theme that takes in a few statements with every run is told of once they amount to GROWTH."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection

from sqlalchemy import func
from sqlmodel import Session, col, select

from vocloop.themes.placing import destinations, note, placements
from vocloop.themes.registry import Change
from vocloop_models import (
    KNOWN_STATES,
    Theme,
    ThemeEvent,
    ThemeEventKind,
    ThemeMembership,
    ThemeState,
    now,
)

# A theme "grew" when it has this share more statements than its history told last.
GROWTH = 0.2
# Below this overlap (Jaccard index) of a theme with what it was before the run, people should
# know that it is no longer the same set.
SAME = 0.8
# Of one theme's statements that another one holds, the share from which it is its origin or heir.
MOST = 0.5
# Runs with new data in which a theme was not found before it retires.
RETIRE_AFTER = 3


def tell(
    session: Session,
    run_id: uuid.UUID,
    change: Change,
    *,
    found: Collection[uuid.UUID],
    growing: bool,
) -> set[uuid.UUID]:
    """Write the events of a run and the states that follow from them; the themes that retired,
    whose last statements the caller releases.

    ``found``: the known themes that the run found again. ``growing``: there is data that the run
    before did not have; only then does a run count against a theme that it did not find. Themes
    into which people put statements neither fade nor retire: they said that they are ones."""
    sizes: Counter[uuid.UUID] = Counter(
        dict(
            session.exec(
                select(ThemeMembership.theme_id, func.count()).group_by(
                    col(ThemeMembership.theme_id)
                )
            ).all()
        )
    )
    told = _told(session)
    ended = destinations(session)
    placed = {place.theme_id for place in placements(session).values() if not place.automatic}
    held = {ended.get(theme, theme) for theme in placed if theme is not None}
    themes = list(
        session.exec(
            select(Theme).where(col(Theme.state).in_(KNOWN_STATES)).order_by(col(Theme.number))
        )
    )
    notes = _Notes(session, run_id, sizes)
    for theme in themes:
        if theme.id in change.born:
            _born(notes, theme, change)
    retired: set[uuid.UUID] = set()
    for theme in themes:
        if theme.id in change.born or theme.id in found or theme.id in held:
            continue
        retired |= _missed(notes, theme, change, growing=growing)
    for theme in themes:
        if (
            theme.id in change.coming
            and theme.id not in change.born
            and theme.id not in notes.missed
        ):
            _continued(notes, theme, change, told.get(theme.id, 0))
    session.flush()
    return retired


class _Notes:
    """Events of one run; remembers whose size it has told, and who was not found."""

    def __init__(self, session: Session, run_id: uuid.UUID, sizes: Counter[uuid.UUID]) -> None:
        self.sizes = sizes
        self.done: set[uuid.UUID] = set()
        self.missed: set[uuid.UUID] = set()
        self._session = session
        self._run_id = run_id

    def add(self, theme_id: uuid.UUID, kind: ThemeEventKind, **detail: object) -> None:
        self.done.add(theme_id)
        size = {"statements": self.sizes[theme_id]}
        note(self._session, theme_id, kind, detail | size, self._run_id)


def _born(notes: _Notes, theme: Theme, change: Change) -> None:
    came = change.coming[theme.id]
    origin, n = _most(came)
    if origin is None or n < MOST * came.total():
        notes.add(theme.id, ThemeEventKind.BORN)
        return
    notes.add(theme.id, ThemeEventKind.BORN, **{"from": origin})
    if origin in change.coming:
        notes.add(origin, ThemeEventKind.SPLIT, into=theme.id, left=n)


def _missed(notes: _Notes, theme: Theme, change: Change, *, growing: bool) -> set[uuid.UUID]:
    """A theme that the run did not find: pinned ones stay, others fade, then retire."""
    if theme.pinned:
        return set()
    notes.missed.add(theme.id)
    if theme.missed_runs == 0 or growing:
        theme.missed_runs += 1
    if theme.state is ThemeState.ARCHIVED:
        return set()
    went = change.leaving.get(theme.id, Counter())
    heir, n = _most(Counter({t: n for t, n in went.items() if t != theme.id}))
    into = heir if n and n >= MOST * went.total() else None
    if into is not None and into not in change.born:
        notes.add(into, ThemeEventKind.MERGED, **{"from": theme.id}, joined=n)
    if not notes.sizes[theme.id] or theme.missed_runs >= RETIRE_AFTER:
        theme.state, theme.updated_at = ThemeState.RETIRED, now()
        notes.add(theme.id, ThemeEventKind.RETIRED, into=into)
        return {theme.id}
    if theme.state is ThemeState.ACTIVE:
        theme.state, theme.updated_at = ThemeState.FADED, now()
        notes.add(theme.id, ThemeEventKind.FADED, into=into)
    return set()


def _continued(notes: _Notes, theme: Theme, change: Change, told: int) -> None:
    theme.missed_runs = 0
    came, went = change.coming[theme.id], change.leaving.get(theme.id, Counter())
    stayed = came[theme.id]
    overlap = round(stayed / (came.total() + went.total() - stayed), 3)
    kind = None
    if theme.state is ThemeState.FADED:
        theme.state, theme.updated_at = ThemeState.ACTIVE, now()
        kind = ThemeEventKind.REVIVED
    elif theme.id in notes.done:
        return
    elif notes.sizes[theme.id] >= told * (1 + GROWTH):
        kind = ThemeEventKind.GREW
    elif overlap < SAME:
        kind = ThemeEventKind.CONTINUED
    if kind is not None:
        notes.add(theme.id, kind, before=told, overlap=overlap)


def _most(counts: Counter[uuid.UUID | None]) -> tuple[uuid.UUID | None, int]:
    """The theme with the greatest count, the older one of equals."""
    known = [(-n, theme) for theme, n in counts.items() if theme is not None]
    if not known:
        return None, 0
    count, theme = min(known)
    return theme, -count


def _told(session: Session) -> dict[uuid.UUID, int]:
    """The number of statements that each theme's history told last."""
    rows = session.exec(select(ThemeEvent.theme_id, ThemeEvent.detail).order_by(col(ThemeEvent.id)))
    return {theme: int(d["statements"]) for theme, d in rows if "statements" in d}
