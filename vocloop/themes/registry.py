"""Known themes in the database: what a run starts from, and how what it found is written."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import delete, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from vocloop.themes.overrule import in_force
from vocloop.themes.placing import destinations, placements
from vocloop_models import (
    KNOWN_STATES,
    AssignedBy,
    ClusterRun,
    FactKind,
    FactStatement,
    RunState,
    Theme,
    ThemeFact,
    ThemeMembership,
    now,
)
from vocloop_models.bulk import parts

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]
Kept = TypeVar("Kept")


def newest(session: Session, state: RunState) -> ClusterRun | None:
    return session.exec(_newest_first(select(ClusterRun), state)).first()


def newest_id(session: Session, state: RunState) -> uuid.UUID | None:
    """Which run newest() is; what a run keeps of its themes takes milliseconds to read."""
    return session.exec(_newest_first(select(ClusterRun.id), state)).first()


def _newest_first(query: SelectOfScalar[Kept], state: RunState) -> SelectOfScalar[Kept]:
    return query.where(ClusterRun.state == state).order_by(col(ClusterRun.id).desc()).limit(1)


@dataclass(frozen=True)
class Known:
    """What a run is told of n statements. A known theme is its position in ``themes``."""

    themes: list[uuid.UUID]
    labels: Ints  # (n,) the theme of each statement, −1 none
    fixed: Bools  # (n,) a person placed it: no run moves it
    apart: list[tuple[int, int]]  # themes that people say are different
    merged: Ints  # (n,) its theme where people merged others into that, else −1
    dismissals: list[uuid.UUID]  # facts that say "not a theme"
    dismissed: Ints  # (n,) which of them holds the statement, −1 none


def known(session: Session, statements: Sequence[uuid.UUID]) -> Known:
    """The themes that a run over ``statements`` may find again, by number (those that hold any of
    them), and what people said of them."""
    ended = destinations(session)
    present = dict(
        session.exec(select(ThemeMembership.statement_id, ThemeMembership.theme_id)).all()
    )
    said = {s: place for s, place in placements(session).items() if not place.automatic}

    def today(theme: uuid.UUID | None) -> uuid.UUID | None:
        return ended.get(theme, theme) if theme is not None else None

    held = [today(said[s].theme_id if s in said else present.get(s)) for s in statements]
    themes = list(
        session.exec(
            select(Theme.id).where(col(Theme.state).in_(KNOWN_STATES)).order_by(col(Theme.number))
        )
    )
    used = set(held)
    themes = [theme for theme in themes if theme in used]
    index: dict[uuid.UUID | None, int] = {theme: i for i, theme in enumerate(themes)}
    facts = session.exec(select(ThemeFact).where(*in_force())).all()
    dismissals = sorted(f.id for f in facts if f.kind is FactKind.NOT_A_THEME)
    order = {fact: i for i, fact in enumerate(dismissals)}
    labels = np.array([index.get(theme, -1) for theme in held], np.int32)
    into = [
        index.get(today(f.other_id), -1)
        for f in facts
        if f.kind is FactKind.MERGE and not f.automatic
    ]
    pairs = {
        (min(a, b), max(a, b))
        for f in facts
        if f.kind in (FactKind.DIFFERENT, FactKind.SPLIT)
        for a, b in [(index.get(today(f.theme_id), -1), index.get(today(f.other_id), -1))]
        if a != b and -1 not in (a, b)
    }
    return Known(
        themes,
        labels,
        fixed=np.array([s in said for s in statements], np.bool_),
        apart=sorted(pairs),
        merged=np.where(np.isin(labels, into), labels, -1).astype(np.int32),
        dismissals=dismissals,
        dismissed=np.array(
            [order.get(said[s].fact_id, -1) if s in said else -1 for s in statements], np.int32
        ),
    )


@dataclass(frozen=True, slots=True)
class Assignment:
    theme_id: uuid.UUID
    confidence: float
    central: bool
    assigned_by: AssignedBy
    part: int | None = None


@dataclass(frozen=True)
class Change:
    """What a run did: the theme of each label, the themes that are new, and how many statements
    were of which theme before and are now (None: of none)."""

    themes: dict[int, uuid.UUID]
    born: set[uuid.UUID]
    flow: Counter[tuple[uuid.UUID | None, uuid.UUID | None]]
    unassigned: int

    @cached_property
    def leaving(self) -> dict[uuid.UUID, Counter[uuid.UUID | None]]:
        """Per theme: where the statements are now that it had before, itself among them."""
        return _grouped((before, after, n) for (before, after), n in self.flow.items())

    @cached_property
    def coming(self) -> dict[uuid.UUID, Counter[uuid.UUID | None]]:
        """Per theme that has statements: where they were before."""
        return _grouped((after, before, n) for (before, after), n in self.flow.items())


def _grouped(
    counts: Iterable[tuple[uuid.UUID | None, uuid.UUID | None, int]],
) -> dict[uuid.UUID, Counter[uuid.UUID | None]]:
    found: dict[uuid.UUID, Counter[uuid.UUID | None]] = {}
    for theme, other, n in counts:
        if theme is not None:
            found.setdefault(theme, Counter())[other] += n
    return found


def write_members(
    session: Session,
    statements: Sequence[uuid.UUID],
    before: Known,
    labels: Ints,
    *,
    confidence: Floats,
    central: set[uuid.UUID],
    left: Collection[uuid.UUID],
    parts: Ints | None = None,
) -> Change:
    """Bring the memberships of ``statements`` to ``labels``, touching only those that differ.

    People win also here: what they said while the run was busy is looked up anew. Statements that
    arrived meanwhile keep what they were given; of those that were erased only some are ``left``.
    ``parts`` (n,): sub-themes, −1 for none."""
    said = {s: p for s, p in placements(session).items() if not p.automatic}
    ended = destinations(session)
    open_labels = {
        c
        for s, c in zip(statements, labels.tolist(), strict=True)
        if c >= 0 and s not in said and s in left
    }
    themes = dict(enumerate(before.themes))
    themes |= _add_themes(session, sorted(open_labels - set(themes)))
    born = {theme for label, theme in themes.items() if label >= len(before.themes)}
    present = _assignments(session, set(statements))
    wanted: dict[uuid.UUID, Assignment] = {}
    inside = [-1] * len(statements) if parts is None else parts.tolist()
    for s, label, sure, piece in zip(
        statements, labels.tolist(), confidence.tolist(), inside, strict=True
    ):
        part = piece if piece >= 0 else None
        goal = said[s].theme_id if s in said else themes.get(label)
        goal = ended.get(goal, goal) if goal is not None else None
        if goal is None or s not in left:
            continue
        old = present.get(s)
        if s not in said:
            wanted[s] = Assignment(goal, round(sure, 4), s in central, AssignedBy.RUN, part)
            continue
        kept = old.confidence if old is not None and old.theme_id == goal else 1.0
        # A sub-theme is one of the theme that the run saw the statement in.
        part = part if goal == themes.get(label) else None
        wanted[s] = Assignment(goal, kept, s in central, AssignedBy.PERSON, part)
    flow = Counter(
        (
            present[s].theme_id if s in present else None,
            wanted[s].theme_id if s in wanted else None,
        )
        for s in statements
    )
    _replace(session, present, wanted)
    used = {a.theme_id for a in wanted.values()}
    return Change(
        {label: ended.get(theme, theme) or theme for label, theme in themes.items()},
        born & used,
        flow,
        len(left) - len(wanted),
    )


def _add_themes(session: Session, labels: Sequence[int]) -> dict[int, uuid.UUID]:
    number = session.exec(select(func.max(Theme.number))).one() or 0
    added = {label: Theme(number=number + i) for i, label in enumerate(labels, start=1)}
    session.add_all(added.values())
    session.flush()
    return {label: theme.id for label, theme in added.items()}


def _assignments(session: Session, covered: set[uuid.UUID]) -> dict[uuid.UUID, Assignment]:
    # Columns, not records: there may be a million of them.
    rows = session.execute(
        sa.select(
            col(ThemeMembership.statement_id),
            col(ThemeMembership.theme_id),
            col(ThemeMembership.confidence),
            col(ThemeMembership.central),
            col(ThemeMembership.assigned_by),
            col(ThemeMembership.part),
        )
    )
    return {s: Assignment(*rest) for s, *rest in rows if s in covered}


def _replace(
    session: Session,
    present: Mapping[uuid.UUID, Assignment],
    wanted: Mapping[uuid.UUID, Assignment],
) -> None:
    changed = {s for s in {*present, *wanted} if not _same(present.get(s), wanted.get(s))}
    release(session, changed & set(present))
    moment = now()
    fresh = [
        {"statement_id": s, "assigned_at": moment, **asdict(wanted[s])}
        for s in sorted(changed)
        if s in wanted
    ]
    # A worker beside this run may theme a statement between the look above and this insert.
    insert_new(session, ThemeMembership, fresh)


def insert_new(
    session: Session, kind: type[ThemeMembership | FactStatement], rows: list[dict[str, Any]]
) -> None:
    """Insert the rows that are not there yet."""
    if rows:
        dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
        table = kind.__table__  # type: ignore[union-attr]
        session.connection().execute(dialect.insert(table).on_conflict_do_nothing(), rows)


def _same(old: Assignment | None, new: Assignment | None) -> bool:
    # Whether a statement came on arrival or by a run is told by the first of the two.
    if old is None or new is None:
        return old is new
    arrived = old.assigned_by is AssignedBy.ARRIVAL and new.assigned_by is AssignedBy.RUN
    return old == (replace(new, assigned_by=AssignedBy.ARRIVAL) if arrived else new)


def release(session: Session, statements: Iterable[uuid.UUID]) -> None:
    """Let statements be of no theme."""
    for part in parts(sorted(statements)):
        session.exec(delete(ThemeMembership).where(col(ThemeMembership.statement_id).in_(part)))


def widen_dismissals(
    session: Session,
    statements: Sequence[uuid.UUID],
    before: Known,
    taken: Ints,
    left: Collection[uuid.UUID],
) -> None:
    """What joined a cluster that is "not a theme" is part of that fact from now on, so that the
    cluster does not come back when it has grown."""
    rows = [
        (s, before.dismissals[i])
        for s, i in zip(statements, taken.tolist(), strict=True)
        if i >= 0 and s in left
    ]
    facts = {
        f.id: f
        for f in session.exec(
            select(ThemeFact).where(
                col(ThemeFact.id).in_(before.dismissals), col(ThemeFact.undone_at).is_(None)
            )
        )
    }
    fresh = [
        {"fact_id": fact, "statement_id": s, "before_id": facts[fact].theme_id}
        for s, fact in rows
        if fact in facts
    ]
    insert_new(session, FactStatement, fresh)
