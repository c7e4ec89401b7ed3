"""A roadmap of a large round made better, some items at a time.

Large neighbourhood search (Shaw 1998): all but some items stay where they are, those few are placed
anew, exactly, and what is found is kept when it is no worse. Items that the relaxed round is in
doubt about, by their reduced costs, come up more often."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array

from vocloop.roadmap.nouns import Floats

# Items placed anew at a time, and how long a step may take: benchmarks/arbitration.py.
AT_A_TIME = 60
STEP_SECONDS = 0.5
# Steps in succession that gain nothing, after which the search gives up.
IDLE_STEPS = 60
SEED = 0
# Values are brought to 1,000 first; a step of less is rounding.
SAME = 1e-6


@dataclass(frozen=True)
class Room:
    """What binds: low ≤ rows · x ≤ high. rows: (r, n · periods), columns item by item."""

    rows: csc_array
    low: Floats
    high: Floats


def doubts(worth: Floats, rows: csc_array, high: Floats) -> Floats:
    """(n,) How likely each item is to come up; adds up to 1.

    Of the relaxed round with all periods as one: worth (n,), rows (r, n), high (r,)."""
    relaxed = linprog(-worth, A_ub=rows, b_ub=high, bounds=(0.0, 1.0), method="highs")
    if relaxed.x is None:
        return np.full(len(worth), 1.0 / len(worth))
    clear = np.abs(relaxed.lower.marginals + relaxed.upper.marginals)
    doubt = np.exp(-clear / max(float(np.median(clear)), 1e-9))
    return np.asarray(doubt / doubt.sum())


def improved(
    worth: Floats, room: Room, start: Floats, doubt: Floats, *, enough: float, until: float
) -> Floats:
    """A roadmap at least as good as ``start``, (n · periods,) of 0 and 1.

    enough: the value that no roadmap exceeds. until: when to stop, by ``time.monotonic``."""
    best, rng, items = start.copy(), np.random.default_rng(SEED), len(doubt)
    some, idle = min(AT_A_TIME, int(np.count_nonzero(doubt))), 0
    while (
        idle < IDLE_STEPS
        and worth @ best < enough - SAME
        and (left := until - time.monotonic()) > 0
    ):
        free = np.zeros((items, len(worth) // items), dtype=bool)
        free[rng.choice(items, some, replace=False, p=doubt)] = True
        columns = free.ravel()
        fixed = room.rows @ np.where(columns, 0.0, best)
        rows = room.rows[:, columns].tocsr()
        bound = np.diff(rows.indptr) > 0
        found = milp(
            -worth[columns],
            integrality=np.ones(int(columns.sum())),
            bounds=Bounds(0.0, 1.0),
            constraints=LinearConstraint(
                rows[bound], (room.low - fixed)[bound], (room.high - fixed)[bound]
            ),
            options={"mip_rel_gap": 0.0, "time_limit": min(STEP_SECONDS, left)},
        )
        gain = -np.inf if found.x is None else -found.fun - worth[columns] @ best[columns]
        idle = 0 if gain > SAME else idle + 1
        if gain >= -SAME:
            best[columns] = np.round(found.x)
    return best
