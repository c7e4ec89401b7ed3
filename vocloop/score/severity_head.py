"""What a statement's vector tells of its severity, by a head trained on marked texts.

The head reads the two multilingual models that a vector of the default encoder begins with
(``core``). Their vector v is brought to its place z = (v − centre) · axes among the marked texts
z₁ … z_m, and

    f(v) = offset + Σ_i weights_i · exp(−WIDTH · |z − z_i|²)

gives a level from 0 (praise) to 4 (blocked, harmed, lost), and, among texts of their own, a score
for each lens: kernel ridge regression on known points (Nyström's method; Rasmussen and Williams,
Gaussian Processes for Machine Learning, 8.3). docs/method/severity.md is the model card,
examples/severity/ holds texts and training script.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

WEIGHTS = "severity_head.npz"
CURVES = ("level", "lens")
WIDTH = 6.0
BLOCK = 4_096
# From this level on there is a problem at all: half-way from praise to a wish.
PROBLEM = 0.5
# The models that it reads: name, dimensions, and length beside each other. Whatever share the
# encoder gives them, and whatever other models it adds, they are brought to these lengths.
CORE = (
    ("intfloat/multilingual-e5-small", 384, 0.92),
    ("universal-sentence-encoder-multilingual-3", 512, 0.39),
)
# What an encoder's name tells besides its models: checksums, versions, shares.
_DETAIL = re.compile(r"[@*][^+]*")


class Lens(StrEnum):
    """METHOD.md 4.1: through what a problem is seen to be severe."""

    MAIN_COMPONENT = "main_component"
    MAINSTREAM = "mainstream"
    ROOT_CAUSE = "root_cause"
    BOTTLENECK = "bottleneck"


LENSES = tuple(Lens)


@dataclass(frozen=True)
class Curve:
    """centre: (d,) of ``core``; axes: (d, k); known: (m, k); weights: (m, t) of its t targets;
    offset: (t,)."""

    centre: Floats
    axes: Floats
    known: Floats
    weights: Floats
    offset: Floats

    def at(self, places: Floats) -> Floats:
        """(n, t) of ``places``, (n, d) of ``core``."""
        placed = np.asarray((places - self.centre) @ self.axes, np.float32)
        return np.asarray(self.offset + near(placed, self.known, WIDTH) @ self.weights, np.float32)


@dataclass(frozen=True)
class Head:
    """level: one target; lens: one of each lens; thresholds: (lenses,), from where on a lens is
    named; slope, intercept: log-odds = slope · level + intercept."""

    level: Curve
    lens: Curve
    thresholds: Floats
    slope: float
    intercept: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words of one statement say: log-odds that come on top of BASE, and lenses.

    problem: whether it has a problem at all, which a lens could be about."""

    log_odds: float
    lenses: tuple[Lens, ...] = ()
    problem: bool = True


def near(places: Floats, known: Floats, width: float) -> Floats:
    """(n, m) exp(−width · squared distance) of each of ``places`` (n, k) to ``known`` (m, k)."""
    squared = (places**2).sum(1)[:, None] + (known**2).sum(1) - 2 * places @ known.T
    return np.asarray(np.exp(-width * np.maximum(squared, 0)), np.float32)


def core(vectors: Floats) -> Floats:
    """(n, 896) what the head reads of ``vectors`` (n, d) by an encoder that it ``reads``."""
    out, start = [], 0
    for _, dimensions, share in CORE:
        part = np.asarray(vectors[:, start : start + dimensions], np.float32)
        lengths = np.maximum(np.linalg.norm(part, axis=1, keepdims=True), np.float32(1e-9))
        out.append(np.float32(share) * part / lengths)
        start += dimensions
    return np.hstack(out)


def scores(head: Head, places: Floats) -> Floats:
    """(n, 1 + lenses): level and lens scores of ``places``, (n, d) of ``core``."""
    return np.hstack([head.level.at(places), head.lens.at(places)])


def read(head: Head, vectors: Floats) -> list[Reading]:
    """The reading of each row of ``vectors`` (n, d) by an encoder of ``head_for``."""
    blocks = range(0, len(vectors), BLOCK)
    found = np.vstack(
        [
            np.zeros((0, 1 + len(LENSES)), np.float32),
            *(scores(head, core(vectors[start : start + BLOCK])) for start in blocks),
        ]
    )
    return readings(head, found)


def readings(head: Head, found: Floats) -> list[Reading]:
    """What ``found``, (n, 1 + lenses) ``scores``, say."""
    log_odds = head.slope * found[:, 0] + head.intercept
    problem = found[:, 0] >= PROBLEM
    seen = (found[:, 1:] >= head.thresholds) & problem[:, None]
    return [
        Reading(float(odds), tuple(lens for lens, on in zip(LENSES, row, strict=True) if on), wrong)
        for odds, row, wrong in zip(log_odds, seen.tolist(), problem.tolist(), strict=True)
    ]


def head_for(encoder: str) -> Head | None:
    """The head, if vectors of ``encoder`` begin with the models that it reads."""
    models = _DETAIL.sub("", encoder).split("+")
    return default_head() if models[: len(CORE)] == [name for name, *_ in CORE] else None


@cache
def default_head() -> Head | None:
    stored = files("vocloop.score") / WEIGHTS
    return unpack(stored.read_bytes()) if stored.is_file() else None


def pack(head: Head) -> bytes:
    """The head as a file, half precision."""
    out = io.BytesIO()
    curves = {
        f"{part}_{field.name}": getattr(getattr(head, part), field.name).astype("<f2")
        for part in CURVES
        for field in fields(Curve)
    }
    np.savez_compressed(
        out,
        thresholds=head.thresholds.astype("<f2"),
        slope=head.slope,
        intercept=head.intercept,
        **curves,
    )
    return out.getvalue()


def unpack(stored: bytes) -> Head:
    with np.load(io.BytesIO(stored), allow_pickle=False) as arrays:
        level, lens = (
            Curve(**{f.name: arrays[f"{part}_{f.name}"].astype(np.float32) for f in fields(Curve)})
            for part in CURVES
        )
        return Head(
            level,
            lens,
            np.asarray(arrays["thresholds"], np.float32),
            float(arrays["slope"]),
            float(arrays["intercept"]),
        )
