"""``vocloop score severity`` takes what a model reads along, or the lexicon alone."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from vocloop.cli.app import app
from vocloop.score.files import score_severity_file
from vocloop.score.severity_head import Lens, Reading

ROWS = [
    {"id": 1, "text": "承認が止まっています", "priority": "high"},
    {"id": 2, "text": "Could you add a dark mode?"},
]


def written(folder: Path) -> Path:
    path = folder / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    return path


def test_what_a_model_reads_is_a_signal_like_the_others(tmp_path: Path) -> None:
    asked: list[str] = []

    def read(texts: list[str]) -> list[Reading]:
        asked.extend(texts)
        return [Reading(2.0, (Lens.BOTTLENECK,)), Reading(-2.0)]

    out = tmp_path / "out.jsonl"
    assert score_severity_file(str(written(tmp_path)), str(out), read) == 2
    first, second = (json.loads(line) for line in out.read_text("utf-8").splitlines())
    assert asked == [row["text"] for row in ROWS]
    assert set(first["signals"]) == {"blocked", "bottleneck", "words", "priority"}
    assert second["signals"]["words"] == -2
    assert second["severity"] < 0.2
    assert first["severity"] > 0.8


def test_words_only_needs_no_model(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["score", "severity", str(written(tmp_path)), "-o", "-", "--words-only"]
    )
    assert done.exit_code == 0, done.output
    signals = [json.loads(line)["signals"] for line in done.stdout.splitlines()]
    assert [set(each) for each in signals] == [{"blocked", "priority"}, {"mild"}]


def test_a_classifier_of_the_settings_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app,
        ["score", "severity", str(written(tmp_path)), "-o", "-"],
        env={"VOCLOOP_SEVERITY_MODEL": str(tmp_path)},
    )
    assert done.exit_code != 0
    assert "VOCLOOP_SEVERITY_MODEL" in str(done.exception)
