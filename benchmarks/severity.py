"""Figures of severity.

``python benchmarks/severity.py ROWS.jsonl --field priority --high high --low low`` tells how well
severity, as it comes, puts the high rows above the low ones, and what labels of that source add.
``--own`` shows, on the texts that the head is trained on, what each half says of the other
(``--diagram FILE.svg`` draws it), ``--lenses`` how well lenses are named, and
``--speed`` how long 10,000 statements take. Vectors are kept in the cache folder."""

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
from vocloop.score.severity_head import (
    LENSES,
    Floats,
    Head,
    core,
    default_head,
    read,
    readings,
    scores,
)
from vocloop.score.severity_training import Lensed, Marked, fit_head, fit_level, lens_out_of_fold

sys.path.append(str(Path(__file__).parents[1] / "examples" / "severity"))
import train

# Log-odds that a label of either side teaches, as of an agent's mark 2 or 3, doubled.
TAUGHT = 1.4
LABELS = (50, 200)
DRAWS = 20
HELD_OUT = 0.25
BINS = 5
# Another parting of the texts than those that the thresholds come from.
PARTING = 99
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
    rows, lens_rows = train.texts(), train.lens_texts()
    marked = train.marked(rows, core(vectors([row.text for row in rows], cache)))
    lensed = train.lensed(lens_rows, core(vectors([row.text for row in lens_rows], cache)))
    severity = np.full(len(rows), np.nan)
    for half in (0, 1):
        held = marked.group % 2 == half
        ordinary = marked.vectors[~held & train.ordinary(rows)]
        head = half_head(marked.only(~held), lensed.only(lensed.own), ordinary)
        target = held & marked.own
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


def lens_figures(cache: Path, head: Head) -> None:
    """Per language: cross-fit on the texts that were written for the lenses, by the head's vectors
    and words with the thresholds of all, and on the texts held out."""
    rows, held_out = train.lens_texts(), train.lens_texts("held_out")
    lensed = train.lensed(rows, core(vectors([row.text for row in rows], cache)))
    own = [i for i, row in enumerate(rows) if row.own]
    seen = lens_out_of_fold(lensed, PARTING)[own]
    levels = head.level.at(lensed.vectors[own])
    sources = {
        "cross-fit": ([rows[i] for i in own], np.hstack([levels, seen])),
        "held out": (held_out, scores(head, core(vectors([row.text for row in held_out], cache)))),
    }
    print(
        "\n| texts | language | lens | marked | named | precision | recall |"
        "\n|---|---|---|---|---|---|---|"
    )
    for source, (texts, found) in sources.items():
        spoken = [
            Voice(row.text, row.language, reading=reading)
            for row, reading in zip(texts, readings(head, found), strict=True)
        ]
        signals = [judged_.signals for judged_ in severities(spoken)]
        for language in train.LANGUAGES:
            here = [i for i, row in enumerate(texts) if row.language == language]
            for lens in LENSES:
                truth = np.array([lens in texts[i].lenses for i in here])
                said = np.array([lens in signals[i] for i in here])
                both = (truth & said).sum()
                print(
                    f"| {source} | {language} | {lens} | {truth.sum()} | {said.sum()} | "
                    f"{both / max(said.sum(), 1):.2f} | {both / truth.sum():.2f} |"
                )


def half_head(part: Marked, lensed: Lensed, ordinary: Floats) -> Head:
    """A head of one half, calibrated inside it: the other half is not looked at."""
    inner = np.zeros(len(part.group), np.float32)
    for fold in (0, 1):
        held = (part.group // 2) % 2 == fold
        inner[held] = fit_level(part.only(~held)).at(part.vectors[held])[:, 0]
    return fit_head(part, inner[part.own], lensed, ordinary)


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
    made = np.random.default_rng(SEED).standard_normal((SPEED_ROWS, len(head.level.centre)))
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
    parser.add_argument("--lenses", action="store_true")
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
    if arguments.lenses:
        lens_figures(arguments.cache, head)
    if arguments.speed:
        speed(head)


if __name__ == "__main__":
    main()
