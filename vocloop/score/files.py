"""``vocloop score severity`` and ``vocloop score themes``: the same scores for a file."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar, cast

from vocloop.errors import InvalidInputError
from vocloop.jsonl import (
    STANDARD,
    Row,
    read_rows,
    refuse_bad_lines,
    refuse_unwritable,
    write_object,
    write_rows,
)
from vocloop.score.scores import Fix, Scores, score_all
from vocloop.score.severity import MARKS, SCALES, Voice, severities
from vocloop.score.severity_head import Reading
from vocloop.score.voices import Company, Said
from vocloop_models import Priority, RatingScale, now

Object = Mapping[str, Any]
Read = TypeVar("Read")
Word = TypeVar("Word", bound=StrEnum)

# These attributes are a person's: they hold for the row that names them. All others are the
# company's, and hold for all its rows.
PERSONAL = frozenset({"department", "role"})
# What a row is about, whoever said it.
ABOUT = ("product", "area")
_DATE = re.compile(
    r"\d{4}-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?)?"
)


def score_severity_file(
    source: str,
    out: str,
    read: Callable[[list[str]], Sequence[Reading]] | None = None,
    teach: Callable[[Sequence[Voice]], Sequence[Voice]] | None = None,
) -> int:
    """Rows {"id", "text", "language"?, "mark"?: 1–4, "priority"?, "rating"?, "rating_scale"?} in,
    rows {"id", "severity", "signals": {name: log-odds}} out, in the same order; returns how many.

    read: what a model reads in texts (severity_head.read, severity_classify.zero_shot); without
    it the lexicon is alone. teach: adds to voices what labelled rows taught (severity_labels).
    ``-`` is standard input or output. Raises InvalidInputError with every bad row named."""
    refuse_unwritable(out)
    rows = read_rows(source, ("id", "text"))
    voices = _read_all(source, rows, _voice)
    if read is not None:
        readings = read([voice.text for voice in voices])
        voices = [replace(v, reading=r) for v, r in zip(voices, readings, strict=True)]
    if teach is not None:
        voices = list(teach(voices))
    write_rows(
        out,
        (
            {
                "id": row["id"],
                "severity": round(judged.value, 4),
                "signals": {name: round(weight, 3) for name, weight in judged.signals.items()},
            }
            for row, judged in zip(rows, severities(voices), strict=True)
        ),
    )
    return len(rows)


def read_voices(source: str) -> list[Voice]:
    """What ``score_severity_file`` reads of each row, and "severity": 0–1, a person's own word on
    it. Raises InvalidInputError with every bad row named."""
    rows = read_rows(source, ("id", "text"))
    return _read_all(source, rows, lambda row: replace(_voice(row), correction=_given(row)))


def _given(row: Row) -> float | None:
    value = row.get("severity")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError(f"severity is {value!r}; write a number from 0 to 1")
    return float(value)


def score_themes_file(
    source: str, out: str, shipped: str | None = None, *, as_of: dt.datetime | None = None
) -> int:
    """Rows {"id", "theme": … | null, "date"?, "customer"?, "contact"?, "segments"?: {…}, "text"?,
    "product"?, "area"?} in, and what ``score_severity_file`` reads of a row; out one object, by
    theme: generality, longevity (with "kind"), severity and impact, each {"value", "low", "high",
    "evidence"}, and statements, customers, languages. Returns the number of themes.

    Themes of the same product or area tell what to expect of one another's longevity, as do those
    of the same customers and segments; a segment on which the rows of a company disagree is no
    attribute of the company, but tells this too. Rows without a theme were heard, and count below
    the line. Rows without a date were said, nobody knows when. ``as_of`` is the newest date unless
    given, and now without any.

    shipped: a file of what was shipped for themes, rows {"theme", "at", "share"?}: the last one by
    ``as_of`` counts, themes that have no rows are passed over. ``-`` is standard input or output.
    Raises InvalidInputError with every bad row named."""
    refuse_unwritable(out)
    if source == shipped == STANDARD:
        raise InvalidInputError("both inputs are standard input; name a file for one of them")
    rows = read_rows(source, ("id",))
    fixes = [] if shipped is None else _read_all(shipped, read_rows(shipped, ("theme", "at")), _fix)
    said = _read_all(source, rows, _said)
    companies = _companies(rows)
    said = [replace(s, about=_about(s, companies)) for s in said]
    newest = max((s.at for s in said if s.at is not None), default=None)
    themes = {s.theme for s in said if s.theme is not None}
    moment = as_of or newest or now()
    known = sorted((fix.at, fix.share, theme) for theme, fix in fixes if fix.at <= moment)
    last = {theme: Fix(at, share) for at, share, theme in known if theme in themes}
    scores = score_all(said, companies, themes, moment, fixes=last)
    write_object(out, {theme: _written(scores[theme]) for theme in sorted(themes)})
    return len(themes)


def _written(scores: Scores) -> dict[str, Any]:
    parts = {
        "generality": scores.generality,
        "longevity": scores.longevity,
        "severity": scores.severity,
        "impact": scores.impact,
    }
    out: dict[str, Any] = {
        name: {**part.rounded(), "evidence": scores.evidence[name]} for name, part in parts.items()
    }
    out["longevity"]["kind"] = scores.kind
    return out | {
        "as_of": scores.evidence["as_of"],
        "statements": scores.statements,
        "customers": scores.customers,
        "languages": scores.languages,
    }


def _read_all(source: str, rows: Sequence[Row], read: Callable[[Row], Read]) -> list[Read]:
    done: list[Read] = []
    problems: list[tuple[str, str]] = []
    for row in rows:
        try:
            done.append(read(row))
        except ValueError as error:
            named = f", id {row['id']!r}" if "id" in row else ""
            problems.append((f"line {row.line}{named}", str(error)))
    refuse_bad_lines(source, problems)
    return done


def _said(row: Row) -> Said:
    segments, company = _segments(row), _name(row, "customer")
    personal = {n: v for n, v in segments.items() if company is None or n in PERSONAL}
    about = {n: v for n, v in segments.items() if n not in personal}
    return Said(
        str(row["id"]),
        _name(row, "theme"),
        str(row["id"]),
        company,
        _name(row, "contact"),
        _date(row.get("date")),
        _voice(row),
        personal,
        about | {n: v for n in ABOUT if (v := _name(row, n)) is not None},
    )


def _fix(row: Row) -> tuple[str, Fix]:
    """Of which theme, and what was shipped for it."""
    theme, at, share = _name(row, "theme"), _date(row["at"]), row.get("share", 1)
    if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
        raise ValueError(
            f"share is {share!r}; write how much of the theme it was to solve, above 0 up to 1"
        )
    # read_rows asked for both.
    return str(theme), Fix(cast("dt.datetime", at), float(share))


def _about(said: Said, companies: Mapping[str, Company]) -> dict[str, str]:
    """Without what is an attribute of the company."""
    of_company = companies[said.company].attributes if said.company is not None else {}
    return {n: v for n, v in said.about.items() if n in ABOUT or n not in of_company}


def _companies(rows: Sequence[Row]) -> dict[str, Company]:
    """Attributes that the rows of a company disagree on are unknown: neither is guessed."""
    found: dict[str, dict[str, set[str]]] = {}
    people: dict[str, set[tuple[tuple[str, str], ...]]] = {}
    for row in rows:
        company = _name(row, "customer")
        if company is None:
            continue
        attributes = found.setdefault(company, {})
        person = {}
        for name, value in _segments(row).items():
            if name in PERSONAL:
                person[name] = value
            else:
                attributes.setdefault(name, set()).add(value)
        people.setdefault(company, set()).add(tuple(sorted(person.items())))
    return {
        company: Company(
            {name: min(vs) for name, vs in attributes.items() if len(vs) == 1},
            people=tuple(dict(person) for person in sorted(people[company])),
        )
        for company, attributes in found.items()
    }


def _voice(row: Row) -> Voice:
    text, language = row.get("text"), row.get("language")
    if not isinstance(text, str | None):
        raise ValueError(f"text is {type(text).__name__}, not a string")
    if not isinstance(language, str | None):
        raise ValueError(f"language is {type(language).__name__}; write a code such as ja or en")
    mark, rating = row.get("mark"), row.get("rating")
    known = isinstance(mark, int | float) and not isinstance(mark, bool) and mark in MARKS
    if mark is not None and not known:
        raise ValueError(f"mark is {mark!r}; write 1 (nice to have) to 4 (blocked)")
    scale = _word(row, "rating_scale", RatingScale)
    if rating is not None and scale is not None:
        low, high = SCALES[scale]
        if (
            isinstance(rating, bool)
            or not isinstance(rating, int | float)
            or not low <= rating <= high
        ):
            raise ValueError(f"rating is {rating!r}; {scale} goes from {low:g} to {high:g}")
    return Voice(
        text or "", language or "und", mark, _word(row, "priority", Priority), rating, scale
    )


def _word(row: Row, field: str, words: type[Word]) -> Word | None:
    value = row.get(field)
    if value is None:
        return None
    if not isinstance(value, str) or value not in set(words):
        raise ValueError(f"{field} is {value!r}; write one of {', '.join(words)}")
    return words(value)


def _name(row: Object, field: str) -> str | None:
    value = row.get(field)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"{field} is {type(value).__name__}; write a name or an id")
    return str(value)


def _segments(row: Row) -> dict[str, str]:
    """What is empty is unknown, and left out."""
    segments = row.get("segments")
    if segments is None:
        return {}
    if not isinstance(segments, dict):
        raise ValueError(f"segments is {type(segments).__name__}; write {{attribute: value}}")
    return {name: value for name in segments if (value := _name(segments, name)) is not None}


def _date(value: object) -> dt.datetime | None:
    """An ISO 8601 date or time; without a zone it is UTC, without a day the first of the month."""
    if value is None or value == "":
        return None
    wrong = f"date {value!r} is not an ISO date; write YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ"
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError(wrong)
    try:
        at = dt.datetime.fromisoformat(value if len(value) > len("YYYY-MM") else f"{value}-01")
        return (at if at.tzinfo else at.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{wrong} ({error})") from error
