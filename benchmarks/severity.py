"""Figures of severity.

``python benchmarks/severity.py ROWS.jsonl --field priority --high high --low low`` tells how well
severity, as it comes, puts the high rows above the low ones, and what labels of that source add.
``--own`` shows, on the texts that the head is trained on, what each half says of the other
(``--diagram FILE.svg`` draws it), and ``--speed`` how long 10,000 statements take. Vectors are kept
in the cache folder."""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from diagram import Point, reliability_svg
from numpy.typing import NDArray
from rows import SEED, cache_folder, vectors
from sklearn.metrics import roc_auc_score

from vocloop.jsonl import read_rows
from vocloop.score.severity import Voice, severities, traits
from vocloop.score.severity_adapt import Doubles, learn, nearby, sloped
from vocloop.score.severity_head import LENSES, Floats, Head, core, default_head, read, scores
from vocloop.score.severity_training import Marked, calibrated, fit_head

sys.path.append(str(Path(__file__).parents[1] / "examples" / "severity"))
import train

# Log-odds that a label of either side teaches, as of an agent's mark 2 or 3, doubled.
TAUGHT = 1.4
LABELS = (50, 200)
DRAWS = 20
HELD_OUT = 0.25
BINS = 5
NORMAL_90 = 1.645
NAMES = {"en": "English", "ja": "Japanese"}
SPEED_ROWS = 10_000


@dataclass(frozen=True)
class Sides:
    """texts: n; high: (n,) whether people called it severe; vectors: (n, d)."""

    texts: list[str]
    high: NDArray[np.bool_]
    vectors: Floats


