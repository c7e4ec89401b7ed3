"""Keys and secrets of connectors: from the environment or a file it names, kept nowhere else."""

from __future__ import annotations

import os
from typing import Literal

from vocloop.config import PREFIX
from vocloop.errors import InvalidInputError, says
from vocloop.variables import secret_in

What = Literal["KEY", "SECRET"]
"""KEY opens a tool's API to us; SECRET proves to us that the tool sent something."""

_FILE = "_FILE"


def variable(source: str, what: What) -> str:
    """Derived from the source, never chosen: nobody can have another variable's value sent out."""
    return f"{PREFIX}CONNECTOR_{source.upper().replace('-', '_')}_{what}"


def is_set(source: str, what: What) -> bool:
    name = variable(source, what)
    return bool(os.environ.get(name) or os.environ.get(name + _FILE))


def secret(source: str, what: What, meaning: str) -> str:
    """The value of the variable, or what stands in the file that <variable>_FILE names. Raises
    InvalidInputError that says which variable is to hold what."""
    name = variable(source, what)
    value = secret_in(name)
    if not value:
        raise InvalidInputError(
            says(
                "set %(name)s (or %(name)s%(file)s, the path of a file) to %(meaning)s",
                name=name,
                file=_FILE,
                meaning=meaning,
            )
        )
    return value
