"""The arbitration room: levers as the address holds them, and what the solver says under them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from vocloop.errors import ConflictError
from vocloop.roadmap import selection, waiting
from vocloop.roadmap.explain import Conflict, Stretch, Why
from vocloop.roadmap.nouns import Candidate, Limits
from vocloop.roadmap.scenarios import Solved
from vocloop.roadmap.waiting import Question
from vocloop_models import BacklogItem, Round, RoundItem, RoundRule
from vocloop_ui.errors import PageInputError
from vocloop_ui.i18n import Reader

MOST_WEIGHT, WEIGHT_STEP = 3.0, 0.1
MOST_WEEKS, MOST_MONEY = 10_000.0, 1e12
# An item whose value may fall or rise by less before it changes sides.
CLOSE_CALL = 0.2
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Levers:
    """What the reader set: everything, and of it what differs from the round's own limits."""

    departments: dict[str, float]
    goals: dict[str, float]
    capacity: dict[str, list[float]]
    budget: float | None
    rules: dict[uuid.UUID, RoundRule]
    changes: dict[str, Any] = field(default_factory=dict)


def goals_of(session: Session, found: Round) -> list[str]:
    """Goals that the round weighs or that one of its items serves."""
    inside = select(RoundItem.item_id).where(RoundItem.round_id == found.id)
    served = session.exec(select(BacklogItem.goals).where(col(BacklogItem.id).in_(inside)))
    return sorted({*found.goal_weights, *(goal for goals in served for goal in goals)})


def levers(session: Session, reader: Reader, found: Round, given: Mapping[str, str]) -> Levers:
    """Read the address. Raises PageInputError for what is no number in range."""

    def number(name: str, usual: float, most: float) -> float:
        value = given.get(name, "")
        try:
            read = float(value) if value else usual
        except ValueError:
            read = -1.0
        if not 0 <= read <= most:
            raise PageInputError(
                reader.gettext("“%(value)s” is no number from %(low)s to %(high)s.")
                % {"value": value[:40], "low": 0, "high": reader.number(most)}
            )
        return read

    weights = {
        key: number(f"w.{key}", found.department_weights.get(key, 1.0), MOST_WEIGHT)
        for key in sorted({*found.capacity, *found.department_weights})
    }
    goals = {
        goal: number(f"g.{goal}", found.goal_weights.get(goal, 1.0), MOST_WEIGHT)
        for goal in goals_of(session, found)
    }
    capacity = {
        key: [number(f"c.{key}.{i}", has, MOST_WEEKS) for i, has in enumerate(weeks)]
        for key, weeks in found.capacity.items()
    }
    budget = found.budget
    if given.get("budget"):
        budget = number("budget", 0.0, MOST_MONEY)
    own = {
        row.item_id: row.rule
        for row in session.exec(select(RoundItem).where(RoundItem.round_id == found.id))
    }
    rules = {
        item: RoundRule(given[f"rule.{item}"])
        if given.get(f"rule.{item}") in tuple(RoundRule)
        else rule
        for item, rule in own.items()
    }
    asked = Levers(weights, goals, capacity, budget, rules)
    return Levers(weights, goals, capacity, budget, rules, _changes(found, asked, own))


def _changes(found: Round, asked: Levers, own: Mapping[uuid.UUID, RoundRule]) -> dict[str, Any]:
    changed: dict[str, Any] = {
        "department_weights": {
            key: value
            for key, value in asked.departments.items()
            if value != found.department_weights.get(key, 1.0)
        },
        "goal_weights": {
            key: value
            for key, value in asked.goals.items()
            if value != found.goal_weights.get(key, 1.0)
        },
        "capacity": {
            key: weeks for key, weeks in asked.capacity.items() if weeks != found.capacity[key]
        },
        "must": [
            str(item)
            for item, rule in asked.rules.items()
            if rule is RoundRule.MUST is not own[item]
        ],
        "must_not": [
            str(item)
            for item, rule in asked.rules.items()
            if rule is RoundRule.MUST_NOT is not own[item]
        ],
    }
    kept = {name: value for name, value in changed.items() if value}
    return kept | ({"budget": asked.budget} if asked.budget != found.budget else {})


@dataclass(frozen=True)
class Line:
    """An item of the round. ``period``: its quarter, None when it is out; ``missing``: ids of what
    it needs that is neither in the round nor begun."""

    judged: selection.Judged
    candidate: Candidate
    period: str | None
    rule: RoundRule
    why: Why | None
    missing: list[str]

    @property
    def item(self) -> BacklogItem:
        return self.judged.parts.item

    @property
    def effort(self) -> float:
        return sum(self.candidate.effort.values())

    @property
    def close(self) -> bool:
        to = self.why.value_to if self.why else None
        value = self.candidate.value
        return to is not None and value > 0 and abs(to / value - 1) < CLOSE_CALL


@dataclass(frozen=True)
class Front:
    """Roadmaps along one weight. ``points``: (gain of the lever, value of all, stretch)."""

    kind: str
    name: str
    points: list[tuple[float, float, Stretch]]
    here: int  # the stretch that holds the present weight