def load(arguments: argparse.Namespace, path: str) -> Sides:
    """At most ``--rows`` rows, half of them of each side as far as there are so many."""
    rows = read_rows(path, ("id", "text"))
    sides = []
    for wanted in (arguments.high, arguments.low):
        named = set(wanted.split(","))
        side = [row for row in rows if str(row.get(arguments.field)) in named]
        random.Random(SEED).shuffle(side)  # noqa: S311 - a repeatable draw
        sides.append(side[: arguments.rows // 2])
    chosen = sides[0] + sides[1]
    texts = [str(row["text"]) for row in chosen]
    return Sides(
        texts,
        np.arange(len(chosen)) < len(sides[0]),
        vectors(texts, arguments.cache),
    )


def voices(sides: Sides, head: Head | None) -> list[Voice]:
    """Texts alone, as in a file that tells nothing else."""
    readings = read(head, sides.vectors) if head else [None] * len(sides.texts)
    return [
        Voice(text, reading=reading) for text, reading in zip(sides.texts, readings, strict=True)
    ]


def area(high: NDArray[np.bool_], found: Sequence[float] | Doubles) -> float:
    return float(roc_auc_score(high, found))


def judged(spoken: Sequence[Voice]) -> list[float]:
    return [each.value for each in severities(spoken)]


def source_figures(sides: Sides, head: Head) -> str:
    spoken = voices(sides, head)
    cells = [
        f"{area(sides.high, judged(spoken)):.3f}",
        f"{area(sides.high, judged(voices(sides, None))):.3f}",
        f"{area(sides.high, [v.reading.log_odds for v in spoken if v.reading]):.3f}",
    ]
    cells += [f"{learned(sides, spoken, count):.3f}" for count in LABELS]
    cells.append(f"{learned(sides, spoken, len(sides.texts)):.3f}")
    return " | ".join(cells)


def learned(sides: Sides, spoken: Sequence[Voice], count: int) -> float:
    """Mean area on the held-out quarter after ``count`` labels of the rest, over DRAWS draws
    (3 when all of them are taken)."""
    known = traits(spoken)
    targets = np.where(sides.high, TAUGHT, -TAUGHT)
    found = []
    for draw in range(DRAWS if count <= max(LABELS) else 3):
        order = np.random.default_rng(draw).permutation(len(spoken))
        held, rest = np.split(order, [int(HELD_OUT * len(order))])
        some = rest[:count]
        taught = learn(
            "", sides.vectors[some], [known[i] for i in some], targets[some], np.ones(len(some))
        )
        said = nearby(taught, sides.vectors[held])
        said += [sloped(taught.slopes, known[i]) for i in held]
        found.append(area(sides.high[held], said))
    return float(np.mean(found))


def own_figures(cache: Path, diagram: Path | None) -> None:
    rows = train.texts()
    marked = train.marked(rows, core(vectors([row.text for row in rows], cache)))
    found = np.full((len(rows), 1 + len(LENSES)), np.nan, np.float32)
    severity = np.full(len(rows), np.nan)
    named = np.zeros((len(rows), len(LENSES)), np.bool_)
    for half in (0, 1):
        held = marked.group % 2 == half
        head = half_head(marked.only(~held))
        target = held & marked.own
        found[target] = scores(head, marked.vectors[target])
        named[target] = found[target][:, 1:] >= head.thresholds
        spoken = [
            Voice(rows[i].text, rows[i].language, reading=reading)
            for i, reading in zip(
                np.flatnonzero(target), read(head, marked.vectors[target]), strict=True
            )
        ]
        severity[target] = judged(spoken)
    languages = np.array([row.language for row in rows])
    panels = {}
    for language in train.LANGUAGES:
        here = marked.own & (languages == language)
        panels[NAMES[language]] = reliability(language, severity[here], marked.levels[here])
    if diagram is not None:
        svg = reliability_svg(panels, "severity given", "severity marked")
        diagram.write_text(svg, encoding="utf-8")
    print("\n| lens | marked | named | precision | recall |\n|---|---|---|---|---|")
    truth = marked.lenses[marked.own] == 1
    for i, lens in enumerate(LENSES):
        said = named[marked.own][:, i]
        both = (said & truth[:, i]).sum()
        print(
            f"| {lens} | {truth[:, i].sum()} | {said.sum()} | {both / max(said.sum(), 1):.2f} | "
            f"{both / truth[:, i].sum():.2f} |"
        )


def half_head(part: Marked) -> Head:
    """A head of one half, calibrated inside it: the other half is not looked at."""
    inner = np.zeros((len(part.group), 1 + len(LENSES)), np.float32)
    for fold in (0, 1):
        held = (part.group // 2) % 2 == fold
        inner[held] = scores(fit_head(part.only(~held)), part.vectors[held])
    return calibrated(fit_head(part), inner[part.own], part.only(part.own))


def reliability(language: str, severity: Doubles, levels: Doubles) -> list[Point]:
    share = levels / 4
    edges = np.quantile(severity, np.linspace(0, 1, BINS + 1))
    place = np.clip(np.searchsorted(edges, severity, side="right") - 1, 0, BINS - 1)
    sure = (levels >= 3) | (levels <= 1)
    print(
        f"\n{language}: {len(levels)} texts, serious or blocked against praise and wishes "
        f"{area(levels[sure] >= 3, severity[sure]):.3f}\n"
        "\n| texts | severity given | severity marked | off |\n|---|---|---|---|"
    )
    off, points = 0.0, []
    for bin_ in range(BINS):
        here = place == bin_
        given, marked = severity[here].mean(), share[here].mean()
        off += abs(given - marked) * here.mean()
        error = NORMAL_90 * share[here].std(ddof=1) / math.sqrt(here.sum())
        points.append(Point(given, marked, max(marked - error, 0), min(marked + error, 1)))
        print(f"| {here.sum()} | {given:.2f} | {marked:.2f} | {given - marked:+.2f} |")
    print(f"\nexpected calibration error {off:.3f}")
    return points


def speed(head: Head) -> None:
    rows = [row for row in train.texts() if not row.own]
    chosen = [rows[i % len(rows)] for i in range(SPEED_ROWS)]
    made = np.random.default_rng(SEED).standard_normal((SPEED_ROWS, len(head.centre)))
    made /= np.linalg.norm(made, axis=1, keepdims=True)
    start = time.process_time()
    readings = read(head, made.astype(np.float32))
    severities(
        [Voice(row.text, row.language, reading=r) for row, r in zip(chosen, readings, strict=True)]
    )
    print(f"{SPEED_ROWS} statements with vectors: {time.process_time() - start:.2f} s of processor")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="*", help="JSONL files")
    parser.add_argument("--field", default="priority")
    parser.add_argument("--high", default="high", help="values of the high side, with commas")
    parser.add_argument("--low", default="low")
    parser.add_argument("--rows", type=int, default=4_000)
    parser.add_argument("--own", action="store_true")
    parser.add_argument("--diagram", type=Path)
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--cache", type=Path, default=cache_folder())
    arguments = parser.parse_args()
    head = default_head()
    if head is None:
        parser.error("there is no trained head; run examples/severity/train.py")
    for path in arguments.source:
        sides = load(arguments, path)
        print(
            f"{Path(path).name}: {sides.high.sum()} high, {(~sides.high).sum()} low\n\n"
            "| as it comes | lexicon alone | head alone | 50 labels | 200 labels | most |\n"
            f"|---|---|---|---|---|---|\n| {source_figures(sides, head)} |"
        )
    if arguments.own:
        own_figures(arguments.cache, arguments.diagram)
    if arguments.speed:
        speed(head)


if __name__ == "__main__":
    main()
