"""Which column holds what, by the names that exports in English and Japanese use.

A format with a shape of its own (a vendor's export) gets its own file beside this one that turns
its rows into the same values.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from vocloop.errors import InvalidInputError
from vocloop.intake.dates import read_date
from vocloop.intake.names import (
    CONTACTS,
    CUSTOMERS,
    DEPARTMENTS,
    FEEDBACK,
    SCALED_RATING,
    WORDS,
)
from vocloop.intake.records import ContactIn, CustomerIn, DepartmentIn, FeedbackIn, checked
from vocloop.intake.rows import key
from vocloop_models import Channel, RatingScale

Kind = Literal["feedback", "customers", "contacts", "departments"]

_FIELDS: dict[Kind, dict[str, str]] = {
    "feedback": FEEDBACK,
    "customers": CUSTOMERS,
    "contacts": CONTACTS,
    "departments": DEPARTMENTS,
}
_MODELS: dict[Kind, type[BaseModel]] = {
    "feedback": FeedbackIn,
    "customers": CustomerIn,
    "contacts": ContactIn,
    "departments": DepartmentIn,
}
# What a file must have to be of a kind.
_NEEDED: dict[Kind, tuple[str, ...]] = {
    "feedback": ("text",),
    "customers": ("name",),
    "contacts": ("external_id",),
    "departments": ("key", "name_ja", "name_en"),
}
_SCALES = ("nps", "ces", "csat", "stars")
_MAPPED_ONLY = ("rating",)

_VALUES = {
    field: {
        word.strip().casefold(): str(value)
        for value, names in words.items()
        for word in names.split(",")
    }
    for field, words in WORDS.items()
}
_DATES = frozenset({"since", "until", "renewal_on"})
_NUMBERS = frozenset({"rating", "arr", "severity_mark"})
# Commas part thousands (or lakhs): 4,5 and 1.200,50 mean other numbers to those who write them.
_NUMBER = re.compile(r"-?(?:\d+|\d{1,3}(?:,\d{2,3})*,\d{3})(?:\.\d+)?", re.ASCII)


# The keys (rows.key) of the names that each field of a feedback may have.
FIELD_KEYS = {
    field: frozenset(key(name) for name in names.split(",")) for field, names in FEEDBACK.items()
}
_DATE_KEYS = FIELD_KEYS["said_at"].union(
    *(frozenset(key(name) for name in CUSTOMERS[field].split(",")) for field in _DATES)
)


@dataclass(frozen=True)
class Columns:
    """``of`` maps a field to the file's column; ``ignored`` are the columns that no field takes."""

    kind: Kind
    of: Mapping[str, str]
    ignored: tuple[str, ...]

    @property
    def complete(self) -> bool:
        return all(field in self.of for field in _NEEDED[self.kind]) and (
            self.kind != "contacts" or "customer" in self.of or "customer_id" in self.of
        )


def fields_of(kind: Kind) -> list[str]:
    """What a column of a file of this kind may hold."""
    return [*_FIELDS[kind], *(_MAPPED_ONLY if kind == "feedback" else ())]


def kind_of(names: Iterable[str]) -> Kind:
    """What a file with these columns holds; feedback when nothing else is plain."""
    seen = tuple(names)
    departments = find("departments", seen)
    if departments.complete:
        return "departments"
    text = find("feedback", seen).of.get("text")
    if text is not None and key(text) in FIELD_KEYS["text"]:
        return "feedback"
    contacts = find("contacts", seen)
    if contacts.complete and {"department", "role", "champion"} & set(contacts.of):
        return "contacts"
    customers = find("customers", seen)
    attributes = set(customers.of) - {"external_id", "name"}
    return "customers" if customers.complete and attributes else "feedback"


def find(kind: Kind, names: Iterable[str], mapping: Mapping[str, str] | None = None) -> Columns:
    """The column of each field: as ``mapping`` (field → column) says, else by its name.

    Raises InvalidInputError for a mapping to a field or column that does not exist.
    """
    columns = tuple(names)
    given = dict(mapping or {})
    fields = _FIELDS[kind]
    known = {*fields, *_MAPPED_ONLY} if kind == "feedback" else set(fields)
    for field, column in given.items():
        if field not in known:
            raise InvalidInputError(
                f"--map names the field '{field}', which {kind} do not have;"
                f" use one of {', '.join(sorted(known))}"
            )
        if column not in columns:
            raise InvalidInputError(
                f"--map gives '{field}' the column '{column}', which is not among:"
                f" {', '.join(columns)}"
            )
    by_key = {key(column): column for column in reversed(columns) if column}
    taken = set(given.values())
    of = dict(given)
    # Exact names first, so that "rating" beside "rating_scale" is not taken for stars.
    scaled = kind == "feedback" and ("rating_scale" in of or _first(fields["rating_scale"], by_key))
    if scaled and "rating" not in of:
        rating = _first(SCALED_RATING, by_key)
        if rating and rating not in taken:
            of["rating"] = rating
            taken.add(rating)
    for field, aliases in fields.items():
        if field in of or (field in _SCALES and ("rating" in of or _has_scale(of))):
            continue
        if field == "rating_scale" and "rating" not in of:
            continue
        free = {name: column for name, column in by_key.items() if column not in taken}
        found = _first(aliases, free)
        if found:
            of[field] = found
            taken.add(found)
    if kind == "feedback" and "text" not in of and "title" in of:
        of["text"] = of.pop("title")  # lists of tickets often show no more than their subjects
    used = set(of.values())
    return Columns(kind, of, tuple(column for column in columns if column not in used))


