"""Which department a text belongs to: what departments say of themselves, moved by labelled texts.

A text's vector x, centred and of length 1, gives department k the log-odds w_k · x + b_k. Without
labels w_k = SHARPNESS · p_k, where p_k is the direction of k's description. Labelled texts move it
by logistic regression whose prior is centred there instead of at zero:

    min over w, b of  Σ_i v_i · −log P(y_i | x_i) + ½ · STIFFNESS · Σ_k |w_k − SHARPNESS · p_k|²

(maximum a posteriori, Bishop, Pattern Recognition and Machine Learning, 4.3 and 4.5), with v_i the
inverse root of how often y_i was seen, so that small departments count too. How sure it is, is
set by the texts' own cross-validation. docs/method/routing.md has the figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax, softmax

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Encode = Callable[[Sequence[str]], Floats]

# Chosen by benchmarks/routing.py; docs/method/routing.md says on what.
SHARPNESS = 12.0
STIFFNESS = 0.15
OFFSET_STIFFNESS = 1.0
BALANCE = 0.5
# How far texts without any label move towards the departments that they themselves are many of,
# and the texts' number that this is first held against.
LEAN = 0.75
LEAN_PRIOR = 20.0
LEAN_STEPS = 30
FOLDS = 4
# Fewer labels than this say nothing about how sure to be.
MIN_CALIBRATION = 40
MAX_STEPS = 60


@dataclass(frozen=True)
class Classifier:
    """middle: (d,) taken off every vector; weights: (d, k); offset: (k,)."""

    middle: Floats
    weights: Floats
    offset: Floats

    def probabilities(self, vectors: Floats) -> Floats:
        """(n, k) of ``vectors`` (n, d): each row adds up to 1."""
        odds = unit(vectors - self.middle) @ self.weights + self.offset
        return np.asarray(softmax(odds, axis=1), np.float32)


def lean(odds: Floats) -> Floats:
    """``odds`` (n, k) of texts that no label was learned from, moved towards the departments that
    are frequent among them: how frequent is found by expectation-maximisation (Saerens, Latinne
    and Decaestecker 2002), held back by LEAN_PRIOR and LEAN."""
    count, departments = odds.shape
    share = np.full(departments, 1.0 / departments)
    for _ in range(LEAN_STEPS):
        moved = odds * share
        moved /= moved.sum(axis=1, keepdims=True)
        share = (moved.sum(axis=0) + LEAN_PRIOR / departments) / (count + LEAN_PRIOR)
    moved = odds * share**LEAN
    return np.asarray(moved / moved.sum(axis=1, keepdims=True), np.float32)


def unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)


def directions(described: Sequence[Floats]) -> Floats:
    """(k, d): where each department's description points, away from what all of them share.

    described: for each department the vectors (m_k, d) of its name and sentences."""
    centre = np.mean([vectors.mean(axis=0) for vectors in described], axis=0)
    return unit(np.stack([unit(vectors - centre).mean(axis=0) for vectors in described]))


def fit(
    described: Sequence[Floats],
    middle: Floats,
    vectors: Floats | None = None,
    labels: Ints | None = None,
) -> Classifier:
    """A classifier over ``described``, (m_k, d) for each of k departments.

    middle: (d,), the mean of texts of the kind to be routed. vectors: (n, d) and labels: (n,)
    of 0 … k−1, texts whose department is known."""
    prior = SHARPNESS * directions(described)
    if vectors is None or labels is None or len(labels) == 0:
        return Classifier(middle, prior.T, np.zeros(len(prior), np.float32))
    places = unit(vectors - middle)
    weights, offset = _learn(places, labels, prior)
    sureness = _sureness(places, labels, prior)
    return Classifier(middle, sureness * weights, sureness * offset)


def _learn(places: Floats, labels: Ints, prior: Floats) -> tuple[Floats, Floats]:
    """Weights (d, k) and offsets (k,). What moves lies in the span of the places, so the search
    is for their n coefficients at most, whatever d is."""
    departments = len(prior)
    left, sizes, axes = np.linalg.svd(places, full_matrices=False)
    reduced = (left * sizes).astype(np.float64)
    start = (places @ prior.T).astype(np.float64)
    seen = np.bincount(labels, minlength=departments)
    worth = seen[labels].astype(np.float64) ** -BALANCE
    worth *= len(labels) / worth.sum()
    target = np.eye(departments)[labels]
    rank = reduced.shape[1]

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        moved, offset = flat[:-departments].reshape(rank, departments), flat[-departments:]
        told = log_softmax(start + reduced @ moved + offset, axis=1)
        wrong = worth[:, None] * (np.exp(told) - target)
        value = -float((worth[:, None] * target * told).sum())
        value += 0.5 * STIFFNESS * float((moved**2).sum())
        value += 0.5 * OFFSET_STIFFNESS * float((offset**2).sum())
        slopes = reduced.T @ wrong + STIFFNESS * moved
        return value, np.concatenate(
            [slopes.ravel(), wrong.sum(axis=0) + OFFSET_STIFFNESS * offset]
        )

    found = minimize(
        loss,
        np.zeros((rank + 1) * departments),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": MAX_STEPS},
    ).x
    moved = axes.T @ found[:-departments].reshape(rank, departments)
    return (
        np.asarray(prior.T + moved, np.float32),
        np.asarray(found[-departments:], np.float32),
    )


def _sureness(places: Floats, labels: Ints, prior: Floats) -> float:
    """The factor on all log-odds that makes texts that were not learned from likeliest (temperature
    scaling, Guo et al. 2017)."""
    if len(labels) < MIN_CALIBRATION:
        return 1.0
    fold = np.random.default_rng(0).permutation(len(labels)) % FOLDS
    odds = np.zeros((len(labels), len(prior)))
    for turn in range(FOLDS):
        held = fold == turn
        weights, offset = _learn(places[~held], labels[~held], prior)
        odds[held] = places[held] @ weights + offset
    rows = np.arange(len(labels))

    def surprise(logarithm: float) -> float:
        return -float(log_softmax(np.exp(logarithm) * odds, axis=1)[rows, labels].mean())

    best = minimize_scalar(surprise, bounds=(-3.0, 1.5), method="bounded")
    return float(np.exp(best.x))
