"""When have keywords drifted? What vocloop.themes.titles.DRIFT was chosen by.

``python benchmarks/drift.py ROWS.jsonl…`` on rows {"id", "text", "label", "language"?}; a theme is
all texts of one label. Its keywords are taken from one random half of it, and compared by their
Jaccard index with those of the other half: as it is (what chance alone does), with a half or three
quarters of that exchanged for texts of another theme, and with another theme altogether. Printed:
the share that each threshold would call drifted.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rows import load

from vocloop.themes.labels import label

SEED = 7
# Smaller themes have hardly any keyword that is not chance.
LEAST = 16
THRESHOLDS = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4]
EXCHANGED = {"nothing": 0.0, "a half": 0.5, "three quarters": 0.75, "all": 1.0}

Rows = Mapping[str, Sequence[int]]


def keywords(texts: Sequence[str], languages: Sequence[str], themes: Rows) -> dict[str, set[str]]:
    """Theme → its keywords in all its languages."""
    rows = [i for own in themes.values() for i in own]
    names = [theme for theme, own in themes.items() for _ in own]
    # Keywords need no vectors; quotes and titles would.
    points = np.ones((len(rows), 1), np.float32)
    found = label([texts[i] for i in rows], [languages[i] for i in rows], names, points)
    return {t: {w for words in each.keywords.values() for w in words} for t, each in found.items()}


def halves(labels: Sequence[str], draw: random.Random) -> tuple[Rows, Rows]:
    members: dict[str, list[int]] = defaultdict(list)
    for i, name in enumerate(labels):
        members[name].append(i)
    one, other = {}, {}
    for name, own in sorted(members.items()):
        if len(own) < LEAST:
            continue
        draw.shuffle(own)
        one[name], other[name] = own[: len(own) // 2], own[len(own) // 2 :]
    return one, other


def exchange(themes: Rows, share: float) -> Rows:
    """Each theme with a share of its rows given up for as many of the next one's."""
    names = list(themes)
    changed = {}
    for name, following in zip(names, [*names[1:], names[0]], strict=True):
        kept = themes[name][round(share * len(themes[name])) :]
        taken = themes[following][: len(themes[name]) - len(kept)]
        changed[name] = [*kept, *taken]
    return changed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", nargs="+", metavar="ROWS.jsonl")
    print(f"{'set':24} {'exchanged':16} {'median':>6}  " + "".join(f"< {t:<6}" for t in THRESHOLDS))
    for path in parser.parse_args().rows:
        rows = load(path)
        one, other = halves(rows.labels, random.Random(SEED))  # noqa: S311 - repeatable
        before = keywords(rows.texts, rows.languages, one)
        for name, share in EXCHANGED.items():
            after = keywords(rows.texts, rows.languages, exchange(other, share))
            same = np.array(
                [len(before[t] & after[t]) / max(len(before[t] | after[t]), 1) for t in before]
            )
            told = "".join(f"{(same < t).mean():>4.0%}    " for t in THRESHOLDS)
            print(f"{Path(path).stem[:24]:24} {name:16} {np.median(same):>6.2f}  {told}")


if __name__ == "__main__":
    main()
