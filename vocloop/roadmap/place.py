"""Into which period each chosen item goes: as early as capacity and what it needs allow."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from vocloop.roadmap.nouns import Candidate, Floats, Limits, Roadmap

# Moves tried before a choice is held not to fit: half a second in a round of 300 items.
MOVES = 300
SEED = 7
# Capacity may be exceeded by rounding only.
EPSILON = 1e-6


def placed(items: Sequence[Candidate], limits: Limits, found: Roadmap) -> Roadmap:
    """The same items, each moved to the earliest period that has room for it."""
    period = dict(found.period)
    chosen = {item.id: item for item in items if item.id in period}
    room = _room(limits)
    for name, p in period.items():
        room[p] -= _demand(chosen[name], limits)
    for name in sorted(period, key=lambda each: (period[each], each)):
        demand, now = _demand(chosen[name], limits), period[name]
        first = max((period[n] for n in chosen[name].needs), default=0)
        for earlier in range(first, now):
            if (room[earlier] >= demand - EPSILON)[demand > 0].all():
                room[now] += demand
                room[earlier] -= demand
                period[name] = earlier
                break
    return Roadmap(period, found.value, found.optimal, found.gap)


def place(
    items: Sequence[Candidate], limits: Limits, chosen: Collection[str]
) -> dict[str, int] | None:
    """A period for each of ``chosen`` within capacity, what it needs not later; None if none was
    found. Local search by least conflict (Minton and others 1992), seeded: the same every time."""
    names = _ordered(items, chosen)
    if not names:
        return {}
    by_id = {item.id: item for item in items}
    index = {name: i for i, name in enumerate(names)}
    demand = np.array([_demand(by_id[name], limits) for name in names])
    needs = [[index[n] for n in by_id[name].needs] for name in names]
    needed_by: list[list[int]] = [[] for _ in names]
    for i, each in enumerate(needs):
        for j in each:
            needed_by[j].append(i)
    room, where = _greedy(limits, demand, needs)
    rng = np.random.default_rng(SEED)
    touch = np.zeros(len(names), dtype=int)
    for move in range(MOVES):
        over = np.maximum(-room - EPSILON, 0.0)
        if not over.any():
            return {name: int(where[i]) for name, i in index.items()}
        p, d = np.unravel_index(int(np.argmax(over + 1e-9 * rng.random(over.shape))), over.shape)
        here = np.flatnonzero((where == p) & (demand[:, d] > 0))
        best: tuple[float, int, int, int] | None = None
        for i in rng.permutation(here)[:12]:
            first = max((int(where[j]) for j in needs[i]), default=0)
            last = min((int(where[j]) for j in needed_by[i]), default=limits.periods - 1)
            for q in range(first, last + 1):
                if q == p:
                    continue
                change, partner = _exchange(room, demand, where, needs, needed_by, int(i), q, rng)
                tired = change + 0.02 * max(0, int(touch[i]) - move)
                if best is None or tired < best[0]:
                    best = (tired, int(i), q, partner)
        if best is None:
            return None
        _, i, q, partner = best
        _move(room, demand, where, i, q)
        touch[i] = move + 10
        if partner >= 0:
            _move(room, demand, where, partner, int(p))
            touch[partner] = move + 10
    return None


def _exchange(  # noqa: PLR0917 - one step of the search, on its arrays
    room: Floats,
    demand: Floats,
    where: np.ndarray,
    needs: Sequence[Sequence[int]],
    needed_by: Sequence[Sequence[int]],
    i: int,
    q: int,
    rng: np.random.Generator,
) -> tuple[float, int]:
    """(change of total excess, partner or -1) of moving i to q, alone or for one of q's items."""
    p = int(where[i])
    before = np.maximum(-room[[p, q]], 0.0).sum()
    here, there = room[p] + demand[i], room[q] - demand[i]
    alone = np.maximum(-here, 0.0).sum() + np.maximum(-there, 0.0).sum() - before
    free = [
        j
        for j in rng.permutation(np.flatnonzero(where == q))[:24]
        if all(where[n] <= p and n != i for n in needs[j])
        and all(where[n] >= p and n != i for n in needed_by[j])
    ]
    if not free:
        return float(alone), -1
    swapped = (
        np.maximum(demand[free] - here, 0.0).sum(axis=1)
        + np.maximum(-demand[free] - there, 0.0).sum(axis=1)
        - before
    )
    k = int(np.argmin(swapped))
    return (float(swapped[k]), int(free[k])) if swapped[k] < alone else (float(alone), -1)


def _greedy(
    limits: Limits, demand: Floats, needs: Sequence[Sequence[int]]
) -> tuple[Floats, np.ndarray]:
    room, where = _room(limits), np.zeros(len(demand), dtype=int)
    for i, wanted in enumerate(demand):
        first = max((int(where[j]) for j in needs[i]), default=0)
        excess = np.maximum(wanted - room[first:], 0.0)[:, wanted > 0].sum(axis=1)
        where[i] = first + int(np.argmin(excess))
        room[where[i]] -= wanted
    return room, where


def _move(room: Floats, demand: Floats, where: np.ndarray, i: int, to: int) -> None:
    room[where[i]] += demand[i]
    room[to] -= demand[i]
    where[i] = to


def _ordered(items: Sequence[Candidate], chosen: Collection[str]) -> list[str]:
    """What is needed first, else the largest first."""
    by_id: Mapping[str, Candidate] = {item.id: item for item in items}
    done: dict[str, None] = {}
    # Without recursion: a chain of needs may be long. A circle is broken where it closes.
    open_: list[tuple[str, bool]] = [
        (name, False) for name in sorted(chosen, key=lambda n: sum(by_id[n].effort.values()))
    ]
    entered: set[str] = set()
    while open_:
        name, ready = open_.pop()
        if ready:
            done.setdefault(name)
        elif name not in entered:
            entered.add(name)
            open_.append((name, True))
            open_ += [(n, False) for n in by_id[name].needs if n in chosen and n not in entered]
    return list(done)


def _demand(item: Candidate, limits: Limits) -> Floats:
    return np.array([item.effort.get(department, 0.0) for department in sorted(limits.capacity)])


def _room(limits: Limits) -> Floats:
    """(periods, departments)"""
    return (
        np.array([limits.capacity[d] for d in sorted(limits.capacity)], dtype=float)
        .reshape(len(limits.capacity), limits.periods)
        .T.copy()
    )
