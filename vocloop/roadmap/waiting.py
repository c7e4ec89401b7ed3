"""What a round answers while someone waits: worked out within about a second, and kept for all who
ask the same. A briefing is opened more often than a round changes."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from sqlmodel import Session

from vocloop.errors import ConflictError, says
from vocloop.roadmap import explain
from vocloop.roadmap.arbitrate import MOST_COLUMNS
from vocloop.roadmap.audit import get
from vocloop.roadmap.explain import Stretch, Why
from vocloop.roadmap.nouns import Candidate, Limits
from vocloop.roadmap.rounds import programme, programmes
from vocloop.roadmap.scenarios import Solved, solved
from vocloop.roadmap.selection import Judged
from vocloop_models import Round

# A solution may take so long; what time ended says how much better the best may be.
SOLVE_SECONDS = 1.0
# Each solution that a reason or a frontier compares; all the reasons, all the frontiers of a round.
COMPARE_SECONDS, REASONS_SECONDS, FRONTIERS_SECONDS = 0.5, 5.0, 2.0
# Rounds, their weights, and their items whose answers are kept.
MOST_ROUNDS, MOST_FRONTIERS, MOST_REASONS = 64, 512, 2_048


@dataclass(frozen=True, eq=False)
class Question:
    """A round as it stands, under changes. Equal to another when nothing that decides the answer
    differs."""

    candidates: list[Candidate]
    limits: Limits
    periods: list[str]
    content: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "content", repr((self.candidates, self.limits, self.periods)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Question) and self.content == other.content

    def __hash__(self) -> int:
        return hash(self.content)

    @property
    def large(self) -> bool:
        """Whether it takes too long for someone who waits."""
        return len(self.candidates) * self.limits.periods > MOST_COLUMNS


def question(
    session: Session,
    round_id: uuid.UUID,
    changes: Mapping[str, Any] | None = None,
) -> Question:
    """See rounds.programme. Raises InvalidInputError for changes that are none, NotFoundError."""
    periods = get(session, Round, round_id, "round").periods
    candidates, limits = programme(session, round_id, changes)
    return Question(candidates, limits, periods)


def questions(
    session: Session, found: Sequence[Round], changes: Mapping[str, Any] | None = None
) -> list[tuple[Question, list[Judged]]]:
    """Of each round the question, and what it is about. Raises as question()."""
    return [
        (Question(candidates, limits, each.periods), judged)
        for each, (judged, candidates, limits) in zip(
            found, programmes(session, found, changes), strict=True
        )
    ]


def preview(asked: Question) -> Solved:
    """The round solved at once. Raises ConflictError for one so large that it would take long, or
    when nothing fits."""
    if asked.large:
        raise ConflictError(
            says(
                "%(items)s items in %(quarters)s quarters take too long to be solved while someone "
                "waits; keep it as a scenario",
                items=len(asked.candidates),
                quarters=asked.limits.periods,
            )
        )
    return _preview(asked)


def reasons(asked: Question, items: Sequence[str]) -> dict[str, Why]:
    """Why each of ``items`` is in or out, as far as time allows. Whoever asks again gets more."""
    until = time.monotonic() + REASONS_SECONDS
    found = {}
    for item in items:
        found[item] = reason(asked, item)
        if time.monotonic() > until:
            break
    return found


@lru_cache(MOST_REASONS)
def reason(asked: Question, item: str) -> Why:
    """See explain.why. Raises NotFoundError."""
    return explain.why(asked.candidates, asked.limits, item, seconds=COMPARE_SECONDS)


def frontiers(
    asked: Question, departments: Sequence[str], low: float, high: float
) -> dict[str, list[Stretch]]:
    """The frontier along the weight of each of ``departments``, as far as time allows. Whoever asks
    again gets more. Raises as frontier()."""
    until = time.monotonic() + FRONTIERS_SECONDS
    found = {}
    for name in departments:
        found[name] = frontier(asked, "department", name, low, high)
        if time.monotonic() > until:
            break
    return found


@lru_cache(MOST_FRONTIERS)
def frontier(
    asked: Question, kind: Literal["department", "goal"], name: str, low: float, high: float
) -> list[Stretch]:
    """See explain.frontier. Raises InvalidInputError."""
    return explain.frontier(
        asked.candidates, asked.limits, kind, name, low=low, high=high, seconds=COMPARE_SECONDS
    )


@lru_cache(MOST_ROUNDS)
def _preview(asked: Question) -> Solved:
    return solved(asked.candidates, asked.limits, asked.periods, seconds=SOLVE_SECONDS)
