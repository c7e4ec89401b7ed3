"""What the rest of vocloop knows of an encoder: texts in, unit vectors out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Progress: TypeAlias = Callable[[int, int], None]
"""Called with (units done, units in all) as a long step goes on; the last call has both equal."""


class Encoder(Protocol):
    """Turns texts into vectors whose dot product is their likeness.

    ``name`` is the identity of the model and of its exact weights. It is stored beside the
    vectors: vectors of different names must never be compared.
    ``dimensions`` is d, the length of each vector.
    """

    @property
    def name(self) -> str: ...

    @property
    def dimensions(self) -> int: ...

    def encode(
        self, texts: Sequence[str], *, progress: Progress | None = None
    ) -> NDArray[np.float32]:
        """Return an (n, d) array in the order of ``texts``, each row of L2 norm 1.

        No texts give shape (0, d). A text's vector does not depend on the texts beside it
        (to 1e-5). ``progress`` counts texts. Raises EncoderError.
        """
        ...
