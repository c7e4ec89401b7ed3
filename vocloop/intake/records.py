"""What intake accepts, whichever way it came: file, API or page."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Self, TypeVar

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from vocloop.errors import InvalidInputError
from vocloop.intake.text import clean
from vocloop_models import RATING_BOUNDS, Channel, Priority, RatingScale, TouchTier, now

# A long interview transcript has about 60,000 characters; beyond this it is a file, not a voice.
LONGEST_TEXT = 200_000
# Clocks of senders run ahead, and a date without a zone may be tomorrow elsewhere.
FUTURE_TOLERANCE = dt.timedelta(days=1)
# Help desks did not exist before; 1970 and 1900 are what broken exports write for "no date".
EARLIEST = dt.datetime(1990, 1, 1, tzinfo=dt.UTC)
# What a tool keeps on one record; beyond are labels that a program makes.
MOST_TAGS = 50
_LONGEST_TAG = 100
_BIGGEST_INTEGER = 2**63 - 1  # of the database's column
_NUL = "holds a NUL character, which no text has: the data is cut or binary; remove it"
_SPACES = re.compile(r"\s+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")

Model = TypeVar("Model", bound=BaseModel)


class RefusedError(ValueError):
    """A value that a record can't hold. ``kind`` stays the same whatever the words, so that a
    page can say it in its reader's language."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


def _storable(value: str) -> None:
    if "\0" in value:
        raise RefusedError("nul", _NUL)
    if not value.isascii() and _SURROGATE.search(value):
        raise RefusedError(
            "half_character",
            "holds half of a character (a lone surrogate); write it again as UTF-8",
        )


def _line(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    _storable(value)
    plain = _SPACES.sub(" ", value)
    if not (plain.isascii() and plain.isprintable()):
        plain = unicodedata.normalize("NFC", _CONTROL.sub("", plain))
    return plain.strip()


def _optional_line(value: Any) -> Any:
    line = _line(value)
    return None if line == "" else line


def _written_time(value: Any) -> Any:
    # Whether a number counts seconds or milliseconds would be a guess.
    number = isinstance(value, (int, float)) or (isinstance(value, str) and value.isdigit())
    if number:
        raise ValueError(f"{value!r} is not a time; write it as in 2024-05-13T09:00:00+09:00")
    return value


def _language_code(value: Any) -> Any:
    line = _optional_line(value)
    if not isinstance(line, str):
        return line
    named = _LANGUAGE_NAMES.get(line.casefold())
    code = named or re.split("[-_]", line.lower())[0]
    if not re.fullmatch("[a-z]{2}|und", code):
        raise ValueError(f"'{line[:40]}' is not a language; use an ISO 639-1 code such as ja or en")
    return code


_LANGUAGE_NAMES = {
    "japanese": "ja",
    "日本語": "ja",
    "jp": "ja",
    "english": "en",
    "英語": "en",
}


def _tags(value: Any) -> Any:
    """Each once, in the order given; a text is taken apart at commas, 、 and semicolons."""
    if value is None:
        return ()
    if isinstance(value, str):
        value = _BETWEEN_TAGS.split(value)
    if not isinstance(value, (list, tuple, set, frozenset)):
        return value
    lines = (_line(each) for each in value if isinstance(each, (str, int, float)))
    tags = dict.fromkeys(str(line)[:_LONGEST_TAG].strip() for line in lines)
    return tuple(tag for tag in tags if tag)[:MOST_TAGS]


def _address(value: Any) -> Any:
    line = _optional_line(value)
    if isinstance(line, str) and not _WEB.match(line):
        raise ValueError(f"'{line[:60]}' is not a web address; write one that begins with https://")
    return line


_BETWEEN_TAGS = re.compile("[,、;；\n]")
_WEB = re.compile("https?://[^\\s\"'<>]+$")

Line100 = Annotated[str, Field(min_length=1, max_length=100), BeforeValidator(_line)]
Line200 = Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(_line)]
Line300 = Annotated[str, Field(min_length=1, max_length=300), BeforeValidator(_line)]
MaybeLine100 = Annotated[
    Annotated[str, Field(max_length=100)] | None, BeforeValidator(_optional_line)
]
MaybeLine200 = Annotated[
    Annotated[str, Field(max_length=200)] | None, BeforeValidator(_optional_line)
]
MaybeLine300 = Annotated[
    Annotated[str, Field(max_length=300)] | None, BeforeValidator(_optional_line)
]
MaybeLine500 = Annotated[
    Annotated[str, Field(max_length=500)] | None, BeforeValidator(_optional_line)
]
Paragraph = Annotated[str, Field(max_length=2_000), BeforeValidator(_line)]


