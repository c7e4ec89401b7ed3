"""scipy's solvers (HiGHS) in processes of their own.

A page or a worker must outlive native code that goes wrong: a solver that writes where it must not
takes the whole process with it, or worse, does not. Each process serves one solution at a time and
ends with the one that started it; one that died is replaced, and the solution is begun again."""

from __future__ import annotations

import atexit
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from vocloop.errors import ConflictError

# At a time; more would only take processors from each other.
MOST = 2
TRIES = 2
COMMAND = (sys.executable, "-m", "vocloop.roadmap.solver")

_places = threading.BoundedSemaphore(MOST)
idle: list[subprocess.Popen[bytes]] = []


def milp(*given: Any, **more: Any) -> Any:
    """As scipy.optimize.milp. Raises ConflictError when the solver breaks down, twice."""
    return _solved("milp", given, more)


def linprog(*given: Any, **more: Any) -> Any:
    """As scipy.optimize.linprog. Raises ConflictError when the solver breaks down, twice."""
    return _solved("linprog", given, more)


def _solved(name: str, given: tuple[Any, ...], more: dict[str, Any]) -> Any:
    for _ in range(TRIES):
        with _places, _process() as process:
            try:
                pickle.dump((name, given, more), process.stdin)  # type: ignore[arg-type]
                process.stdin.flush()  # type: ignore[union-attr]
                # Of our own process, through a pipe that nobody else holds.
                found, error = pickle.load(process.stdout)  # type: ignore[arg-type]  # noqa: S301
            except (OSError, EOFError, pickle.UnpicklingError):
                process.kill()
                process.wait()
                continue
        if error is not None:
            raise error
        return found
    raise ConflictError("the solver broke down; change the round a little, then try again")


@contextmanager
def _process() -> Iterator[subprocess.Popen[bytes]]:
    """One that waits, or a new one; it waits again afterwards if it lives."""
    try:
        process = idle.pop()
    except IndexError:
        process = subprocess.Popen(  # noqa: S603 - nothing of it comes from outside
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl+C is for the one that started it.
            start_new_session=True,
        )
    whole = False
    try:
        yield process
        whole = process.poll() is None
    finally:
        if whole:
            idle.append(process)
        else:
            # Left in the middle, it would give the next one this one's answer.
            process.kill()
            process.communicate()


@atexit.register
def end() -> None:
    """End those that wait."""
    while idle:
        process = idle.pop()
        process.kill()
        process.communicate()


def _serve(asked: BinaryIO, told: BinaryIO) -> None:
    """Solve what comes, until the other end is gone."""
    from scipy import optimize

    while True:
        try:
            name, given, more = pickle.load(asked)  # noqa: S301 - see above
        except EOFError:
            return
        answer: tuple[Any, ValueError | None]
        try:
            answer = (getattr(optimize, name)(*given, **more), None)
        except ValueError as error:
            answer = (None, error)
        pickle.dump(answer, told)
        told.flush()


if __name__ == "__main__":
    # What the solver itself prints must not stand between answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _serve(sys.stdin.buffer, answers)
