"""What a statement's vector tells of its severity, by a head trained on marked texts.

The head reads the two multilingual models that a vector of the default encoder begins with
(``core``). Their vector v is brought to its place z = (v − centre) · axes among the marked texts
z₁ … z_m, and

    f(v) = offset + Σ_i weights_i · exp(−WIDTH · |z − z_i|²)

gives a level from 0 (praise) to 4 (blocked, harmed, lost) and a score for each lens: kernel ridge
regression on known points (Nyström's method; Rasmussen and Williams, Gaussian Processes for Machine
Learning, 8.3). docs/method/severity.md is the model card, examples/severity/ holds texts and
training script.
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
WIDTH = 6.0
BLOCK = 4_096
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
class Head:
    """centre: (d,) of ``core``; axes: (d, k); known: (m, k); weights:
    (m, 1 + lenses), the level first; offset: (1 + lenses,); thresholds: (lenses,), from where on
    a lens is named; slope, intercept: log-odds = slope · level + intercept."""

    centre: Floats
    axes: Floats
    known: Floats
    weights: Floats
    offset: Floats
    thresholds: Floats
    slope: float
    intercept: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What the words of one statement say: log-odds that come on top of BASE, and lenses."""

    log_odds: float
    lenses: tuple[Lens, ...] = ()


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
    placed = np.asarray((places - head.centre) @ head.axes, np.float32)
    return np.asarray(head.offset + near(placed, head.known, WIDTH) @ head.weights, np.float32)


def read(head: Head, vectors: Floats) -> list[Reading]:
    """The reading of each row of ``vectors`` (n, d) by an encoder of ``head_for``."""
    blocks = range(0, len(vectors), BLOCK)
    found = np.vstack(
        [
            np.zeros((0, 1 + len(LENSES)), np.float32),
            *(scores(head, core(vectors[start : start + BLOCK])) for start in blocks),
        ]
    )
    log_odds = head.slope * found[:, 0] + head.intercept
    seen = found[:, 1:] >= head.thresholds
    return [
        Reading(float(odds), tuple(lens for lens, here in zip(LENSES, row, strict=True) if here))
        for odds, row in zip(log_odds, seen.tolist(), strict=True)
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
    arrays = {field.name: getattr(head, field.name) for field in fields(head)}
    half = {
        name: value.astype("<f2") for name, value in arrays.items() if isinstance(value, np.ndarray)
    }
    np.savez_compressed(out, **(arrays | half))
    return out.getvalue()


def unpack(stored: bytes) -> Head:
    with np.load(io.BytesIO(stored), allow_pickle=False) as arrays:
        return Head(
            slope=float(arrays["slope"]),
            intercept=float(arrays["intercept"]),
            **{
                name: np.asarray(arrays[name], np.float32)
                for name in ("centre", "axes", "known", "weights", "offset", "thresholds")
            },
        )
