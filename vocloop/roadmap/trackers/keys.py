"""Keys of trackers: from the environment or a file it names, kept nowhere else."""

from __future__ import annotations

from typing import Literal

from vocloop.config import PREFIX
from vocloop.errors import InvalidInputError, says
from vocloop.variables import secret_in

What = Literal["TOKEN", "SECRET"]
"""TOKEN opens the tracker's API to us; SECRET proves to us that the tracker sent something."""


def variable(name: str, what: What) -> str:
    """Derived from the tracker's name, never chosen: nobody can have another variable's value sent
    out."""
    return f"{PREFIX}TRACKER_{name.upper().replace('-', '_')}_{what}"


def key(name: str, what: What) -> str:
    """The value of the variable, or what stands in the file that <variable>_FILE names. Raises
    InvalidInputError that says which variable to set."""
    wanted = variable(name, what)
    value = secret_in(wanted)
    if not value:
        raise InvalidInputError(
            says(
                "set %(wanted)s, or %(wanted)s_FILE to the path of a file that has it",
                wanted=wanted,
            )
        )
    return value


def is_set(name: str, what: What) -> bool:
    """Whether key() has a value."""
    try:
        return bool(key(name, what))
    except InvalidInputError:
        return False
