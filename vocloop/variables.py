"""Keys and secrets from the environment or a file that it names: they are kept nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

from vocloop.errors import InvalidInputError, says


def secret_in(name: str) -> str:
    """The value of the variable ``name``, or what stands in the file that ``name``_FILE names; ""
    without either. Raises InvalidInputError for a file that can't be read, and for a value with
    characters that no key has."""
    value = os.environ.get(name, "").strip()
    file = os.environ.get(f"{name}_FILE", "")
    if not value and file:
        try:
            value = Path(file).read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            raise InvalidInputError(
                says(
                    "the file that %(name)s_FILE names can't be read; check its path and rights",
                    name=name,
                )
            ) from error
    if value and not (value.isascii() and value.isprintable()):
        raise InvalidInputError(
            says("%(name)s holds characters that no key has; copy it anew", name=name)
        )
    return value
