"""How quickly a large round is solved, how good it is, and how well a fall is told from chance.

    python benchmarks/arbitration.py

Prints tables, as in docs/method/arbitration.md."""

from __future__ import annotations

import time

import numpy as np

from vocloop.roadmap.arbitrate import solve
from vocloop.roadmap.movement import Moved, moved
from vocloop.roadmap.nouns import Candidate, Limits
from vocloop_models import Movement

ITEMS, DEPARTMENTS, PERIODS = 300, 12, 4
CASES, CONTROLS = 500, 12


def large(seed: int, share: float) -> tuple[list[Candidate], Limits]:
    """Items of one to three departments, three in ten need another; capacity for ``share``."""
    rng = np.random.default_rng(seed)
    names = [f"d{i}" for i in range(DEPARTMENTS)]
    items = []
    for i in range(ITEMS):
        chosen = rng.choice(DEPARTMENTS, int(rng.integers(1, 4)), replace=False)
        effort = {names[j]: float(rng.integers(1, 9)) for j in chosen}
        needs = [f"i{rng.integers(i)}"] if i and rng.random() < 0.3 else []
        items.append(Candidate(f"i{i}", float(rng.lognormal(0, 0.8)), effort, needs=needs))
    asked = {d: sum(item.effort.get(d, 0.0) for item in items) for d in names}
    return items, Limits(PERIODS, {d: [asked[d] * share / PERIODS] * PERIODS for d in names})


def simulated(
    rng: np.random.Generator, companies: float, ratio: float, before: int, after: int
) -> Moved:
    """Companies a month around a common trend and season; the theme changes by ``ratio``."""
    months = np.arange(before + after)
    common = np.exp(rng.normal(0, 0.01) * months) * (1 + 0.2 * np.sin(months * np.pi / 6))
    own = rng.poisson(companies * common * np.where(months >= before, ratio, 1.0)).astype(float)
    others = rng.poisson(np.outer(companies * rng.uniform(0.6, 1.6, CONTROLS), common))
    pairs = [(row[:before].astype(float), row[before:].astype(float)) for row in others]
    return moved(own[:before], own[before:], pairs)


def main() -> None:
    print("| capacity | seed | seconds | items in | proven optimal | gap |")
    print("|---|---|---|---|---|---|")
    for share in (0.3, 0.5, 0.7):
        for seed in range(3):
            items, limits = large(seed, share)
            start = time.perf_counter()
            found = solve(items, limits)
            spent = time.perf_counter() - start
            proven = "yes" if found.optimal else "no"
            print(
                f"| {share} | {seed} | {spent:.1f} | {len(found.period)} | {proven} "
                f"| {found.gap:.4f} |",
                flush=True,
            )
    print("\n| companies a month | months before, after | false alarms | power at −40 % |")
    print("|---|---|---|---|")
    for companies in (6, 8, 12):
        for before, after in ((6, 6), (12, 6), (12, 9), (12, 12)):
            rates = []
            for ratio in (1.0, 0.6):
                rng = np.random.default_rng(companies * 100 + before + after)
                fell = [
                    simulated(rng, companies, ratio, before, after).movement is Movement.FELL
                    for _ in range(CASES)
                ]
                rates.append(np.mean(fell))
            print(f"| {companies} | {before}, {after} | {rates[0]:.3f} | {rates[1]:.3f} |")


if __name__ == "__main__":
    main()
