"""Goals of our own company, and what decisions did for them (METHOD.md 2)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from sqlalchemy import delete
from sqlmodel import Session, col, select

from vocloop.errors import ConflictError, InvalidInputError, NotFoundError, says
from vocloop.said import Mask, Said, said
from vocloop.success import ratings
from vocloop.success.answers import Answers, answers
from vocloop.success.ratings import Figure
from vocloop_models import (
    BacklogItem,
    CompanyGoal,
    Decision,
    GoalActual,
    GoalMetric,
    RatingScale,
    Verdict,
    id_of,
    item_themes,
    now,
)
from vocloop_models.database import held

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


@dataclass(frozen=True)
class _Answered:
    """Of each of ``rows``: ``company``: the number of its customer among ``Said``'s, one more for
    who is not there; ``points``: what it counts."""

    scale: RatingScale
    rows: Answers
    company: NDArray[np.intp]
    points: NDArray[np.float64]


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
    """Raises ConflictError for a name that is taken, InvalidInputError for a target or a baseline
    that the metric can't reach."""
    if session.exec(select(CompanyGoal).where(CompanyGoal.name == name)).first() is not None:
        raise ConflictError(
            says("there is a goal '%(name)s' already; choose another name", name=name)
        )
    if metric is not GoalMetric.OWN:
        low, high = ratings.SHOWN[RatingScale(metric.value)]
        reason = says(
            "%(metric)s lies between %(low)s and %(high)s",
            metric=metric.value.upper(),
            low=f"{low:g}",
            high=f"{high:g}",
        )
        given = {"target": target, "baseline": target if baseline is None else baseline}
        wrong = [(name, reason) for name, value in given.items() if not low <= value <= high]
        if wrong:
            raise InvalidInputError(f"{wrong[0][0]}: {reason}", wrong)
    made = CompanyGoal(
        name=name, metric=metric, target=target, unit=unit, baseline=baseline, due_on=due_on
    )
    session.add(made)
    session.flush()
    return made


def remove(session: Session, goal_id: uuid.UUID) -> CompanyGoal:
    """Items that name it keep its name. Raises NotFoundError."""
    goal = _held(session, goal_id)
    session.exec(delete(GoalActual).where(col(GoalActual.goal_id) == goal_id))
    session.delete(goal)
    session.flush()
    return goal


def enter(
    session: Session, goal_id: uuid.UUID, day: dt.date, value: float, by: str | None = None
) -> GoalActual:
    """The value of a goal of metric ``own``. Raises ConflictError for one read from ratings."""
    goal = _held(session, goal_id)
    if goal.metric is not GoalMetric.OWN:
        raise ConflictError(
            says("%(name)s is read from ratings; import answers instead", name=goal.name)
        )
    entered = session.merge(GoalActual(goal_id=goal_id, day=day, value=value, by=by))
    session.flush()
    return entered


def standing(session: Session, timezone: ZoneInfo) -> list[Standing]:
    """Every goal, by name, with where it stands and the decisions that serve it, newest first."""
    goals = session.exec(select(CompanyGoal).order_by(col(CompanyGoal.name))).all()
    decided = _decided(session)
    scales = {RatingScale(goal.metric.value) for goal in goals if goal.metric is not GoalMetric.OWN}
    shipped = [item.id for _, item in decided if item.shipped_at is not None]
    everything = said(session)
    company = _companies(everything)
    answered = {}
    for scale in scales:
        rows = answers(session, scale, segmented=False)
        of = np.array([company(each) for each in rows.customers], np.intp)
        counted = ratings.points(scale, rows.value)
        answered[scale] = _Answered(scale, rows, of[rows.customer], counted)
    raised = _raised(session, shipped, everything)
    entered: dict[uuid.UUID, list[GoalActual]] = {}
    for actual in session.exec(select(GoalActual).order_by(col(GoalActual.day))):
        entered.setdefault(actual.goal_id, []).append(actual)
    standings = []
    for goal in goals:
        serving = [(decision, item) for decision, item in decided if goal.name in item.goals]
        if goal.metric is GoalMetric.OWN:
            standings.append(_of_own(goal, entered.get(goal.id, []), serving))
            continue
        found = answered[RatingScale(goal.metric.value)]
        movers = [
            Mover(decision, item, _change(found, item.shipped_at, raised.get(item.id)))
            for decision, item in serving
        ]
        standings.append(_of_ratings(goal, found, movers, timezone))
    return standings


