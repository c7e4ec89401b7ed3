"""The back-test of the scores runs on a file, and its yardsticks are what they say."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_it_prints_baselines_and_ours(tmp_path: Path) -> None:
    rows = [
        {"id": f"{t}-{m}", "label": f"t{t}", "company": f"c{t % 3}",
         "date": f"{2020 + m // 12}-{m % 12 + 1:02}"}
        for t in range(12) for m in range(0, 40, 1 + t % 4)
    ]  # fmt: skip
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = [sys.executable, "-B", BENCHMARKS / "scores.py", path, "--theme", "label"]
    done = subprocess.run(
        [*command, "--customer", "company"], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "| 50% | 12 | 12 | **longevity**, with customers |" in done.stdout
    assert "| 70% | 12 | 12 | active months, half-life 24 |" in done.stdout


def test_the_yardsticks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    from scores import baselines, in_bands

    past = np.array([[4, 0, 1], [0, 2, 0]])
    found = baselines(past)
    assert found["count"].tolist() == [5, 2]
    assert found["recency"].tolist() == [2, 1]
    assert found["age"].tolist() == [3, 2]
    assert found["active months, half-life 24"] == pytest.approx(
        [1 + 0.5 ** (2 / 24), 0.5 ** (1 / 24)]
    )
    score = np.arange(20.0)
    assert in_bands(score, score, score) == pytest.approx([1.0] * 5)
