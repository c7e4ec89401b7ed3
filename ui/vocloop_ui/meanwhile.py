"""A form of what there is, sent back after somebody else changed the same thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vocloop_ui.forms import Form
from vocloop_ui.i18n import Reader

# Before the name of a field: what it held when the form was opened.
WAS = "was_"
Values = Mapping[str, Sequence[str]]


def settle(form: Form, present: Values) -> tuple[set[str], set[str]]:
    """Names of the fields that the writer of a form changed since it was opened, and of those among
    them that somebody else has changed to something else meanwhile.

    The form brings along what it was opened with, as ``was_…``; one that brings nothing was opened
    just now. What its writer left as it was becomes in it what is ``present``."""
    opened = {name.removeprefix(WAS): v for name, v in form.values.items() if name.startswith(WAS)}
    sent = {name: values for name, values in form.values.items() if not name.startswith(WAS)}
    given, seen, there = (_plain(values) for values in (sent, opened or present, present))
    mine = {name for name in given.keys() | seen.keys() if given.get(name) != seen.get(name)}
    both = {name for name in mine if there.get(name) not in (given.get(name), seen.get(name))}
    form.values = {**present, **{name: sent.get(name, ()) for name in mine}}
    return mine, both


def told(reader: Reader, value: str, who: str | None = None) -> str:
    """That somebody else, ``who``, has changed a field to ``value``."""
    return reader.gettext(
        "Changed by %(who)s since you opened the form, to “%(value)s”. Send it again to keep yours."
    ) % {"who": who or reader.gettext("someone"), "value": value or "–"}


def settled(form: Form, present: Values) -> set[str]:
    """As settle(): what the writer changed; what both changed is refused on the form."""
    mine, both = settle(form, present)
    for name in both:
        value = form.reader.gettext(", ").join(present.get(name, ()))
        form.refuse(name, told(form.reader, value))
    return mine


def _plain(values: Values) -> dict[str, frozenset[str]]:
    """Without what browsers add to line ends; what is left empty is not there."""
    stripped = {
        name: frozenset(text for each in several if (text := each.replace("\r\n", "\n").strip()))
        for name, several in values.items()
    }
    return {name: several for name, several in stripped.items() if several}


def taken_back(before: Values, after: Values) -> dict[str, Sequence[str]]:
    """The form that takes back the difference between two states, and that alone."""
    changed = [n for n in before.keys() | after.keys() if before.get(n) != after.get(n)]
    was = {f"{WAS}{name}": after.get(name) or [""] for name in changed}
    return {name: before.get(name, ()) for name in changed} | was
