"""The best roadmap of a round, exactly: which items in which period (METHOD.md 8).

A 0/1 programme over x[item, period], solved by HiGHS (Huangfu and Hall 2018) through SciPy. An item
is worked on within one period. Nothing here knows the database."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csc_array, csr_array, vstack

from vocloop.errors import ConflictError, InvalidInputError, says
from vocloop.roadmap.improve import Room, doubts, improved
from vocloop.roadmap.nouns import Candidate, Floats, Limits, Roadmap
from vocloop.roadmap.place import place, placed

# HiGHS stops when the bound is within 1e-6 of the value: values are brought to this size first.
SCALE = 1_000.0
# Of an objective so scaled: what counts as more.
MORE = 1e-4
# Beyond so many columns a round is solved over all periods at once, then placed into them, then
# improved: benchmarks/arbitration.py.
MOST_COLUMNS = 240
# Shares of capacity given up, one after the other, until what is chosen fits into the periods.
TIGHTER = (0.0, 0.03, 0.06, 0.1)
# For the bound, for each smaller capacity, and for all of it.
WHOLE_SECONDS, AGAIN_SECONDS, LARGE_SECONDS = 2.5, 0.5, 8.0
TIME_LIMIT_SECONDS = 60.0
# Person-weeks are told apart to this fraction.
WEEK_PARTS = 1_000


def weight(item: Candidate, limits: Limits) -> float:
    """What an item's value is multiplied with."""
    helped = [limits.departments.get(d, 1.0) for d, effect in item.effects.items() if effect > 0]
    served = [limits.goals.get(goal, 1.0) for goal in item.goals]
    return _mean(helped) * _mean(served)


def barred(items: Sequence[Candidate], limits: Limits) -> frozenset[str]:
    """Items that no roadmap takes: the must-nots, and what needs something outside the round."""
    known = {item.id for item in items}
    return limits.must_not | {item.id for item in items if not known.issuperset(item.needs)}


def solve(
    items: Sequence[Candidate], limits: Limits, *, seconds: float = TIME_LIMIT_SECONDS
) -> Roadmap:
    """The roadmap of the highest weighted value.

    Raises InvalidInputError for input that contradicts itself, ConflictError when the must-do
    items do not fit together, naming those to let go."""
    check(items, limits)
    until = time.monotonic() + LARGE_SECONDS
    whole = at_once(items, limits)
    if whole is limits:
        found = Programme(items, limits).best(seconds=seconds)
        if found is None:
            raise ConflictError(_unfitting(items, limits))
        return placed(items, limits, found)
    return _divided(items, _usable(items, limits), until)


def at_once(items: Sequence[Candidate], limits: Limits) -> Limits:
    """The limits to solve under: as they are, or of a large round with all periods as one."""
    if limits.periods == 1 or len(items) * limits.periods <= MOST_COLUMNS:
        return limits
    together = {department: [sum(weeks)] for department, weeks in limits.capacity.items()}
    return replace(limits, periods=1, capacity=together)


def _usable(items: Sequence[Candidate], limits: Limits) -> Limits:
    """The limits less the capacity that no sum of efforts can fill: of 14.3 weeks, 14 when all work
    on it comes in whole weeks. The same roadmaps fit, and the bound is nearer to them."""
    capacity = dict(limits.capacity)
    for department, weeks in limits.capacity.items():
        parts = [item.effort.get(department, 0.0) * WEEK_PARTS for item in items]
        if any(abs(part - round(part)) > 1e-6 for part in parts):
            continue
        step = math.gcd(*(round(part) for part in parts)) / WEEK_PARTS
        if step:
            capacity[department] = [math.floor(each / step + 1e-6) * step for each in weeks]
    return replace(limits, capacity=capacity)


def _divided(items: Sequence[Candidate], limits: Limits, until: float) -> Roadmap:
    """A roadmap of a large round: over all periods as one, divided among them, then improved.

    No roadmap can be worth more than the one over all periods as one; ``gap`` says how far from it
    the answer is at most. When its items do not fit into the periods, it is solved again with a
    little less capacity, for a beginning."""
    together = Programme(items, at_once(items, limits))
    whole = together.best(seconds=WHOLE_SECONDS)
    if whole is None:
        raise ConflictError(_unfitting(items, limits))
    bound = whole.bound
    programme = Programme(items, limits)
    begun: dict[str, int] | None = None
    for less in TIGHTER:
        tighter = {d: [sum(weeks) * (1 - less)] for d, weeks in limits.capacity.items()}
        smaller = replace(limits, periods=1, capacity=tighter)
        found = whole if less == 0 else Programme(items, smaller).best(seconds=AGAIN_SECONDS)
        begun = place(items, limits, set(found.period)) if found else None
        if begun is not None:
            break
    if begun is None:
        # Anything that fits at all.
        fitting = programme.best(worth=np.zeros_like(programme.worth))
        if fitting is None:
            raise ConflictError(_unfitting(items, limits))
        begun = fitting.period
    doubt = doubts(together.worth / together.size, together.matrix(), np.array(together.upper))
    period = programme.taken(programme.improved(begun, doubt, enough=bound, until=until))
    value = programme.value(period)
    gap = max(bound - value, 0.0) / max(bound, 1e-12)
    return placed(items, limits, Roadmap(period, value, whole.optimal and gap < MORE / SCALE, gap))


