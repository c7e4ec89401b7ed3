"""Known themes in the database: what a run found is written as changes to them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, true
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from vocloop.themes.discover import Discovery
from vocloop.themes.identity import match
from vocloop.themes.labels import Label
from vocloop_models import (
    AssignedBy,
    ClusterRun,
    RunState,
    Theme,
    ThemeEvent,
    ThemeEventKind,
    ThemeMembership,
    ThemeState,
    now,
)

# A theme that gained at least this share of its members since the last run "grew".
GROWTH = 0.2
# Ids in one statement: below SQLite's limit of bound values on old builds.
CHUNK = 500


def newest(session: Session, state: RunState) -> ClusterRun | None:
    return session.exec(
        select(ClusterRun)
        .where(ClusterRun.state == state)
        .order_by(col(ClusterRun.id).desc())
        .limit(1)
    ).first()


@dataclass(frozen=True)
class Assignment:
    theme_id: uuid.UUID
    confidence: float
    central: bool


def identify(
    session: Session, run_id: uuid.UUID, statements: Sequence[uuid.UUID], found: Discovery
) -> dict[int, uuid.UUID]:
    """The theme of each cluster: known themes keep their id, new ones are added (without a
    title yet), with an event for every change. Themes that no cluster continues fade."""
    current = dict(
        session.exec(select(ThemeMembership.statement_id, ThemeMembership.theme_id)).all()
    )
    seen = [i for i, s in enumerate(statements) if s in current]
    matches = match([current[statements[i]] for i in seen], found.labels[seen])
    themes = {t.id: t for t in session.exec(select(Theme)).all()}
    number = session.exec(select(func.max(Theme.number))).one() or 0
    last = newest(session, RunState.DONE)
    since = last.finished_at if last else None
    # Arrivals since the last run are growth, though they have their theme already.
    before = Counter(
        session.exec(
            select(ThemeMembership.theme_id).where(
                col(ThemeMembership.assigned_at) <= since if since else true()
            )
        ).all()
    )
    size = Counter(c for c in found.labels.tolist() if c >= 0)
    by_cluster: dict[int, uuid.UUID] = {}
    for m in matches:
        theme = themes[uuid.UUID(str(m.theme))]
        by_cluster[m.cluster] = theme.id
        session.add(_continued(theme, run_id, before[theme.id], size[m.cluster], m.overlap))
        if theme.state == ThemeState.FADED:
            theme.state = ThemeState.ACTIVE
    for cluster in sorted(set(size) - set(by_cluster)):
        number += 1
        theme = Theme(number=number)
        session.add(theme)
        session.flush()
        session.add(
            ThemeEvent(
                theme_id=theme.id,
                run_id=run_id,
                kind=ThemeEventKind.BORN,
                detail={"statements": size[cluster]},
            )
        )
        by_cluster[cluster] = theme.id
    kept = set(by_cluster.values())
    for theme in themes.values():
        if theme.state == ThemeState.ACTIVE and theme.id not in kept:
            theme.state = ThemeState.FADED
            session.add(
                ThemeEvent(
                    theme_id=theme.id,
                    run_id=run_id,
                    kind=ThemeEventKind.FADED,
                    detail={"statements": before[theme.id]},
                )
            )
    session.flush()
    return by_cluster


def _continued(
    theme: Theme, run_id: uuid.UUID, before: int, after: int, overlap: float
) -> ThemeEvent:
    if theme.state == ThemeState.FADED:
        kind = ThemeEventKind.REVIVED
    elif after >= before * (1 + GROWTH):
        kind = ThemeEventKind.GREW
    else:
        kind = ThemeEventKind.CONTINUED
    return ThemeEvent(
        theme_id=theme.id,
        run_id=run_id,
        kind=kind,
        detail={"before": before, "statements": after, "overlap": round(overlap, 3)},
    )


def write_members(
    session: Session,
    statements: Sequence[uuid.UUID],
    found: Discovery,
    themes: Mapping[int, uuid.UUID],
    labels: Mapping[int, Label],
) -> None:
    """Bring the memberships of ``statements`` to what the run found, touching only those that
    differ; statements that arrived while it ran keep what they were given on arrival."""
    central = {statements[i] for lab in labels.values() for i in lab.quotes}
    wanted = {
        s: Assignment(themes[cluster], round(confidence, 4), s in central)
        for s, cluster, confidence in zip(
            statements, found.labels.tolist(), found.confidence.tolist(), strict=True
        )
        if cluster >= 0
    }
    covered = set(statements)
    present = {
        m.statement_id: Assignment(m.theme_id, m.confidence, m.central)
        for m in session.exec(select(ThemeMembership)).all()
        if m.statement_id in covered
    }
    changed = [s for s in covered if wanted.get(s) != present.get(s)]
    stale = [s for s in changed if s in present]
    for start in range(0, len(stale), CHUNK):
        session.exec(
            delete(ThemeMembership).where(
                col(ThemeMembership.statement_id).in_(stale[start : start + CHUNK])
            )
        )
    moment = now()
    fresh = [
        {
            "statement_id": s,
            "theme_id": wanted[s].theme_id,
            "confidence": wanted[s].confidence,
            "central": wanted[s].central,
            "assigned_by": AssignedBy.RUN,
            "assigned_at": moment,
        }
        for s in sorted(changed)
        if s in wanted
    ]
    if fresh:
        # A worker beside this run may theme a statement between the look above and this insert.
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        table = ThemeMembership.__table__  # type: ignore[attr-defined]
        session.connection().execute(dialect.insert(table).on_conflict_do_nothing(), fresh)


def write_labels(
    session: Session, themes: Mapping[int, uuid.UUID], labels: Mapping[int, Label]
) -> None:
    for cluster, found in labels.items():
        theme = session.get_one(Theme, themes[cluster])
        if theme.state == ThemeState.ARCHIVED:
            continue
        theme.title_ja = found.titles.get("ja")
        theme.title_en = found.titles.get("en")
        theme.keywords_ja = found.keywords.get("ja", [])
        theme.keywords_en = found.keywords.get("en", [])
        theme.updated_at = now()
    session.flush()
