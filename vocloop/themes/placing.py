"""Which theme a statement is in: written into memberships, and decided by people's facts."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import delete, func, insert, update
from sqlmodel import Session, col, select

from vocloop.errors import ConflictError, NotFoundError, says
from vocloop_models import (
    KNOWN_STATES,
    AssignedBy,
    FactKind,
    FactStatement,
    Statement,
    Theme,
    ThemeEvent,
    ThemeEventKind,
    ThemeFact,
    ThemeMembership,
    ThemeState,
    now,
)
from vocloop_models.bulk import among, parts


def shown(theme: Theme) -> str:
    return f"T-{theme.number:04d}"


def get_theme(session: Session, theme_id: uuid.UUID) -> Theme:
    """Raises NotFoundError for an unknown id."""
    theme = session.get(Theme, theme_id)
    if theme is None:
        raise NotFoundError(f"there is no theme {theme_id}; it may be of another database")
    return theme


def open_theme(session: Session, theme_id: uuid.UUID) -> Theme:
    """A theme that people may edit; raises ConflictError for one that is merged or dismissed."""
    theme = get_theme(session, theme_id)
    if theme.state is ThemeState.MERGED:
        final = get_theme(session, resolve(session, theme_id))
        raise ConflictError(
            says(
                "%(theme)s was merged into %(into)s; edit that one, or undo the merge",
                theme=shown(theme),
                into=shown(final),
            )
        )
    if theme.state is ThemeState.DISMISSED:
        raise ConflictError(
            says("%(theme)s was marked as not a theme; undo that first", theme=shown(theme))
        )
    return theme


def pointers(
    session: Session, *, leaving_out: uuid.UUID | None = None
) -> dict[uuid.UUID, uuid.UUID]:
    """Every merged theme with the theme that it is now part of, through however many merges.

    ``leaving_out``: as if that one had not been merged."""
    direct = {
        gone: into
        for gone, into in session.exec(
            select(Theme.id, Theme.merged_into).where(Theme.state == ThemeState.MERGED)
        )
        if into is not None and gone != leaving_out
    }
    return {gone: _end(gone, direct) for gone in direct}


def _end(theme: uuid.UUID, direct: Mapping[uuid.UUID, uuid.UUID]) -> uuid.UUID:
    while theme in direct:
        theme = direct[theme]
    return theme


def destinations(session: Session) -> dict[uuid.UUID, uuid.UUID | None]:
    """Where statements go that are said to be of a theme which people ended: of a merged theme to
    the one it is part of, of a dismissed one to none. Other themes are not in it."""
    dismissed = set(session.exec(select(Theme.id).where(Theme.state == ThemeState.DISMISSED)))
    ended: dict[uuid.UUID, uuid.UUID | None] = dict.fromkeys(dismissed)
    return ended | {
        gone: None if into in dismissed else into for gone, into in pointers(session).items()
    }


def resolve(session: Session, theme_id: uuid.UUID) -> uuid.UUID:
    """The theme that a known id stands for today: itself, or what it was merged into."""
    theme = get_theme(session, theme_id)
    while theme.state is ThemeState.MERGED and theme.merged_into is not None:
        theme = get_theme(session, theme.merged_into)
    return theme.id


def members(session: Session, theme_id: uuid.UUID) -> list[uuid.UUID]:
    return list(
        session.exec(
            select(ThemeMembership.statement_id)
            .where(ThemeMembership.theme_id == theme_id)
            .order_by(col(ThemeMembership.statement_id))
        )
    )


def size(session: Session, theme_id: uuid.UUID) -> int:
    return session.exec(
        select(func.count())
        .select_from(ThemeMembership)
        .where(ThemeMembership.theme_id == theme_id)
    ).one()


def there(session: Session, statements: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of ``statements`` that nobody has erased."""
    asked = select(Statement.id).where(among(session, col(Statement.id), statements))
    return set(session.exec(asked))


