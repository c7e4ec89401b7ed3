"""Passwords by Argon2id (RFC 9106): 19 MiB and two passes each (docs/decisions/0018)."""

from __future__ import annotations

import threading
from functools import cache

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from vocloop.errors import InvalidInputError

# NIST SP 800-63B-4: length, not composition. Beyond the upper bound hashing serves an attacker.
SHORTEST = 12
LONGEST = 200
FEWEST_DIFFERENT = 5
# OWASP's Password Storage Cheat Sheet; pwdlib's own (64, 3) take five times as long.
MEBIBYTES, PASSES = 19, 2
# Passwords that are looked at together: when a whole office signs in at nine, or somebody guesses
# by the hundred, the others wait here, and pages and memory go on.
_turn = threading.BoundedSemaphore(2)


@cache
def _hasher() -> PasswordHash:
    cost = Argon2Hasher(time_cost=PASSES, memory_cost=MEBIBYTES << 10, parallelism=1)
    return PasswordHash((cost,))


@cache
def _of_nobody() -> str:
    return _hasher().hash("nobody signs in with this")


def hashed(password: str, *, known_of: tuple[str, ...] = ()) -> str:
    """Raises InvalidInputError for a password that is too easily found; ``known_of`` are words
    that it must not be made of, such as the login."""
    reason = _weakness(password, known_of)
    if reason:
        raise InvalidInputError(f"this password can't be used: {reason}", [("password", reason)])
    with _turn:
        return _hasher().hash(password)


def verified(password: str, kept: str | None) -> bool:
    """Takes as long for a user without a password, or for none, as for any other."""
    known = kept or _of_nobody()
    try:
        with _turn:
            right = _hasher().verify(password[:LONGEST], known)
    except UnknownHashError:
        return False
    return right and kept is not None


def renewed(password: str, kept: str) -> str | None:
    """The right password hashed as it is done today; None when ``kept`` was."""
    if not _hasher().current_hasher.check_needs_rehash(kept):
        return None
    with _turn:
        return _hasher().hash(password)


def _weakness(password: str, known_of: tuple[str, ...]) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        return f"it has {len(password)} characters; use {SHORTEST} to {LONGEST}"
    if len(set(password)) < FEWEST_DIFFERENT:
        return f"it repeats itself; use {FEWEST_DIFFERENT} different characters or more"
    plain = password.casefold()
    if any(len(word) > 2 and word.casefold() in plain for word in known_of):
        return "it holds your name or login; use other words"
    return ""
