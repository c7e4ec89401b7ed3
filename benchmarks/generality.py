"""Back-tests of generality, for benchmarks/scores.py: how often intervals hold the truth, whether
segments are found, and whether they last. Prints tables, as in docs/method/scores.md."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from vocloop.score.generality import Counted, overall
from vocloop.score.segments import Traits, find, segments_of

SEED = 0
Row = Mapping[str, Any]


def coverage() -> None:
    """Of simulated companies each has its own size and its own theme of an unknown share."""
    rng = np.random.default_rng(SEED)
    held = []
    for _ in range(1_000):
        truth, heard = rng.uniform(0.01, 0.95), int(rng.integers(10, 300))
        share = overall(Counted(int(rng.binomial(heard, truth))), Counted(heard))
        held.append(share.low <= truth <= share.high)
    print(f"\nGenerality: the 90 % interval holds the truth in {np.mean(held):.1%} of 1,000 runs")


def planted_segments() -> None:
    """200 vendors of 150 customers in six attributes; half have a theme planted in one segment or
    in the crossing of two (70 % inside, 12 % outside), the others one that sits nowhere."""
    rng = np.random.default_rng(SEED)
    sizes = (6, 4, 8, 3, 3, 5)
    false, named, hit, single, crossed = 0, 0, Counter[str](), 0, 0
    any_false = []
    for run in range(200):
        codes = np.stack([rng.integers(0, n, 150) for n in sizes], axis=1).astype(np.int64)
        width = 0 if run % 2 else 1 + run // 2 % 2
        columns = rng.choice(len(sizes), width, replace=False)
        target = {int(c): int(rng.integers(0, min(sizes[c], 3))) for c in columns}
        inside = np.all([codes[:, c] == v for c, v in target.items()], axis=0) if width else False
        faces = rng.random(150) < np.where(inside, 0.7, 0.12)
        names = tuple(f"a{c}" for c in range(len(sizes)))
        values = tuple(tuple(str(v) for v in range(n)) for n in sizes)
        segments = segments_of(
            Traits(names, values, codes), np.arange(150), np.where(faces, 0, -1), 1
        )
        found = [s for s in find(segments, 0, float(faces.mean())) if s.significant]
        planted_ = {(f"a{c}", str(v)) for c, v in target.items()}
        # Both halves of a crossing truly hold more than the rest.
        right = [s for s in found if set(s.parts) <= planted_]
        false, named = false + len(found) - len(right), named + len(found)
        any_false.append((len(found) - len(right)) / max(len(found), 1))
        exact = any(set(s.parts) == planted_ for s in found)
        single, crossed = single + (width == 1), crossed + (width == 2)
        hit[f"{width}"] += exact
    print(
        f"Segments: of {named} named {false} are false (rate per vendor "
        f"{np.mean(any_false):.3f}); planted ones found: single {hit['1']} of {single}, "
        f"crossings {hit['2']} of {crossed}"
    )


def lasting_segments(rows: Sequence[Row], theme: Sequence[str], fields: Sequence[str]) -> None:
    """Segments named in the first half of the rows, by date: their lift in the second."""
    ordered = sorted(rows, key=lambda row: row["date"])
    middle = len(ordered) // 2
    halves = [_segmented(half, theme, fields) for half in (ordered[:middle], ordered[middle:])]
    (first, themes), (second, later) = halves
    places = {parts: i for i, parts in enumerate(second.parts)}
    lifts: dict[str, list[float]] = defaultdict(list)
    for name, i in themes.items():
        share = first.said[i].sum() / max(first.heard.sum(), 1)
        for s in find(first, i, float(share)):
            if s.significant and s.parts in places and name in later:
                at_, j = places[s.parts], later[name]
                k, n = second.said[j, at_], second.heard[at_]
                rest_k, rest_n = second.known_said[j, at_] - k, second.known[at_] - n
                if rest_k and rest_n:
                    lifts[s.attribute].append(k / n * rest_n / rest_k)
    print(f"\nSegments of {fields} named in the first half, theme = {theme}: in the second")
    print("| segment | named | lift > 1 | lift > 1.5 | median lift |")
    print("|---|---|---|---|---|")
    everything = list(itertools.chain.from_iterable(lifts.values()))
    if not everything:
        print("| none | 0 | – | – | – |")
        return
    for label, values in [*sorted(lifts.items()), ("all", everything)]:
        v = np.array(values)
        print(
            f"| {label} | {len(v)} | {(v > 1).mean():.0%} | {(v > 1.5).mean():.0%} | "
            f"{np.median(v):.2f} |"
        )


def _segmented(
    rows: Sequence[Row], theme: Sequence[str], fields: Sequence[str]
) -> tuple[Any, dict[str, int]]:
    named = [" | ".join(str(row[f]) for f in theme) for row in rows]
    themes = {name: i for i, name in enumerate(sorted(set(named)))}
    values = tuple(tuple(sorted({str(r[f]) for r in rows if r.get(f)})) for f in fields)
    places = [{v: i for i, v in enumerate(vs)} for vs in values]
    codes = np.array(
        [[places[a].get(str(r.get(f)), -1) for a, f in enumerate(fields)] for r in rows]
    )
    found = segments_of(
        Traits(tuple(fields), values, codes),
        np.arange(len(rows)),
        np.array([themes[n] for n in named]),
        len(themes),
    )
    return found, themes
