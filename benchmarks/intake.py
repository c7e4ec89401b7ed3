"""How fast `vocloop ingest` stores rows on SQLite, and whether its memory stays flat.

    python benchmarks/intake.py

prints rows a second for a JSONL and a CSV file of short tickets (the encoder is not part of it),
and the ratio of peak memory between a large and a small file. Each run is a process of its own,
on a database of its own, so that no run warms or fills the next one.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from vocloop.intake.ingest import ingest
from vocloop_models.database import open_database, upgrade

_SEED = 20240605
_SUBJECTS_JA = ("検索", "CSVの出力", "承認の画面", "領収書の読み取り", "通知メール", "予算の繰越")
_TROUBLES_JA = ("に一分以上かかります。", "が途中で止まります。", "の結果が正しくありません。")
_WISHES_JA = ("早めに直してください。", "現場から毎日問い合わせが来ています。", "昨日からです。")
_SUBJECTS_EN = ("The search", "The export", "The approval page", "The receipt reader", "The mail")
_TROUBLES_EN = ("takes more than a minute.", "stops half way.", "shows the wrong amount.")
_WISHES_EN = ("Please mend it soon.", "It was fine until March.", "My team asks me every day.")


def write_rows(path: Path, count: int) -> None:
    """``count`` tickets of one to three sentences, half of them Japanese, of 200 customers."""
    draw = random.Random(_SEED)  # noqa: S311 - sample data
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream) if path.suffix == ".csv" else None
        names = ("id", "date", "customer", "priority", "text")
        if table:
            table.writerow(names)
        for number in range(count):
            values = (
                f"T-{number}",
                f"2024-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}T09:00:00+09:00",
                f"C-{draw.randint(1, 200):03}",
                draw.choice(("low", "normal", "high")),
                _text(draw, number),
            )
            if table:
                table.writerow(values)
                continue
            row = dict(zip(names, values, strict=True))
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")


def _text(draw: random.Random, number: int) -> str:
    if number % 2:
        said = f"{draw.choice(_SUBJECTS_JA)}{draw.choice(_TROUBLES_JA)}{number}件です。"
        return said + draw.choice(_WISHES_JA)
    said = f"{draw.choice(_SUBJECTS_EN)} {draw.choice(_TROUBLES_EN)} It hit {number} items. "
    return said + draw.choice(_WISHES_EN)


def measure(path: Path) -> None:
    """Ingest ``path``; print seconds (passed, of the processor), rows stored, peak kB as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        engine = open_database(f"sqlite:///{folder}/intake.db")
        upgrade(engine)
        started, computed = time.perf_counter(), time.process_time()
        report = ingest(engine, path)
        seconds = time.perf_counter() - started
        computed = time.process_time() - computed
        engine.dispose()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        json.dumps(
            {"seconds": seconds, "computed": computed, "stored": report.stored, "peak": peak}
        )
    )


def _measured(path: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, __file__, "--measure", str(path)], capture_output=True, check=True
    )
    result: dict[str, float] = json.loads(done.stdout)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=20_000, help="rows of the timed files")
    parser.add_argument("--large", type=int, default=200_000, help="rows of the file for memory")
    parser.add_argument("--repeat", type=int, default=3, help="runs a format; the median is shown")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        measure(given.measure)
        return
    with tempfile.TemporaryDirectory() as folder:
        peak = 0.0
        for suffix in ("jsonl", "csv"):
            path = Path(folder) / f"tickets.{suffix}"
            write_rows(path, given.rows)
            runs = sorted(
                (_measured(path) for _ in range(given.repeat)), key=lambda r: r["seconds"]
            )
            median = runs[len(runs) // 2]
            print(
                f"{suffix}: {median['stored'] / median['seconds']:,.0f} rows/s"
                f" ({median['stored']:,} rows, median of {len(runs)} runs;"
                f" {median['stored'] / median['computed']:,.0f} a second of processor time)"
            )
            peak = peak or median["peak"]
        if given.large > 0:
            path = Path(folder) / "large.jsonl"
            write_rows(path, given.large)
            large = _measured(path)["peak"]
            print(
                f"peak memory: {peak / 1024:,.0f} MB at {given.rows:,} rows,"
                f" {large / 1024:,.0f} MB at {given.large:,}: ratio {large / peak:.2f}"
            )


if __name__ == "__main__":
    main()
