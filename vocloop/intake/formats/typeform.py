"""Typeform: the table export (times in UTC), webhooks and the answers of the Responses API."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from vocloop.intake.formats.port import (
    Beside,
    Format,
    Objects,
    Refused,
    Tables,
    Thing,
    Values,
    listed,
)
from vocloop.intake.formats.questions import Answer, answers_of, asked, response
from vocloop.intake.formats.values import at, first, mapped, number, table_voice, words_of
from vocloop.intake.rows import Refusal, Row, Table, key

_META = frozenset(
    {"", "networkid", "startdateutc", "submitdateutc", "stagedateutc", "startdate", "submitdate"}
    | {"stagedate", "tags", "responsetype", "ending", "score", "endingid", "responseid"}
)
_WITHOUT_ZONE = re.compile(r".*\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:\s?[AP]M)?", re.IGNORECASE)
_TEXTS = frozenset({"short_text", "long_text", "text", "textarea", "textfield"})


def _knows(thing: Thing) -> bool:
    return isinstance(thing.get("answers"), list) and bool(
        {"submitted_at", "landed_at", "form_id"} & thing.keys()
    )


def _read(thing: Thing, page: Thing, beside: Beside) -> Iterator[Values | Refused]:
    titles = beside.once(page, "titles", lambda each: _titles([each, *beside.pages]))
    titles = titles | _titles([mapped(thing.get("definition"))])
    answers: list[Answer] = []
    rating: dict[str, Any] = {}
    for answer in listed(thing.get("answers")):
        question = mapped(answer.get("field"))
        title = (
            first(titles.get(str(question.get("id"))), titles.get(str(question.get("ref")))) or ""
        )
        kind, value = str(answer.get("type")), _value(answer)
        if value is None:
            continue
        figure = number(value)
        if question.get("type") == "nps" and kind == "number" and figure is not None:
            rating = {"rating": figure, "rating_scale": "nps"}
            continue
        if kind in {"email", "phone_number"}:
            title = "Email" if kind == "email" else "Phone"
        is_open = kind == "text" and str(question.get("type", "text")) in _TEXTS
        answers.append(Answer(title, value, is_open))
    hidden = {key(str(name)): value for name, value in mapped(thing.get("hidden")).items()}
    yield response(
        answers,
        external_id=first(thing.get("token"), thing.get("response_id")),
        said_at=first(thing.get("submitted_at"), thing.get("landed_at")),
        customer_id=first(*map(hidden.get, ("customerid", "companyid", "accountid"))),
        customer=first(*map(hidden.get, ("customer", "company", "companyname", "account"))),
        contact=first(*map(hidden.get, ("contactid", "userid", "contact", "user"))),
        email=hidden.get("email"),
        names=[hidden.get("name"), hidden.get("firstname"), hidden.get("lastname")],
        product=at(thing, "definition", "title"),
        tags=words_of(thing.get("tags")),
        **rating,
    )


def _titles(forms: Iterable[Thing]) -> dict[str, str]:
    """What is asked, by the id and the ref of each question."""
    return {
        str(question[name]): str(question["title"])
        for form in forms
        for question in _fields(form)
        for name in ("id", "ref")
        if question.get(name) is not None and question.get("title")
    }


def _fields(form: Thing) -> Iterator[Thing]:
    """Questions of a form, those inside groups too."""
    for question in listed(form.get("fields")):
        yield question
        yield from listed(at(question, "properties", "fields"))


def _value(answer: Thing) -> str | None:
    kind = str(answer.get("type"))
    value = answer.get(kind)
    if isinstance(value, dict):
        labels = value.get("labels")
        chosen = [*(labels if isinstance(labels, list) else []), value.get("label")]
        words = [str(each) for each in [*chosen, value.get("other")] if each]
        return ", ".join(words) or None
    return None if value is None or isinstance(value, list) else str(value)


def _knows_table(table: Table) -> bool:
    keys = table.keys
    times = {"submitdateutc", "startdateutc"} & keys
    numbered = table.header[:1] == ["#"] and bool({"networkid", *times} & keys)
    return numbered or len(times) == 2


def _read_table(table: Table) -> Iterator[Row | Refusal]:
    keys = [key(name) for name in table.header]
    titles = [name.replace("\\n", " ").strip() for name in table.header]
    skip = {index for index, name in enumerate(keys) if name in _META}
    questions = asked(titles, table.head, skip)
    times = [
        keys.index(name)
        for name in ("submitdateutc", "stagedateutc", "startdateutc", "submitdate", "startdate")
        if name in keys
    ]
    tags = keys.index("tags") if "tags" in keys else len(keys)
    for row in table.rows:
        if isinstance(row, Refusal):
            yield row
            continue
        cells = [*row.cells, ""]
        time = first(*(cells[place].strip() for place in times if place < len(cells)))
        if isinstance(time, str) and _WITHOUT_ZONE.fullmatch(time):
            time = f"{time} UTC"
        result = response(
            answers_of(questions, row.cells),
            external_id=cells[0] if table.header[0] == "#" else None,
            said_at=time,
            tags=cells[tags].split(",") if tags < len(cells) else (),
        )
        yield table_voice(row.line, result)


FORMAT = Format(
    "typeform", objects=Objects(_knows, _read), tables=Tables(_knows_table, _read_table)
)
