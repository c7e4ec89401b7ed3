"""Recognisers of names that no record tells and no list knows. Off unless asked for
(VOCLOOP_NAME_RECOGNISER): one costs more than everything else in intake."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from vocloop.intake.redact import rampart
from vocloop.intake.redact.rampart import rampart_names
from vocloop.intake.redact.sudachi import sudachi_names

Recogniser: TypeAlias = Callable[[str], list[str]]
"""Text → the names in it, as they are written."""


def recogniser(chosen: str) -> Recogniser | None:
    """The one that the setting asks for: ``sudachi`` (Japanese), ``rampart`` (English), ``both``.
    Raises InvalidInputError when it is not installed."""
    if chosen in ("rampart", "both"):
        rampart.installed()
    if chosen == "both":
        return lambda text: sudachi_names(text) + rampart_names(text)
    return {"sudachi": sudachi_names, "rampart": rampart_names}.get(chosen)
