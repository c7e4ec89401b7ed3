"""Several encoders as one: they err differently, and together they err less
(docs/method/themes.md)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vocloop.encode.port import Encoder, Progress

# A text of so many letters, that share of them capitals, is written in capitals; a name is not.
SHOUTED_LETTERS, SHOUTED_SHARE = 12, 0.8


@dataclass(frozen=True)
class Part:
    """One encoder of several. ``share``: the length of its vectors beside the others';
    ``reads``: which texts it understands, None for all."""

    encoder: Encoder
    share: float
    reads: Callable[[str], bool] | None = None


class JointEncoder:
    """The vectors of several encoders side by side, each of its ``share``, brought to length 1
    together: the dot product is the weighted mean of theirs. A text that a part does not read
    has zeros there. The first part reads all texts.

    Texts are brought to NFKC first: ﾄﾞﾗｲﾊﾞｰ and ドライバー are one word. Those in capitals are read
    in small letters: models know words that are written so, and FRACTURE only as letters."""

    def __init__(self, *parts: Part) -> None:
        self._parts = parts
        self.name = "+".join(f"{part.encoder.name}*{part.share}" for part in parts)
        self.dimensions = sum(part.encoder.dimensions for part in parts)

    def encode(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """See Encoder.encode."""
        normal = [_plain(text) for text in texts]
        vectors = np.zeros((len(normal), self.dimensions), np.float32)
        start = 0
        for turn, part in enumerate(self._parts):
            stop = start + part.encoder.dimensions
            rows = [i for i, text in enumerate(normal) if part.reads is None or part.reads(text)]

            def tell(done: int, total: int, turn: int = turn) -> None:
                if progress and total:
                    whole = len(normal) * (turn + done / total)
                    progress(int(whole / len(self._parts)), len(normal))

            if rows:
                own = part.encoder.encode([normal[i] for i in rows], progress=tell)
                vectors[rows, start:stop] = np.float32(part.share) * own
            start = stop
        if progress:
            progress(len(normal), len(normal))
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: NDArray[np.float32] = vectors / np.maximum(lengths, np.float32(1e-9))
        return unit


def _plain(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text)
    letters = [c for c in normal if c.isalpha()]
    capitals = sum(c.isupper() for c in letters)
    shouted = len(letters) >= SHOUTED_LETTERS and capitals > SHOUTED_SHARE * len(letters)
    return normal.lower() if shouted else normal


def in_latin_script(text: str) -> bool:
    """Whether an English model can read ``text``: hardly a letter of it is of another script."""
    letters = [c for c in text if c.isalpha()]
    return sum(c < "ɐ" for c in letters) >= 0.9 * len(letters) > 0
