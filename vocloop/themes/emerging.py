"""Themes that come up between two runs, found among what arrived since the last one."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Engine, exists, func
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from vocloop.themes.areas import name_areas, sizes_of
from vocloop.themes.discover import smallest
from vocloop.themes.labels import Label, label
from vocloop.themes.minority import tight_groups
from vocloop.themes.overrule import in_force
from vocloop.themes.placing import note, placements, themes_of
from vocloop.themes.registry import insert_new, newest
from vocloop.themes.space import fit, unit
from vocloop.themes.titles import write_labels
from vocloop.themes.turns import take_turns
from vocloop_models import (
    KNOWN_STATES,
    AssignedBy,
    ClusterRun,
    FactKind,
    FactStatement,
    Feedback,
    FeedbackState,
    MinorityMember,
    RunState,
    Statement,
    StatementVector,
    Theme,
    ThemeEventKind,
    ThemeFact,
    ThemeMembership,
    now,
)
from vocloop_models.database import reading, transaction

Floats = NDArray[np.float32]

# The newest statements, which tell the space that nearness is measured in.
SAMPLE = 5_000
# A group that is "not a theme" to this share, or more, is none when it grows either.
MOSTLY = 0.5


@dataclass(frozen=True)
class _Recent:
    """The newest statements, aligned: ``fresh`` came after the run and have no theme,
    ``dismissed`` are part of what people said is not a theme."""

    ids: list[uuid.UUID]
    texts: list[str]
    languages: list[str]
    themes: list[uuid.UUID | None]
    points: Floats
    fresh: NDArray[np.bool_]
    dismissed: NDArray[np.bool_]


def emerge(engine: Engine, encoder: str) -> list[uuid.UUID]:
    """New themes out of what arrived since the last run and is unassigned: their ids.

    A group is a theme when it holds as many statements as a run asks of one, as near to each other
    as members of themes are. It is born at once, told as found "between runs", and the next run
    knows it. What people took out of themes, or called no theme, does not come back."""
    with reading(engine) as session:
        run = newest(session, RunState.DONE)
        usual = run.quality.get("usual_nearness") if run else None
        if run is None or usual is None or run.encoder != encoder:
            return []
        everything = session.exec(select(func.count()).select_from(Statement)).one()
        least = smallest(everything)
        if _waiting(session, run) < least:
            return []
        recent = _recent(session, run, encoder)
    found = _groups(recent, usual, least)
    if not found:
        return []
    numbers: list[int | None] = [None] * len(recent.ids)
    for number, rows in enumerate(found):
        for row in rows:
            numbers[row] = number
    named = label(recent.texts, recent.languages, numbers, recent.points)
    with transaction(engine) as session:
        take_turns(session)
        return _write(session, recent, found, named)


def _fresh(run: ClusterRun) -> list[sa.ColumnElement[bool]]:
    """Conditions on Statement and Feedback; ids tell when a statement was made."""
    return [
        col(Statement.id) > run.id,
        col(Feedback.state) == FeedbackState.THEMED,
        col(Feedback.repeats_id).is_(None),  # who says it twice is one voice
        ~exists().where(col(ThemeMembership.statement_id) == col(Statement.id)),
    ]


def _waiting(session: Session, run: ClusterRun) -> int:
    return session.exec(
        select(func.count())
        .select_from(Statement)
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
        .where(*_fresh(run))
    ).one()


def _recent(session: Session, run: ClusterRun, encoder: str) -> _Recent:
    rows = session.execute(
        rows_of(
            col(Statement.id),
            col(Statement.text),
            col(Statement.language),
            col(Feedback.state),
            col(StatementVector.vector),
            col(Feedback.repeats_id),
        )
        .join(StatementVector, col(StatementVector.statement_id) == col(Statement.id))
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
        .where(col(StatementVector.encoder) == encoder)
        .order_by(col(Statement.id).desc())
        .limit(SAMPLE)
    ).all()
    ids = [row[0] for row in rows]
    languages = [row[2] for row in rows]
    vectors = np.array([np.frombuffer(row[4], "<f2") for row in rows], np.float32)
    themes = themes_of(session, ids)
    said = {s for s, place in placements(session, ids).items() if not place.automatic}
    not_themes = set(
        session.exec(
            select(FactStatement.statement_id)
            .join(ThemeFact, col(ThemeFact.id) == col(FactStatement.fact_id))
            .where(ThemeFact.kind == FactKind.NOT_A_THEME, *in_force())
        )
    )
    fresh = [
        i > run.id
        and i not in themes
        and i not in said
        and row[3] is FeedbackState.THEMED
        and row[5] is None
        for i, row in zip(ids, rows, strict=True)
    ]
    return _Recent(
        ids,
        [row[1] for row in rows],
        languages,
        [themes.get(i) for i in ids],
        fit(vectors, languages).apply(vectors, languages),
        np.array(fresh, np.bool_),
        np.array([i in not_themes for i in ids], np.bool_),
    )


def _groups(recent: _Recent, usual: float, least: int) -> list[list[int]]:
    """Rows of ``recent``: groups that hold enough fresh ones and are not dismissed."""
    rows = np.flatnonzero(recent.fresh | recent.dismissed)
    groups = []
    for members, _ in tight_groups(recent.points[rows], usual, least):
        own = rows[members]
        fresh = own[recent.fresh[own]]
        if len(fresh) >= least and recent.dismissed[own].mean() < MOSTLY:
            groups.append(fresh.tolist())
    return groups


def _write(
    session: Session, recent: _Recent, found: Sequence[list[int]], named: dict[int, Label]
) -> list[uuid.UUID]:
    # A run or a person may have been at them meanwhile.
    held = themes_of(session, [recent.ids[row] for rows in found for row in rows])
    number = session.exec(select(func.max(Theme.number))).one() or 0
    born: dict[int, uuid.UUID] = {}
    for group, rows in enumerate(found):
        if any(recent.ids[row] in held for row in rows):
            continue
        theme = Theme(number=number + len(born) + 1, area_id=_area(session, recent, rows))
        session.add(theme)
        session.flush()
        born[group] = theme.id
        middle = unit(recent.points[rows].mean(axis=0, keepdims=True))[0]
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
        insert_new(session, ThemeMembership, fresh)
        gone = [recent.ids[row] for row in rows]
        session.exec(sa.delete(MinorityMember).where(col(MinorityMember.statement_id).in_(gone)))
        detail = {"statements": len(rows), "found": "between runs"}
        note(session, theme.id, ThemeEventKind.BORN, detail)
    write_labels(session, born, named)
    known = session.exec(select(Theme).where(col(Theme.state).in_(KNOWN_STATES))).all()
    name_areas(session, known, sizes_of(session))
    return list(born.values())


def _area(session: Session, recent: _Recent, rows: Sequence[int]) -> uuid.UUID | None:
    """The area of the theme whose statements lie nearest; the next run looks closer."""
    others = np.array([row for row, theme in enumerate(recent.themes) if theme is not None], int)
    if not len(others):
        return None
    middle = recent.points[list(rows)].mean(axis=0)
    nearest = int(others[int((recent.points[others] @ middle).argmax())])
    theme = session.get(Theme, recent.themes[nearest])
    return theme.area_id if theme else None
