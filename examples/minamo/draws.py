"""Draws that come out the same on every machine and every Python."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random


class Draw:
    """Draws for one purpose; what is drawn for another purpose changes nothing of them.

    Only ``random()`` of a generator seeded by a string is used: the two things that Python
    promises to keep between versions.
    """

    def __init__(self, *purpose: str) -> None:
        self._random = Random("/".join(purpose))

    def unit(self) -> float:
        return self._random.random()

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self.unit() * (high - low + 1))

    def around(self, width: float) -> float:
        """A bell about 0 within ±2 · width: a sum, since log and cos differ by platform."""
        return (sum(self.unit() for _ in range(6)) - 3) / 1.5 * width

    def weighted(self, weights: Sequence[float]) -> int:
        return at_quantile(weights, self.unit())

    def named(self, shares: Sequence[tuple[str, float]]) -> str:
        return shares[self.weighted([share for _, share in shares])][0]


def at_quantile(weights: Sequence[float], quantile: float) -> int:
    """The index at which the running sum of ``weights`` passes ``quantile`` (0 … 1) of it all."""
    rest = quantile * math.fsum(weights)
    last = 0
    for index, weight in enumerate(weights):
        if weight <= 0:
            continue
        last = index
        rest -= weight
        if rest < 0:
            return index
    return last
