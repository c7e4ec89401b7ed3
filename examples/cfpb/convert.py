"""Turns complaints of the CFPB's public database into what `vocloop ingest` reads.

    python examples/cfpb/convert.py COMPLAINTS [--out DIRECTORY]

COMPLAINTS is a CSV export of the Consumer Complaint Database, or JSON lines with the short names
of ``SHORT_NAMES``. Complaints without a narrative are left out. See README.md beside this file for
what stands for the customer, and why.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent

# The database's own column names, and what they are called in JSON lines.
SHORT_NAMES = {
    "Complaint ID": "id",
    "Date received": "date",
    "Consumer complaint narrative": "text",
    "Company": "company",
    "Product": "department",
    "Sub-product": "sub_product",
    "Issue": "label",
    "Sub-issue": "sub_issue",
}
NEEDED = ("id", "date", "text", "company", "department", "label")

_YEAR_FIRST = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
# The bureau is American: its field reference writes 05/25/2013, month first.
_MONTH_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def complaints(path: Path) -> Iterator[dict[str, str]]:
    """Rows of ``path`` under the short names, those without a narrative left out.

    Raises ValueError, naming the row, for a row that lacks one of NEEDED or has no date."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file) if path.suffix == ".csv" else map(json.loads, file)
        for number, row in enumerate(rows, start=1):
            named = {SHORT_NAMES.get(name, name): value for name, value in row.items()}
            if not (named.get("text") or "").strip():
                continue
            lacking = [name for name in NEEDED if not named.get(name)]
            if lacking:
                raise ValueError(f"{path}, row {number}: {', '.join(lacking)} missing")
            named["id"] = f"cfpb-{str(named['id']).removeprefix('cfpb-')}"
            named["date"] = day(named["date"], f"{path}, row {number}")
            yield named


def day(written: str, where: str) -> str:
    """``written`` as YYYY-MM-DD."""
    if match := _YEAR_FIRST.match(written):
        year, month, number = match.groups()
    elif match := _MONTH_FIRST.match(written):
        month, number, year = match.groups()
    else:
        raise ValueError(f"{where}: date '{written}' is not a date; use YYYY-MM-DD or MM/DD/YYYY")
    return f"{year}-{int(month):02d}-{int(number):02d}"


def feedback(complaint: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": complaint["id"],
        "date": complaint["date"],
        "channel": "ticket",
        "customer": complaint["company"],
        "text": complaint["text"],
    }


def label(complaint: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": complaint["id"],
        "product": complaint["department"],
        "sub_product": complaint.get("sub_product") or None,
        "issue": complaint["label"],
        "sub_issue": complaint.get("sub_issue") or None,
    }


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text("".join(lines), encoding="utf-8", newline="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Convert complaints of the CFPB's database.")
    parser.add_argument("complaints", type=Path, help="CSV export, or JSON lines")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to")
    arguments = parser.parse_args()
    rows = sorted(complaints(arguments.complaints), key=lambda row: (row["date"], row["id"]))
    _write(arguments.out / "complaints.jsonl", map(feedback, rows))
    _write(arguments.out / "labels.jsonl", map(label, rows))
    print(f"{len(rows):,} complaints written to {arguments.out}")


if __name__ == "__main__":
    main()
