"""SurveyMonkey: the table export with its two header rows, and responses of the API with the
survey's details beside them (in the same file, or given along)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
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
    things,
)
from vocloop.intake.formats.questions import Answer, answers_of, asked, response
from vocloop.intake.formats.values import at, first, mapped, table_voice
from vocloop.intake.rows import Cells, Refusal, Row, Table, key

_OWN = {
    "external_id": "Respondent ID,RespondentID,回答者 ID,回答者ID",
    "said_at": "End Date,終了日,終了日時,Date Modified,Start Date,開始日,開始日時,Date Created",
    "email": "Email Address,Email,メールアドレス,電子メールアドレス",
    "contact": "Custom Data 1,カスタム データ 1,カスタムデータ1",
}
_META = (
    "Respondent ID,RespondentID,回答者 ID,Collector ID,CollectorID,コレクター ID,コレクタID,"
    "Start Date,開始日,開始日時,End Date,終了日,終了日時,IP Address,IPアドレス,Email Address,Email,"
    "メールアドレス,電子メールアドレス,First Name,名,Last Name,姓,Custom Data 1,カスタム データ 1,"
    "Custom Data,Date Created,Date Modified,Tags"
)
_OPEN_HEADINGS = frozenset({"response", "openendedresponse", "自由回答", "自由形式の回答", "回答"})
_PERSONAL_FAMILIES = frozenset({"demographic", "datetime"})


# API


def _knows(thing: Thing) -> bool:
    if not isinstance(thing.get("pages"), list):
        return False
    return _is_details(thing) or bool(
        {"collector_id", "survey_id", "response_status", "recipient_id"} & thing.keys()
    )


def _is_details(thing: Thing) -> bool:
    return "question_count" in thing and "title" in thing


def _read(thing: Thing, page: Thing, beside: Beside) -> Iterator[Values | Refused]:
    if _is_details(thing):
        around = beside.once(page, "known", lambda each: list(_known([each, *beside.pages])))
        if any(not _is_details(each) for each in around):
            return  # read with the answers to them
        yield Refused(
            "holds the questions of a survey, no answers; give it along with the file of its"
            " responses"
        )
        return
    surveys = beside.once(page, "surveys", lambda each: _surveys([each, *beside.pages]))
    details, questions = surveys.get(str(thing.get("survey_id")), ({}, {}))
    if not details and "survey_id" not in thing and len(surveys) == 1:
        details, questions = next(iter(surveys.values()))
    answers = [
        answer
        for each in listed(thing.get("pages"))
        for question in listed(each.get("questions"))
        for answer in _answers(question, mapped(questions.get(str(question.get("id")))))
    ]
    contact = mapped(at(thing, "metadata", "contact"))
    variables = mapped(thing.get("custom_variables"))
    known = {key(str(name)): value for name, value in variables.items()}
    yield response(
        answers,
        external_id=thing.get("id"),
        said_at=first(thing.get("date_created"), thing.get("date_modified")),
        customer_id=first(*(known.get(name) for name in ("customerid", "companyid", "accountid"))),
        customer=first(*(known.get(name) for name in ("customer", "company", "account"))),
        contact=first(thing.get("custom_value"), thing.get("recipient_id")),
        email=first(thing.get("email_address"), at(contact, "email", "value")),
        names=[
            thing.get("first_name"),
            thing.get("last_name"),
            at(contact, "first_name", "value"),
            at(contact, "last_name", "value"),
        ],
        language=details.get("language"),
        product=details.get("title"),
        url=thing.get("analyze_url"),
    )


def _surveys(pages: Iterable[Thing]) -> dict[str, tuple[Thing, dict[str, Thing]]]:
    """By id: the details of a survey, and its questions by theirs."""
    return {
        str(details.get("id")): (
            details,
            {
                str(question.get("id")): question
                for each in listed(details.get("pages"))
                for question in listed(each.get("questions"))
            },
        )
        for details in _known(pages)
        if _is_details(details)
    }


def _known(pages: Iterable[Thing]) -> Iterator[Thing]:
    """The responses and details on some pages."""
    found = (each for page in pages for each in things(page, _knows))
    return (each for each in found if isinstance(each, Mapping))


def _answers(question: Thing, details: Thing) -> Iterator[Answer]:
    title = str(first(question.get("heading"), at(details, "headings", 0, "heading")) or "")
    family = first(question.get("family"), details.get("family"))
    choices = {
        str(choice.get("id")): first(choice.get("weight"), choice.get("text"))
        for name in ("choices", "rows", "cols")
        for choice in listed(at(details, "answers", name))
    }
    is_open = str(family) not in _PERSONAL_FAMILIES
    for answer in listed(question.get("answers")):
        words = answer.get("text")
        if isinstance(words, str):
            yield Answer(title, words, is_open)
            continue
        chosen = first(choices.get(str(answer.get("choice_id"))), answer.get("simple_text"))
        if chosen is not None:
            yield Answer(title, str(chosen), open=False)


# Table


def _knows_table(table: Table) -> bool:
    keys = table.keys
    own = {"respondentid", "回答者id"} & keys
    return bool(own) and bool(
        {"collectorid", "startdate", "enddate", "開始日", "開始日時", "コレクターid"} & keys
    )


def _read_table(table: Table) -> Iterator[Row | Refusal]:
    meta = {key(name) for name in _META.split(",")}
    keys = [key(name) for name in table.header]
    second = table.head[0] if table.head else []
    skip = {index for index, name in enumerate(keys) if name in meta}
    two = bool(second) and not any(second[index].strip() for index in skip if index < len(second))
    titles: list[str] = []
    for index, name in enumerate(table.header):
        # A question of several columns is named over the first of them only.
        over = name if name.strip() or index in skip or not titles else titles[-1].split(" — ")[0]
        below = second[index].strip() if two and index < len(second) else ""
        titles.append(f"{over} — {below}" if below and key(below) not in _OPEN_HEADINGS else over)
    questions = asked(titles, table.head[1:] if two else table.head, skip)
    where = {
        field: [keys.index(key(name)) for name in names.split(",") if key(name) in keys]
        for field, names in _OWN.items()
    }
    people = [keys.index(name) for name in ("firstname", "lastname", "名", "姓") if name in keys]
    heading = two
    for row in table.rows:
        if isinstance(row, Cells) and heading:
            heading = False
            continue
        if isinstance(row, Refusal):
            yield row
            continue
        known: dict[str, Any] = {
            field: first(*(row.cells[place] for place in places if place < len(row.cells)))
            for field, places in where.items()
        }
        names = [row.cells[place] for place in people if place < len(row.cells)]
        yield table_voice(
            row.line, response(answers_of(questions, row.cells), names=names, **known)
        )


FORMAT = Format(
    "surveymonkey", objects=Objects(_knows, _read), tables=Tables(_knows_table, _read_table)
)
