"""Rounds: what is considered, under which limits, and what people say of it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from vocloop.errors import ConflictError, InvalidInputError, says
from vocloop.roadmap.arbitrate import check
from vocloop.roadmap.audit import SOMEONE, Author, get, held, note
from vocloop.roadmap.backlog import QUARTER, departments
from vocloop.roadmap.nouns import Candidate, Limits
from vocloop.roadmap.selection import Judged, judge_all
from vocloop_models import (
    BacklogItem,
    ItemState,
    Round,
    RoundComment,
    RoundItem,
    RoundRule,
    RoundState,
    Vote,
    VoteChoice,
    now,
)

# What a round may still take: not what is at work or done.
OPEN_STATES = (ItemState.PROPOSED, ItemState.DEFERRED, ItemState.APPROVED, ItemState.REOPENED)
# Whatever needs such an item has to wait for it no more.
BEGUN = (ItemState.IN_PROGRESS, ItemState.SHIPPED, ItemState.REVIEWED)
CHANGEABLE = ("capacity", "department_weights", "goal_weights", "budget", "must", "must_not")
# Products of shares are small numbers; people compare them per mille.
PER_MILLE = 1_000.0


@dataclass(frozen=True)
class Taken:
    """How a round considers an item."""

    rule: RoundRule = RoundRule.FREE
    exclusive: str | None = None


def open_round(
    session: Session,
    name: str,
    periods: Sequence[str],
    capacity: Mapping[str, Sequence[float]],
    author: Author = SOMEONE,
    *,
    department_weights: Mapping[str, float] | None = None,
    goal_weights: Mapping[str, float] | None = None,
    budget: float | None = None,
) -> Round:
    """Raises InvalidInputError for unknown departments, quarters that are none, and capacities
    that do not fit the periods."""
    wrong = [
        ("periods", f"{p!r} is not a quarter; write 2026Q4")
        for p in periods
        if not QUARTER.fullmatch(p)
    ]
    if wrong or len(set(periods)) < len(periods):
        reason = wrong[0][1] if wrong else "a quarter is given twice"
        raise InvalidInputError(f"periods: {reason}", wrong or [("periods", reason)])
    departments(session, [*capacity, *(department_weights or {})])
    made = Round(
        name=name,
        periods=list(periods),
        capacity={key: list(weeks) for key, weeks in capacity.items()},
        department_weights=dict(department_weights or {}),
        goal_weights=dict(goal_weights or {}),
        budget=budget,
    )
    check([], _limits(made, {}, {}))
    session.add(made)
    session.flush()
    note(session, made.id, "opened", author, name=name)
    return made


def consider(
    session: Session,
    round_id: uuid.UUID,
    items: Mapping[uuid.UUID, Taken],
    author: Author = SOMEONE,
) -> None:
    """Take items into the round, or say how they are taken. Raises ConflictError for an item that
    is at work or done, and for a closed round."""
    speaking(session, round_id)
    for item_id, taken in items.items():
        item = get(session, BacklogItem, item_id, "backlog item")
        if item.state not in OPEN_STATES:
            raise ConflictError(
                says(
                    "%(item)s is %(state)s; leave it out",
                    item=f"B-{item.number:04d}",
                    state=item.state,
                )
            )
        session.merge(
            RoundItem(
                round_id=round_id, item_id=item_id, rule=taken.rule, exclusive=taken.exclusive
            )
        )
    told = {str(item): taken.rule.value for item, taken in items.items()}
    note(session, round_id, "considered", author, items=told)


def listed(session: Session, *, state: RoundState | None = None) -> list[Round]:
    """The newest first."""
    query = select(Round).order_by(col(Round.id).desc())
    if state is not None:
        query = query.where(Round.state == state)
    return list(session.exec(query))


def sitting(session: Session, round_id: uuid.UUID) -> Round:
    """A round that is open. Raises NotFoundError, ConflictError."""
    return _still_open(get(session, Round, round_id, "round"))


def speaking(session: Session, round_id: uuid.UUID) -> Round:
    """As sitting(), and nobody else's to speak in or to close until the transaction ends."""
    return _still_open(held(session, Round, round_id, "round"))


def _still_open(found: Round) -> Round:
    if found.state is RoundState.CLOSED:
        raise ConflictError(says("the round %(name)s is closed; open another one", name=found.name))
    return found


def close(session: Session, round_id: uuid.UUID, author: Author = SOMEONE) -> Round:
    found = speaking(session, round_id)
    found.state, found.closed_at = RoundState.CLOSED, now()
    note(session, round_id, "closed", author)
    return found


def considered(session: Session, round_id: uuid.UUID) -> list[Judged]:
    """The open items of a round, by number."""
    return [judged for judged, _ in _inside(session, [round_id])[round_id]]


def _inside(
    session: Session, of: Sequence[uuid.UUID]
) -> dict[uuid.UUID, list[tuple[Judged, RoundItem]]]:
    """By round, its open items by number, each with how the round considers it; in as many queries
    for many rounds as for one."""
    rows = session.exec(
        select(RoundItem, BacklogItem)
        .join(BacklogItem, col(BacklogItem.id) == col(RoundItem.item_id))
        .where(col(RoundItem.round_id).in_(of), col(BacklogItem.state).in_(OPEN_STATES))
        .order_by(col(BacklogItem.number))
    ).all()
    items = {item.id: item for _, item in rows}
    judged = {each.parts.item.id: each for each in judge_all(session, list(items.values()))}
    found: dict[uuid.UUID, list[tuple[Judged, RoundItem]]] = {each: [] for each in of}
    for row, item in rows:
        found[row.round_id].append((judged[item.id], row))
    return found