@dataclass(frozen=True)
class Room:
    """``solved`` None: ``unfitting`` names the must-dos that collide, or it is too ``large``."""

    lines: list[Line]
    limits: Limits
    solved: Solved | None
    large: bool = False
    unfitting: list[BacklogItem] = field(default_factory=list)
    front: Front | None = None

    @property
    def inside(self) -> list[Line]:
        found = [line for line in self.lines if line.period]
        return sorted(found, key=lambda line: -line.candidate.value)

    @property
    def outside(self) -> list[Line]:
        found = [line for line in self.lines if not line.period]
        return sorted(found, key=lambda line: -line.candidate.value)

    @property
    def worth(self) -> float:
        return sum(line.candidate.value for line in self.inside)

    @property
    def spent(self) -> float:
        return sum(line.candidate.cost for line in self.inside)


def room(
    session: Session, found: Round, asked: Levers, front: str = "", *, explained: bool = False
) -> Room:
    """The round solved under ``asked``; ``explained``: with why each item is where it is, and the
    frontier along ``front`` (department:KEY or goal:NAME; "" for the one that shows most)."""
    [(question, considered)] = waiting.questions(session, [found], asked.changes)
    judged = {each.parts.item.id: each for each in considered}
    candidates, limits = question.candidates, question.limits
    solved, unfitting = None, []
    if not question.large:
        try:
            solved = waiting.preview(question)
        except ConflictError as error:
            named = {uuid.UUID(each) for each in _ID.findall(str(error))}
            unfitting = [judged[each].parts.item for each in judged if each in named]
    period = solved.period if solved else {}
    # What is in, and what is worth most, is asked for first.
    first = sorted(candidates, key=lambda each: (each.id not in period, -each.value))
    why = waiting.reasons(question, [each.id for each in first]) if explained and solved else {}
    lines = [
        Line(
            judged[uuid.UUID(each.id)],
            each,
            period.get(each.id),
            asked.rules[uuid.UUID(each.id)],
            why.get(each.id),
            [needed for needed in each.needs if uuid.UUID(needed) not in judged],
        )
        for each in candidates
    ]
    chart = _front(question, asked, front) if explained and solved else None
    return Room(lines, limits, solved, question.large, unfitting, chart)


def _front(question: Question, asked: Levers, front: str) -> Front | None:
    kind, _, name = (front or _widest(question, asked)).partition(":")
    if kind == "department" and name in asked.departments:
        found = waiting.frontier(question, "department", name, 0.0, MOST_WEIGHT)
        now = asked.departments[name]
    elif kind == "goal" and name in asked.goals:
        found = waiting.frontier(question, "goal", name, 0.0, MOST_WEIGHT)
        now = asked.goals[name]
    else:
        return None
    points = []
    for each in found:
        inside = [c for c in question.candidates if c.id in each.roadmap.period]
        gain = sum(
            c.value * c.effects.get(name, 0.0) if kind == "department" else c.value
            for c in inside
            if kind == "department" or name in c.goals
        )
        points.append((gain, sum(c.value for c in inside), each))
    here = next((i for i, (*_, s) in enumerate(points) if s.start <= now <= s.end), 0)
    return Front(kind, name, points, here)


def _widest(question: Question, asked: Levers) -> str:
    """The lever whose frontier is shown unasked: the department along whose weight the most
    roadmaps are best, of several the one that weighs most."""
    heaviest = sorted(asked.departments, key=lambda key: -asked.departments[key])
    found = waiting.frontiers(question, heaviest, 0.0, MOST_WEIGHT)
    return f"department:{max(found, key=lambda key: len(found[key]))}" if found else ""


@dataclass(frozen=True)
class Contest:
    """One department's capacity, wanted by more items than fit."""

    department: str
    rivals: list[str]  # in, and would leave first
    wanting: list[str]  # out


def contests(found: Sequence[Conflict]) -> list[Contest]:
    """Capacity conflicts, one line a department."""
    by: dict[str, Contest] = {}
    for each in found:
        if each.kind == "capacity":
            line = by.setdefault(each.department, Contest(each.department, [], []))
            inside, outside = each.items
            if inside not in line.rivals:
                line.rivals.append(inside)
            if outside not in line.wanting:
                line.wanting.append(outside)
    return list(by.values())


def burdens(found: Sequence[Conflict]) -> list[Conflict]:
    """Items that burden a department as people said, while they help others."""
    return [each for each in found if each.kind == "burden" and each.declared]


def given_by(changes: Mapping[str, Any]) -> dict[str, str]:
    """The address's parameters that say what a scenario changes."""
    found = {
        f"w.{key}": f"{value:g}" for key, value in changes.get("department_weights", {}).items()
    }
    found |= {f"g.{goal}": f"{value:g}" for goal, value in changes.get("goal_weights", {}).items()}
    for key, weeks in changes.get("capacity", {}).items():
        found |= {f"c.{key}.{i}": f"{has:g}" for i, has in enumerate(weeks)}
    if changes.get("budget") is not None:
        found["budget"] = f"{changes['budget']:g}"
    for rule in (RoundRule.MUST, RoundRule.MUST_NOT):
        found |= {f"rule.{item}": rule.value for item in changes.get(rule.value, ())}
    return found
