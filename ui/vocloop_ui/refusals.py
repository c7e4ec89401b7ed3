"""Why intake refuses a value, in the reader's language: by the kind of the error, not its words."""

from __future__ import annotations

from typing import Any

from vocloop.intake.records import EARLIEST, LONGEST_TEXT, RefusedError
from vocloop_ui.i18n import Reader


def told(reader: Reader, detail: Any) -> str:
    """One entry of pydantic's ``ValidationError.errors()`` as a sentence beside its field."""
    context = detail.get("ctx", {})
    cause = context.get("error")
    kind = cause.kind if isinstance(cause, RefusedError) else detail["type"]
    value = detail.get("input")
    sentence = {
        "empty": reader.gettext("Write what the customer said; one sentence is enough."),
        "string_too_short": reader.gettext("Nothing is left of this once spaces are taken off."),
        "too_long": reader.gettext(
            "This has %(length)s letters; at most %(most)s are taken. Hand it in as several voices."
        ),
        "string_too_long": reader.gettext(
            "This has %(length)s letters; at most %(most)s are taken. Shorten it."
        ),
        "nul": reader.gettext(
            "This holds a NUL character, which no text has. Copy the words again from where they "
            "came."
        ),
        "half_character": reader.gettext(
            "One character of this is cut in half. Delete the sign that is not shown properly and "
            "type it again."
        ),
        "future": reader.gettext("This day is still to come; choose today or an earlier day."),
        "too_early": reader.gettext("This day is too long ago; choose %(first)s or a later day."),
    }.get(kind, reader.gettext("This can't be taken as it is. Change it and send again."))
    return sentence % {
        "length": reader.number(len(value) if isinstance(value, str) else 0),
        "most": reader.number(context.get("max_length", LONGEST_TEXT)),
        "first": reader.date(EARLIEST.date()),
    }
