"""Runs for tests whose subject is what is written, not what is found: labels are given."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlmodel import Session, select

from tests.api.records import keep, say
from vocloop.themes.absorb import absorb
from vocloop.themes.labels import Label
from vocloop.themes.proposals import refresh_proposals
from vocloop.themes.refresh import Corpus, Finding, write
from vocloop.themes.registry import known
from vocloop_models import ClusterRun, Theme, ThemeEvent, ThemeProposal


@dataclass(frozen=True)
class Proposed:
    kind: Any
    themes: tuple[int, ...]
    rows: Any
    strength: float = 0.5


def statements(session: Session, count: int) -> list[uuid.UUID]:
    return [say(session, f"voice {i}").id for i in range(count)]


def run(
    session: Session,
    ids: Sequence[uuid.UUID],
    labels: Sequence[int],
    *,
    fresh: Sequence[int] | None = None,
    named: Mapping[int, Label] | None = None,
    missed: Collection[int] = (),
    groups: Sequence[tuple[list[int], float]] = (),
) -> ClusterRun:
    """A run over ``ids`` that carried ``labels`` over (known themes by their order, new ones
    above), out of the clusters ``fresh``; it did not find the known themes ``missed``."""
    before = known(session, ids)
    carried = np.where(before.fixed, before.labels, np.array(labels, np.int32)).astype(np.int32)
    wanted, taken = absorb(
        carried,
        np.array(labels if fresh is None else fresh, np.int32),
        known=len(before.themes),
        dismissed=before.dismissed,
        merged=before.merged,
    )
    made = keep(session, ClusterRun(encoder="none"))
    corpus = Corpus(list(ids), [""] * len(ids), ["en"] * len(ids), np.zeros((len(ids), 2), "f4"))
    sure = np.full(len(ids), 0.5, np.float32)
    again = (set(wanted.tolist()) & set(range(len(before.themes)))) - set(missed)
    finding = Finding(wanted, sure, taken, dict(named or {}), [], again, groups=list(groups))
    write(session, made, corpus, before, finding)
    session.flush()
    return made


def propose(
    session: Session, made: ClusterRun, ids: Sequence[uuid.UUID], *proposed: Proposed
) -> list[ThemeProposal]:
    numbered = dict(enumerate(known(session, ids).themes))
    return refresh_proposals(session, made.id, proposed, numbered, ids)


def themes(session: Session) -> list[Theme]:
    session.flush()
    return list(session.exec(select(Theme).order_by(Theme.number)))  # type: ignore[arg-type]


def events(session: Session, made: ClusterRun) -> list[tuple[int, str, dict[str, Any]]]:
    """(theme's number, kind, detail) of what a run told."""
    session.flush()
    found = session.exec(
        select(Theme.number, ThemeEvent)
        .join(ThemeEvent, ThemeEvent.theme_id == Theme.id)  # type: ignore[arg-type]
        .where(ThemeEvent.run_id == made.id)
        .order_by(ThemeEvent.id)  # type: ignore[arg-type]
    )
    return [(number, event.kind.value, event.detail) for number, event in found]
