"""Goals of our own company, and what decisions did for them (METHOD.md 2)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from scipy.stats import norm
from sqlmodel import Session, col, select

from vocloop.errors import ConflictError, InvalidInputError, NotFoundError
from vocloop.success import ratings
from vocloop.success.ratings import Figure, Rated
from vocloop_models import (
    BacklogItem,
    CompanyGoal,
    Decision,
    Feedback,
    GoalActual,
    GoalMetric,
    ItemTheme,
    RatingScale,
    Statement,
    ThemeMembership,
    Verdict,
    now,
)

# On either side of shipping: half a year, so that seasons weigh alike where both are full.
WINDOW = dt.timedelta(days=182)
# Respondents on a side below which no change is told.
LEAST = 5
_Z = float(norm.ppf(0.95))


@dataclass(frozen=True)
class Change:
    """Of a metric since an item shipped, among the customers behind it. ``against`` True: less the
    change among all others. 90 % interval; None of all: too few answers."""

    value: float | None
    low: float | None
    high: float | None
    against: bool
    respondents: int


@dataclass(frozen=True)
class Mover:
    """A decision for an item that serves the goal."""

    decision: Decision
    item: BacklogItem
    change: Change | None  # None: not shipped, or a metric that no customer answers


@dataclass(frozen=True)
class Standing:
    """``points``: by quarter, of ratings; ``actuals``: of metric ``own``. ``share`` of the way from
    baseline to target."""

    goal: CompanyGoal
    now: Figure | None
    points: Mapping[str, Figure]
    actuals: Sequence[GoalActual]
    share: float | None
    movers: list[Mover]


def add(
    session: Session,
    name: str,
    metric: GoalMetric,
    target: float,
    *,
    unit: str = "",
    baseline: float | None = None,
    due_on: dt.date | None = None,
) -> CompanyGoal:
    """Raises ConflictError for a name that is taken, InvalidInputError for a target that the metric
    can't reach."""
    if session.exec(select(CompanyGoal).where(CompanyGoal.name == name)).first() is not None:
        raise ConflictError(f"there is a goal {name!r} already; choose another name")
    if metric is not GoalMetric.OWN:
        low, high = ratings.SHOWN[RatingScale(metric.value)]
        if not low <= target <= high:
            reason = f"{metric.value} lies between {low:g} and {high:g}"
            raise InvalidInputError(f"target: {reason}", [("target", reason)])
    made = CompanyGoal(
        name=name, metric=metric, target=target, unit=unit, baseline=baseline, due_on=due_on
    )
    session.add(made)
    session.flush()
    return made


def enter(
    session: Session, goal_id: uuid.UUID, day: dt.date, value: float, by: str | None = None
) -> GoalActual:
    """The value of a goal of metric ``own``. Raises ConflictError for one read from ratings."""
    goal = _goal(session, goal_id)
    if goal.metric is not GoalMetric.OWN:
        raise ConflictError(f"{goal.name} is read from ratings; import answers instead")
    entered = session.merge(GoalActual(goal_id=goal_id, day=day, value=value, by=by))
    session.flush()
    return entered


def standing(session: Session, timezone: ZoneInfo) -> list[Standing]:
    """Every goal, by name, with where it stands and the decisions that serve it, newest first."""
    goals = session.exec(select(CompanyGoal).order_by(col(CompanyGoal.name))).all()
    return [_standing(session, goal, timezone) for goal in goals]


