"""A number that never walks alone."""

from __future__ import annotations

from dataclasses import dataclass

# Every interval in vocloop.score is the central 90 %: 5 % of the belief lies on either side.
LOWER, UPPER = 0.05, 0.95


@dataclass(frozen=True)
class Estimate:
    """A value in [0, 1] with its 90 % interval; ``low`` ≤ ``value`` ≤ ``high``."""

    value: float
    low: float
    high: float

    @classmethod
    def inside(cls, value: float, low: float, high: float) -> Estimate:
        """The estimate with all three cut to [0, 1] and the interval widened to hold the value."""
        value = min(max(value, 0.0), 1.0)
        return cls(value, min(max(low, 0.0), value), max(min(high, 1.0), value))

    def rounded(self) -> dict[str, float]:
        """For evidence: four digits are finer than any interval here."""
        return {
            "value": round(self.value, 4),
            "low": round(self.low, 4),
            "high": round(self.high, 4),
        }
