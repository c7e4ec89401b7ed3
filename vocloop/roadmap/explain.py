"""Why an item is in a roadmap or out of it, how roadmaps move with a weight, who gains, what
conflicts. All of it from candidates and limits alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack

from vocloop.errors import ConflictError, InvalidInputError, NotFoundError
from vocloop.roadmap.arbitrate import (
    MORE,
    TIME_LIMIT_SECONDS,
    Programme,
    at_once,
    barred,
    solve,
    weight,
)
from vocloop.roadmap.nouns import Candidate, Limits, Roadmap

# Roadmaps along one weight; more than anyone compares.
MOST_ROADMAPS = 12
# What scipy calls a programme that its time limit ended.
OUT_OF_TIME = 1


@dataclass(frozen=True)
class Why:
    """``value_to`` and ``effort_to``: the item's value (before weights) and the share of its
    effort at which it changes sides; just beyond them it does. None: no such change flips it.

    ``costs``: what the roadmap's value loses if the item is forced to the other side; None when
    it can't be. ``bound_by`` names a rule or an item that holds it where it is. ``proven`` False:
    time ran out; ``taken`` is likely, the others are not known."""

    taken: bool
    value: float
    value_to: float | None
    effort_to: float | None
    costs: float | None
    bound_by: list[str]
    proven: bool = True


def why(
    items: Sequence[Candidate],
    limits: Limits,
    item_id: str,
    *,
    seconds: float = TIME_LIMIT_SECONDS,
) -> Why:
    """The smallest change of value or of effort that flips an item. Raises NotFoundError.

    The optimum with the item in rises by its weight with its value, the optimum without it does
    not depend on it: they cross once. Effort: one more programme, in which a continuous column
    gives back (or adds) a share of the item's effort in its period. Of a large round the periods
    count as one, as in solve(). Each programme may take ``seconds``."""
    item = next((each for each in items if each.id == item_id), None)
    if item is None:
        raise NotFoundError(f"{item_id} is not in the round; add it first")
    programme = Programme(items, at_once(items, limits))
    bound = _bound(items, limits, item)
    try:
        inside = programme.best({item_id: True}, seconds=seconds)
        outside = programme.best({item_id: False}, seconds=seconds)
    except ConflictError:
        return _unproven(item, bound, taken=False)
    taken = outside is None or (inside is not None and inside.value >= outside.value)
    if not all(side.optimal for side in (inside, outside) if side):
        return _unproven(item, bound, taken=taken)
    to = costs = None
    if inside and outside:
        costs = abs(inside.value - outside.value)
        heavy = weight(item, limits)
        to = item.value - (inside.value - outside.value) / heavy if heavy > 0 else None
        to = None if to is not None and to < 0 else to
    elif taken or item_id in barred(items, limits):
        return Why(taken, item.value, None, None, None, bound)
    try:
        effort = _effort(programme, item, outside, taken=taken, seconds=seconds)
    except ConflictError:
        return _unproven(item, bound, taken=taken)
    return Why(taken, item.value, to, effort, costs, bound)


def _unproven(item: Candidate, bound: list[str], *, taken: bool) -> Why:
    return Why(taken, item.value, None, None, None, bound, proven=False)


def _bound(items: Sequence[Candidate], limits: Limits, item: Candidate) -> list[str]:
    found = [name for name in ("must", "must_not") if item.id in getattr(limits, name)]
    found += [f"needed by {other.id}" for other in items if item.id in other.needs]
    found += [f"needs {other}" for other in item.needs]
    for group in limits.exclusive:
        if item.id in group:
            found += [f"excludes {other}" for other in sorted(group - {item.id})]
    return found


def _effort(
    programme: Programme,
    item: Candidate,
    outside: Roadmap | None,
    *,
    taken: bool,
    seconds: float,
) -> float | None:
    """The share of the item's effort at which it changes sides.

    Columns r[period] ≥ 0 stand behind the others: out → in they take effort off (r ≤ x), smallest
    sum wanted; in → out they add to it, largest sum wanted that is still worth it. Raises
    ConflictError when time runs out."""
    limits, t = programme.limits, programme.limits.periods
    if not any(item.effort.values()):
        return None
    n, i = len(programme.worth), programme.index[item.id]
    sign = 1.0 if taken else -1.0
    rows, upper = programme.constraints(extra=t)[0].A.tolil(), np.array(programme.upper)
    for (department, period), row in programme.capacity_rows.items():
        if item.effort.get(department):
            rows[row, n + period] = sign * item.effort[department]
    # Added effort is bounded by the room there is; without bound the programme has no end.
    least = min(weeks for weeks in item.effort.values() if weeks > 0)
    room = max((max(weeks, default=0.0) for weeks in limits.capacity.values()), default=0.0)
    most = room / least + 1.0 if taken else 1.0
    linked = csr_array(
        (
            [*[1.0] * t, *[-most] * t],
            ([*range(t)] * 2, [*range(n, n + t), *programme.columns(i)]),
        ),
        shape=(t, n + t),
    )
    low, high = np.zeros(len(programme.items)), programme.once.copy()
    for name in limits.must:
        low[programme.index[name]] = 1.0
    low[i] = 1.0
    if (low > high).any():
        return None
    worth = hstack([csr_array(programme.worth[None, :] / programme.size), csr_array((1, t))])
    target = -np.inf if outside is None else outside.value / programme.size
    found = milp(
        np.concatenate([np.zeros(n), np.full(t, -sign)]),
        integrality=np.concatenate([np.ones(n), np.zeros(t)]),
        bounds=Bounds(0.0, np.concatenate([np.repeat(high, t), np.full(t, most)])),
        constraints=[
            LinearConstraint(csr_array(rows), -np.inf, upper),
            LinearConstraint(linked, -np.inf, 0.0),
            LinearConstraint(csr_array(worth), target + (-MORE if taken else MORE), np.inf),
            programme.times(low, high, extra=t),
        ],
        options={"mip_rel_gap": 0.0, "time_limit": seconds},
    )
    if found.status == OUT_OF_TIME:
        raise ConflictError(f"no answer was found within {seconds:g} seconds")
    if found.x is None:
        return None
    share = 1.0 + sign * float(found.x[n:].sum())
    return None if taken and share >= most else max(share, 0.0)


@dataclass(frozen=True)
class Stretch:
    """The roadmap that is best for every weight from ``start`` to ``end``."""

    start: float
    end: float
    roadmap: Roadmap
    gain: dict[str, float]  # by department, see effects()


def frontier(
    items: Sequence[Candidate],
    limits: Limits,
    kind: Literal["department", "goal"],
    name: str,
    *,
    low: float = 0.0,
    high: float = 4.0,
    seconds: float = TIME_LIMIT_SECONDS,
) -> list[Stretch]:
    """Every roadmap that is best somewhere as one weight goes from ``low`` to ``high``.

    A roadmap's value is linear in the weight, so the best value is convex and piecewise linear:
    where the lines of two roadmaps cross, a third is better or the crossing is a break (Eisner
    and Severance 1976). Each roadmap may take ``seconds``; what time ended is the best found.
    Raises InvalidInputError for a range that is none."""
    if not 0 <= low < high < np.inf:
        raise InvalidInputError(
            f"weights from {low} to {high} are no range; give 0 ≤ low < high",
            [("low", "must be 0 or more and less than high")],
        )

    def under(value: float) -> Limits:
        if kind == "department":
            return replace(limits, departments={**limits.departments, name: value})
        return replace(limits, goals={**limits.goals, name: value})

    def line(roadmap: Roadmap) -> tuple[float, float]:
        at = [_worth(items, under(value), roadmap) for value in (0.0, 1.0)]
        return at[0], at[1] - at[0]

    best: dict[float, Roadmap] = {
        end: solve(items, under(end), seconds=seconds) for end in (low, high)
    }
    open_ = [(low, high)]
    breaks: list[float] = []
    while open_ and len(best) < MOST_ROADMAPS:
        left, right = open_.pop()
        (a, b), (c, d) = line(best[left]), line(best[right])
        if abs(d - b) < 1e-9:
            continue
        cross = (a - c) / (d - b)
        if not left < cross < right:
            continue
        middle = solve(items, under(cross), seconds=seconds)
        if middle.value > a + b * cross + 1e-6 * max(1.0, middle.value):
            best[cross] = middle
            open_ += [(left, cross), (cross, right)]
        else:
            breaks.append(cross)
    edges = [low, *sorted(breaks), high]
    stretches: list[Stretch] = []
    for start, end in pairwise(edges):
        middle_weight = (start + end) / 2
        shown = max(best.values(), key=lambda r: _worth(items, under(middle_weight), r))
        stretches.append(Stretch(start, end, shown, effects(items, limits, shown).departments))
    return stretches


def _worth(items: Sequence[Candidate], limits: Limits, roadmap: Roadmap) -> float:
    return sum(i.value * weight(i, limits) for i in items if i.id in roadmap.period)


@dataclass(frozen=True)
class Effects:
    """``departments``: Σ value × effect of what is in (below 0: it is burdened more than helped);
    ``missed``: the same of what is out. ``segments``: Σ value × share of the companies behind the
    item that are of the segment; ``segments_missed`` of what is out. ``used``: person-weeks in
    each period."""

    departments: dict[str, float]
    missed: dict[str, float]
    segments: dict[str, float]
    segments_missed: dict[str, float]
    used: dict[str, list[float]]


def effects(items: Sequence[Candidate], limits: Limits, roadmap: Roadmap) -> Effects:
    """Who gains and who loses by a roadmap."""
    found = Effects({}, {}, {}, {}, {d: [0.0] * limits.periods for d in limits.capacity})
    for item in items:
        inside = item.id in roadmap.period
        departments = found.departments if inside else found.missed
        segments = found.segments if inside else found.segments_missed
        for department, effect in item.effects.items():
            departments[department] = departments.get(department, 0.0) + item.value * effect
        behind = max(item.segments.values(), default=0)
        for segment, companies in item.segments.items():
            segments[segment] = segments.get(segment, 0.0) + item.value * companies / max(behind, 1)
        if inside:
            for department, weeks in item.effort.items():
                if weeks:
                    found.used[department][roadmap.period[item.id]] += weeks
    return found


@dataclass(frozen=True)
class Conflict:
    """``capacity``: ``items`` (one in, one out) want more of ``department`` than is left.
    ``burden``: the one item helps some departments and burdens ``department``, as ``declared`` or
    because it must work on it without being helped."""

    kind: Literal["capacity", "burden"]
    department: str
    items: tuple[str, ...]
    helped: tuple[str, ...]
    declared: bool = True


def conflicts(items: Sequence[Candidate], limits: Limits, roadmap: Roadmap) -> list[Conflict]:
    """What a person has to settle, burdens first."""
    return [*_burdens(items), *_contests(items, limits, roadmap)]


def _burdens(items: Sequence[Candidate]) -> Iterator[Conflict]:
    for item in items:
        helped = _helped(item)
        if not helped:
            continue
        for department in sorted({*item.effects, *item.effort}):
            effect = item.effects.get(department, 0.0)
            if effect < 0 or (effect == 0 and item.effort.get(department, 0.0) > 0):
                yield Conflict("burden", department, (item.id,), helped, effect < 0)


def _contests(items: Sequence[Candidate], limits: Limits, roadmap: Roadmap) -> Iterator[Conflict]:
    used = effects(items, limits, roadmap).used
    left: Mapping[str, float] = {
        d: max((c - u for c, u in zip(weeks, used[d], strict=True)), default=0.0)
        for d, weeks in limits.capacity.items()
    }
    settled = barred(items, limits) | roadmap.period.keys()
    for out in items:
        if out.id in settled:
            continue
        for department, weeks in sorted(out.effort.items()):
            if weeks <= left.get(department, 0.0):
                continue
            rivals = [i for i in items if i.id in roadmap.period and i.effort.get(department, 0)]
            if rivals:
                # The weakest that is in: the one that people would give up first.
                rival = min(rivals, key=lambda i: i.value / i.effort[department])
                helped = tuple(sorted({*_helped(rival), *_helped(out)}))
                yield Conflict("capacity", department, (rival.id, out.id), helped)


def _helped(item: Candidate) -> tuple[str, ...]:
    return tuple(sorted(d for d, effect in item.effects.items() if effect > 0))
