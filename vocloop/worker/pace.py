"""How often a worker looks for something."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

# A look that failed is tried again after so long, however seldom it is usual.
AGAIN_SECONDS = 30.0


class Pace:
    """Looks are at least ``seconds`` apart, and farther where they take long: they have at most
    ``share`` of the time of whoever looks."""

    def __init__(self, seconds: float, share: float) -> None:
        self._seconds = seconds
        self._share = share
        self._next = 0.0

    @property
    def due(self) -> bool:
        return time.monotonic() >= self._next

    def hurry(self) -> None:
        """Look at the next opportunity."""
        self._next = 0.0

    @contextmanager
    def look(self) -> Iterator[None]:
        """What is done within is the look. One that fails comes back after AGAIN_SECONDS at the
        latest, but not at once: what else waits has its turn first."""
        start = time.monotonic()
        seconds = min(self._seconds, AGAIN_SECONDS)
        try:
            yield
            seconds = self._seconds
        finally:
            end = time.monotonic()
            self._next = end + max(seconds, (end - start) / self._share)
