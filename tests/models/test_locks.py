"""PostgreSQL's advisory locks are numbers: two of one number wait for each other without need."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from vocloop_models.turns import Turn

ROOT = Path(__file__).parents[2]


def test_no_two_locks_have_the_same_number() -> None:
    found = Counter(
        int(number)
        for root in ("vocloop", "models/vocloop_models")
        for path in (ROOT / root).rglob("*.py")
        for number in re.findall(
            r"^(?:\w*_)?LOCK = ([\d_]+)$", path.read_text("utf-8"), re.MULTILINE
        )
    )
    found.update(Turn)
    assert len(found) >= 9
    assert {number for number, times in found.items() if times > 1} == set()
