"""Splits and merges that a run asks people about. Accepting one is the edit a person would make."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlmodel import Session, col, select

from vocloop.errors import ConflictError, NotFoundError, VocloopError, says
from vocloop.themes.facts import merge, split
from vocloop.themes.placing import destinations, members, placements
from vocloop.themes.record import SOMEONE, Author
from vocloop.themes.turns import take_turns
from vocloop_models import (
    SHOWN_STATES,
    FactKind,
    FactStatement,
    ProposalKind,
    ProposalState,
    Theme,
    ThemeFact,
    ThemeProposal,
    now,
)

# A split is the same one as before when it holds at least this share of the older one's statements.
SAME_SPLIT = 0.5
# One that people dismissed is shown again when it is this much stronger, or so many times larger.
CLEARLY_STRONGER = 0.15
CLEARLY_LARGER = 1.5


class Found(Protocol):
    """What themes.continuity proposes: ``themes`` and ``rows`` are positions."""

    @property
    def kind(self) -> Literal["split", "merge"]: ...
    @property
    def themes(self) -> tuple[int, ...]: ...
    @property
    def rows(self) -> NDArray[np.int32]: ...
    @property
    def strength(self) -> float: ...


@dataclass(frozen=True)
class _Wish:
    kind: ProposalKind
    theme_id: uuid.UUID
    other_id: uuid.UUID | None
    statements: list[str]
    strength: float


def refresh_proposals(
    session: Session,
    run_id: uuid.UUID,
    found: Iterable[Found],
    themes: Mapping[int, uuid.UUID],
    statements: Sequence[uuid.UUID],
) -> list[ThemeProposal]:
    """Bring the open proposals to what a run found; returns them.

    One that is open already is updated, one that the run does not see any more is outdated, and
    one that people dismissed comes back only with clearly more behind it. What contradicts an
    edit that stands is not proposed."""
    before = list(session.exec(select(ThemeProposal).order_by(col(ThemeProposal.id))))
    # What a person placed stays there, whatever leaves.
    placed = {str(s) for s, place in placements(session).items() if not place.automatic}
    wishes = [w for f in found for w in _wishes(f, themes, statements, placed)]
    allowed = _Allowed(session)
    seen: list[ThemeProposal] = []
    for wish in wishes:
        if not allowed(wish):
            continue
        same = [p for p in before if _same(p, wish)]
        standing = next((p for p in same if p.state is ProposalState.OPEN), None)
        if standing is not None:
            if _update(standing, wish):
                standing.run_id, standing.updated_at = run_id, now()
            seen.append(standing)
            continue
        dismissed = [p for p in same if p.state is ProposalState.DISMISSED]
        if dismissed and not all(_grew(p, wish) for p in dismissed):
            continue
        fresh = ThemeProposal(run_id=run_id, **vars(wish))
        session.add(fresh)
        seen.append(fresh)
    for proposal in before:
        if proposal.state is ProposalState.OPEN and proposal not in seen:
            proposal.state, proposal.updated_at = ProposalState.OUTDATED, now()
    session.flush()
    return seen


def _wishes(
    found: Found,
    themes: Mapping[int, uuid.UUID],
    statements: Sequence[uuid.UUID],
    placed: set[str],
) -> list[_Wish]:
    strength = round(float(found.strength), 4)
    # A new theme that an edit made empty meanwhile is none.
    if not set(found.themes) <= set(themes):
        return []
    first, *others = (themes[i] for i in found.themes)
    if found.kind == "split":
        leaving = sorted({str(statements[int(row)]) for row in found.rows} - placed)
        return [_Wish(ProposalKind.SPLIT, first, None, leaving, strength)] if leaving else []
    # In pairs: people say yes to one of three without the other.
    return [_Wish(ProposalKind.MERGE, first, other, [], strength) for other in others]


def _same(old: ThemeProposal, wish: _Wish) -> bool:
    if old.kind is not wish.kind:
        return False
    if old.kind is ProposalKind.MERGE:
        return {old.theme_id, old.other_id} == {wish.theme_id, wish.other_id}
    common = len(set(old.statements) & set(wish.statements))
    return old.theme_id == wish.theme_id and common >= SAME_SPLIT * len(old.statements)


def _update(old: ThemeProposal, wish: _Wish) -> bool:
    changed = False
    for name, value in vars(wish).items():
        if getattr(old, name) != value:
            setattr(old, name, value)
            changed = True
    return changed


def _grew(dismissed: ThemeProposal, wish: _Wish) -> bool:
    stronger = wish.strength >= dismissed.strength + CLEARLY_STRONGER
    larger = len(wish.statements) >= CLEARLY_LARGER * max(len(dismissed.statements), 1)
    return stronger or larger


class _Allowed:
    """Whether a wish agrees with what people said."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._ended = destinations(session)
        facts = session.exec(
            select(ThemeFact).where(
                col(ThemeFact.undone_at).is_(None),
                col(ThemeFact.overruled_by).is_(None),
                col(ThemeFact.kind).in_([FactKind.DIFFERENT, FactKind.SPLIT, FactKind.MERGE]),
            )
        ).all()
        self._apart = {
            frozenset((self._today(f.theme_id), self._today(f.other_id)))
            for f in facts
            if f.kind is not FactKind.MERGE
        }
        self._merges = [(f.id, self._today(f.other_id)) for f in facts if f.kind is FactKind.MERGE]
        living = session.exec(select(Theme).where(col(Theme.state).in_(SHOWN_STATES))).all()
        self._open = {theme.id for theme in living}

    def __call__(self, wish: _Wish) -> bool:
        pair = {wish.theme_id, wish.other_id} - {None}
        if not pair <= self._open:
            return False
        if wish.kind is ProposalKind.MERGE:
            return frozenset(pair) not in self._apart
        return not any(
            self._parts(merge_id, theme, wish)
            for merge_id, theme in self._merges
            if theme == wish.theme_id
        )

    def _today(self, theme: uuid.UUID | None) -> uuid.UUID | None:
        return self._ended.get(theme, theme) if theme is not None else None

    def _parts(self, merge_id: uuid.UUID, theme: uuid.UUID, wish: _Wish) -> bool:
        """Whether the split would part again, for the most, what the merge put together."""
        joined = set(
            map(
                str,
                self._session.exec(
                    select(FactStatement.statement_id).where(FactStatement.fact_id == merge_id)
                ),
            )
        )
        leaving = set(wish.statements)
        own = set(map(str, members(self._session, theme))) - joined
        return any(len(leaving & part) > len(part) / 2 for part in (joined, own))