def _of_own(
    goal: CompanyGoal,
    actuals: Sequence[GoalActual],
    serving: Sequence[tuple[Decision, BacklogItem]],
) -> Standing:
    last = actuals[-1].value if actuals else None
    movers = [Mover(decision, item, None) for decision, item in serving]
    return Standing(goal, None, {}, actuals, _share(goal, last), movers)


def _of_ratings(
    goal: CompanyGoal, found: _Answered, movers: list[Mover], timezone: ZoneInfo
) -> Standing:
    recent = found.rows.value[found.rows.newest(now() - WINDOW)]
    figure = ratings.figure(found.scale, recent) if len(recent) else None
    drawn = ratings.lines_of(found.rows, found.scale, every="quarter", timezone=timezone)
    share = _share(goal, figure.value if figure else None)
    return Standing(goal, figure, drawn[0].points if drawn else {}, [], share, movers)


def _decided(session: Session) -> list[tuple[Decision, BacklogItem]]:
    """Approvals, newest first; the last one of each item."""
    rows = session.exec(
        select(Decision, BacklogItem)
        .join(BacklogItem, col(BacklogItem.id) == col(Decision.item_id))
        .where(Decision.verdict == Verdict.APPROVE)
        .order_by(col(Decision.number))
    )
    found = {item.id: (decision, item) for decision, item in rows}
    return sorted(found.values(), key=lambda pair: -pair[0].number)


def _companies(everything: Said) -> Callable[[Hashable], int]:
    """Of a customer's id as the driver gives it, its number; see _Answered."""
    none = len(everything.companies)

    @cache
    def number(customer: Hashable) -> int:
        return everything.companies.get(id_of(customer), none) if customer else none

    return number


def _change(found: _Answered, shipped: dt.datetime | None, raised: Mask | None) -> Change | None:
    """``raised``: see _raised()."""
    if shipped is None or raised is None:
        return None
    own, others = [], []
    for since, until in ((shipped - WINDOW, shipped), (shipped, shipped + WINDOW)):
        places = found.rows.newest(since, until)
        behind = raised[found.company[places]]
        own.append(found.points[places[behind]])
        others.append(found.points[places[~behind]])
    count = len(own[1])
    ours, theirs = ([_moments(found.scale, side) for side in group] for group in (own, others))
    if ours[0] is None or ours[1] is None:
        return Change(None, None, None, against=False, respondents=count)
    value, variance = ours[1][0] - ours[0][0], ours[0][1] + ours[1][1]
    against = theirs[0] is not None and theirs[1] is not None
    if theirs[0] is not None and theirs[1] is not None:
        value -= theirs[1][0] - theirs[0][0]
        variance += theirs[0][1] + theirs[1][1]
    reach = _Z * float(np.sqrt(variance))
    return Change(value, value - reach, value + reach, against, count)


def _moments(scale: RatingScale, counted: NDArray[np.float64]) -> tuple[float, float] | None:
    """Mean of points and its squared error; None of too few."""
    if len(counted) < LEAST:
        return None
    low, high = ratings.SHOWN[scale]
    # As in ratings.figure(): answers that agree by chance are not held to agree.
    mean = float(counted.mean())
    away = counted - mean
    spread = (float(away @ away) + ((high - low) / 4) ** 2) / len(counted)
    return mean, spread / (len(counted) - 1)


def _raised(
    session: Session, items: Collection[uuid.UUID], everything: Said
) -> dict[uuid.UUID, Mask]:
    """By item, the companies that raised its themes (Said.raised)."""
    solved: dict[uuid.UUID, list[uuid.UUID]] = {item: [] for item in items}
    links = item_themes()
    for item, theme in session.exec(
        select(links.c.item_id, links.c.theme_id).where(links.c.item_id.in_(items))
    ):
        solved[item].append(theme)
    return {item: everything.raised(themes) for item, themes in solved.items()}


def _share(goal: CompanyGoal, value: float | None) -> float | None:
    if value is None or goal.baseline is None or goal.baseline == goal.target:
        return None
    return (value - goal.baseline) / (goal.target - goal.baseline)


def _held(session: Session, goal_id: uuid.UUID) -> CompanyGoal:
    """Nobody else's to fill in or remove until the transaction ends."""
    found = held(session, CompanyGoal, goal_id)
    if found is None:
        raise NotFoundError(f"there is no goal {goal_id}; list them first")
    return found
