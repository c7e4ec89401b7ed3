"""Two who write at the same moment: the second begins before the first has committed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from vocloop_models.database import transaction

# Whoever has to wait has begun to by then.
MOMENT = 0.3

Step = Callable[[Session], Any]


def at_once(engine: Engine, first: Step, second: Step) -> BaseException | None:
    """Do ``second`` while ``first`` is done and not yet committed; the error that it ends with."""

    def do() -> None:
        with transaction(engine) as session:
            second(session)

    return meanwhile(engine, first, do)


def meanwhile(engine: Engine, first: Step, other: Callable[[], Any]) -> BaseException | None:
    """As at_once(), for what has transactions of its own."""
    with ThreadPoolExecutor(1) as pool:
        with transaction(engine) as session:
            first(session)
            begun = pool.submit(other)
            wait([begun], MOMENT)
        return begun.exception(10)