def check(items: Sequence[Candidate], limits: Limits) -> None:
    """Raises InvalidInputError that names every contradiction."""
    known = [item.id for item in items]
    problems: list[tuple[str, str]] = []
    if len(set(known)) < len(known):
        problems.append(("items", "an item is given twice"))
    if limits.periods < 1:
        problems.append(("periods", "give at least one"))
    for department, weeks in limits.capacity.items():
        if len(weeks) != limits.periods:
            reason = f"{department} has {len(weeks)} numbers for {limits.periods} periods"
            problems.append(("capacity", reason))
        if not all(0 <= each < np.inf for each in weeks):
            problems.append(("capacity", f"{department}: give numbers of 0 or more"))
    for item in items:
        numbers = [item.value, item.cost, *item.effort.values()]
        if not all(0 <= number < np.inf for number in numbers):
            problems.append((item.id, "value, cost and effort must be 0 or more"))
    for name, group in (("must", limits.must), ("must_not", limits.must_not)):
        problems += [(name, f"{each} is not in the round") for each in sorted(group - set(known))]
    both = limits.must & limits.must_not
    problems += [("must", f"{each} is must-do and must-not; choose one") for each in sorted(both)]
    weights = [*limits.departments.values(), *limits.goals.values()]
    if not all(0 <= each < np.inf for each in weights):
        problems.append(("weights", "give numbers of 0 or more"))
    if limits.budget is not None and not limits.budget >= 0:
        problems.append(("budget", "give a number of 0 or more"))
    if problems:
        where, reason = problems[0]
        raise InvalidInputError(f"the round can't be solved: {where}: {reason}", problems)


