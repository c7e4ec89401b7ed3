"""What every edit of themes writes down: the fact itself, who says so, and what it outdates."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, or_, update
from sqlmodel import Session, col

from vocloop.errors import InvalidInputError
from vocloop.themes.placing import note
from vocloop_models import (
    FactKind,
    FactStatement,
    ProposalState,
    ThemeEventKind,
    ThemeFact,
    ThemeProposal,
    now,
)

MOST_NOTE = 2000
MOST_NAME = 200


@dataclass(frozen=True)
class Author:
    """Who says so, and why; ``automatic`` when it is no person but a setting."""

    by: str | None = None
    note: str | None = None
    automatic: bool = False


SOMEONE = Author()


def record(
    session: Session,
    kind: FactKind,
    author: Author,
    theme_id: uuid.UUID | None,
    other_id: uuid.UUID | None = None,
    *,
    language: str | None = None,
    title: str | None = None,
    before: dict[str, Any] | None = None,
) -> ThemeFact:
    """Keep the fact. Raises InvalidInputError for a name or a note that is too long."""
    for name, value, most in (("by", author.by, MOST_NAME), ("note", author.note, MOST_NOTE)):
        if value is not None and len(value) > most:
            reason = f"is {len(value)} characters long; shorten it to {most}"
            raise InvalidInputError(f"{name} {reason}", [(name, reason)])
    fact = ThemeFact(
        kind=kind,
        theme_id=theme_id,
        other_id=other_id,
        by=author.by,
        note=author.note,
        automatic=author.automatic,
        language=language,
        title=title,
        before=before or {},
    )
    session.add(fact)
    session.flush()
    return fact


def link(session: Session, fact: ThemeFact, before: Mapping[uuid.UUID, uuid.UUID | None]) -> None:
    """Keep which statements the fact placed. before: the theme that each was in."""
    rows = [{"fact_id": fact.id, "statement_id": s, "before_id": t} for s, t in before.items()]
    if rows:
        session.execute(insert(FactStatement), rows)


def tell(
    session: Session, theme_id: uuid.UUID, kind: ThemeEventKind, fact: ThemeFact, **detail: object
) -> None:
    """Add a line to the theme's history."""
    note(session, theme_id, kind, {"fact": fact.id, "by": fact.by, **detail})
    session.flush()


def outdate(session: Session, *themes: uuid.UUID, splits_only: bool = False) -> None:
    """What a run proposed of these themes is no longer what it saw."""
    about = or_(col(ThemeProposal.theme_id).in_(themes), col(ThemeProposal.other_id).in_(themes))
    if splits_only:
        about = about & col(ThemeProposal.other_id).is_(None)
    session.exec(
        update(ThemeProposal)
        .where(col(ThemeProposal.state) == ProposalState.OPEN, about)
        .values(state=ProposalState.OUTDATED, updated_at=now())
    )
