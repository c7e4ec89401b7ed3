"""Themes that come up between two runs, found among what arrived since the last one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Engine, func
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from vocloop.quoting import withheld, withhold
from vocloop.themes.areas import name_areas, sizes_of
from vocloop.themes.assign import Fresh, KnownThemes
from vocloop.themes.discover import smallest
from vocloop.themes.kinship import FELLOWS
from vocloop.themes.labels import Label, label
from vocloop.themes.minority import tight_groups
from vocloop.themes.nearest import nearest
from vocloop.themes.overrule import in_force
from vocloop.themes.placing import note, placements, themes_of, there
from vocloop.themes.registry import insert_new, newest, release
from vocloop.themes.space import unit
from vocloop.themes.titles import write_labels
from vocloop.themes.turns import take_turns
from vocloop_models import (
    KNOWN_STATES,
    AssignedBy,
    FactKind,
    FactStatement,
    Feedback,
    FeedbackState,
    MinorityMember,
    RunState,
    Statement,
    Theme,
    ThemeEventKind,
    ThemeFact,
    ThemeMembership,
    now,
)
from vocloop_models.bulk import parts
from vocloop_models.database import reading, transaction

Floats = NDArray[np.float32]
Ints = NDArray[np.intp]

# Statements that came since the run, the newest of them, that are looked at.
MOST = 5_000
# A group that is "not a theme" to this share, or more, is none when it grows either.
MOSTLY = 0.5


@dataclass(frozen=True)
class _Recent:
    """What came since the run, and what people said is not a theme, aligned. ``free`` (n,): it has
    no theme, or one that it was given on arrival and is farther from than from its fellows."""

    ids: list[uuid.UUID]
    texts: list[str]
    languages: list[str]
    themes: list[uuid.UUID | None]
    points: Floats
    free: NDArray[np.bool_]
    dismissed: NDArray[np.bool_]
    withheld: frozenset[int] = frozenset()


def emerge(engine: Engine, known: KnownThemes, encoder: str) -> list[uuid.UUID]:
    """New themes out of what arrived since the last run: their ids.

    A group is a theme when it holds as many statements as a run asks of one, as near to each other
    as members of themes are. Those without a theme are taken, and those that are nearer to each
    other than to the theme that each was given alone: nobody could know of the others then. It is
    born at once, told as found "between runs", and the next run knows it. What people placed, took
    out of themes or called no theme is left alone."""
    with reading(engine) as session:
        run = newest(session, RunState.DONE)
        usual = run.quality.get("usual_nearness") if run else None
        if run is None or usual is None or run.encoder != encoder:
            return []
        least = smallest(session.exec(select(func.count()).select_from(Statement)).one())
        fresh = known.fresh(MOST)
        if len(fresh.ids) < least:
            return []
        recent = _recent(session, fresh, known)
    found = _groups(recent, usual, least)
    if not found:
        return []
    named = _named(recent, found)
    with transaction(engine) as session:
        take_turns(session)
        return _write(session, recent, found, named, known)


def _recent(session: Session, fresh: Fresh, known: KnownThemes) -> _Recent:
    dismissed = session.exec(
        select(FactStatement.statement_id)
        .join(ThemeFact, col(ThemeFact.id) == col(FactStatement.fact_id))
        .where(ThemeFact.kind == FactKind.NOT_A_THEME, *in_force())
    )
    not_themes = set(dismissed)
    others, far = known.points(list(not_themes - set(fresh.ids)))
    ids = [*fresh.ids, *others]
    points = np.concatenate([fresh.points, far]) if others else fresh.points
    told = {
        i: (text, language, state)
        for some in parts(ids)
        for i, text, language, state in session.execute(
            rows_of(
                col(Statement.id), col(Statement.text), col(Statement.language), col(Feedback.state)
            )
            .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
            .where(col(Statement.id).in_(some))
        )
    }
    said = {s for s, place in placements(session, ids).items() if not place.automatic}
    themes = themes_of(session, ids)
    may = np.array(
        [
            i in told
            and i not in said
            and told[i][2] is FeedbackState.THEMED
            and themes.get(i) == theme
            for i, theme in zip(fresh.ids, fresh.themes, strict=True)
        ]
    )
    hidden = withheld(session)
    free = np.zeros(len(ids), np.bool_)
    free[: len(fresh.ids)] = may & nearer_to_each_other(fresh)
    return _Recent(
        ids,
        [told[i][0] if i in told else "" for i in ids],
        [told[i][1] if i in told else "und" for i in ids],
        [themes.get(i) for i in ids],
        points,
        free,
        np.array([i in not_themes for i in ids], np.bool_),
        frozenset(row for row, i in enumerate(ids) if i in hidden),
    )


def _fellowship(points: Floats) -> Floats:
    """How near each of them is to the others: kinship, as if they were a theme."""
    _, near = nearest(points, points, FELLOWS, same=True)
    return near.mean(axis=1) if near.shape[1] else np.full(len(points), -1, np.float32)


def _groups(recent: _Recent, usual: float, least: int) -> list[list[int]]:
    """Rows of ``recent``: groups that hold enough free ones and are not dismissed, each with the
    free rows that are as near to it as the farthest of its own."""
    rows = np.flatnonzero(recent.free | recent.dismissed)
    groups = []
    for members, _ in tight_groups(recent.points[rows], usual, least):
        own = rows[members]
        free = own[recent.free[own]]
        if len(free) >= least and recent.dismissed[own].mean() < MOSTLY:
            groups.append(free)
    return [sorted(each) for each in _followed(recent, groups)]


def groups_among(fresh: Fresh, usual: float, least: int) -> list[list[int]]:
    """New themes among what came since a run, as rows of ``fresh``, when people said nothing."""
    n = len(fresh.ids)
    free = nearer_to_each_other(fresh)
    recent = _Recent(
        fresh.ids, [""] * n, [""] * n, fresh.themes, fresh.points, free, np.zeros(n, np.bool_)
    )
    return _groups(recent, usual, least) if n >= least else []


def nearer_to_each_other(fresh: Fresh) -> NDArray[np.bool_]:
    """(n,): rows without a theme, and those that are nearer to others of them than to theirs."""
    free: NDArray[np.bool_] = _fellowship(fresh.points) > fresh.bonds
    return free


def _followed(recent: _Recent, groups: Sequence[Ints]) -> list[list[int]]:
    followers = [each.tolist() for each in groups]
    left = np.setdiff1d(np.flatnonzero(recent.free), np.concatenate([*groups, []]).astype(int))
    best, home = np.full(len(left), -np.inf), np.full(len(left), -1)
    for number, own in enumerate(groups):
        points = recent.points[own]
        farthest = _fellowship(points).min()
        _, near = nearest(recent.points[left], points, FELLOWS, same=False)
        bond = near.mean(axis=1)
        joins = (bond >= farthest) & (bond > best)
        best[joins], home[joins] = bond[joins], number
    for row, number in zip(left.tolist(), home.tolist(), strict=True):
        if number >= 0:
            followers[number].append(row)
    return followers


def _named(recent: _Recent, found: Sequence[list[int]]) -> dict[int, Label]:
    """Titles and keywords of the groups, told apart by the words of the themes of the others."""
    numbers: list[uuid.UUID | int | None] = list(recent.themes)
    for number, rows in enumerate(found):
        for row in rows:
            numbers[row] = number
    named = label(
        recent.texts,
        recent.languages,
        numbers,
        recent.points,
        only=set(range(len(found))),
        withheld=recent.withheld,
    )
    return {number: each for number, each in named.items() if isinstance(number, int)}


def _write(
    session: Session,
    recent: _Recent,
    found: Sequence[list[int]],
    named: dict[int, Label],
    known: KnownThemes,
) -> list[uuid.UUID]:
    # A run or a person may have been at them meanwhile, or have erased them.
    ids = [recent.ids[row] for rows in found for row in rows]
    held, left = themes_of(session, ids), there(session, ids)
    number = session.exec(select(func.max(Theme.number))).one() or 0
    born: dict[int, uuid.UUID] = {}
    for group, rows in enumerate(found):
        if any(held.get(recent.ids[row]) != recent.themes[row] for row in rows):
            continue
        if not left.issuperset(recent.ids[row] for row in rows):
            continue
        middle = unit(recent.points[rows].mean(axis=0, keepdims=True))[0]
        theme = Theme(number=number + len(born) + 1, area_id=_area(session, known, middle))
        session.add(theme)
        session.flush()
        born[group] = theme.id
        moment = now()
        fresh = [
            {
                "statement_id": recent.ids[row],
                "theme_id": theme.id,
                "confidence": round(float(np.clip(recent.points[row] @ middle, 0, 1)), 4),
                "central": row in named[group].quotes,
                "assigned_by": AssignedBy.ARRIVAL,
                "assigned_at": moment,
            }
            for row in rows
        ]
        gone = [recent.ids[row] for row in rows]
        release(session, gone)
        insert_new(session, ThemeMembership, fresh)
        session.exec(sa.delete(MinorityMember).where(col(MinorityMember.statement_id).in_(gone)))
        detail = {"statements": len(rows), "found": "between runs"}
        note(session, theme.id, ThemeEventKind.BORN, detail)
    write_labels(session, born, named)
    # Somebody may have been restricted meanwhile.
    withhold(session)
    living = session.exec(select(Theme).where(col(Theme.state).in_(KNOWN_STATES))).all()
    name_areas(session, living, sizes_of(session))
    for group, theme_id in born.items():
        known.move([recent.ids[row] for row in found[group]], theme_id)
    return list(born.values())


def _area(session: Session, known: KnownThemes, middle: Floats) -> uuid.UUID | None:
    """The area of the theme whose statements lie nearest; the next run looks closer."""
    nearest_theme = known.nearest_theme(middle)
    theme = session.get(Theme, nearest_theme) if nearest_theme else None
    return theme.area_id if theme else None
