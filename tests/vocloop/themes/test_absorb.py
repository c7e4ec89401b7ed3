"""Clusters that people have decided do not come back as new themes."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vocloop.themes.absorb import absorb

KNOWN = 3
row = st.tuples(st.integers(-1, 5), st.integers(-1, 4), st.integers(-1, 1), st.integers(-1, 2))


def column(rows: list[tuple[int, ...]], i: int) -> Any:
    return np.array([r[i] for r in rows], np.int32)


@given(st.lists(row, max_size=40))
def test_only_rows_of_new_themes_change_and_only_to_what_people_decided(
    rows: list[tuple[int, ...]],
) -> None:
    labels, fresh, dismissed, merged = (column(rows, i) for i in range(4))
    wanted, taken = absorb(labels, fresh, known=KNOWN, dismissed=dismissed, merged=merged)
    changed = wanted != labels
    assert (labels[changed] >= KNOWN).all()
    assert (wanted[changed] < KNOWN).all()
    assert ((taken >= 0) == (changed & (wanted == -1))).all()
    again, _ = absorb(wanted, fresh, known=KNOWN, dismissed=dismissed, merged=merged)
    assert (again == wanted).all()


def test_half_is_not_enough() -> None:
    labels = np.array([3, 3, -1, -1], np.int32)
    fresh, none = np.zeros(4, np.int32), np.full(4, -1, np.int32)
    half = np.array([-1, -1, 0, 0], np.int32)
    wanted, _ = absorb(labels, fresh, known=KNOWN, dismissed=half, merged=none)
    assert wanted.tolist() == labels.tolist()
    most = np.array([-1, 0, 0, 0], np.int32)
    wanted, taken = absorb(labels, fresh, known=KNOWN, dismissed=most, merged=none)
    assert (wanted.tolist(), taken.tolist()) == ([-1] * 4, [0, 0, -1, -1])