class _In(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CustomerRef(_In):
    """Names a customer: by ``external_id``, by the ``domain`` of its mail addresses, by ``name``.
    A plain string is an id if a customer has that id, else a name."""

    external_id: MaybeLine200 = None
    name: MaybeLine300 = None
    domain: MaybeLine200 = None

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.external_id is None and self.name is None and self.domain is None:
            raise ValueError("names no customer; give external_id, name or domain")
        return self


class FeedbackIn(_In):
    """One voice. ``text`` is cleaned on the way in (markup and invisible characters off).

    Without ``external_id`` the store derives one from the content, so that the same voice handed
    in twice is kept once. ``severity_mark`` is the agent's own: 1 nice to have … 4 blocked. A
    ``contact`` may come without its customer: a person whose company is not known yet.
    """

    text: str
    source: Line100
    external_id: MaybeLine200 = None
    title: MaybeLine500 = None
    channel: Channel = Channel.OTHER
    customer: CustomerRef | None = None
    contact: MaybeLine200 = Field(default=None, description="The contact's external id")
    said_at: Annotated[AwareDatetime, BeforeValidator(_written_time)] | None = None
    language: Annotated[str | None, BeforeValidator(_language_code)] = None
    rating: float | None = Field(default=None, allow_inf_nan=False)
    rating_scale: RatingScale | None = None
    priority: Priority | None = None
    severity_mark: int | None = Field(default=None, ge=1, le=4)
    submitted_by: MaybeLine200 = None
    tags: Annotated[tuple[str, ...], BeforeValidator(_tags)] = ()
    product: MaybeLine200 = Field(default=None, description="The app, project or product named")
    url: Annotated[Annotated[str, Field(max_length=2_000)] | None, BeforeValidator(_address)] = (
        Field(default=None, description="Where the source shows it")
    )
    email: MaybeLine300 = Field(
        default=None,
        description="The contact's address: tells the customer by its domain, never kept readable",
    )
    names: Annotated[tuple[str, ...], BeforeValidator(_tags)] = Field(
        default=(), description="People whom the record itself names, to be redacted; never kept"
    )

    @field_validator("text", mode="before")
    @classmethod
    def _words(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if len(value) > LONGEST_TEXT:
            raise RefusedError(
                "too_long",
                f"has {len(value):,} characters, at most {LONGEST_TEXT:,} are taken;"
                " hand it in as several voices",
            )
        _storable(value)
        words = clean(value)
        if not words:
            raise RefusedError("empty", "is empty; write what the customer said")
        return words

    @field_validator("said_at")
    @classmethod
    def _possible(cls, value: dt.datetime | None) -> dt.datetime | None:
        if value is None:
            return value
        if value > now() + FUTURE_TOLERANCE:
            raise RefusedError(
                "future",
                f"{value.isoformat()} lies in the future; give the day it was said, or leave it"
                " out",
            )
        if value < EARLIEST:
            raise RefusedError(
                "too_early",
                f"{value.isoformat()} lies before {EARLIEST.year}; give the day it was said,"
                " or leave it out",
            )
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.rating is None:
            if self.rating_scale is not None:
                raise ValueError("rating_scale is given without a rating; give rating too")
            return self
        if self.rating_scale is None:
            raise ValueError(
                f"rating {self.rating:g} has no scale; give rating_scale: nps (0–10), csat (1–5),"
                " ces (1–7) or stars (1–5)"
            )
        low, high = RATING_BOUNDS[self.rating_scale]
        if not low <= self.rating <= high:
            raise ValueError(
                f"rating {self.rating:g} is outside {self.rating_scale.value} ({low}–{high});"
                " correct the rating or its scale"
            )
        return self


class CustomerIn(_In):
    """A company. What is left out stays as it is known; ``arr`` counts whole ``currency``."""

    external_id: MaybeLine200 = None
    name: Line300
    industry: MaybeLine100 = None
    size: MaybeLine100 = None
    region: MaybeLine100 = None
    plan: MaybeLine100 = None
    touch_tier: TouchTier | None = None
    arr: int | None = Field(default=None, ge=0, le=_BIGGEST_INTEGER)
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    renewal_on: dt.date | None = None
    domain: MaybeLine200 = Field(default=None, description="Of the customer's mail addresses")
    segments: dict[Line100, Line200] | None = Field(
        default=None, max_length=50, description="Further attributes, e.g. {'franchise': 'yes'}"
    )


class ContactIn(_In):
    """A person at a customer, by what they do there."""

    customer: CustomerRef
    external_id: Line200
    department: MaybeLine100 = None
    role: MaybeLine100 = None
    champion: bool | None = None


class DepartmentIn(_In):
    """A department of one's own company."""

    key: Line100
    name_ja: Line200
    name_en: Line200
    description_ja: Paragraph = ""
    description_en: Paragraph = ""


def checked(model: type[Model], values: Mapping[str, Any]) -> Model:
    """``values`` as ``model``. Raises InvalidInputError whose ``problems`` are (field, reason)
    and whose message is all of them in one line."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems = problems_of(error)
        raise InvalidInputError(
            "; ".join(f"{where} {reason}".strip() for where, reason in problems), problems
        ) from error


def problems_of(error: ValidationError) -> list[tuple[str, str]]:
    """(field, reason) for each thing wrong, in words for the person who sent the data."""
    found = []
    for detail in error.errors(include_url=False):
        where = ".".join(str(part) for part in detail["loc"])
        cause = detail.get("ctx", {}).get("error")
        reason = str(cause) if isinstance(cause, ValueError) else _reason(detail)
        found.append((where, reason))
    return found


def _reason(detail: Any) -> str:
    kind, context, value = detail["type"], detail.get("ctx", {}), detail.get("input")
    known = {
        "missing": "is missing; give it a value",
        "extra_forbidden": "is not a field that is known here; remove it or correct its name",
        "timezone_aware": f"{_shown(value)} has no time zone; add one, as in"
        " 2024-05-13T09:00:00+09:00",
        "string_too_short": "is empty; give it a value or leave it out",
    }
    if kind in known:
        return known[kind]
    if kind == "string_too_long":
        return f"has {len(value):,} characters, at most {context['max_length']} are taken"
    if kind == "enum":
        return f"{_shown(value)} is not known; use {context['expected']}"
    return f"{_shown(value)} is not taken: {detail['msg'][:1].lower()}{detail['msg'][1:]}"


def _shown(value: Any) -> str:
    if not isinstance(value, (str, int, float)):
        return f"a {type(value).__name__}"
    written = str(value)
    return f"'{written[:60]}…'" if len(written) > 60 else f"'{written}'"