class Programme:
    """A round as matrices, built once and solved under varying demands.

    Columns are x[item, period], item by item; ``worth`` (n · periods,) is what each adds."""

    def __init__(self, items: Sequence[Candidate], limits: Limits) -> None:
        self.items, self.limits = list(items), limits
        self.index = {item.id: i for i, item in enumerate(items)}
        n, t = len(items), limits.periods
        values = np.array([item.value * weight(item, limits) for item in items])
        self.worth: Floats = np.repeat(values, t)
        self.size = max(float(values.max(initial=0.0)), 1e-12) / SCALE
        self.once = np.ones(n)
        self.once[[self.index[name] for name in barred(items, limits)]] = 0.0
        self.rows: list[dict[int, float]] = []
        self.upper: list[float] = []
        self.capacity_rows: dict[tuple[str, int], int] = {}
        self._constrain()

    def column(self, item: int, period: int) -> int:
        return item * self.limits.periods + period

    def columns(self, item: int) -> range:
        return range(item * self.limits.periods, (item + 1) * self.limits.periods)

    def best(
        self,
        demand: Mapping[str, bool] | None = None,
        *,
        worth: Floats | None = None,
        must: bool = True,
        seconds: float = TIME_LIMIT_SECONDS,
    ) -> Roadmap | None:
        """The best roadmap with the items of ``demand`` in (True) or out; None if there is none.

        ``worth`` replaces the programme's own."""
        goal = self.worth if worth is None else worth
        lower = np.zeros(len(self.items))
        upper = self.once.copy()
        for name in self.limits.must if must else ():
            lower[self.index[name]] = 1.0
        for name, wanted in (demand or {}).items():
            i = self.index[name]
            lower[i], upper[i] = (1.0, upper[i]) if wanted else (lower[i], 0.0)
        if (lower > upper).any():
            return None
        return self.run(goal, lower, upper, seconds=seconds)

    def run(
        self, goal: Floats, lower: Floats, upper: Floats, *, seconds: float = TIME_LIMIT_SECONDS
    ) -> Roadmap | None:
        if not self.items:
            return Roadmap({}, 0.0)
        solved = milp(
            -goal / self.size,
            integrality=np.ones(len(goal)),
            bounds=Bounds(0.0, np.repeat(upper, self.limits.periods)),
            constraints=[*self.constraints(), self.times(lower, upper)],
            options={"mip_rel_gap": 0.0, "time_limit": seconds},
        )
        if solved.x is None:
            if solved.status == 2:
                return None
            raise ConflictError(
                says(
                    "no roadmap was found within %(seconds)s seconds; take fewer items into the "
                    "round, or fewer periods",
                    seconds=round(seconds),
                )
            )
        period = self.taken(solved.x)
        value = self.value(period, goal)
        if solved.status == 0:
            return Roadmap(period, value, bound=value)
        # Stopped early HiGHS may know of no bound, and of no share of a value of nothing.
        every = float(goal.reshape(len(self.items), -1).max(axis=1).sum())
        bound = min(-float(solved.mip_dual_bound) * self.size, every)
        gap = float(solved.mip_gap)
        gap = gap if math.isfinite(gap) else 1.0
        return Roadmap(period, value, optimal=False, gap=gap, bound=bound)

    def improved(
        self, begun: Mapping[str, int], doubt: Floats, *, enough: float, until: float
    ) -> Floats:
        """The columns of a roadmap no worse than ``begun``; see improve.improved()."""
        lower = np.array([float(item.id in self.limits.must) for item in self.items])
        times = self.times(lower, self.once)
        room = Room(
            csc_array(vstack([self.matrix(), times.A])),
            np.concatenate([np.full(len(self.rows), -np.inf), lower]),
            np.concatenate([np.array(self.upper), self.once]),
        )
        start = np.zeros(len(self.worth))
        start[[self.column(self.index[name], t) for name, t in begun.items()]] = 1.0
        goal, best = self.worth / self.size, enough / self.size
        return improved(goal, room, start, doubt, enough=best, until=until)

    def value(self, period: Mapping[str, int], goal: Floats | None = None) -> float:
        goal = self.worth if goal is None else goal
        return float(sum(goal[self.column(self.index[name], t)] for name, t in period.items()))

    def matrix(self) -> csr_array:
        """The rows that bind whatever is demanded."""
        return _sparse(self.rows, (len(self.rows), len(self.worth)))

    def taken(self, x: Floats) -> dict[str, int]:
        table = np.asarray(x[: len(self.worth)]).reshape(-1, self.limits.periods)
        chosen, periods = np.nonzero(table > 0.5)
        return {self.items[i].id: int(t) for i, t in zip(chosen, periods, strict=True)}

    def constraints(self, extra: int = 0) -> list[LinearConstraint]:
        """The rows that bind whatever is demanded, with ``extra`` empty columns at the end."""
        if not self.rows:
            return []
        shape = (len(self.rows), len(self.worth) + extra)
        return [LinearConstraint(_sparse(self.rows, shape), -np.inf, np.array(self.upper))]

    def times(self, lower: Floats, upper: Floats, extra: int = 0) -> LinearConstraint:
        """How often an item may be taken."""
        rows = [dict.fromkeys(self.columns(i), 1.0) for i in range(len(self.items))]
        shape = (len(rows), len(self.worth) + extra)
        return LinearConstraint(_sparse(rows, shape), lower, upper)

    def _bind(self, row: dict[int, float], upper: float) -> None:
        if row:
            self.rows.append(row)
            self.upper.append(upper)

    def _constrain(self) -> None:
        limits, t = self.limits, self.limits.periods
        users: dict[str, list[tuple[int, float]]] = {}
        for i, item in enumerate(self.items):
            for department, weeks in item.effort.items():
                if weeks > 0:
                    users.setdefault(department, []).append((i, weeks))
        for department, used in users.items():
            for p in range(t):
                has = float(limits.capacity.get(department, [0.0] * t)[p])
                self.capacity_rows[department, p] = len(self.rows)
                self._bind({self.column(i, p): weeks for i, weeks in used}, has)
        if limits.budget is not None:
            row = {
                c: it.cost for i, it in enumerate(self.items) for c in self.columns(i) if it.cost
            }
            self._bind(row, limits.budget)
        for i, item in enumerate(self.items):
            for j in (self.index[needed] for needed in item.needs if needed in self.index):
                for p in range(t):
                    # Up to any period, what is needed is done at least as often.
                    row = {self.column(i, s): 1.0 for s in range(p + 1)}
                    self._bind(row | {self.column(j, s): -1.0 for s in range(p + 1)}, 0.0)
        for group in limits.exclusive:
            members = [self.index[name] for name in sorted(group) if name in self.index]
            self._bind({c: 1.0 for i in members for c in self.columns(i)}, 1.0)


def _unfitting(items: Sequence[Candidate], limits: Limits) -> str:
    """Says which must-do items to let go, so that the most of them fit."""
    programme = Programme(items, limits)
    wanted = np.zeros_like(programme.worth)
    for name in limits.must:
        wanted[list(programme.columns(programme.index[name]))] = programme.size * SCALE
    kept = programme.best(worth=wanted, must=False)
    gone = sorted(limits.must - set(kept.period if kept else ()))
    return (
        f"the must-do items do not fit together; at least {len(gone)} must go, for example "
        f"{', '.join(gone)}; or raise capacity or budget, or free what they need"
    )


def _mean(weights: Sequence[float]) -> float:
    return sum(weights) / len(weights) if weights else 1.0


def _sparse(rows: Sequence[Mapping[int, float]], shape: tuple[int, int]) -> csr_array:
    where = [(r, c, v) for r, row in enumerate(rows) for c, v in row.items()]
    r, c, v = zip(*where, strict=True) if where else ((), (), ())
    return csr_array((v, (r, c)), shape=shape)
