"""``vocloop score severity`` takes what a model reads along, or the lexicon alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from vocloop.cli.app import app
from vocloop.errors import InvalidInputError
from vocloop.score.files import score_severity_file
from vocloop.score.severity_adapt import MIN_LABELS
from vocloop.score.severity_head import Floats, Lens, Reading
from vocloop.score.severity_labels import learn_file, with_teaching

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


@pytest.mark.model
def test_a_classifier_of_the_settings_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app,
        ["score", "severity", str(written(tmp_path)), "-o", "-"],
        env={"VOCLOOP_SEVERITY_MODEL": str(tmp_path)},
    )
    assert done.exit_code != 0
    assert "VOCLOOP_SEVERITY_MODEL" in str(done.exception)


def encode(texts: list[str]) -> Floats:
    """Two directions, "ledger" and any other text, with noise that depends on the text."""
    made = []
    for text in texts:
        noise = np.random.default_rng(list(text.encode())).normal(size=8) / 6
        made.append(np.eye(8)[0 if "ledger" in text else 1] + noise)
    return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)


def labelled(folder: Path, count: int, **unlike: object) -> str:
    """Half of the texts are of the ledger, and severe to these people."""
    rows = []
    for i in range(count):
        grave = i % 2 == 0
        what = "the ledger" if grave else "the menu"
        rows.append({"id": i, "text": f"about {what}, page {i}", "severity": 0.9 if grave else 0.1})
    path = folder / "labels.jsonl"
    path.write_text("".join(json.dumps(row | unlike) + "\n" for row in rows), "utf-8")
    return str(path)


def test_labelled_rows_teach_what_people_here_call_severe(tmp_path: Path) -> None:
    found = learn_file(labelled(tmp_path, 60), None, encode)
    assert found.labels == 60
    assert found.lesson.before < 0.6
    assert found.lesson.after > 0.9
    taught = found.taught
    assert taught is not None
    asked = tmp_path / "in.jsonl"
    texts = ["a word on the ledger", "a word on the menu"]
    asked.write_text("".join(json.dumps({"id": t, "text": t}) + "\n" for t in texts), "utf-8")
    out = tmp_path / "out.jsonl"
    score_severity_file(str(asked), str(out), None, lambda v: with_teaching(taught, v, encode))
    ledger, menu = (json.loads(line) for line in out.read_text("utf-8").splitlines())
    assert ledger["severity"] > 0.7
    assert menu["severity"] < 0.3
    assert set(ledger["signals"]) == {"workspace"}


def test_labels_that_tell_nothing_are_left_out(tmp_path: Path) -> None:
    assert learn_file(labelled(tmp_path, 60, severity=0.5), None, encode).taught is None


def test_too_few_labels_say_what_to_write(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"has 29 .* write severity \(0 to 1\)"):
        learn_file(labelled(tmp_path, MIN_LABELS - 1), None, encode)
    with pytest.raises(InvalidInputError, match="has 1 different"):
        learn_file(labelled(tmp_path, 60, text="the same"), None, encode)


def test_a_label_outside_its_scale_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as error:
        learn_file(labelled(tmp_path, 1, severity=3), None, encode)
    assert error.value.problems == (("line 1, id 0", "severity is 3; write a number from 0 to 1"),)


def test_words_alone_can_not_be_taught(tmp_path: Path) -> None:
    asked, labels = str(written(tmp_path)), labelled(tmp_path, 60)
    command = ["score", "severity", asked, "-o", "-", "--words-only", "--labels", labels]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 2
    assert "--words-only" in done.output
