"""The one family of errors. They carry no HTTP codes: vocloop_api.errors maps class to status.

A message says what was wrong, where, and what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Says(str):
    """A message in English that keeps how it was made, so that pages say it in the reader's
    language: its ``pattern`` stands in their catalogues, ``values`` fill its %(holes)s.
    ``many``: of a count the pattern of several, and how many there are."""

    pattern: str
    values: Mapping[str, object]
    many: tuple[str, int] | None = None


def says(pattern: str, /, **values: object) -> Says:
    """A message of an error that people may see on a page. A value may be an enumeration, an
    error, a message itself, or a tuple of such."""
    made = Says(pattern % {name: _english(value) for name, value in values.items()})
    made.pattern, made.values = pattern, values
    return made


def says_of(count: int, one: str, many: str, /, **values: object) -> Says:
    """As says(), of one or several of something; ``count`` fills %(num)s."""
    made = says(one if count == 1 else many, num=count, **values)
    made.pattern, made.many = one, (many, count)
    return made


def _english(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


class VocloopError(Exception):
    """Base of every error that vocloop raises on purpose."""


class NotFoundError(VocloopError):
    """Something named by the caller does not exist."""


class InvalidInputError(VocloopError):
    """The caller's input can't be taken. ``problems`` lists (field or row, reason)."""

    def __init__(self, message: str, problems: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class ForbiddenError(VocloopError):
    """Whoever asks may not do this, though the door to it is open to them."""


class ConflictError(VocloopError):
    """The state has moved on since the caller looked at it."""


def taken() -> ConflictError:
    """Somebody else added the same at the same moment."""
    return ConflictError(
        says(
            "somebody else has added the same at this moment; look at what is there now, and "
            "change that, or give another name"
        )
    )


class StoppedError(ConflictError):
    """People gave the work up before its end; nothing of it is kept."""


class EncoderError(VocloopError):
    """The encoder's model can't be found, read or used."""


class DatabaseError(VocloopError):
    """The database can't be reached, or its schema does not fit this version."""


class SignatureError(VocloopError):
    """A request does not prove that it comes from whom it says."""


class RemoteError(VocloopError):
    """Another system can't be reached, or does not answer as it should."""
