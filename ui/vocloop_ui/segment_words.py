"""A segment in words: what companies share, said as a reader says it (製造業, 従業員300〜999名).

Values are the customers' data. Those of segments.toml are said in the reader's language; any other
stays as it was written.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path

from vocloop_ui.i18n import Reader

VALUES = Path(__file__).parent / "segments.toml"
BETWEEN = re.compile(r"([\d,]{1,12})\s*[-–~〜]\s*([\d,]{1,12})")
# Between two attributes that make a segment together, and between their values.
PAIR = " × "
AT_LEAST = re.compile(r"([\d,]{1,12})\s*(?:\+|以上)")


def attribute(reader: Reader, name: str) -> str:
    """What a segment is made by; a name that vocloop does not know stays as it is."""
    if PAIR in name:
        return PAIR.join(attribute(reader, one) for one in name.split(PAIR))
    return {
        "industry": reader.gettext("Industry"),
        "size": reader.gettext("Size"),
        "region": reader.gettext("Region"),
        "plan": reader.gettext("Plan"),
        "touch_tier": reader.gettext("Touch"),
        "department": reader.gettext("Department"),
        "role": reader.gettext("Role"),
    }.get(name, name)


def value(reader: Reader, name: str, written: str) -> str:
    """A segment's value by itself, as in a table."""
    if parts := _parts(name, written):
        return PAIR.join(value(reader, one, of_one) for one, of_one in parts)
    if name == "size":
        return _size(reader, written)
    called = _known().get((name, _folded(written)))
    return called[reader.language] if called else written


def named(reader: Reader, name: str, written: str) -> str:
    """The value with what it is a value of: Industry Manufacturing, 業種「製造業」; of two
    attributes each with its own."""
    if parts := _parts(name, written):
        return PAIR.join(named(reader, one, of_one) for one, of_one in parts)
    told = {"attribute": attribute(reader, name), "value": value(reader, name, written)}
    return reader.gettext("%(attribute)s %(value)s") % told


def phrase(reader: Reader, name: str, written: str) -> str:
    """The segment in a sentence that tells its share: "62% in Manufacturing", 製造業の62%."""
    if parts := _parts(name, written):
        between = "の" if reader.language == "ja" else " "
        return between.join(phrase(reader, one, of_one) for one, of_one in parts)
    sentence = {
        "industry": reader.gettext("in %(value)s"),
        "size": reader.gettext("with %(value)s"),
        "region": reader.gettext("in the region %(value)s"),
        "plan": reader.gettext("on the plan %(value)s"),
        "touch_tier": reader.gettext("among %(value)s customers"),
        "department": reader.gettext("in the department %(value)s"),
        "role": reader.gettext("in the role %(value)s"),
    }.get(name)
    shown = value(reader, name, written)
    if sentence is None:
        sentence = reader.gettext("with %(attribute)s %(value)s")
    return sentence % {"attribute": name, "value": shown}


def _parts(name: str, written: str) -> list[tuple[str, str]]:
    """The halves of a segment of two attributes; none of any other."""
    names, values = name.split(PAIR), written.split(PAIR)
    return list(zip(names, values, strict=True)) if len(names) == len(values) == 2 else []


def _size(reader: Reader, written: str) -> str:
    """Sizes are counts of people, as ranges: 300-999, 1000+."""
    between = BETWEEN.fullmatch(written.strip())
    if between and all(part.strip(",") for part in between.groups()):
        low, high = (reader.number(int(part.replace(",", ""))) for part in between.groups())
        return reader.gettext("%(low)s–%(high)s people") % {"low": low, "high": high}
    at_least = AT_LEAST.fullmatch(written.strip())
    if at_least and at_least[1].strip(","):
        low = reader.number(int(at_least[1].replace(",", "")))
        return reader.gettext("%(low)s people or more") % {"low": low}
    return written


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


@cache
def _known() -> dict[tuple[str, str], dict[str, str]]:
    """By attribute and any spelling: what each language calls the value."""
    table = tomllib.loads(VALUES.read_text("utf-8"))
    return {
        (name, _folded(spelling)): {"en": row[0], "ja": row[1]}
        for name, rows in table.items()
        for row in rows
        for spelling in row
    }
