"""Texts a second, and memory, of the default encoder and of E5 alone.

    python benchmarks/encode.py ROWS.jsonl [--texts N]

Each runs in a process of its own. Loading is not timed; a few texts go first to warm up."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from typing import Any

from rows import load
from systems import peak_mb

from vocloop.config import settings
from vocloop.encode import DEFAULT, E5, load_encoder
from vocloop.errors import InvalidInputError

WARM_UP = 8


def measure(model: str, path: str, most: int | None) -> dict[str, float]:
    """Texts a second of wall time, and the peak of this process's memory in MB."""
    texts = load(path, most).texts
    configured = settings()
    encoder = load_encoder(model, configured.cache_dir, configured.encoder_precision)
    encoder.encode(texts[:WARM_UP])
    started = time.perf_counter()
    encoder.encode(texts)
    seconds = time.perf_counter() - started
    return {"speed": len(texts) / seconds, "peak_mb": peak_mb()}


def _measured(model: str, given: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, __file__, given.rows, "--measure", model]
    if given.texts:
        command += ["--texts", str(given.texts)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("rows", metavar="ROWS.jsonl")
    parser.add_argument("--texts", type=int, metavar="N", help="N texts, the same each time")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measure(given.measure, given.rows, given.texts)))
        return
    try:
        texts = load(given.rows, given.texts).texts
    except InvalidInputError as error:
        sys.exit("\n".join([str(error), *(f"  {where}: {why}" for where, why in error.problems)]))
    if not texts:
        sys.exit(f"{given.rows}: no rows; give labelled texts")
    found = {name: _measured(name, given) for name in (E5, DEFAULT)}
    alone = found[E5]["speed"]
    mean = sum(map(len, texts)) / len(texts)
    print(f"{len(texts):,} texts of {mean:,.0f} characters on average\n")
    print("| encoder | texts/s | beside E5 | peak memory, MB |\n|---|---|---|---|")
    for name, label in ((E5, "E5 alone"), (DEFAULT, "default, all three")):
        speed, peak = found[name]["speed"], found[name]["peak_mb"]
        print(f"| {label} | {speed:.0f} | {speed / alone:.2f} | {peak:,.0f} |")


if __name__ == "__main__":
    main()
