"""Every figure that can be measured on the data of this repository: ``make bench`` (minutes).

    python benchmarks/run.py [--peers] [--small]

With --peers also BERTopic and EVoC (pip install -e '.[bench]'). --small takes ten rows of each
set and leaves the large runs out: it shows that everything runs, its figures mean nothing."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from measures import OOS

from vocloop.jsonl import read_rows

HERE = Path(__file__).parent
EXAMPLES = HERE.parent / "examples"
SMALL = 10
# Random points, and texts for the encoders' speed.
POINTS, TEXTS = 20_000, 400


def minamo() -> Iterable[dict[str, str]]:
    """Tickets and survey answers of the sample company with the one theme that was planted;
    noise is out of scope. Interviews are left out: they speak of several themes."""
    truth = {row["id"]: row for row in read_rows(str(EXAMPLES / "minamo" / "truth.jsonl"))}
    for row in read_rows(str(EXAMPLES / "minamo" / "feedback.jsonl")):
        planted = truth[row["id"]]
        if row["channel"] == "interview" or len(planted["themes"]) > 1:
            continue
        yield {
            "id": row["id"],
            "text": row["text"],
            "label": planted["themes"][0] if planted["themes"] else OOS,
            "language": planted["language"],
        }


def cfpb() -> Iterable[dict[str, str]]:
    """Complaints with the issue that the consumer chose from a list."""
    chosen = {row["id"]: row for row in read_rows(str(EXAMPLES / "cfpb" / "labels.jsonl"))}
    for row in read_rows(str(EXAMPLES / "cfpb" / "complaints.jsonl")):
        label = chosen[row["id"]]["issue"]
        yield {"id": row["id"], "text": row["text"], "label": label, "language": "en"}


def _write(path: Path, rows: Iterable[dict[str, str]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8")


def _script(name: str, *arguments: str | Path) -> None:
    print(f"\n## benchmarks/{name}", flush=True)
    subprocess.run([sys.executable, HERE / name, *arguments], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--small", action="store_true")
    given = parser.parse_args()
    peers = ["--peers"] if given.peers else []
    sample = ["--sample", str(SMALL)] if given.small else []
    with tempfile.TemporaryDirectory() as folder:
        company, complaints = Path(folder) / "minamo.jsonl", Path(folder) / "cfpb.jsonl"
        _write(company, minamo())
        _write(complaints, cfpb())
        _script("themes.py", company, complaints, *sample, *peers)
        _script("encode.py", company, "--texts", str(SMALL if given.small else TEXTS))
    if not given.small:
        _script("themes.py", "--vectors", str(POINTS), *peers)
        _script("intake.py")
        _script("scores.py")


if __name__ == "__main__":
    main()
