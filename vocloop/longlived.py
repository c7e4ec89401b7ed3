"""What a process keeps in memory for good, told to Python's collector of cycles."""

from __future__ import annotations

import gc

# Shorter lists are looked through in no time.
MANY = 10_000


def keep(count: int) -> None:
    """What is in memory now, after a list of ``count`` was read, stays: the collector need not look
    through it again.

    Looking through a million objects takes more than half a second, in the middle of whatever page
    is just being made. What is let go later is still freed, as soon as nothing refers to it."""
    if count < MANY:
        return
    gc.unfreeze()
    gc.collect()
    gc.freeze()
