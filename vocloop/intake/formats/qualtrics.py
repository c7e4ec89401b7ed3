"""Qualtrics: the table export with three header rows (name, question, ImportId), with two (as
older exports have), or with one; the JSON export of responses."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from vocloop.intake.formats.port import (
    Beside,
    Format,
    Objects,
    Refused,
    Tables,
    Thing,
    Values,
)
from vocloop.intake.formats.questions import Answer, Asked, answers_of, asked, response
from vocloop.intake.formats.values import first, mapped, number, table_voice, word
from vocloop.intake.rows import Cells, Refusal, Row, Table, key

_META = frozenset(
    {"startdate", "enddate", "status", "ipaddress", "progress", "durationinseconds", "finished"}
    | {"recordeddate", "responseid", "recipientlastname", "recipientfirstname", "recipientemail"}
    | {"externalreference", "locationlatitude", "locationlongitude", "distributionchannel"}
    | {"userlanguage", "responseset", "name", "externaldatareference", "emailaddress"}
    | {"locationaccuracy", "qrecaptchascore", "qrelevantidduplicate", "qballotboxstuffing", ""}
)
# What Qualtrics computes from an answer: groups of NPS, topics, sentiment.
_COMPUTED = re.compile(
    r"_NPS_GROUP$|(?: - |_)(?:Parent )?(?:Topics?|Sentiment(?: Polarity| Score)?)$"
    r"|(?: - |_)Topic Hierarchy.*$"
    r"|_DO(?:_|$)|_(?:First|Last|Page) (?:Click|Submit)|_Click Count$",
    re.IGNORECASE,
)
_IMPORT_ID = re.compile(r'\{\s*"ImportId"\s*:\s*"([^"]*)"')
_ZONE = re.compile(r'"timeZone"\s*:\s*"([^"]+)"')
_NOT_ANSWERED = {
    "surveypreview": "a preview",
    "surveytest": "a test",
    "spam": "spam",
    "1": "a preview",
    "2": "a test",
    "8": "spam",
    "9": "a preview",
    "調査プレビュー": "a preview",
    "アンケートプレビュー": "a preview",
    "調査テスト": "a test",
    "スパム": "spam",
}


def _knows_table(table: Table) -> bool:
    named = {"responseid", "recordeddate", "distributionchannel", "userlanguage"}
    if any(_IMPORT_ID.match(cell) for row in table.head[:2] for cell in row):
        return True
    legacy = {key(cell) for cell in table.head[0]} if table.head else set()
    return len(named & table.keys) >= 2 or {"responseid", "responseset"} <= legacy


def _read_table(table: Table) -> Iterator[Row | Refusal]:
    head = table.head
    headings = _headings(table)
    names, labels = list(table.header), list(table.header)
    if headings:
        labels = [*head[0], *table.header[len(head[0]) :]]
        # Older exports call the tool's own columns V1 … V10 and name them below.
        legacy = {"responseid", "responseset"} <= {key(cell) for cell in head[0]}
        names = labels if legacy else names
    keys = [key(name) for name in names]
    imports = [_imported(cell) for cell in head[1]] if headings == 2 else []
    own = {index for index, name in enumerate(keys) if name in _META}
    own |= {index for index, name in enumerate(table.header) if _COMPUTED.search(name)}
    titles = [label if label.strip() else name for label, name in zip(labels, names, strict=False)]
    questions = [
        Asked(each.index, each.title, each.open or _is_text(imports, each.index))
        for each in asked(titles, head[headings:], own)
    ]
    zone = _zone(head[1]) if headings == 2 else None
    left = headings
    for row in table.rows:
        if isinstance(row, Cells) and left:
            left -= 1
            continue
        if isinstance(row, Refusal):
            yield row
            continue
        values = {
            name: cell
            for name, cell in zip(keys, row.cells, strict=False)
            if name in _META and cell.strip()
        }
        yield table_voice(row.line, _response(values, answers_of(questions, row.cells), zone))


def _headings(table: Table) -> int:
    """How many rows below the first are headings too."""
    for place, row in enumerate(table.head[:2]):
        if any(_IMPORT_ID.match(cell) for cell in row):
            return place + 1
    first_row = [key(cell) for cell in table.head[0]] if table.head else []
    return 1 if "responseid" in first_row else 0


def _imported(cell: str) -> str:
    match = _IMPORT_ID.match(cell)
    return match[1] if match else ""


def _zone(imports: list[str]) -> ZoneInfo | None:
    """The zone of the export's times, which newer ones name beside the ImportId."""
    for cell in imports:
        match = _ZONE.search(cell)
        try:
            return ZoneInfo(match[1]) if match else None
        except (KeyError, ValueError, OSError):
            return None
    return None


def _placed(time: Any, zone: ZoneInfo | None) -> Any:
    if zone is None or not isinstance(time, str):
        return time
    try:
        return dt.datetime.fromisoformat(time).replace(tzinfo=zone).isoformat()
    except ValueError:
        return time  # to be read, or refused, like any other date


def _is_text(imports: list[str], index: int) -> bool:
    return index < len(imports) and imports[index].endswith("_TEXT")


def _response(
    values: dict[str, str], answers: list[Answer], zone: ZoneInfo | None, **known: Any
) -> Values | Refused:
    kind = _NOT_ANSWERED.get(key(values.get("status", "")))
    if key(values.get("distributionchannel", "")) == "preview":  # the same in every language
        kind = "a preview"
    if kind:
        return Refused(f"response {values.get('responseid')} is {kind}, not a customer's")
    return response(
        answers,
        external_id=values.get("responseid"),
        said_at=_placed(
            first(values.get("recordeddate"), values.get("enddate"), values.get("startdate")), zone
        ),
        contact=first(values.get("externalreference"), values.get("externaldatareference")),
        email=first(values.get("recipientemail"), values.get("emailaddress")),
        names=[values.get("recipientfirstname"), values.get("recipientlastname")],
        language=values.get("userlanguage"),
        **known,
    )


def _knows(thing: Thing) -> bool:
    return "responseId" in thing and isinstance(thing.get("values"), dict)


def _read(thing: Thing, page: Thing, beside: Beside) -> Iterator[Values | Refused]:  # noqa: ARG001 - a response is whole
    """The JSON export tells no titles of questions: what is typed stands under ``…_TEXT``, and a
    question of NPS has its group beside it."""
    given = mapped(thing["values"])
    values = {key(str(name)): str(value) for name, value in given.items() if word(value)}
    values["responseid"] = str(thing["responseId"])
    answers = [
        Answer("", value, open=True)
        for name, value in given.items()
        if isinstance(value, str) and str(name).endswith("_TEXT")
    ]
    scores = (
        number(given.get(str(name).removesuffix("_NPS_GROUP")))
        for name in given
        if str(name).endswith("_NPS_GROUP")
    )
    score = next((each for each in scores if each is not None), None)
    scale = "nps" if score is not None else None
    yield _response(values, answers, None, rating=score, rating_scale=scale)


FORMAT = Format(
    "qualtrics", objects=Objects(_knows, _read), tables=Tables(_knows_table, _read_table)
)
