"""docs/settings.md tells of every setting, with its default, and of no other."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from vocloop.config import PREFIX, Settings, settings
from vocloop.errors import InvalidInputError

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
# Defaults that depend on the user are told in words.
IN_WORDS = {"database_url", "cache_dir"}


def documented() -> dict[str, str]:
    rows = re.findall(r"^\| `(VOCLOOP_\w+)` \| (.+?) \|", PAGE.read_text("utf-8"), re.M)
    assert len(rows) == len(dict(rows)), "a setting is documented twice"
    return {name.removeprefix(PREFIX).lower(): default for name, default in rows}


def test_every_setting_is_documented_and_no_other() -> None:
    assert set(documented()) == set(Settings.model_fields)


def test_defaults_are_as_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)
    values = settings().model_dump()
    for name in set(values) - IN_WORDS:
        value = values[name]
        shown = json.dumps(list(value)) if isinstance(value, tuple) else str(value)
        assert documented()[name] == f"`{shown}`"
    for name in IN_WORDS:
        assert "user's" in documented()[name]


def test_wrong_values_are_named_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOCLOOP_PORT", "abc")
    monkeypatch.setenv("VOCLOOP_TIMEZONE", "../../etc/passwd")
    with pytest.raises(InvalidInputError, match=r"docs/settings\.md") as error:
        settings()
    assert [name for name, _ in error.value.problems] == ["VOCLOOP_PORT", "VOCLOOP_TIMEZONE"]
