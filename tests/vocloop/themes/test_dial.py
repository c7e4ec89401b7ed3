"""The dial takes away the least sure, and never what people placed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from vocloop.themes.dial import KEPT, turn

ROWS = hnp.arrays(np.int32, st.integers(1, 40), elements=st.integers(-1, 3))


@settings(max_examples=60)
@given(ROWS, st.floats(0, 0.99), st.integers(0, 2**16))
def test_the_least_sure_leave_until_the_share_is_reached(
    labels: np.ndarray, asked: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    sure = random.random(len(labels)).astype(np.float32)
    fixed = random.random(len(labels)) < 0.2
    turned, dial = turn(labels, sure, fixed, asked)
    left = np.flatnonzero(turned != labels)
    assert (turned[left] == -1).all()
    assert not fixed[left].any()
    stay = [i for i in np.flatnonzero(turned >= 0) if not fixed[i]]
    for theme in range(4):
        assert (turned == theme).sum() >= min(KEPT, (labels == theme).sum())
        own = np.flatnonzero(labels == theme)
        surest = set(own[np.argsort(-sure[own], kind="stable")][:KEPT].tolist())
        stay = [i for i in stay if i not in surest]
    if len(left) and stay:
        assert sure[left].max() <= sure[stay].min()
    if stay:
        assert dial.reached >= min(asked, 1) - 1e-4 or not len(left)
    # Turned again, it rests.
    again, _ = turn(turned, sure, fixed, asked)
    assert (again == turned).all()


def test_as_found_changes_nothing_and_tells_what_more_would_cost() -> None:
    labels = np.array([0] * 10 + [-1] * 10, np.int32)
    sure = np.linspace(1, 0.1, 20).astype(np.float32)
    turned, dial = turn(labels, sure, np.zeros(20, bool), None)
    assert (turned == labels).all()
    assert (dial.found, dial.reached) == (0.5, 0.5)
    assert dial.curve[0] == (0.5, pytest.approx(sure[:10].mean(), abs=1e-3))
    assert [share for share, _ in dial.curve] == sorted(share for share, _ in dial.curve)
    means = [mean for _, mean in dial.curve]
    assert means == sorted(means)
    assert dial.curve[-1][0] == 0.85  # three stay
