"""What a process keeps in memory for good, told to Python's collector of cycles."""

from __future__ import annotations

import gc
from typing import Final

# Shorter lists are looked through in no time.
MANY = 10_000
# Allocations before the collector looks at the youngest, and how many such looks before it looks
# at the middle ones and at all. What a page makes lives a moment: by the usual 700, 10 and 10 all
# of it is looked through several times while one page is made.
OFTEN: Final = (1_000, 20, 50)


def keep(count: int) -> None:
    """What is in memory now, after a list of ``count`` was read, stays: the collector need not look
    through it again.

    Looking through a million objects takes more than half a second, in the middle of whatever page
    is just being made. What is let go later is still freed, as soon as nothing refers to it."""
    if count >= MANY:
        settle()


def settle() -> None:
    """All that is in memory now stays: the collector need not look through it again, and looks less
    often through what comes."""
    gc.set_threshold(*OFTEN)
    gc.unfreeze()
    gc.collect()
    gc.freeze()