def _standing(session: Session, goal: CompanyGoal, timezone: ZoneInfo) -> Standing:
    if goal.metric is GoalMetric.OWN:
        actuals = list(
            session.exec(
                select(GoalActual)
                .where(GoalActual.goal_id == goal.id)
                .order_by(col(GoalActual.day))
            )
        )
        last = actuals[-1].value if actuals else None
        movers = [Mover(decision, item, None) for decision, item in _decided(session, goal)]
        return Standing(goal, None, {}, actuals, _share(goal, last), movers)
    scale = RatingScale(goal.metric.value)
    answered = ratings.answers(session, scale, segmented=False)
    recent = ratings.newest(each for each in answered if each.said_at >= now() - WINDOW)
    figure = ratings.figure(scale, [each.value for each in recent]) if recent else None
    drawn = ratings.lines_of(answered, scale, every="quarter", timezone=timezone)
    movers = [
        Mover(decision, item, _change(session, scale, answered, item))
        for decision, item in _decided(session, goal)
    ]
    share = _share(goal, figure.value if figure else None)
    return Standing(goal, figure, drawn[0].points if drawn else {}, [], share, movers)


def _decided(session: Session, goal: CompanyGoal) -> list[tuple[Decision, BacklogItem]]:
    """Approvals of items that name the goal; the last one of each item."""
    rows = session.exec(
        select(Decision, BacklogItem)
        .join(BacklogItem, col(BacklogItem.id) == col(Decision.item_id))
        .where(Decision.verdict == Verdict.APPROVE)
        .order_by(col(Decision.number))
    )
    found = {item.id: (decision, item) for decision, item in rows if goal.name in item.goals}
    return sorted(found.values(), key=lambda pair: -pair[0].number)


def _change(
    session: Session, scale: RatingScale, answered: Sequence[Rated], item: BacklogItem
) -> Change | None:
    if item.shipped_at is None:
        return None
    behind = _behind(session, item.id)
    cells = {
        (ours, later): ratings.newest(
            each
            for each in answered
            if (each.customer in behind) == ours
            and (each.said_at >= item.shipped_at) == later
            and abs(each.said_at - item.shipped_at) <= WINDOW
        )
        for ours in (True, False)
        for later in (True, False)
    }
    own = [_moments(scale, cells[True, later]) for later in (False, True)]
    count = len(cells[True, True])
    if own[0] is None or own[1] is None:
        return Change(None, None, None, against=False, respondents=count)
    value, variance = own[1][0] - own[0][0], own[0][1] + own[1][1]
    others = [_moments(scale, cells[False, later]) for later in (False, True)]
    against = others[0] is not None and others[1] is not None
    if others[0] is not None and others[1] is not None:
        value -= others[1][0] - others[0][0]
        variance += others[0][1] + others[1][1]
    reach = _Z * float(np.sqrt(variance))
    return Change(value, value - reach, value + reach, against, count)


def _moments(scale: RatingScale, rows: Sequence[Rated]) -> tuple[float, float] | None:
    """Mean and its squared error; None of too few."""
    if len(rows) < LEAST:
        return None
    counted = ratings.points(scale, [each.value for each in rows])
    low, high = ratings.SHOWN[scale]
    # As in ratings.figure(): answers that agree by chance are not held to agree.
    spread = counted.var() + ((high - low) / 4) ** 2 / len(counted)
    return float(counted.mean()), float(spread / (len(counted) - 1))


def _behind(session: Session, item_id: uuid.UUID) -> set[uuid.UUID]:
    """Customers who raised the themes of an item."""
    rows = session.exec(
        select(Feedback.customer_id)
        .join(Statement, col(Statement.feedback_id) == col(Feedback.id))
        .join(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id))
        .join(ItemTheme, col(ItemTheme.theme_id) == col(ThemeMembership.theme_id))
        .where(ItemTheme.item_id == item_id)
        .distinct()
    )
    return {customer for customer in rows if customer is not None}


def _share(goal: CompanyGoal, value: float | None) -> float | None:
    if value is None or goal.baseline is None or goal.baseline == goal.target:
        return None
    return (value - goal.baseline) / (goal.target - goal.baseline)


def _goal(session: Session, goal_id: uuid.UUID) -> CompanyGoal:
    found = session.get(CompanyGoal, goal_id)
    if found is None:
        raise NotFoundError(f"there is no goal {goal_id}; list them first")
    return found
