"""The best roadmap of a round, exactly: which items in which period (METHOD.md 8).

A 0/1 programme over x[item, period], solved by HiGHS (Huangfu and Hall 2018) through SciPy. An item
is worked on within one period. Nothing here knows the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from vocloop.errors import ConflictError, InvalidInputError
from vocloop.roadmap.nouns import Candidate, Floats, Limits, Roadmap
from vocloop.roadmap.place import place, placed

# HiGHS stops when the bound is within 1e-6 of the value: values are brought to this size first.
SCALE = 1_000.0
# Of an objective so scaled: what counts as more.
MORE = 1e-4
# Beyond so many columns a round is solved over all periods at once, then placed into them:
# benchmarks/arbitration.py.
MOST_COLUMNS = 240
# Shares of capacity given up, one after the other, until what is chosen fits into the periods.
TIGHTER = (0.0, 0.03, 0.06, 0.1)
WHOLE_SECONDS, AGAIN_SECONDS = 5.0, 1.0
TIME_LIMIT_SECONDS = 60.0


def weight(item: Candidate, limits: Limits) -> float:
    """What an item's value is multiplied with."""
    helped = [limits.departments.get(d, 1.0) for d, effect in item.effects.items() if effect > 0]
    served = [limits.goals.get(goal, 1.0) for goal in item.goals]
    return _mean(helped) * _mean(served)


def solve(
    items: Sequence[Candidate], limits: Limits, *, seconds: float = TIME_LIMIT_SECONDS
) -> Roadmap:
    """The roadmap of the highest weighted value.

    Raises InvalidInputError for input that contradicts itself, ConflictError when the must-do
    items do not fit together, naming those to let go."""
    check(items, limits)
    whole = at_once(items, limits)
    short = seconds if whole is limits else min(seconds, WHOLE_SECONDS)
    found = Programme(items, whole).best(seconds=short)
    if found is None:
        raise ConflictError(_unfitting(items, limits))
    if whole is limits:
        return placed(items, limits, found)
    return _divided(items, limits, found)


def at_once(items: Sequence[Candidate], limits: Limits) -> Limits:
    """The limits to solve under: as they are, or of a large round with all periods as one."""
    if limits.periods == 1 or len(items) * limits.periods <= MOST_COLUMNS:
        return limits
    together = {department: [sum(weeks)] for department, weeks in limits.capacity.items()}
    return replace(limits, periods=1, capacity=together)


def _divided(items: Sequence[Candidate], limits: Limits, whole: Roadmap) -> Roadmap:
    """A roadmap over all periods as one, divided among them.

    No roadmap can be worth more than ``whole``; if its items fit into the periods, it is the best.
    Else it is solved again with a little less capacity, and ``gap`` says what that may cost."""
    bound = whole.value * (1 + whole.gap)
    for less in TIGHTER:
        together = {d: [sum(weeks) * (1 - less)] for d, weeks in limits.capacity.items()}
        smaller = replace(limits, periods=1, capacity=together)
        found = whole if less == 0 else Programme(items, smaller).best(seconds=AGAIN_SECONDS)
        period = place(items, limits, set(found.period)) if found else None
        if found is not None and period is not None:
            gap = max(bound - found.value, 0.0) / max(bound, 1e-12)
            return Roadmap(period, found.value, less == 0 and whole.optimal, gap)
    found = Programme(items, limits).best()
    if found is None:
        raise ConflictError(_unfitting(items, limits))
    return found


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
        strange = set(item.needs) - set(known)
        if strange:
            problems.append((item.id, f"needs {sorted(strange)[0]}, which is not in the round"))
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
        for i, item in enumerate(items):
            if item.id in limits.must_not:
                self.once[i] = 0.0
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
                f"no roadmap was found within {seconds:.0f} seconds; take fewer items into the "
                "round, or fewer periods"
            )
        period = self.taken(solved.x)
        value = float(sum(goal[self.column(self.index[name], t)] for name, t in period.items()))
        gap = 0.0 if solved.status == 0 else float(solved.mip_gap)
        return Roadmap(period, value, solved.status == 0, gap)

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
            for needed in item.needs:
                j = self.index[needed]
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
