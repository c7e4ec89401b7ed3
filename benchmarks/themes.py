"""vocloop's themes beside other systems', on labelled rows or for speed.

    python benchmarks/themes.py ROWS.jsonl [ROWS.jsonl ...] [--peers] [--json OUT]
    python benchmarks/themes.py --vectors 20000 [--peers]

ROWS: {"id", "text", "label", "language"?, "pair"?}; "oos" labels what belongs to no theme, "pair"
is the same on a text and its translation. Texts are encoded once, by the default encoder, and all
systems get the same vectors. k-means is told how many labels there are, the others are not.

seconds     clustering alone, after a small run that warms up, and in brackets the processor's
            seconds over all threads
MB          peak memory of the process, and in brackets what libraries and input took before
shuffled    the same rows in another order: ARI of both runs, themes with exactly the same texts
+10 %       90 % of the rows, then all: themes that are still there (measures.py)
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from measures import OOS, Quality, Survival, quality, survival
from rows import Floats, Halves, Rows, cache_folder, load, make_vectors, mixture, vectors
from systems import OWN, SYSTEMS, missing

from vocloop.errors import InvalidInputError

_COLUMNS = (
    "system", "AMI", "ARI", "unassigned", "themes", "purity", "pairs", "mixed",
    "seconds (CPU)", "MB (before)", "shuffled: ARI", "identical", "+10 %: still there",
)  # fmt: skip
_SPEED = ("system", "themes", "seconds (CPU)", "MB (before)")


def compare(
    rows: Rows, points: Floats | Halves, names: tuple[str, ...], *, stability: bool = True
) -> dict[str, dict[str, Any]]:
    """By system: quality, seconds, memory, and survival of shuffling and of more rows."""
    results: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "input.npz"
        np.savez(
            given,
            vectors=points.astype(np.float16, copy=False),
            ids=np.array(rows.ids),
            texts=np.array(rows.texts),
            languages=np.array(rows.languages),
            kinds=np.array(len(set(rows.labels) - {OOS})),
        )
        for name in names:
            print(f"{name} …", file=sys.stderr, flush=True)
            found = _run(name, given, Path(folder) / "output.json", stability=stability)
            results[name] = _judged(found, rows)
    return results


def _run(name: str, given: Path, out: Path, *, stability: bool) -> dict[str, Any]:
    script = Path(__file__).parent / "systems.py"
    wanted = ["--stability"] if stability else []
    subprocess.run(
        [sys.executable, script, name, given, out, *wanted],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return found


def _judged(found: dict[str, Any], rows: Rows) -> dict[str, Any]:
    whole = {str(i): theme for i, theme in enumerate(found["all"])}
    judged: dict[str, Any] = {
        "quality": quality(found["all"], rows.labels, rows.languages, rows.pairs),
        **{key: found[key] for key in ("seconds", "computed", "peak_mb", "before_mb")},
    }
    if "shuffled" in found:
        judged["shuffled"] = survival(whole, found["shuffled"])
        judged["grown"] = survival(found["part"], whole)
    return judged


def table(results: dict[str, dict[str, Any]], *, speed: bool = False) -> str:
    """A Markdown table, one row a system."""
    columns = _SPEED if speed else _COLUMNS
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for name, result in results.items():
        q: Quality = result["quality"]
        cost = [
            f"{result['seconds']:.1f} ({result['computed']:.1f})",
            f"{result['peak_mb']:,.0f} ({result['before_mb']:,.0f})",
        ]
        cells = [name, str(q.themes), *cost]
        if not speed:
            shuffled: Survival = result["shuffled"]
            grown: Survival = result["grown"]
            cells = [
                name, f"{q.ami:.3f}", f"{q.ari:.3f}", _percent(q.unassigned), str(q.themes),
                _percent(q.purity), _percent(q.pairs), _percent(q.mixed), *cost,
                f"{shuffled.ari:.2f}", _percent(shuffled.identical), _percent(grown.still),
            ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.0%}"


def systems(*, peers: bool) -> tuple[str, ...]:
    """What to run. Without the peers' packages it ends the program and says how to get them."""
    names = tuple(SYSTEMS) if peers else OWN
    if absent := missing(names):
        sys.exit(f"not installed: {', '.join(absent)}; run: pip install -e '.[bench]'")
    return names


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("rows", nargs="*", metavar="ROWS.jsonl")
    parser.add_argument("--peers", action="store_true", help="BERTopic and EVoC too")
    parser.add_argument("--sample", type=int, metavar="N", help="N rows a file, the same each time")
    parser.add_argument("--vectors", type=int, metavar="N", help="N random points, for speed only")
    parser.add_argument("--cache", type=Path, help="where vectors are kept (the cache folder)")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write all figures here too")
    given = parser.parse_args()
    if not given.rows and not given.vectors:
        parser.error("give ROWS.jsonl, or --vectors N")
    names = systems(peers=given.peers)
    written: dict[str, Any] = {}
    try:
        cache = given.cache or cache_folder()
        every = {path: load(path, given.sample) for path in given.rows}
        make_vectors((rows.texts for rows in every.values()), cache)
        for path, rows in every.items():
            results = compare(rows, vectors(rows.texts, cache), names)
            written[path] = results
            spoken = "+".join(sorted(set(rows.languages)))
            kinds = len(set(rows.labels) - {OOS})
            print(f"\n{Path(path).name}: {len(rows):,} rows, {spoken}, {kinds} labels\n")
            print(table(results), flush=True)
    except InvalidInputError as error:
        sys.exit("\n".join([str(error), *(f"  {where}: {why}" for where, why in error.problems)]))
    if given.vectors:
        points, rows = mixture(given.vectors)
        results = compare(rows, points, names, stability=False)
        written[f"--vectors {given.vectors}"] = results
        print(f"\n{given.vectors:,} random points, {points.shape[1]} dimensions\n")
        print(table(results, speed=True))
    if given.json:
        plain = json.dumps(written, indent=1, default=asdict)
        given.json.write_text(plain + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
