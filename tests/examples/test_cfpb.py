"""The conversion of the CFPB's public complaints, and the rows committed with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from vocloop.intake.ingest import ingest

CFPB = Path(__file__).parents[2] / "examples" / "cfpb"
HEADER = (
    "Date received,Product,Sub-product,Issue,Sub-issue,Consumer complaint narrative,Company,"
    "Complaint ID\n"
)


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def convert(source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-B", str(CFPB / "convert.py"), str(source), "--out", str(out)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("written", ["2019-09-04", "2019/9/4", "09/04/2019"])
def test_it_reads_a_csv_export_of_the_database(tmp_path: Path, written: str) -> None:
    source = tmp_path / "export.csv"
    source.write_text(
        HEADER + f'{written},Mortgage,,Closing on a mortgage,,"Late, ""again""\nand again.",'
        "Some Bank,42\n",
        encoding="utf-8",
    )
    assert convert(source, tmp_path).returncode == 0
    assert rows_of(tmp_path / "complaints.jsonl") == [
        {
            "id": "cfpb-42",
            "date": "2019-09-04",
            "channel": "ticket",
            "customer": "Some Bank",
            "text": 'Late, "again"\nand again.',
        }
    ]
    assert rows_of(tmp_path / "labels.jsonl") == [
        {
            "id": "cfpb-42",
            "product": "Mortgage",
            "sub_product": None,
            "issue": "Closing on a mortgage",
            "sub_issue": None,
        }
    ]


def test_it_leaves_out_complaints_without_a_narrative(tmp_path: Path) -> None:
    source = tmp_path / "export.csv"
    source.write_text(HEADER + "2019-09-04,Mortgage,,Closing,,,Some Bank,42\n", encoding="utf-8")
    assert convert(source, tmp_path).returncode == 0
    assert rows_of(tmp_path / "complaints.jsonl") == []


def test_it_names_the_row_that_has_no_date(tmp_path: Path) -> None:
    source = tmp_path / "export.csv"
    source.write_text(HEADER + "soon,Mortgage,,Closing,,Help,Some Bank,42\n", encoding="utf-8")
    done = convert(source, tmp_path)
    assert done.returncode != 0
    assert "row 1: date 'soon' is not a date" in done.stderr
    assert not (tmp_path / "complaints.jsonl").exists()


def test_intake_takes_every_committed_complaint(engine: Engine) -> None:
    report = ingest(engine, CFPB / "complaints.jsonl", source="cfpb", dry_run=True)
    assert report.refused == []
    assert (report.stored, report.ignored_columns) == (1532, [])


def test_every_complaint_has_its_label() -> None:
    labels = {row["id"]: row for row in rows_of(CFPB / "labels.jsonl")}
    complaints = rows_of(CFPB / "complaints.jsonl")
    assert [row["id"] for row in complaints] == list(labels)
    assert all(row["issue"] and row["product"] for row in labels.values())
