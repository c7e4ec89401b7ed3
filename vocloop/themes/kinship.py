"""How near the members of a theme are to it, and how near a newcomer must be to be one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vocloop.themes.graph import TRUST
from vocloop.themes.nearest import exact

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

# Members that tell how near one is to a theme; and how many of a theme are asked for it.
FELLOWS = 5
ASKED = 200
# The share of members that would be too far from their own theme. benchmarks/new_topics.py: it is
# what the floor costs on topics that are known, and buys on those that are not.
TOO_FAR = 0.03
# No more of them than a normal distribution would leave: members themselves made the space.
NORMALLY = -1.88
# A theme's own mean and spread count like this many members beside those of all themes together.
PRIOR = 20.0
# No spread is known to be smaller: copies of one sentence must not shut out another wording.
LEAST_SPREAD = 0.05


@dataclass(frozen=True)
class Floors:
    """The least kinship by (theme, language of the newcomer), and by language alone for themes
    that have no members in it."""

    themes: dict[tuple[int, str], float] = field(default_factory=dict)
    languages: dict[str, float] = field(default_factory=dict)

    def of(self, theme: int, language: str) -> float:
        own = self.themes.get((theme, language))
        return self.languages.get(language, -1.0) if own is None else own


def kinship(similarity: Floats) -> float:
    """How near one is to a theme: the mean of the FELLOWS greatest similarities to its members;
    −1 without any."""
    if not len(similarity):
        return -1.0
    few = min(FELLOWS, len(similarity))
    return float(np.partition(similarity, -few)[-few:].mean())


def floors(points: Floats, languages: Sequence[str], themes: Ints) -> Floors:
    """Floors out of the members' own kinship, each left out of its theme: mean less so many
    standard deviations, both drawn towards those of all themes (PRIOR). ``themes`` (n,): −1 none;
    ``points`` (n, r), unit length."""
    spoken = np.asarray(languages, str)
    found: dict[tuple[int, str], Floats] = {}
    order = np.argsort(themes, kind="stable")[int((themes < 0).sum()) :]
    for rows in np.split(order, np.flatnonzero(np.diff(themes[order])) + 1):
        if len(rows) < 2:
            continue
        asked = rows[:: max(-(-len(rows) // ASKED), 1)]
        # Each finds itself first.
        _, near = exact(points[asked], points[rows], min(FELLOWS + 1, len(rows)), same=False)
        own = near[:, 1:].mean(axis=1)
        for language in np.unique(spoken[asked]).tolist():
            found[int(themes[rows[0]]), language] = own[spoken[asked] == language]
    by_theme: dict[tuple[int, str], float] = {}
    by_language: dict[str, float] = {}
    for language in sorted({g for _, g in found}):
        each = {theme: near for (theme, g), near in found.items() if g == language}
        least, usual = _drawn(each)
        # Across languages everything is less alike.
        by_language[language] = TRUST * usual
        by_theme |= {(theme, language): floor for theme, floor in least.items()}
    return Floors(by_theme, by_language)


def _drawn(each: dict[int, Floats]) -> tuple[dict[int, float], float]:
    """The floor of each theme, and that of a theme of which nothing is known."""
    every = np.concatenate(list(each.values())).astype(np.float64)
    mean, variance = every.mean(), max(every.var(), LEAST_SPREAD**2)
    usual: dict[int, tuple[float, float]] = {}
    apart = []
    for theme, near in each.items():
        weight = len(near) / (len(near) + PRIOR)
        middle = weight * near.mean() + (1 - weight) * mean
        spread = np.sqrt(max(weight * near.var() + (1 - weight) * variance, LEAST_SPREAD**2))
        usual[theme] = middle, spread
        apart.append((near - middle) / spread)
    least = min(float(np.quantile(np.concatenate(apart), TOO_FAR)), NORMALLY)
    floor = {theme: float(middle + least * spread) for theme, (middle, spread) in usual.items()}
    return floor, float(mean + least * np.sqrt(variance))
