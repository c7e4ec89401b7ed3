"""Hypotheses on themes: rewritten in versions, with evidence for and against (METHOD.md 5)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlmodel import Session, col, select

from vocloop.errors import InvalidInputError
from vocloop.roadmap.audit import SOMEONE, Author, get, note
from vocloop_models import (
    Hypothesis,
    HypothesisEvidence,
    HypothesisState,
    HypothesisVersion,
    Side,
    Statement,
    Theme,
)


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
    get(session, Hypothesis, hypothesis_id, "hypothesis")
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
    get(session, Statement, statement_id, "statement")
    version = one(session, hypothesis_id).versions[0].version
    old = session.get(HypothesisEvidence, (hypothesis_id, statement_id))
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
    hypothesis = get(session, Hypothesis, hypothesis_id, "hypothesis")
    hypothesis.state = state
    note(session, hypothesis_id, "settled", author, state=state.value)
    return hypothesis


def one(session: Session, hypothesis_id: uuid.UUID) -> HypothesisParts:
    """Raises NotFoundError."""
    hypothesis = get(session, Hypothesis, hypothesis_id, "hypothesis")
    versions = session.exec(
        select(HypothesisVersion)
        .where(HypothesisVersion.hypothesis_id == hypothesis_id)
        .order_by(col(HypothesisVersion.version).desc())
    ).all()
    evidence = session.exec(
        select(HypothesisEvidence)
        .where(HypothesisEvidence.hypothesis_id == hypothesis_id)
        .order_by(col(HypothesisEvidence.statement_id))
    ).all()
    return HypothesisParts(hypothesis, list(versions), list(evidence))


def of_theme(session: Session, theme_id: uuid.UUID) -> list[HypothesisParts]:
    ids = session.exec(
        select(Hypothesis.id).where(Hypothesis.theme_id == theme_id).order_by(col(Hypothesis.id))
    ).all()
    return [one(session, each) for each in ids]
