"""How quickly a large round is solved, how good it is, and how well a fall is told from chance.

    python benchmarks/arbitration.py

Prints tables, as in docs/method/arbitration.md."""

from __future__ import annotations

import time

import numpy as np

from vocloop.roadmap.arbitrate import solve
from vocloop.roadmap.movement import Counts, Floats, Moved, moved
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


def speaking(rng: np.random.Generator, rates: Floats, pool: int) -> Floats:
    """(pool, months) Which of a theme's companies speak in which month; ``rates``: how many."""
    return (rng.random((pool, len(rates))) < np.minimum(rates / pool, 0.95)).astype(float)


def simulated(  # noqa: PLR0917 - one case
    rng: np.random.Generator, companies: float, pool: float, ratio: float, before: int, after: int
) -> Moved:
    """Companies a month around a common trend and season, out of ``pool`` times as many; the theme
    changes by ``ratio``."""
    months = np.arange(before + after)
    common = np.exp(rng.normal(0, 0.01) * months) * (1 + 0.2 * np.sin(months * np.pi / 6))
    counts = []
    for mean in (companies, *(companies * rng.uniform(0.6, 1.6, CONTROLS))):
        changed = ratio if not counts else 1.0
        rates = mean * common * np.where(months >= before, changed, 1.0)
        table = speaking(rng, rates, max(round(pool * mean), 3))
        table = table[table.any(axis=1)]
        counts.append(Counts(table[:, :before], table[:, before:]))
    return moved(counts[0], counts[1:])


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
    print("\n| companies | a month | months before, after | false alarms | power at −40 % |")
    print("|---|---|---|---|---|")
    for pool, words in ((60, "come once"), (2.5, "come again")):
        for companies in (6, 8, 12):
            for before, after in ((6, 6), (12, 6), (24, 6), (12, 9), (24, 9), (24, 12)):
                rates = []
                for ratio in (1.0, 0.6):
                    rng = np.random.default_rng(companies * 100 + before + after)
                    fell = [
                        simulated(rng, companies, pool, ratio, before, after).movement
                        is Movement.FELL
                        for _ in range(CASES)
                    ]
                    rates.append(np.mean(fell))
                print(
                    f"| {words} | {companies} | {before}, {after} | {rates[0]:.3f} "
                    f"| {rates[1]:.2f} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
