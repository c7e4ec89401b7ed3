"""A full rediscovery of themes over everything that was said, as one run."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from vocloop.config import settings
from vocloop.errors import StoppedError
from vocloop.quoting import withheld, withhold
from vocloop.themes import discover as parameters
from vocloop.themes import names, standing
from vocloop.themes.absorb import absorb
from vocloop.themes.areas import of_themes, write_areas
from vocloop.themes.continuity import Proposal, carry
from vocloop.themes.dial import Dial, turn
from vocloop.themes.discover import WAY, Discovery, discover
from vocloop.themes.history import tell
from vocloop.themes.labels import Label, label
from vocloop.themes.minority import tight_groups, usual_nearness
from vocloop.themes.minority_voices import write_groups
from vocloop.themes.parts import numbered_parts
from vocloop.themes.placing import members, put, there
from vocloop.themes.proposals import accept_all, refresh_proposals
from vocloop.themes.registry import (
    Floats,
    Ints,
    Known,
    known,
    newest,
    widen_dismissals,
    write_members,
)
from vocloop.themes.space import manners
from vocloop.themes.spot_checks import draw
from vocloop.themes.titles import write_labels
from vocloop.themes.turns import discovering, take_turns
from vocloop_models import (
    ClusterRun,
    Feedback,
    RunState,
    Statement,
    StatementVector,
    ThemeProposal,
    now,
)
from vocloop_models.database import reading, transaction

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Corpus:
    """All statements that ``encoder`` has encoded, by id: aligned lists, vectors (n, d), float16.

    ``customers``, ``products``, ``channels``: who said each, of what, and where, None if unknown;
    ``copies``: rows that a person had said before (Feedback.repeats_id);
    ``withheld``: rows of customers that only named people see."""

    ids: list[uuid.UUID]
    texts: list[str]
    languages: list[str]
    vectors: NDArray[np.floating[Any]]
    customers: list[str | None] = field(default_factory=list)
    products: list[str | None] = field(default_factory=list)
    channels: list[str | None] = field(default_factory=list)
    copies: Sequence[int] = ()
    withheld: frozenset[int] = frozenset()


def load(session: Session, encoder: str) -> Corpus:
    rows = session.execute(
        sa.select(
            col(Statement.id),
            col(Statement.text),
            col(Statement.language),
            col(Feedback.customer_id),
            col(Feedback.product),
            col(Feedback.channel),
            col(Feedback.repeats_id),
            col(StatementVector.vector),
        )
        .join(StatementVector, col(StatementVector.statement_id) == col(Statement.id))
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
        .where(col(StatementVector.encoder) == encoder)
        .order_by(col(Statement.id))
    ).all()
    vectors = np.frombuffer(b"".join(v for *_, v in rows), np.dtype("<f2"))
    shape = (len(rows), len(vectors) // len(rows)) if rows else (0, 0)
    hidden = withheld(session)
    return Corpus(
        [r[0] for r in rows],
        [r[1] for r in rows],
        [r[2] for r in rows],
        vectors.reshape(shape),
        [str(r[3]) if r[3] else None for r in rows],
        [r[4] for r in rows],
        [r[5] for r in rows],
        [i for i, r in enumerate(rows) if r[6] is not None],
        frozenset(i for i, r in enumerate(rows) if r[0] in hidden),
    )


def refresh(
    engine: Engine,
    encoder: str,
    progress: Progress = lambda *_: None,
    *,
    apply_proposals: bool | None = None,
    keep: Callable[[Session], None] = lambda _: None,
) -> ClusterRun:
    """Find themes anew and write them in one transaction: killed half-way, nothing has changed.

    The run itself knows of no theme; what it finds is then carried over to the known ones, and
    what people said of them wins. ``apply_proposals``: do at once the splits and merges that it
    would propose (the setting of that name when None). Raises whatever went wrong, after noting
    it on the run; BusyError, without a run, when another process is at it.

    ``keep``: called first in the transaction that writes; what it raises keeps the run's find out,
    as does what ``progress`` raises. A StoppedError of theirs ends the run as cancelled."""
    wishes = settings()
    at_once = wishes.apply_proposals if apply_proposals is None else apply_proposals
    with discovering(engine):
        return _refresh(engine, encoder, progress, keep, wishes.unassigned_share, at_once=at_once)


def _refresh(
    engine: Engine,
    encoder: str,
    progress: Progress,
    keep: Callable[[Session], None],
    unassigned_share: float | None,
    *,
    at_once: bool,
) -> ClusterRun:
    with transaction(engine) as session:
        close_abandoned(session)
        run = ClusterRun(encoder=encoder, parameters=_parameters())
        session.add(run)
    try:
        with reading(engine) as session:
            corpus = load(session, encoder)
            before = known(session, corpus.ids)
        found = find(corpus, before, progress, unassigned_share)
        with transaction(engine) as session:
            take_turns(session)
            keep(session)
            run = session.merge(run)
            proposals = write(session, run, corpus, before, found)
            if at_once:
                accept_all(session, proposals)
    except BaseException as error:  # Ctrl+C ends a run too
        with transaction(engine) as session:
            run = session.merge(run)
            stopped = isinstance(error, StoppedError)
            run.state = RunState.CANCELLED if stopped else RunState.FAILED
            run.finished_at = now()
            run.error = str(error) or "interrupted; nothing was changed"
        raise
    return run


@dataclass(frozen=True)
class Finding:
    """What a run found among n statements, with nothing written yet. ``labels``: known themes by
    their position, new ones above; ``taken``: see themes.absorb."""

    labels: Ints
    confidence: Floats
    taken: Ints
    named: dict[int, Label]
    proposals: list[Proposal]
    again: set[int]  # the known themes that were found again
    parts: Ints | None = None  # (n,) sub-theme of each statement within its theme, −1 none
    areas: dict[int, int] = field(default_factory=dict)  # of each theme, where the run can tell
    groups: list[tuple[list[int], float]] = field(default_factory=list)  # see themes.minority
    usual: float | None = None
    quality: tuple[standing.Measured, Dial] | None = None
    names: list[str] = field(default_factory=list)  # that are no themes: see themes.names


def find(
    corpus: Corpus, before: Known, progress: Progress, unassigned: float | None = None
) -> Finding:
    """Discover themes, carry them over to the known ones, and name them. ``unassigned``: the share
    of statements that should stay without a theme (themes.dial)."""
    progress("clusters", 0, WAY)
    # Who says it and of what is no theme itself.
    known_names = names.found(corpus.texts)
    held = names.held(corpus.texts, known_names)
    found = discover(
        corpus.vectors,
        corpus.languages,
        corpus.customers,
        corpus.products,
        held,
        manners(corpus.channels, corpus.languages),
        progress=lambda done, way: progress("clusters", done, way),
    )
    carried = carry(found, before.labels, fixed=before.fixed, apart=before.apart)
    labels, taken = absorb(
        carried.labels,
        found.labels,
        known=len(before.themes),
        dismissed=before.dismissed,
        merged=before.merged,
    )
    labels, dial = turn(labels, carried.confidence, before.fixed, unassigned)
    progress("clusters", WAY, WAY)
    # Before the transaction: writers must not wait while words are counted.
    named = label(
        corpus.texts,
        corpus.languages,
        [c if c >= 0 else None for c in labels.tolist()],
        found.points,
        withheld=corpus.withheld,
        progress=lambda done, total: progress("titles", done, total),
    )
    # What the same data would give rise to again: a proposal does not change with every run.
    proposals = carry(found, labels, fixed=before.fixed, apart=before.apart).proposals
    # Of a theme that is proposed to join another one, people say whether it is one.
    asked = {theme for each in proposals for theme in each.themes}
    again = asked | set(np.flatnonzero(carried.overlap > 0).tolist())
    measured = standing.measure(found, labels, corpus.languages)
    usual = usual_nearness(labels, found.points)
    return Finding(
        labels,
        carried.confidence,
        taken,
        named,
        [*proposals, *standing.merges(measured.near, proposals)],
        again,
        numbered_parts(labels, found.parts),
        of_themes(labels, found.labels, found.areas),
        _groups(found, labels, usual, corpus.copies),
        usual,
        (measured, dial),
        known_names,
    )


def _groups(
    found: Discovery, labels: Ints, usual: float | None, copies: Sequence[int]
) -> list[tuple[list[int], float]]:
    """Minority voices among the statements without a theme, as rows of the corpus: one person who
    says it three times is no group."""
    rows = np.setdiff1d(np.flatnonzero(labels < 0), np.asarray(copies, dtype=np.int64))
    if usual is None:
        return []
    return [
        (rows[members].tolist(), nearness)
        for members, nearness in tight_groups(found.points[rows], usual)
    ]


def write(
    session: Session, run: ClusterRun, corpus: Corpus, before: Known, found: Finding
) -> list[ThemeProposal]:
    """Write memberships, events, titles and keywords, and close the run; what it proposes."""
    last = newest(session, RunState.DONE)
    # The run took minutes: some of what it read may be erased by now, or only for named people to
    # see, and no title is made of that.
    left, hidden = there(session, corpus.ids), withheld(session)
    gone = [
        i
        for i, statement in enumerate(corpus.ids)
        if statement not in left or (statement in hidden and i not in corpus.withheld)
    ]
    touched = set(found.labels[gone].tolist())
    named = {n: Label(quotes=o.quotes) if n in touched else o for n, o in found.named.items()}
    change = write_members(
        session,
        corpus.ids,
        before,
        found.labels,
        confidence=found.confidence,
        left=left,
        parts=found.parts,
        central={corpus.ids[i] for named in found.named.values() for i in named.quotes},
    )
    retired = tell(
        session,
        run.id,
        change,
        found={theme for i, theme in change.themes.items() if i in found.again},
        growing=last is None or last.statements != len(left),
    )
    for theme_id in sorted(retired):
        put(session, members(session, theme_id), None)
    widen_dismissals(session, corpus.ids, before, found.taken, left)
    withhold(session)
    write_labels(session, change.themes, named)
    write_areas(session, change.themes, found.areas)
    ids = corpus.ids
    groups = (([ids[i] for i in g if ids[i] in left], near) for g, near in found.groups)
    write_groups(session, groups)
    draw(session)
    if found.quality is not None:
        run.quality = standing.told(*found.quality, found.usual, change.themes)
    # Arrivals are brought to the same space.
    run.parameters = run.parameters | {"names": found.names}
    run.statements = len(left)
    run.themes = len(change.coming)
    run.unassigned = change.unassigned
    run.state = RunState.DONE
    run.finished_at = now()
    return refresh_proposals(session, run.id, found.proposals, change.themes, corpus.ids)


def open_runs(session: Session) -> list[ClusterRun]:
    return list(
        session.exec(
            select(ClusterRun)
            .where(ClusterRun.state == RunState.RUNNING)
            .order_by(col(ClusterRun.id))
        ).all()
    )


def close_abandoned(session: Session, *, started_before: dt.datetime | None = None) -> None:
    """Note on runs that are still open that their worker stopped. One that is alive after all
    notes its end over it."""
    for run in open_runs(session):
        if started_before is not None and run.started_at >= started_before:
            continue
        run.state = RunState.FAILED
        run.error = "the worker stopped before the end; nothing was changed"
        run.finished_at = now()
    session.flush()


def _parameters() -> dict[str, Any]:
    return {
        "likeness": parameters.LIKENESS,
        "min_samples": parameters.MIN_SAMPLES,
        "vote": parameters.VOTE,
    }