def themes_of(session: Session, statements: Iterable[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """The theme of each statement that has one."""
    found: dict[uuid.UUID, uuid.UUID] = {}
    for part in parts(sorted(statements)):
        found |= dict(
            session.exec(
                select(ThemeMembership.statement_id, ThemeMembership.theme_id).where(
                    col(ThemeMembership.statement_id).in_(part)
                )
            ).all()
        )
    return found


def put(session: Session, statements: Sequence[uuid.UUID], theme_id: uuid.UUID | None) -> None:
    """Let ``statements`` be of the theme, or of none, because a person says so."""
    present = themes_of(session, statements)
    moment = now()
    for part in parts(sorted(statements)):
        chosen = col(ThemeMembership.statement_id).in_(part)
        if theme_id is None:
            session.exec(delete(ThemeMembership).where(chosen))
            continue
        session.exec(
            update(ThemeMembership)
            .where(chosen)
            .values(
                theme_id=theme_id,
                central=False,
                part=None,
                assigned_by=AssignedBy.PERSON,
                assigned_at=moment,
            )
        )
        fresh = [s for s in part if s not in present]
        if fresh:
            session.execute(
                insert(ThemeMembership),
                [
                    {
                        "statement_id": s,
                        "theme_id": theme_id,
                        "confidence": 1.0,
                        "central": False,
                        "assigned_by": AssignedBy.PERSON,
                        "assigned_at": moment,
                    }
                    for s in fresh
                ],
            )


@dataclass(frozen=True)
class Placement:
    """What a fact says of a statement: the theme (through no merge yet), or None."""

    fact_id: uuid.UUID
    theme_id: uuid.UUID | None
    automatic: bool = False


def placements(
    session: Session, statements: Iterable[uuid.UUID] | None = None
) -> dict[uuid.UUID, Placement]:
    """The newest fact in force that says where a statement belongs, for each that has one.

    All statements when ``statements`` is None."""
    query = (
        sa.select(
            col(FactStatement.statement_id),
            col(ThemeFact.id),
            col(ThemeFact.kind),
            col(ThemeFact.theme_id),
            col(ThemeFact.other_id),
            col(ThemeFact.automatic),
        )
        .join(ThemeFact, col(ThemeFact.id) == col(FactStatement.fact_id))
        .where(col(ThemeFact.undone_at).is_(None), col(ThemeFact.overruled_by).is_(None))
        .order_by(col(ThemeFact.id))
    )
    found: dict[uuid.UUID, Placement] = {}
    for part in [None] if statements is None else parts(sorted(statements)):
        some = query if part is None else query.where(col(FactStatement.statement_id).in_(part))
        for statement, fact, kind, theme, other, automatic in session.execute(some):
            found[statement] = Placement(fact, _target(kind, theme, other), automatic)
    return found


def _target(
    kind: FactKind, theme_id: uuid.UUID | None, other_id: uuid.UUID | None
) -> uuid.UUID | None:
    if kind is FactKind.MOVE:
        return theme_id
    return None if kind is FactKind.NOT_A_THEME else other_id


def standing(session: Session, theme_id: uuid.UUID | None) -> uuid.UUID | None:
    """Where statements of a theme belong today: through merges; None when it was dismissed."""
    if theme_id is None:
        return None
    theme = get_theme(session, resolve(session, theme_id))
    return None if theme.state is ThemeState.DISMISSED else theme.id


def living(session: Session, theme: Theme) -> None:
    """A theme that people put statements into is a theme again, whatever runs made of it."""
    theme.updated_at = now()
    if theme.state in KNOWN_STATES and theme.state is not ThemeState.FADED:
        return
    theme.state, theme.missed_runs = ThemeState.ACTIVE, 0
    note(session, theme.id, ThemeEventKind.REVIVED, {"statements": size(session, theme.id)})


def note(
    session: Session,
    theme_id: uuid.UUID,
    kind: ThemeEventKind,
    detail: Mapping[str, Any],
    run_id: uuid.UUID | None = None,
) -> None:
    """A line of the theme's history; ids in ``detail`` are kept as text, what is None left out.

    "from", "into" and "other" name another theme; its number is told with it, for people."""
    told = {
        name: str(value) if isinstance(value, uuid.UUID) else value
        for name, value in detail.items()
        if value is not None
    }
    for name in ("from", "into", "other"):
        if detail.get(name) is not None:
            told["number"] = get_theme(session, detail[name]).number
    session.add(ThemeEvent(theme_id=theme_id, run_id=run_id, kind=kind, detail=told))
