"""Two encoders as one: they err differently, and together they err less (docs/method/themes.md)."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from vocloop.encode.port import Encoder, Progress


class PairEncoder:
    """The vectors of two encoders side by side, scaled by ``balance`` and √(1 − balance²), so
    that rows keep length 1 and the dot product is the weighted mean of both.

    Texts are brought to NFKC first: ﾄﾞﾗｲﾊﾞｰ and ドライバー are one word."""

    def __init__(self, first: Encoder, second: Encoder, balance: float) -> None:
        self._first = first
        self._second = second
        self._scale = (np.float32(balance), np.float32((1 - balance**2) ** 0.5))
        self.name = f"{first.name}+{second.name}*{balance}"
        self.dimensions = first.dimensions + second.dimensions

    def encode(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """See Encoder.encode."""
        normal = [unicodedata.normalize("NFKC", text) for text in texts]
        halves = []
        for turn, (encoder, scale) in enumerate(
            zip((self._first, self._second), self._scale, strict=True)
        ):

            def tell(done: int, total: int, turn: int = turn) -> None:
                if progress:
                    progress((turn * total + done) // 2, total)

            halves.append(scale * encoder.encode(normal, progress=tell))
        return np.hstack(halves)