def listed(
    session: Session,
    *,
    state: ProposalState | None = ProposalState.OPEN,
    theme_id: uuid.UUID | None = None,
) -> list[ThemeProposal]:
    """Proposals, the strongest first; of every state when ``state`` is None."""
    query = select(ThemeProposal).order_by(
        col(ThemeProposal.strength).desc(), col(ThemeProposal.id)
    )
    if state is not None:
        query = query.where(ThemeProposal.state == state)
    if theme_id is not None:
        query = query.where(
            (col(ThemeProposal.theme_id) == theme_id) | (col(ThemeProposal.other_id) == theme_id)
        )
    return list(session.exec(query))


@dataclass(frozen=True)
class Outcome:
    """What became of one proposal of a batch; ``refused`` says why nothing did."""

    proposal_id: uuid.UUID
    fact: ThemeFact | None = None
    refused: str | None = None


def accept(
    session: Session, proposals: Sequence[uuid.UUID], author: Author = SOMEONE
) -> list[Outcome]:
    """Do what each proposal says, in the order given; one that has become impossible, perhaps by
    one before it, is refused alone."""
    return [_decided(session, p, ProposalState.ACCEPTED, author) for p in proposals]


def accept_all(session: Session, proposals: Sequence[ThemeProposal]) -> list[Outcome]:
    """Apply what a run proposes without asking, strongest first. Pinned themes go into no other."""
    pinned = set(session.exec(select(Theme.id).where(col(Theme.pinned).is_(True))))
    ordered = sorted(proposals, key=lambda p: (-p.strength, p.id))
    free = [p.id for p in ordered if p.other_id not in pinned]
    return accept(session, free, Author(automatic=True))


def dismiss(
    session: Session, proposals: Sequence[uuid.UUID], author: Author = SOMEONE
) -> list[Outcome]:
    """Let proposals not be shown again, unless there is clearly more behind them one day."""
    return [_decided(session, p, ProposalState.DISMISSED, author) for p in proposals]


def _decided(
    session: Session, proposal_id: uuid.UUID, state: ProposalState, author: Author
) -> Outcome:
    take_turns(session)
    proposal = session.get(ThemeProposal, proposal_id)
    try:
        if proposal is None:
            raise NotFoundError(f"there is no proposal {proposal_id}; list them again")
        if proposal.state is not ProposalState.OPEN:
            raise ConflictError(
                says("the proposal is decided or outdated already; list them again")
            )
        fact = _act(session, proposal, author) if state is ProposalState.ACCEPTED else None
    except VocloopError as error:
        return Outcome(proposal_id, refused=str(error))
    proposal.state, proposal.fact_id = state, fact.id if fact else None
    proposal.decided_by, proposal.decided_at = author.by, now()
    proposal.updated_at = now()
    session.flush()
    return Outcome(proposal_id, fact)


def _act(session: Session, proposal: ThemeProposal, author: Author) -> ThemeFact:
    if proposal.kind is ProposalKind.MERGE and proposal.other_id is not None:
        return merge(session, proposal.other_id, proposal.theme_id, author)
    # Statements that left since are not asked back.
    wanted = set(proposal.statements)
    leaving = [s for s in members(session, proposal.theme_id) if str(s) in wanted]
    return split(session, proposal.theme_id, leaving, author=author)
