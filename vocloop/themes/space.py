"""From raw vectors to a space where nearness means "the same problem"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_matrix

Floats = NDArray[np.float32]
# As encoders give them, or as the database holds them.
Vectors = NDArray[np.float32] | NDArray[np.float16]
Group = str | None

# Components that are kept once there are rows enough to know them; the rest is noise (measured:
# no loss), and memory and the search for neighbours shrink by it.
DIMENSIONS = 384
# Rows per dimension below which the spectrum is not known well enough to drop any of it.
ROWS_PER_DIMENSION = 1.2
# Rows that the spectrum is read from.
SPECTRUM_ROWS = 20_000
# A group's mean is trusted like this many rows; small groups lean on the mean of all.
GROUP_PRIOR = 20.0
BLOCK = 16_384


@dataclass(frozen=True)
class Space:
    """A linear map fitted on one set of vectors and usable on any other.

    ``middle`` (d,): the mean of all; ``offsets``: for each kind of group (language first), how far
    the mean of each of its groups lies from what was expected, (d,) each; ``axes`` (d, r) or None
    for no rotation."""

    middle: Floats
    offsets: tuple[dict[str, Floats], ...]
    axes: Floats | None

    def apply(self, vectors: Vectors, *groups: Sequence[Group]) -> Floats:
        """Shape (n, d) → (n, r), rows of length 1 (zero rows stay zero). ``groups``: as in fit;
        those that are unknown, or not given, are not taken out."""
        width = vectors.shape[1] if self.axes is None else self.axes.shape[1]
        points = np.empty((len(vectors), width), np.float32)
        for start in range(0, len(vectors), BLOCK):
            rows = slice(start, start + BLOCK)
            moved = self._centred(vectors[rows], [names[rows] for names in groups])
            points[rows] = unit(moved if self.axes is None else moved @ self.axes)
        return points

    def _centred(self, vectors: Vectors, groups: Sequence[Sequence[Group]]) -> Floats:
        moved = np.asarray(vectors - self.middle, np.float32)
        for offsets, names in zip(self.offsets, groups, strict=False):
            known, number = numbered(names)
            # The last row of the table is for what has no name (−1).
            table = np.stack([*(offsets.get(k, 0 * self.middle) for k in known), 0 * self.middle])
            moved -= table[number]
        return moved


def fit(vectors: Vectors, *groups: Sequence[Group]) -> Space:
    """Centre each language by itself, since language is the strongest direction of the space
    (docs/method/themes.md), then each group of what else is known of the rows: without it, themes
    follow the names of companies and products, or the manner of a channel, instead of their
    problems.

    ``groups``: per kind one name per row (None: unknown), languages first."""
    n, d = vectors.shape
    middle = np.zeros(d, np.float32)
    if n:
        middle = vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
    space = Space(middle, (), None)
    for names in groups:
        offsets = _offsets(space, vectors, groups, names)
        space = Space(middle, (*space.offsets, offsets), None)
    if d <= DIMENSIONS or n < ROWS_PER_DIMENSION * d:
        return space
    return Space(middle, space.offsets, _axes(space, vectors, groups))


def manners(channels: Sequence[Group], languages: Sequence[str]) -> list[Group]:
    """The group of each row by how it is said: its channel in its language. A survey answer of one
    clause is nearer to others of its kind than to a ticket about the same problem."""
    return [c and f"{c} {g}" for c, g in zip(channels, languages, strict=True)]


def _offsets(
    space: Space, vectors: Vectors, groups: Sequence[Sequence[Group]], names: Sequence[Group]
) -> dict[str, Floats]:
    known, number = numbered(names)
    number = np.where(number < 0, len(known), number)
    sums = np.zeros((len(known) + 1, vectors.shape[1]))
    for rows, moved in _blocks(space, vectors, groups):
        inside = number[rows]
        member = csr_matrix((np.ones(len(inside)), (inside, np.arange(len(inside)))))
        sums[: member.shape[0]] += member @ moved
    count = np.bincount(number, minlength=len(known) + 1)
    means = (sums / (count + GROUP_PRIOR)[:, None]).astype(np.float32)
    return dict(zip(known, means, strict=False))


def _axes(space: Space, vectors: Vectors, groups: Sequence[Sequence[Group]]) -> Floats:
    """The DIMENSIONS strongest principal components, shape (d, DIMENSIONS)."""
    step = -(-len(vectors) // SPECTRUM_ROWS)
    some = vectors[::step]
    gram = np.zeros((vectors.shape[1], vectors.shape[1]))
    for _, moved in _blocks(space, some, [names[::step] for names in groups]):
        gram += moved.T @ moved
    _, axes = eigh(gram, subset_by_index=[len(gram) - DIMENSIONS, len(gram) - 1])
    strongest = axes[:, ::-1]
    signs = np.sign(strongest[np.abs(strongest).argmax(axis=0), np.arange(DIMENSIONS)])
    return np.asarray(strongest * signs, np.float32)


def _blocks(
    space: Space, vectors: Vectors, groups: Sequence[Sequence[Group]]
) -> Iterator[tuple[slice, Floats]]:
    for start in range(0, len(vectors), BLOCK):
        rows = slice(start, start + BLOCK)
        yield rows, space._centred(vectors[rows], [names[rows] for names in groups])


def numbered(names: Sequence[Group]) -> tuple[list[str], NDArray[np.int32]]:
    """The distinct names, sorted, and each row's number among them, −1 for None."""
    known = sorted({name for name in names if name is not None})
    place: dict[Group, int] = {name: i for i, name in enumerate(known)}
    return known, np.fromiter((place.get(name, -1) for name in names), np.int32, len(names))


def unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Floats = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 1e-9)
    return scaled


def middles(labels: NDArray[np.int32], points: Floats) -> Floats:
    """The middle of each theme 0 … k − 1, (k, r), unit length. ``labels`` (n,), −1 for none;
    ``points`` (n, r)."""
    inside = np.flatnonzero(labels >= 0)
    member = csr_matrix(
        (np.ones(len(inside), np.float32), (labels[inside], inside)),
        shape=(int(labels.max(initial=-1)) + 1, len(labels)),
    )
    return unit(np.asarray(member @ points, np.float32))