def programme(
    session: Session,
    round_id: uuid.UUID,
    changes: Mapping[str, Any] | None = None,
) -> tuple[list[Candidate], Limits]:
    """A round as candidates (ids as text; value: impact × contribution potential, per mille) and
    limits, with ``changes`` of a scenario over its own."""
    found = get(session, Round, round_id, "round")
    inside = _inside(session, [round_id])[round_id]
    return _programme(found, inside, _begun(session), changes)


def programmes(
    session: Session, found: Sequence[Round], changes: Mapping[str, Any] | None = None
) -> list[tuple[list[Judged], list[Candidate], Limits]]:
    """Of each round what is considered, and its programme under ``changes``; see programme()."""
    inside, begun = _inside(session, [each.id for each in found]), _begun(session)
    return [
        ([judged for judged, _ in rows], *_programme(each, rows, begun, changes))
        for each, rows in ((each, inside[each.id]) for each in found)
    ]


def _begun(session: Session) -> set[uuid.UUID]:
    return set(session.exec(select(BacklogItem.id).where(col(BacklogItem.state).in_(BEGUN))))


def _programme(
    found: Round,
    inside: Sequence[tuple[Judged, RoundItem]],
    begun: Collection[uuid.UUID],
    changes: Mapping[str, Any] | None = None,
) -> tuple[list[Candidate], Limits]:
    candidates = []
    for judged, _ in inside:
        work = judged.parts.departments
        needs = [n for n in judged.parts.needs if n not in begun]
        candidates.append(
            Candidate(
                str(judged.parts.item.id),
                # Not divided by cost: capacity and budget weigh that here.
                PER_MILLE * judged.priority.impact.value * judged.priority.contribution.value,
                {key: each.effort for key, each in work.items() if each.effort},
                judged.parts.item.cost,
                [str(n) for n in needs],
                {key: each.effect for key, each in work.items() if each.effect},
                judged.parts.item.goals,
                judged.stakes.segments,
            )
        )
    rows = {row.item_id: row for _, row in inside}
    return candidates, _limits(found, rows, changes or {})


def _limits(
    found: Round, rows: Mapping[uuid.UUID, RoundItem], changes: Mapping[str, Any]
) -> Limits:
    strange = sorted(set(changes) - set(CHANGEABLE))
    if strange:
        reason = f"{strange[0]} can't be changed; choose from {', '.join(CHANGEABLE)}"
        raise InvalidInputError(f"scenario: {reason}", [("changes", reason)])
    groups: dict[str, set[str]] = {}
    for item, row in rows.items():
        if row.exclusive:
            groups.setdefault(row.exclusive, set()).add(str(item))
    must = {str(item) for item, row in rows.items() if row.rule is RoundRule.MUST}
    must_not = {str(item) for item, row in rows.items() if row.rule is RoundRule.MUST_NOT}
    # A scenario may turn a rule round: what it says of an item is what counts there.
    asked, barred = set(changes.get("must", ())), set(changes.get("must_not", ()))
    return Limits(
        len(found.periods),
        {**found.capacity, **changes.get("capacity", {})},
        changes.get("budget", found.budget),
        {**found.department_weights, **changes.get("department_weights", {})},
        {**found.goal_weights, **changes.get("goal_weights", {})},
        frozenset((must - barred) | asked),
        frozenset((must_not - asked) | barred),
        [frozenset(group) for _, group in sorted(groups.items())],
    )


def vote(  # noqa: PLR0917 - who votes what on which item of which round
    session: Session,
    round_id: uuid.UUID,
    item_id: uuid.UUID,
    department: str,
    choice: VoteChoice,
    author: Author = SOMEONE,
) -> Vote:
    """A department's word on an item of the round; the last one counts."""
    speaking(session, round_id)
    get(session, RoundItem, (round_id, item_id), "item of this round")
    department_id = departments(session, [department])[department]
    cast = session.merge(
        Vote(
            round_id=round_id,
            item_id=item_id,
            department_id=department_id,
            choice=choice,
            by=author.by,
        )
    )
    note(session, round_id, "vote", author, item=item_id, department=department, vote=choice.value)
    return cast


def comment(
    session: Session,
    round_id: uuid.UUID,
    text: str,
    author: Author = SOMEONE,
    *,
    item_id: uuid.UUID | None = None,
    department: str | None = None,
) -> RoundComment:
    sitting(session, round_id)
    if item_id is not None:
        get(session, RoundItem, (round_id, item_id), "item of this round")
    of = departments(session, [department])[department] if department else None
    said = RoundComment(
        round_id=round_id, item_id=item_id, department_id=of, text=text, by=author.by
    )
    session.add(said)
    note(session, round_id, "comment", author, item=item_id)
    return said


def votes(session: Session, round_id: uuid.UUID) -> list[Vote]:
    return list(session.exec(select(Vote).where(Vote.round_id == round_id).order_by(col(Vote.at))))


def comments(session: Session, round_id: uuid.UUID) -> list[RoundComment]:
    return list(
        session.exec(
            select(RoundComment)
            .where(RoundComment.round_id == round_id)
            .order_by(col(RoundComment.id))
        )
    )