def is_date_column(name: str) -> bool:
    """Whether a column of this name is read as a date."""
    return key(name) in _DATE_KEYS


def _has_scale(of: Mapping[str, str]) -> bool:
    return any(scale in of for scale in _SCALES)


def _first(aliases: str, by_key: Mapping[str, str]) -> str | None:
    return next((by_key[each] for each in map(key, aliases.split(",")) if each in by_key), None)


def missing(columns: Columns, names: Iterable[str]) -> InvalidInputError:
    """What to tell when a file has not the columns of its kind."""
    lacking = [field for field in _NEEDED[columns.kind] if field not in columns.of]
    if not lacking:
        lacking = ["customer"]
    shown = ", ".join(name or "(no name)" for name in names)
    return InvalidInputError(
        f"no column for {' and '.join(lacking)} among: {shown}; say which one it is,"
        f' for example --map {lacking[0]}="{next(iter(columns.ignored), "COLUMN")}"'
    )


def record(
    columns: Columns,
    row: Mapping[str, Any],
    *,
    timezone: ZoneInfo,
    source: str = "",
    channel: Channel | None = None,
) -> BaseModel:
    """A row as FeedbackIn, CustomerIn, ContactIn or DepartmentIn by ``columns.kind``.

    Raises InvalidInputError saying which field can't be taken and why.
    """
    values = {field: _filled(row.get(column)) for field, column in columns.of.items()}
    values = {field: value for field, value in values.items() if value is not None}
    for field in values:
        convert = _CONVERSIONS.get(field)
        if convert:
            values[field] = convert(values[field], timezone)
    _customer(values)
    if columns.kind == "feedback":
        _feedback(values, source, channel)
    return checked(_MODELS[columns.kind], values)


def _filled(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        return None
    return value


def _customer(values: dict[str, Any]) -> None:
    customer_id = values.pop("customer_id", None)
    customer = values.pop("customer", None)
    if isinstance(customer, Mapping):
        values["customer"] = customer
        return
    reference = {
        field: _as_text(value)
        for field, value in (("external_id", customer_id), ("name", customer))
        if value is not None
    }
    if reference:
        values["customer"] = reference


def _feedback(values: dict[str, Any], source: str, channel: Channel | None) -> None:
    values["source"] = source
    if not values.get("text"):
        values["text"] = values.pop("title", "")
    if isinstance(values.get("url"), str) and not values["url"].startswith(("http://", "https://")):
        del values["url"]  # a path or a word in a column of addresses is no reason to refuse
    for scale in _SCALES:
        if scale in values:
            values["rating"] = _number("rating", values.pop(scale))
            values["rating_scale"] = RatingScale(scale)
    if channel is not None:
        values["channel"] = channel
    elif "channel" not in values and "rating_scale" in values:
        # Only surveys ask for these; stars come with reviews and surveys alike.
        asked = values["rating_scale"] in {"nps", "csat", "ces"}
        values["channel"] = Channel.SURVEY if asked else Channel.REVIEW


def _as_text(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def _said_at(value: Any, timezone: ZoneInfo) -> dt.datetime:
    if not isinstance(value, (str, int, float)):
        raise InvalidInputError(f"date is a {type(value).__name__}; write it as YYYY-MM-DD")
    return read_date(value, timezone=timezone)


def _day(value: Any, timezone: ZoneInfo) -> dt.date:
    return _said_at(value, timezone).astimezone(timezone).date()


def _number(field: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    written = unicodedata.normalize("NFKC", value).strip()
    if field == "arr":
        written = written.removeprefix("¥").removesuffix("円")
    if not _NUMBER.fullmatch(written):
        raise InvalidInputError(f"{field} '{value[:40]}' is not a number; write digits only")
    digits = written.replace(",", "")
    return float(digits) if "." in digits else int(digits)


def _word(field: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    known = _VALUES[field]
    word = unicodedata.normalize("NFKC", value).strip().casefold()
    if word not in known and field == "channel":
        return Channel.OTHER  # a way in that has no name here, such as a chat
    if word not in known:
        raise InvalidInputError(
            f"{field} '{value[:40]}' is not known; use one of"
            f" {', '.join(dict.fromkeys(known.values()))}"
        )
    return known[word]


def _conversions() -> dict[str, Callable[[Any, ZoneInfo], Any]]:
    def without_zone(convert: Callable[[Any], Any]) -> Callable[[Any, ZoneInfo], Any]:
        return lambda value, _: convert(value)

    table: dict[str, Callable[[Any, ZoneInfo], Any]] = {"said_at": _said_at}
    table |= dict.fromkeys(_DATES, _day)
    table |= {field: without_zone(partial(_number, field)) for field in _NUMBERS}
    table |= {field: without_zone(partial(_word, field)) for field in WORDS}
    ids = ("external_id", "contact", "submitted_by", "key")
    return table | dict.fromkeys(ids, without_zone(_as_text))


_CONVERSIONS = _conversions()
