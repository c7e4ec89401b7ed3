"""From raw vectors to a space where nearness means "the same problem"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# Softened whitening: principal components are divided by their standard deviation to this power.
# A quarter is the best for all sets at once (docs/method/themes.md): banking77 gains with more,
# stackoverflow20 with none.
WHITEN_POWER = 0.25
# Rows per dimension below which the spectrum is noise and whitening is left out.
ROWS_PER_DIMENSION = 2
DIMENSIONS = 384
# A group's mean is trusted like this many rows; small groups lean on the mean of all.
GROUP_PRIOR = 20.0


@dataclass(frozen=True)
class Space:
    """A linear map fitted on one set of vectors and usable on any other.

    ``means``: centre of each group (language), shape (d,); ``middle`` for unknown groups;
    ``axes``: shape (d, r) or None for no rotation."""

    means: dict[str, Floats]
    middle: Floats
    axes: Floats | None

    def apply(self, vectors: Floats, groups: Sequence[str]) -> Floats:
        """Shape (n, d) → (n, r), rows of length 1 (zero rows stay zero)."""
        if not len(vectors):
            width = vectors.shape[1] if self.axes is None else self.axes.shape[1]
            return np.zeros((0, width), np.float32)
        moved = vectors - np.stack([self.means.get(g, self.middle) for g in groups])
        return unit(moved if self.axes is None else moved @ self.axes)


def fit(vectors: Floats, groups: Sequence[str]) -> Space:
    """Centre each language by itself, since language is the strongest direction of the space
    (docs/method), then whiten softly when there are rows enough to know the spectrum."""
    middle = vectors.mean(axis=0) if len(vectors) else np.zeros(vectors.shape[1], np.float32)
    names = np.asarray(groups)
    means = {}
    for name in sorted(set(groups)):
        rows = vectors[names == name]
        weight = len(rows) / (len(rows) + GROUP_PRIOR)
        means[name] = (weight * rows.mean(axis=0) + (1 - weight) * middle).astype(np.float32)
    plain = Space(means, middle.astype(np.float32), None)
    n, d = vectors.shape
    if n == 0 or n < ROWS_PER_DIMENSION * d:
        return plain
    centred = vectors - np.stack([means[g] for g in groups])
    # The Gram matrix is (d, d) however many rows there are.
    values, axes = np.linalg.eigh((centred.T @ centred).astype(np.float64) / n)
    order = np.argsort(values)[::-1][: min(DIMENSIONS, d)]
    scale = np.maximum(values[order], 1e-12) ** (-WHITEN_POWER / 2)
    signs = np.sign(axes[np.abs(axes[:, order]).argmax(axis=0), order])
    return Space(means, plain.middle, (axes[:, order] * scale * signs).astype(np.float32))


def unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Floats = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 1e-9)
    return scaled
