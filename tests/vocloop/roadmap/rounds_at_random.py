"""Small rounds drawn at random, and the best roadmap found by trying everything."""

from __future__ import annotations

import itertools

import numpy as np

from vocloop.roadmap.arbitrate import weight
from vocloop.roadmap.nouns import Candidate, Limits


def draw(seed: int, most: int = 5) -> tuple[list[Candidate], Limits]:
    rng = np.random.default_rng(seed)
    n, periods, departments = int(rng.integers(1, most + 1)), int(rng.integers(1, 3)), ["a", "b"]
    items = []
    for i in range(n):
        needs = [f"i{j}" for j in range(i) if rng.random() < 0.2]
        effort = {d: float(rng.integers(0, 6)) for d in departments}
        effects = {d: float(rng.integers(-1, 2)) for d in departments}
        goals = ["g"] if rng.random() < 0.5 else []
        value, cost = float(rng.uniform(0.1, 5)), float(rng.integers(0, 5))
        items.append(Candidate(f"i{i}", value, effort, cost, needs, effects, goals))
    ids = [item.id for item in items]
    return items, Limits(
        periods,
        {d: [float(rng.integers(0, 10)) for _ in range(periods)] for d in departments},
        float(rng.integers(2, 12)) if rng.random() < 0.5 else None,
        {"a": float(rng.uniform(0, 2))},
        {"g": float(rng.uniform(0, 2))},
        frozenset(each for each in ids[:1] if rng.random() < 0.3),
        frozenset(each for each in ids[1:2] if rng.random() < 0.3),
        [frozenset(ids[-2:])] if rng.random() < 0.3 else [],
    )


def best_value(items: list[Candidate], limits: Limits) -> float | None:
    """None: nothing fits."""
    best = None
    for choice in itertools.product(range(-1, limits.periods), repeat=len(items)):
        period = {item.id: p for item, p in zip(items, choice, strict=True) if p >= 0}
        if fits(items, limits, period):
            value = sum(i.value * weight(i, limits) for i in items if i.id in period)
            best = value if best is None else max(best, value)
    return best


def fits(items: list[Candidate], limits: Limits, period: dict[str, int]) -> bool:
    chosen = [item for item in items if item.id in period]
    for department, weeks in limits.capacity.items():
        for p, has in enumerate(weeks):
            used = sum(i.effort.get(department, 0) for i in chosen if period[i.id] == p)
            if used > has + 1e-6:
                return False
    if limits.budget is not None and sum(i.cost for i in chosen) > limits.budget + 1e-6:
        return False
    if any(need not in period or period[need] > period[i.id] for i in chosen for need in i.needs):
        return False
    if any(len(group & set(period)) > 1 for group in limits.exclusive):
        return False
    return limits.must <= set(period) and not limits.must_not & set(period)
