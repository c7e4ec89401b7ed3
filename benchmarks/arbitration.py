"""How quickly a large round is solved, how good it is, and how well a fall is told from chance.

    python benchmarks/arbitration.py

Prints tables, as in docs/method/arbitration.md."""

from __future__ import annotations

import time

import numpy as np
from scipy.stats import binom, poisson

from vocloop.roadmap.arbitrate import solve
from vocloop.roadmap.movement import Counts, Floats, moved
from vocloop.roadmap.nouns import Candidate, Limits
from vocloop_models import Movement

ITEMS, DEPARTMENTS, PERIODS = 300, 12, 4
CASES, CONTROLS = 500, 12
LEVEL = 0.05


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
) -> tuple[bool, bool, bool]:
    """Whether a fall is told, and whether tests would that know the trend, and the trend and how
    many companies speak of the theme. Companies a month around a common trend and season, out of
    ``pool`` times as many; the theme changes by ``ratio``."""
    months = np.arange(before + after)
    common = np.exp(rng.normal(0, 0.01) * months) * (1 + 0.2 * np.sin(months * np.pi / 6))
    counts = []
    for mean in (companies, *(companies * rng.uniform(0.6, 1.6, CONTROLS))):
        changed = ratio if not counts else 1.0
        rates = mean * common * np.where(months >= before, changed, 1.0)
        table = speaking(rng, rates, max(round(pool * mean), 3))
        table = table[table.any(axis=1)]
        counts.append(Counts(table[:, :before], table[:, before:]))
    theme = counts[0]
    # The most powerful test of a fall, of exactly 1 in 20: chance decides on the border.
    was, is_now, border = theme.before.sum(), theme.after.sum(), rng.random()
    expected = companies * common[before:].sum()
    likely = [
        law.cdf(is_now - 1) + border * law.pmf(is_now)
        for law in (
            binom(was + is_now, common[before:].sum() / common.sum()),
            poisson(expected),
        )
    ]
    fell = moved(theme, counts[1:]).movement is Movement.FELL
    return fell, likely[0] < LEVEL, likely[1] < LEVEL


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
    told = "false alarms | power at −40 % | were the trend known | and the rate"
    print(f"\n| companies | a month | months before, after | {told} |")
    print("|---|---|---|---|---|---|---|")
    for pool, words in ((60, "come once"), (2.5, "come again")):
        for companies in (6, 8, 12):
            for before, after in ((6, 6), (12, 6), (24, 6), (12, 9), (24, 9), (12, 12), (24, 12)):
                rates = []
                for ratio in (1.0, 0.6):
                    rng = np.random.default_rng(companies * 100 + before + after)
                    fell = [
                        simulated(rng, companies, pool, ratio, before, after) for _ in range(CASES)
                    ]
                    rates.append(np.mean(fell, axis=0))
                print(
                    f"| {words} | {companies} | {before}, {after} | {rates[0][0]:.3f} | "
                    + " | ".join(f"{power:.2f}" for power in rates[1])
                    + " |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
