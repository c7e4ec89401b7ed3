"""Files are written whole or not at all, and for those who may read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from vocloop.jsonl import write_rows


@pytest.fixture
def nobody_else() -> Iterator[None]:
    """What this process makes is its user's alone, until the test ends."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("nobody_else")
def test_a_new_file_is_as_private_as_the_process_wants_and_an_old_one_stays_as_it_is(
    tmp_path: Path,
) -> None:
    fresh, old = tmp_path / "fresh.jsonl", tmp_path / "old.jsonl"
    old.touch()
    old.chmod(0o640)
    for path in (fresh, old):
        write_rows(str(path), [{"text": "夜間の連絡先"}])
    assert [path.stat().st_mode & 0o777 for path in (fresh, old)] == [0o600, 0o640]
