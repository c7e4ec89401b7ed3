"""How often a worker looks for something."""

from __future__ import annotations

import time

import pytest

from vocloop.worker.pace import Pace


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    at = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    return at


def test_looks_are_apart(clock: list[float]) -> None:
    pace = Pace(5, 0.1)
    assert pace.due
    with pace.look():
        clock[0] += 0.2
    clock[0] += 4.9
    assert not pace.due
    clock[0] += 0.1
    assert pace.due


def test_looks_that_take_long_are_farther_apart(clock: list[float]) -> None:
    pace = Pace(5, 0.1)
    with pace.look():
        clock[0] += 3
    clock[0] += 29
    assert not pace.due
    clock[0] += 1
    assert pace.due


def test_a_look_that_fails_is_not_repeated_at_once(clock: list[float]) -> None:
    pace = Pace(5, 0.1)
    with pytest.raises(TimeoutError), pace.look():
        raise TimeoutError
    assert not pace.due


def test_hurry(clock: list[float]) -> None:
    pace = Pace(5, 0.1)
    with pace.look():
        pass
    pace.hurry()
    assert pace.due
