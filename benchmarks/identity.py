"""Do themes stay themselves? More data, data that grows by date, arrivals, another encoder.

    python benchmarks/identity.py ROWS.jsonl [--rows 5000] [--encoders e5 minilm]

ROWS: {"id", "text", "label", "language"?, "date"?}. "kept": of the themes of 5 rows and more,
the share whose id still holds more than half of them after. AMI is against the labels: identity
must not be paid for with quality, so the run that knows nothing stands beside."""

from __future__ import annotations

import argparse
import random
import uuid
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rows import Floats, Rows, cache_folder, load, vectors
from sklearn.metrics import adjusted_mutual_info_score

from vocloop.config import settings
from vocloop.encode import load_encoder
from vocloop.themes.assign import KnownThemes
from vocloop.themes.continuity import Continuation, carry
from vocloop.themes.discover import discover

Ints = NDArray[np.int32]
LEAST = 5
STEPS = (0.2, 0.4, 0.6, 0.8, 1.0)


def step(points: Floats, rows: Rows, inside: Sequence[int], known: Ints) -> Continuation:
    """A run over the rows ``inside`` that knows the themes ``known`` (n,) of all rows."""
    found = discover(points[inside], [rows.languages[i] for i in inside])
    return carry(found, known[inside])


def kept(before: Ints, after: Ints) -> float:
    themes = [t for t in range(int(before.max(initial=-1)) + 1) if (before == t).sum() >= LEAST]
    return float(np.mean([(after[before == t] == t).mean() > 0.5 for t in themes]))


def ami(labels: Ints, rows: Rows, inside: Sequence[int]) -> float:
    alone = [t if t >= 0 else -1 - i for i, t in enumerate(labels.tolist())]
    return float(adjusted_mutual_info_score([rows.labels[i] for i in inside], alone))


def growth(points: Floats, rows: Rows, order: Sequence[int], steps: Sequence[float]) -> None:
    known = np.full(len(rows), -1, np.int32)
    print("rows  themes  new  kept  AMI  AMI knowing nothing  proposals")
    for share in steps:
        inside = sorted(order[: round(share * len(order))])
        before = known.copy()
        result = step(points, rows, inside, known)
        known[inside] = result.labels
        fresh = discover(points[inside], [rows.languages[i] for i in inside]).labels
        count = int(known.max()) + 1
        print(
            f"{len(inside):6} {count:5} {count - int(before.max()) - 1:4}"
            f" {kept(before, known) if before.max() >= 0 else float('nan'):6.1%}"
            f" {ami(result.labels, rows, inside):.3f} {ami(fresh, rows, inside):.3f}"
            f" {len(result.proposals):4}",
            flush=True,
        )


def arrivals(points: Floats, rows: Rows, order: Sequence[int]) -> None:
    """The last tenth by date is assigned on arrival; does the next run agree?"""
    cut = round(0.9 * len(order))
    first, last = sorted(order[:cut]), sorted(order[cut:])
    known = np.full(len(rows), -1, np.int32)
    known[first] = step(points, rows, first, known).labels
    names = [uuid.UUID(int=t + 1) for t in range(int(known.max()) + 1)]
    held = KnownThemes(
        [uuid.UUID(int=i) for i in first],
        points[first],
        [rows.languages[i] for i in first],
        [names[t] if t >= 0 else None for t in known[first].tolist()],
    )
    got = held.assign(points[last], [rows.languages[i] for i in last])
    online = np.array([names.index(g[0]) if g else -1 for g in got])
    every = range(len(rows))
    unseen = step(points, rows, every, known).labels[last]
    known[last] = online
    seen = step(points, rows, every, known).labels[last]
    print(
        f"arrivals: the next run agrees for {np.mean(seen == online):.1%};"
        f" one that did not know how they were assigned for {np.mean(unseen == online):.1%}"
    )


def encoder_changed(rows: Rows, one: str, other: str) -> None:
    cache = settings().cache_dir
    first, second = (load_encoder(name, cache).encode(rows.texts) for name in (one, other))
    known = np.full(len(rows), -1, np.int32)
    before = step(first, rows, range(len(rows)), known).labels
    after = step(second, rows, range(len(rows)), before).labels
    print(f"encoder {one} → {other}: {kept(before, after):.1%} of {before.max() + 1} ids kept")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows")
    parser.add_argument("--rows", dest="most", type=int, default=5000)
    parser.add_argument("--encoders", nargs=2)
    asked = parser.parse_args()
    rows, dates = dated(asked.rows, asked.most)
    if asked.encoders:
        encoder_changed(rows, *asked.encoders)
        return
    points = vectors(rows.texts, cache_folder())
    order = list(range(len(rows)))
    random.Random(0).shuffle(order)  # noqa: S311 - a repeatable draw
    print("+10 %, drawn at random")
    growth(points, rows, order, (0.9, 1.0))
    if any(dates):
        order.sort(key=lambda i: dates[i])  # those without a date first
        print("growing by date")
        growth(points, rows, order, STEPS)
    arrivals(points, rows, order)


def dated(path: str, most: int) -> tuple[Rows, list[str]]:
    """The rows and the date of each, "" for none."""
    from vocloop.jsonl import read_rows

    rows = load(path, most)
    dates = {str(row["id"]): str(row.get("date") or "") for row in read_rows(path, ("id",))}
    return rows, [dates[i] for i in rows.ids]


if __name__ == "__main__":
    main()
