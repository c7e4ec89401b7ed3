"""The texts that teach severity cover the scale, the channels and the lenses, in both languages."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "severity"
CHANNELS = {"ticket", "chat", "review", "interview", "survey", "note"}
LENSES = {"main_component", "mainstream", "root_cause", "bottleneck"}


@pytest.fixture(params=["en", "ja"])
def rows(request: pytest.FixtureRequest) -> list[dict[str, Any]]:
    lines = (FOLDER / f"{request.param}.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_every_channel_has_every_level(rows: list[dict[str, Any]]) -> None:
    seen = Counter((row["channel"], row["level"]) for row in rows)
    assert set(seen) == {(channel, level) for channel in CHANNELS for level in range(5)}
    assert min(Counter(row["level"] for row in rows).values()) > 60


def test_lenses_are_marked_on_what_is_severe(rows: list[dict[str, Any]]) -> None:
    marked = [row for row in rows if row["lenses"]]
    assert {lens for row in marked for lens in row["lenses"]} == LENSES
    assert all(row["level"] >= 3 for row in marked)


def test_no_text_stands_twice(rows: list[dict[str, Any]]) -> None:
    assert len({row["text"] for row in rows}) == len(rows)


@pytest.mark.parametrize("name", ["lenses.en", "lenses.ja", "held_out.en", "held_out.ja"])
def test_each_lens_is_marked_often_and_not_on_everything(name: str) -> None:
    own = [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()]
    seen = Counter(lens for row in own for lens in row["lenses"])
    assert set(seen) == LENSES
    assert min(seen.values()) >= 15
    assert sum(not row["lenses"] for row in own) > len(own) / 4
    assert {row["channel"] for row in own} == CHANNELS
    assert {row["level"] for row in own} == set(range(5))
