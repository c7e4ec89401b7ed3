"""The benchmark scripts run, on a few rows, without the systems that they compare with."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def run(name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-B", BENCHMARKS / name, *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=900)


@pytest.fixture
def ten(tmp_path: Path) -> Path:
    path = tmp_path / "ten.jsonl"
    rows = [
        {
            "id": f"{language}-{i}",
            "text": f"{word} {i}",
            "label": word,
            "language": language,
            "pair": str(i),
        }
        for i in range(5)
        for word, language in (("The export stops", "en"), ("検索が遅い", "ja"))
    ]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def cache(ten: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache that holds the ten texts' vectors, so that no model is loaded."""
    monkeypatch.syspath_prepend(BENCHMARKS)
    from rows import kept_at

    folder = tmp_path / "cache"
    folder.mkdir()
    texts = [json.loads(line)["text"] for line in ten.read_text(encoding="utf-8").splitlines()]
    vectors = np.random.default_rng(0).standard_normal((len(texts), 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    np.save(kept_at(texts, folder), vectors.astype(np.float16))
    return folder


def test_themes_prints_a_row_for_each_system(ten: Path, cache: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    done = run("themes.py", ten, "--cache", cache, "--json", out)
    assert done.returncode == 0, done.stderr
    assert "ten.jsonl: 10 rows, en+ja, 2 labels" in done.stdout
    figures = json.loads(out.read_text(encoding="utf-8"))[str(ten)]
    assert list(figures) == ["vocloop", "k-means, true k"]
    assert figures["vocloop"]["shuffled"]["ari"] == 1
    assert all(f"| {name} |" in done.stdout for name in figures)


def test_speed_is_measured_on_random_points() -> None:
    done = run("themes.py", "--vectors", "400")
    assert done.returncode == 0, done.stderr
    assert "400 random points" in done.stdout
    assert "| vocloop |" in done.stdout
    assert "| k-means, true k | 8 |" in done.stdout


@pytest.mark.skipif(find_spec("bertopic") is not None, reason="the peers are installed")
def test_it_says_how_to_install_the_peers(ten: Path) -> None:
    done = run("themes.py", ten, "--peers")
    assert done.returncode == 1
    assert done.stderr.strip().endswith("run: pip install -e '.[bench]'")
    assert len(done.stderr.splitlines()) == 1


def test_it_names_every_bad_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text('{"id": 1, "text": "a"}\nno\n', encoding="utf-8")
    for name in ("themes.py", "encode.py"):
        done = run(name, bad)
        assert done.returncode == 1
        assert "line 1" in done.stderr
        assert "line 2" in done.stderr


@pytest.mark.model
def test_all_of_it_runs_on_the_example_data() -> None:
    done = run("run.py", "--small")
    assert done.returncode == 0, done.stderr
    assert "minamo.jsonl: 10 rows" in done.stdout
    assert "cfpb.jsonl: 10 rows" in done.stdout
    assert "| default, all three |" in done.stdout
