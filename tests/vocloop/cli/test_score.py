"""``vocloop score explain`` opens up the numbers of a theme at the terminal."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Engine

from tests.api.records import slow_lists
from tests.vocloop.cli.processes import Commands
from vocloop_models import Theme
from vocloop_models.database import transaction


@pytest.fixture
def theme(engine: Engine) -> Theme:
    with transaction(engine) as session:
        return slow_lists(session)


def test_it_explains_a_theme_by_its_number_in_either_language(
    commands: Commands, theme: Theme
) -> None:
    ended = commands.run("score", "explain", f"T-{theme.number:04d}", "--language", "ja")
    assert ended.code == 0, ended.said
    assert ended.out.startswith(f"T-{theme.number:04d}  一覧が遅い / Slow lists")
    assert "(0.5 + 5) / (1 + 5) = 0.917" in ended.out
    assert "5社中5社" in ended.out
    for told in (
        "一般性  0.917",
        "(0.5 + 挙げた社数) / (1 + 声を聞いた社数)",
        "一般性^a × 長期性^b",
    ):
        assert told in ended.out
    for english in ("generality", "heard", "weights", "customers:", "statements:"):
        assert english not in ended.out
    assert "5 of 5" in commands.run("score", "explain", str(theme.number)).out


def test_all_of_it_for_programs(commands: Commands, theme: Theme) -> None:
    found = json.loads(commands.run("score", "explain", str(theme.id), "--json").out)
    assert found["theme_id"] == str(theme.id)
    assert [part["name"] for part in found["parts"]][-1] == "impact"
    assert found["move"] is None


def test_a_theme_that_is_not_there_is_told(commands: Commands) -> None:
    ended = commands.run("score", "explain", "T-9999")
    assert ended.code == 1
    assert "there is no theme T-9999; give an id or a number such as T-0012" in ended.err
