"""An encoder without a model, for tests whose subject is not encoding."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

# Both languages of a word point the same way, as in a multilingual model.
SAME = dict(
    pair.split("=")
    for pair in [
        "承認者=approver",
        "不在=away",
        "申請=request",
        "止まる=stalls",
        "月末=month",
        "書き出し=export",
        "途中=stops",
        "切れる=csv",
        "スマホ=phone",
        "何度も=again",
        "ログイン=signs",
        "し直す=out",
    ]
)


class WordEncoder:
    """Texts that share words are near each other: each word is a fixed random direction, and
    Japanese lies apart from English as a whole, as it does in real models."""

    name = "words"
    dimensions = 256

    def encode(
        self, texts: Sequence[str], *, progress: Callable[[int, int], None] | None = None
    ) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        for i, text in enumerate(texts):
            for word in text.lower().split():
                vectors[i] += _direction(SAME.get(word, word), self.dimensions)
            if not text.isascii():
                vectors[i] += 2 * _direction("language ja", self.dimensions)
        if progress:
            progress(len(texts), len(texts))
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


@cache
def _direction(word: str, dimensions: int) -> NDArray[np.float32]:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(dimensions).astype(np.float32)
