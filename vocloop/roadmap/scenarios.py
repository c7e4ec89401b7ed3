"""Scenarios: a round solved under changes to its limits, kept side by side under names.

Solving takes up to a minute, so it is a job, outside any transaction. While one is solved again,
its old answer stays."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from vocloop.errors import ConflictError, InvalidInputError, NotFoundError, says
from vocloop.roadmap.arbitrate import TIME_LIMIT_SECONDS, check, solve
from vocloop.roadmap.audit import SOMEONE, Author, get, held, note
from vocloop.roadmap.explain import Conflict, Effects, conflicts, effects
from vocloop.roadmap.nouns import Candidate, Limits, Roadmap
from vocloop.roadmap.rounds import programme, sitting
from vocloop_models import Round, Scenario, ScenarioState, database, now
from vocloop_models.database import reading, transaction


@dataclass(frozen=True)
class Solved:
    """``period`` by item: a quarter as 2026Q4."""

    period: dict[str, str]
    roadmap: Roadmap
    effects: Effects
    conflicts: list[Conflict]

    def kept(self) -> dict[str, Any]:
        """As JSON: period, value, optimal, gap, effects, conflicts."""
        return {
            "period": self.period,
            "value": self.roadmap.value,
            "optimal": self.roadmap.optimal,
            "gap": self.roadmap.gap,
            "effects": asdict(self.effects),
            "conflicts": [asdict(each) for each in self.conflicts],
        }


def ask(
    session: Session,
    round_id: uuid.UUID,
    name: str,
    changes: Mapping[str, Any],
    author: Author = SOMEONE,
) -> Scenario:
    """A new scenario, to be solved by work(). Raises InvalidInputError for changes that contradict
    themselves, ConflictError for a closed round, NotFoundError."""
    sitting(session, round_id)
    check(*programme(session, round_id, changes))
    kept = Scenario(
        round_id=round_id, name=name, changes=dict(changes), asked=dict(changes), by=author.by
    )
    session.add(kept)
    note(session, round_id, "scenario", author, name=name)
    return kept


def ask_again(
    session: Session,
    scenario_id: uuid.UUID,
    changes: Mapping[str, Any] | None = None,
    author: Author = SOMEONE,
) -> Scenario:
    """Have a scenario solved anew, as the round stands now or under other ``changes``; its answer
    stays until the new one is there. Raises as ask()."""
    kept = held(session, Scenario, scenario_id, "scenario")
    sitting(session, kept.round_id)
    asked = dict(kept.changes if changes is None else changes)
    check(*programme(session, kept.round_id, asked))
    kept.asked, kept.state, kept.error = asked, ScenarioState.SOLVING, None
    note(session, kept.round_id, "scenario", author, name=kept.name)
    return kept


def cancel(session: Session, scenario_id: uuid.UUID, author: Author = SOMEONE) -> Scenario | None:
    """Stop solving. A scenario keeps the answer that it had, with the changes that it is of; one
    without an answer is gone, and None is returned. Raises NotFoundError, ConflictError for one
    that is not being solved."""
    kept = database.held(session, Scenario, scenario_id)
    if kept is None:
        raise NotFoundError(f"there is no scenario {scenario_id}; it may have been cancelled")
    if kept.state is not ScenarioState.SOLVING:
        raise ConflictError(says("the scenario is not being solved any more"))
    note(session, kept.round_id, "scenario_cancelled", author, name=kept.name)
    if not kept.result:
        session.delete(kept)
        session.flush()
        return None
    kept.asked, kept.state, kept.error = dict(kept.changes), ScenarioState.SOLVED, None
    return kept


def work(engine: Engine, scenario_id: uuid.UUID) -> None:
    """Solve what is asked of a scenario. Limits that nothing fits end it as failed, with the
    reason, and leave the answer that it had. A repeated call changes nothing, nor does one for a
    scenario that was cancelled before or meanwhile."""
    with reading(engine) as session:
        waiting = session.get(Scenario, scenario_id)
        if waiting is None or waiting.state is not ScenarioState.SOLVING:
            return None
        periods = get(session, Round, waiting.round_id, "round").periods
        try:
            candidates, limits = programme(session, waiting.round_id, waiting.asked)
        except InvalidInputError as error:
            return _fail(engine, waiting, str(error))
    try:
        found = solved(candidates, limits, periods)
    except (ConflictError, InvalidInputError) as error:
        return _fail(engine, waiting, str(error))
    with transaction(engine) as session:
        kept = database.held(session, Scenario, scenario_id)
        if kept is None or not _same(kept, waiting):
            return None
        kept.changes, kept.result = kept.asked, found.kept()
        kept.state, kept.error, kept.solved_at = ScenarioState.SOLVED, None, now()
    return None


def listed(session: Session, round_id: uuid.UUID) -> list[Scenario]:
    """Oldest first."""
    get(session, Round, round_id, "round")
    return list(
        session.exec(
            select(Scenario).where(Scenario.round_id == round_id).order_by(col(Scenario.id))
        )
    )


def solved(
    candidates: list[Candidate],
    limits: Limits,
    periods: list[str],
    *,
    seconds: float = TIME_LIMIT_SECONDS,
) -> Solved:
    """Raises as arbitrate.solve."""
    roadmap = solve(candidates, limits, seconds=seconds)
    return Solved(
        {item: periods[p] for item, p in roadmap.period.items()},
        roadmap,
        effects(candidates, limits, roadmap),
        conflicts(candidates, limits, roadmap),
    )


def _fail(engine: Engine, waiting: Scenario, reason: str) -> None:
    with transaction(engine) as session:
        kept = database.held(session, Scenario, waiting.id)
        if kept is not None and _same(kept, waiting):
            kept.state, kept.error = ScenarioState.FAILED, reason


def _same(kept: Scenario, waiting: Scenario) -> bool:
    """Whether nobody has asked for something else meanwhile."""
    return kept.state is ScenarioState.SOLVING and kept.asked == waiting.asked
