"""How often a worker looks for something."""

from __future__ import annotations

import time

import pytest

from vocloop.worker.pace import AGAIN_SECONDS, Pace


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    at = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    return at


@pytest.mark.parametrize(
    ("took", "rest"),
    [
        pytest.param(0.25, 5, id="apart"),
        pytest.param(3, 30, id="farther apart when they take long"),
    ],
)
def test_looks_are_apart(clock: list[float], took: float, rest: float) -> None:
    pace = Pace(5, 0.1)
    assert pace.due
    with pace.look():
        clock[0] += took
    clock[0] += rest - 0.5
    assert not pace.due
    clock[0] += 0.5
    assert pace.due


def test_a_look_that_fails_is_not_repeated_at_once(clock: list[float]) -> None:
    pace = Pace(5, 0.1)
    with pytest.raises(TimeoutError), pace.look():
        raise TimeoutError
    assert not pace.due


def test_a_look_that_fails_is_repeated_soon_however_seldom_it_is_usual(clock: list[float]) -> None:
    pace = Pace(3_600, 0.1)
    with pytest.raises(TimeoutError), pace.look():
        raise TimeoutError
    clock[0] += AGAIN_SECONDS
    assert pace.due
    with pace.look():
        pass
    clock[0] += AGAIN_SECONDS
    assert not pace.due


def test_hurry(clock: list[float]) -> None:
    pace = Pace(5, 0.1)
    with pace.look():
        pass
    pace.hurry()
    assert pace.due
