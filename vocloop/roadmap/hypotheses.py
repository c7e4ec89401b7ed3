"""Hypotheses on themes: rewritten in versions, with evidence for and against (METHOD.md 5)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from vocloop.errors import InvalidInputError
from vocloop.roadmap.audit import SOMEONE, Author, get, held, note
from vocloop_models import (
    Hypothesis,
    HypothesisEvidence,
    HypothesisState,
    HypothesisVersion,
    Side,
    Statement,
    Theme,
    database,
    merged_themes,
)

# Ids in SQL are limited: of more hypotheses than these, whole tables are read.
FEW = 500


@dataclass(frozen=True)
class Words:
    """Whose problem, what they want to get done, what is suspected behind it."""

    segment: str
    job: str
    cause: str


@dataclass(frozen=True)
class HypothesisParts:
    hypothesis: Hypothesis
    versions: list[HypothesisVersion]  # newest first
    evidence: list[HypothesisEvidence]

    def count(self, side: Side) -> int:
        return sum(each.side is side for each in self.evidence)


def propose(
    session: Session, theme_id: uuid.UUID, words: Words, author: Author = SOMEONE
) -> Hypothesis:
    """Raises NotFoundError for an unknown theme, InvalidInputError for an empty part."""
    get(session, Theme, theme_id, "theme")
    hypothesis = Hypothesis(theme_id=theme_id)
    session.add(hypothesis)
    session.flush()
    rewrite(session, hypothesis.id, words, author)
    return hypothesis


def rewrite(
    session: Session, hypothesis_id: uuid.UUID, words: Words, author: Author = SOMEONE
) -> HypothesisVersion:
    """A further version; the older ones are kept."""
    held(session, Hypothesis, hypothesis_id, "hypothesis")
    empty = [(name, "say it") for name, value in vars(words).items() if not value.strip()]
    if empty:
        raise InvalidInputError(f"a hypothesis names its {empty[0][0]}; say it", empty)
    versions = one(session, hypothesis_id).versions
    version = HypothesisVersion(
        hypothesis_id=hypothesis_id,
        version=versions[0].version + 1 if versions else 1,
        **vars(words),
        by=author.by,
    )
    session.add(version)
    note(session, hypothesis_id, "written", author, version=version.version, **vars(words))
    return version


def link(
    session: Session,
    hypothesis_id: uuid.UUID,
    statement_id: uuid.UUID,
    side: Side | None,
    author: Author = SOMEONE,
) -> None:
    """Let a statement speak for or against the newest version; None: it says nothing of it."""
    held(session, Statement, statement_id, "statement")
    held(session, Hypothesis, hypothesis_id, "hypothesis")
    version = one(session, hypothesis_id).versions[0].version
    old = database.held(session, HypothesisEvidence, (hypothesis_id, statement_id))
    if side is None:
        if old is not None:
            session.delete(old)
    else:
        session.merge(
            HypothesisEvidence(
                hypothesis_id=hypothesis_id,
                statement_id=statement_id,
                side=side,
                version=version,
                by=author.by,
            )
        )
    told = side.value if side else None
    note(session, hypothesis_id, "evidence", author, statement=statement_id, side=told)


def settle(
    session: Session, hypothesis_id: uuid.UUID, state: HypothesisState, author: Author = SOMEONE
) -> Hypothesis:
    hypothesis = held(session, Hypothesis, hypothesis_id, "hypothesis")
    hypothesis.state = state
    note(session, hypothesis_id, "settled", author, state=state.value)
    return hypothesis


def one(session: Session, hypothesis_id: uuid.UUID) -> HypothesisParts:
    """Raises NotFoundError."""
    return parts(session, [get(session, Hypothesis, hypothesis_id, "hypothesis")])[0]


def of_theme(session: Session, theme_id: uuid.UUID) -> list[HypothesisParts]:
    return of_themes(session, [theme_id])


def of_themes(session: Session, themes: Collection[uuid.UUID]) -> list[HypothesisParts]:
    """Of these themes, and of those that are part of them."""
    merged, theme = merged_themes(), col(Hypothesis.theme_id)
    parts_of = select(merged.c.gone).where(merged.c.today.in_(themes))
    found = session.exec(
        select(Hypothesis)
        .where(theme.in_(themes) | theme.in_(parts_of))
        .order_by(col(Hypothesis.id))
    ).all()
    return parts(session, found)


def parts(session: Session, hypotheses: Sequence[Hypothesis]) -> list[HypothesisParts]:
    """Hypotheses with what belongs to them, in two queries however many they are."""
    found = {each.id: HypothesisParts(each, [], []) for each in hypotheses}
    versions, evidence = select(HypothesisVersion), select(HypothesisEvidence)
    if len(found) <= FEW:
        versions = versions.where(col(HypothesisVersion.hypothesis_id).in_(found))
        evidence = evidence.where(col(HypothesisEvidence.hypothesis_id).in_(found))
    for version in session.exec(versions.order_by(col(HypothesisVersion.version).desc())):
        if version.hypothesis_id in found:
            found[version.hypothesis_id].versions.append(version)
    for line in session.exec(evidence.order_by(col(HypothesisEvidence.statement_id))):
        if line.hypothesis_id in found:
            found[line.hypothesis_id].evidence.append(line)
    return list(found.values())
