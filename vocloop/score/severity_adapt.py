"""What the people of this workspace teach about severity, on top of what words say anywhere.

Of n statements someone said how much they hurt: a target in log-odds each, from a correction, a
mark, a priority, a rating or an outcome. A Gaussian process (Rasmussen and Williams, Gaussian
Processes for Machine Learning, 2.2) learns them with the kernel

    k(a, b) = VECTOR · exp(−WIDTH · |v_a − v_b|²) + GENERAL · g_a · g_b + SIGNAL · s_a · s_b + LEVEL

where v are the vectors, g the log-odds of the words alone, and s the lexicon's signals: near what
was taught it follows the teaching; far from it only slopes remain, one for each trait.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vocloop.score.severity_head import BLOCK, Floats, near

Doubles = NDArray[np.float64]
Traits = Mapping[str, float]

# Looked at with 200 labels of the sources in docs/method/severity.md: halved or doubled, none of
# these moves the area under the curve of any of them by more than .01.
VECTOR, WIDTH = 8.0, 4.0
GENERAL, SIGNAL, LEVEL = 0.15, 0.2, 1.0
# Variance of a label whose weight is 1, in squared log-odds: people disagree with each other.
NOISE = 1.0
FOLDS = 5
# How much a label of each kind is worth beside a priority that the channel set. A correction is
# about this very statement; a rating is about everything at once; a customer leaves for many
# reasons.
WORTH = {"correction": 4.0, "mark": 2.0, "priority": 1.0, "rating": 0.5, "left": 0.25}
# Fewer labels teach less than they disturb; more take long to solve and teach little more.
MIN_LABELS, MAX_LABELS = 30, 1_000
# A lesson is used only when it gains more than chance would in one of twenty: so many standard
# errors of the gain, each label being judged both ways (Hájek's projection of a U-statistic).
SURE_GAIN = 1.645
# Traits that are no signals of the lexicon.
GENERAL_TRAIT, LEVEL_TRAIT = "general", "level"
_STRENGTH = {GENERAL_TRAIT: GENERAL, LEVEL_TRAIT: LEVEL}


@dataclass(frozen=True)
class Taught:
    """vectors: (n, d) of the labelled statements; coefficients: (n,); slopes: by trait."""

    encoder: str
    vectors: Floats
    coefficients: Doubles
    slopes: Traits


@dataclass(frozen=True, slots=True)
class Teaching:
    """What was taught of one statement: ``nearby`` its vector, and by its traits."""

    nearby: float
    slopes: Traits


def learn(
    encoder: str, vectors: Floats, traits: Sequence[Traits], targets: Doubles, weights: Doubles
) -> Taught:
    """vectors: (n, d), length 1; traits: n of severity.traits; targets: (n,) log-odds; weights:
    (n,) > 0, a label of weight 2 counting as two that agree."""
    names = sorted({name for row in traits for name in row})
    table = np.array([[row.get(name, 0.0) for name in names] for row in traits])
    strength = np.array([_STRENGTH.get(name, SIGNAL) for name in names])
    kernel = VECTOR * near(vectors, vectors, WIDTH) + (table * strength) @ table.T
    coefficients = np.linalg.solve(kernel + np.diag(NOISE / weights), targets)
    slopes = strength * (table.T @ coefficients)
    return Taught(encoder, vectors, coefficients, dict(zip(names, slopes.tolist(), strict=True)))


def nearby(taught: Taught, vectors: Floats) -> Doubles:
    """(n,) the part of what was taught that depends on ``vectors`` (n, d)."""
    out = [np.zeros(0)]
    for start in range(0, len(vectors), BLOCK):
        rows = np.asarray(vectors[start : start + BLOCK], np.float32)
        out.append(VECTOR * near(rows, taught.vectors, WIDTH) @ taught.coefficients)
    return np.concatenate(out)


def sloped(slopes: Traits, traits: Traits) -> float:
    """The part that depends on the traits."""
    return sum(slopes.get(name, 0.0) * value for name, value in traits.items())


def out_of_fold(
    vectors: Floats,
    traits: Sequence[Traits],
    targets: Doubles,
    weights: Doubles,
    group: NDArray[np.int64],
) -> Doubles:
    """(n,) log-odds of each statement as taught by the others only; rows of a group, such as the
    statements of one message, are left out together. Needs rows in two folds or more."""
    found = np.zeros(len(vectors))
    for fold in range(FOLDS):
        kept, held = (
            np.flatnonzero(mask) for mask in (group % FOLDS != fold, group % FOLDS == fold)
        )
        taught = learn(
            "", vectors[kept], [traits[i] for i in kept.tolist()], targets[kept], weights[kept]
        )
        found[held] = nearby(taught, vectors[held])
        found[held] += [sloped(taught.slopes, traits[i]) for i in held.tolist()]
    return found


def concordance(found: Doubles, targets: Doubles, weights: Doubles) -> float:
    """The weighted share of pairs with different targets that ``found`` puts in their order, ties
    half: with two targets the area under the ROC curve; .5 when there is no such pair."""
    graver = targets[:, None] > targets[None, :]
    pairs = np.where(graver, np.outer(weights, weights), 0.0)
    right = np.sign(found[:, None] - found[None, :]) / 2 + 0.5
    total = float(pairs.sum())
    return float((pairs * right).sum() / total) if total else 0.5


@dataclass(frozen=True)
class Lesson:
    """Share of pairs of labels put in their order by the words alone, and as taught by the others;
    ``used``: whether that is clearly better."""

    before: float
    after: float
    used: bool


def tried(
    vectors: Floats,
    traits: Sequence[Traits],
    targets: Doubles,
    weights: Doubles,
    group: NDArray[np.int64],
) -> Lesson:
    """How good a lesson the labels are, each judged without those of its group (out_of_fold)."""
    general = np.array([row[GENERAL_TRAIT] for row in traits])
    taught = out_of_fold(vectors, traits, targets, weights, group)
    gained = _by_label(taught, targets, weights) - _by_label(general, targets, weights)
    error = 2 * float(gained.std()) / len(gained) ** 0.5
    before, after = (concordance(found, targets, weights) for found in (general, taught))
    return Lesson(before, after, after - before > SURE_GAIN * error)


def _by_label(found: Doubles, targets: Doubles, weights: Doubles) -> Doubles:
    """(n,) as ``concordance``, over the pairs of each label; 0 for one that has none."""
    order = np.sign(targets[:, None] - targets[None, :])
    pairs = np.where(order != 0, np.outer(weights, weights), 0.0)
    right = order * np.sign(found[:, None] - found[None, :]) / 2 + 0.5
    return np.asarray((pairs * right).sum(axis=1) / np.maximum(pairs.sum(axis=1), 1e-12))


def pack(taught: Taught) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(
        out,
        encoder=taught.encoder,
        vectors=taught.vectors.astype("<f2"),
        coefficients=taught.coefficients,
        slopes=json.dumps(dict(taught.slopes)),
    )
    return out.getvalue()


def unpack(stored: bytes) -> Taught:
    with np.load(io.BytesIO(stored), allow_pickle=False) as arrays:
        return Taught(
            str(arrays["encoder"]),
            np.asarray(arrays["vectors"], np.float32),
            arrays["coefficients"],
            json.loads(str(arrays["slopes"])),
        )
