"""No damage to an export breaks its reader: rows come out, or reasons. benchmarks/fuzz.py does the
same for as long as one likes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vocloop.intake.fuzzing import FILES, damaged
from tests.vocloop.intake.reading import read
from vocloop.errors import InvalidInputError

_DAMAGES = 12


@pytest.mark.parametrize("name", FILES)
def test_damage_is_told_in_words(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    for seed in range(_DAMAGES):
        path.write_bytes(damaged(name, seed))
        told: list[tuple[int, str]] = []
        try:
            _, told, _, _ = read(path)
        except InvalidInputError as error:
            told = [(1, str(error))]
        assert all(line >= 0 and reason for line, reason in told)
