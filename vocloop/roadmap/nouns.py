"""What a round is made of, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Candidate:
    """An item that a round may take. ``effort`` in person-weeks by department, ``cost`` in the
    budget's unit. ``needs``: what is to be done as early; it can't be taken when the round has one
    of them not. ``effects`` by department: above 0 it is helped, below 0 burdened. ``goals`` it
    serves; ``segments``: companies behind it by segment."""

    id: str
    value: float
    effort: Mapping[str, float] = field(default_factory=dict)
    cost: float = 0.0
    needs: Sequence[str] = ()
    effects: Mapping[str, float] = field(default_factory=dict)
    goals: Sequence[str] = ()
    segments: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Limits:
    """What a round has to give. ``capacity``: person-weeks of a department in each period; a
    department that is not named has none. ``budget`` None: no limit.

    Weights multiply an item's value: the mean weight of the departments that it helps times the
    mean weight of the goals that it serves; 1 where nothing is named."""

    periods: int
    capacity: Mapping[str, Sequence[float]]
    budget: float | None = None
    departments: Mapping[str, float] = field(default_factory=dict)
    goals: Mapping[str, float] = field(default_factory=dict)
    must: frozenset[str] = frozenset()
    must_not: frozenset[str] = frozenset()
    exclusive: Sequence[frozenset[str]] = ()


@dataclass(frozen=True)
class Roadmap:
    """``period`` of each item that is in, from 0; ``value`` under the round's weights.

    ``optimal`` False: time ran out; no roadmap is better by more than ``gap`` (a share of its
    value; 1 for one worth nothing), and none is worth more than ``bound``."""

    period: dict[str, int]
    value: float
    optimal: bool = True
    gap: float = 0.0
    bound: float = field(default=0.0, compare=False)
