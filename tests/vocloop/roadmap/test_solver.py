"""Solvers in processes of their own: what breaks in one breaks nothing else."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from scipy.optimize import Bounds

from vocloop.errors import ConflictError
from vocloop.roadmap import solver


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    solver.end()
    yield
    solver.end()


def best(size: int = 4) -> float:
    worth = np.arange(1.0, size + 1)
    found = solver.milp(-worth, integrality=np.ones(size), bounds=Bounds(0, 1))
    return float(-found.fun)


def test_one_process_solves_again_and_again() -> None:
    assert [best(n) for n in (2, 3, 4)] == [3, 6, 10]
    assert len(solver.idle) == 1


def test_one_that_was_killed_is_replaced() -> None:
    best()
    [before] = solver.idle
    before.send_signal(signal.SIGKILL)
    assert best() == 10
    [after] = solver.idle
    assert after.pid != before.pid


def test_one_that_breaks_down_each_time_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "COMMAND", (sys.executable, "-c", "import os; os.abort()"))
    with pytest.raises(ConflictError, match="the solver broke down"):
        best()
    assert not solver.idle


def test_what_the_solver_refuses_is_raised_here_and_it_goes_on() -> None:
    with pytest.raises(ValueError, match="one-dimensional"):
        solver.milp(np.zeros((2, 2)))
    assert best() == 10


def test_many_at_once_wait_for_their_turn() -> None:
    answers: list[float] = []
    threads = [threading.Thread(target=lambda: answers.append(best())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [10.0] * 8
    assert 1 <= len(solver.idle) <= solver.MOST
