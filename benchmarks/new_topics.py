"""Do topics that no theme knows stay out of the themes that exist, and come up as their own?

    python benchmarks/new_topics.py ROWS.jsonl [--rows 5000] [--draws 2]

ROWS: {"id", "text", "label", "language"?}. Three to five whole labels are left out of the known
part (those with 20 rows up to a fifth of all), and a tenth of the rest. A run finds the themes of
what is known; then all others arrive in random order, 50 at a time, as the worker takes them: each
is assigned, and after each batch themes may emerge. Told, without a floor and with it:

joined    new-topic statements that joined a known theme on arrival, and that are in one in the end
emerged   new-topic statements in a theme that emerged; topics that have one; its purity
known     statements of known topics in the theme that the next run gives them (it knows the themes
          as they are in the end)"""

from __future__ import annotations

import argparse
import random
import uuid
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rows import Floats, Rows, cache_folder, load, vectors

from vocloop.themes.assign import KnownThemes
from vocloop.themes.continuity import carry
from vocloop.themes.discover import discover, smallest
from vocloop.themes.emerging import groups_among
from vocloop.themes.kinship import Floors
from vocloop.themes.minority import usual_nearness

BATCH = 50
LEAST_ROWS = 20
MOST_SHARE = 0.2
KNOWN = 0.9
MOST = 5_000
# Statements are named so that those that arrive sort behind the run.
RUN = uuid.UUID(int=1 << 64)

Ints = NDArray[np.int32]


def left_out(rows: Rows, seed: int) -> set[str]:
    count = Counter(rows.labels)
    fit = sorted(x for x, n in count.items() if LEAST_ROWS <= n <= MOST_SHARE * len(rows))
    return set(random.Random(seed).sample(fit, min(5, max(3, len(fit) // 4))))  # noqa: S311


def arrive(
    held: KnownThemes, points: Floats, rows: Rows, order: list[int], tight: tuple[float, int]
) -> tuple[list[uuid.UUID | None], list[uuid.UUID | None]]:
    """The theme of each row of ``order`` on arrival, and in the end. ``tight``: see emerging."""
    names = {i: uuid.UUID(int=RUN.int + 1 + i) for i in order}
    row_of = {name: i for i, name in names.items()}
    first: dict[int, uuid.UUID | None] = {}
    now: dict[int, uuid.UUID | None] = {}
    for start in range(0, len(order), BATCH):
        some = order[start : start + BATCH]
        languages = [rows.languages[i] for i in some]
        got = held.assign(points[some], languages)
        themes = [g[0] if g else None for g in got]
        held.add([names[i] for i in some], points[some], languages, themes)
        now |= dict(zip(some, themes, strict=True))
        first |= dict(zip(some, themes, strict=True))
        fresh = held.fresh(MOST)
        for group in groups_among(fresh, *tight):
            born = uuid.uuid5(RUN, str(fresh.ids[group[0]]))
            held.move([fresh.ids[g] for g in group], born)
            now |= {row_of[fresh.ids[g]]: born for g in group}
    return [first[i] for i in order], [now[i] for i in order]


def report(points: Floats, rows: Rows, seed: int, *, floor: bool) -> str:
    out = left_out(rows, seed)
    old = np.array([i for i, x in enumerate(rows.labels) if x not in out])
    old = np.random.default_rng(seed).permutation(old)
    known = np.sort(old[: round(KNOWN * len(old))])
    order = np.random.default_rng(seed).permutation(np.setdiff1d(np.arange(len(rows)), known))
    languages = [rows.languages[i] for i in known]
    found = discover(points[known], languages)
    themes = [uuid.UUID(int=t + 1) for t in range(int(found.labels.max(initial=-1)) + 1)]
    usual = usual_nearness(found.labels, found.points)
    if usual is None:
        return "no themes"
    held = KnownThemes(
        [uuid.UUID(int=(1 << 32) + int(i)) for i in known],
        points[known],
        languages,
        [themes[t] if t >= 0 else None for t in found.labels.tolist()],
        since=RUN,
    )
    if not floor:
        held._floors = Floors()  # what the benchmark is about
    least = smallest(len(known)) if floor else len(rows)
    first, end = arrive(held, points, rows, order.tolist(), (usual, least))
    is_new = np.array([rows.labels[i] in out for i in order])
    old_theme = {*themes}
    joined = [
        np.mean([t in old_theme for t, n in zip(g, is_new, strict=True) if n]) for g in (first, end)
    ]
    born = sorted({t for t in end if t is not None and t not in old_theme})
    inside: dict[uuid.UUID, Counter[str]] = {t: Counter() for t in born}
    for i, theme in zip(order.tolist(), end, strict=True):
        if theme in inside:
            inside[theme][rows.labels[i]] += 1
    pure = sum(c.most_common(1)[0][1] for c in inside.values()) / max(
        sum(c.total() for c in inside.values()), 1
    )
    topics = {c.most_common(1)[0][0] for c in inside.values()} & out
    emerged = np.mean([t in inside for t, n in zip(end, is_new, strict=True) if n])
    number = {t: i for i, t in enumerate([*themes, *born])}
    before = np.full(len(rows), -1, np.int32)
    before[known] = found.labels
    before[order] = [number.get(t, -1) if t else -1 for t in end]
    after = carry(discover(points, rows.languages), before).labels
    agree = np.mean((after[order] == before[order])[~is_new])
    return (
        f"{'floor' if floor else 'none':6} joined {joined[0]:.0%} → {joined[1]:.0%};"
        f" emerged {emerged:.0%}, {len(topics)} of {len(out)} topics in {len(born)} themes,"
        f" purity {pure:.2f}; known {agree:.1%} of {int((~is_new).sum())}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="+")
    parser.add_argument("--rows", dest="most", type=int, default=5000)
    parser.add_argument("--draws", type=int, default=2)
    asked = parser.parse_args()
    for path in asked.rows:
        rows = load(path, asked.most)
        points = vectors(rows.texts, cache_folder())
        for seed in range(asked.draws):
            for floor in (False, True):
                print(Path(path).stem, seed, report(points, rows, seed, floor=floor), flush=True)


if __name__ == "__main__":
    main()
