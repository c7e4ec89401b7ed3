"""What readers are told of imports: states, fields, and why a file can't be used."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from markupsafe import Markup, escape

from vocloop_models import Channel, ImportState
from vocloop_ui import words
from vocloop_ui.i18n import Reader

# What the domain says of a file that can't be used (its words are English), by what begins it.
_PLACE = re.compile(r"object \d+(?: \([^)]*\))?: ")
_NOT_A_DATE = re.compile(r"(?:\w+: )?date '(?P<value>.*)' is not a date")
_TWO_DATES = re.compile(r"(?:\w+: )?date '(?P<value>.*)' may be ")
_NO_TEXT = re.compile(r"text is empty|.*\bhas neither \w+|.*has no words")
_NOT_A_NUMBER = re.compile(r"\w+ '(?P<value>.*)' is not a number")
_NO_WORDS = re.compile(r"(?:.* )?has (?:stars|a score) but no words")
_UNKNOWN = re.compile(r"\w+ '(?P<value>.*)' is not known; use one of")
_FUTURE = re.compile(r"said_at (?P<value>[\d-]+)\S* lies in the future")
_TOO_EARLY = re.compile(r"said_at (?P<value>[\d-]+)\S* lies before (?P<first>\d+)")
_TOO_LONG = re.compile(r"\w+ has (?P<length>[\d,]+) characters, at most (?P<most>[\d,]+) are taken")
_CONTEXT = re.compile(r".*context, not feedback")
_NO_ANSWER = re.compile(r"no open question is answered")
_NOT_VOICES = re.compile(r"the file holds (?P<kind>customers|contacts|departments),")
_UNFORESEEN = re.compile(r"vocloop failed in a way it did not foresee \((?P<reason>.+)\), ")
_EMPTY = re.compile(r".* is empty; give a file with rows")
_NO_TEXT_FILE = re.compile(r".* has no row of column names that can be read \(not UTF-8: ")
_NO_HEAD = re.compile(r".* has no row of column names that can be read")
_NO_COLUMN = re.compile(r"no column for (?P<fields>[\w ]+?) among: ")


def state(reader: Reader, value: ImportState) -> str:
    return {
        ImportState.UPLOADED: reader.gettext("being looked at"),
        ImportState.CHECKED: reader.gettext("waits for your word"),
        ImportState.QUEUED: reader.gettext("waits for its turn"),
        ImportState.RUNNING: reader.gettext("being stored"),
        ImportState.DONE: reader.gettext("taken in"),
        ImportState.FAILED: reader.gettext("stopped by an error"),
        ImportState.CANCELLED: reader.gettext("cancelled"),
        ImportState.UNDOING: reader.gettext("being undone"),
        ImportState.UNDONE: reader.gettext("undone"),
    }[value]


def kind(reader: Reader, value: str) -> str:
    return {
        "feedback": reader.gettext("Voices"),
        "customers": reader.gettext("Customers"),
        "contacts": reader.gettext("Contacts"),
        "departments": reader.gettext("Departments"),
    }[value]


def field(reader: Reader, name: str) -> str:
    """What a column may hold; a field that this version does not know stays as it is."""
    return {
        "text": reader.gettext("the customer's words"),
        "title": reader.gettext("title"),
        "external_id": reader.gettext("id in the tool"),
        "said_at": reader.gettext("when it was said"),
        "customer_id": reader.gettext("customer's id"),
        "customer": reader.gettext("customer's company"),
        "contact": reader.gettext("contact's id"),
        "channel": reader.gettext("channel"),
        "language": reader.gettext("language"),
        "rating": reader.gettext("rating"),
        "rating_scale": reader.gettext("scale of the rating"),
        "nps": reader.gettext("NPS (0–10)"),
        "ces": reader.gettext("CES (1–7)"),
        "csat": reader.gettext("CSAT (1–5)"),
        "stars": reader.gettext("stars (1–5)"),
        "priority": reader.gettext("priority"),
        "severity_mark": reader.gettext("severity mark (1–4)"),
        "submitted_by": reader.gettext("handed in by"),
        "tags": reader.gettext("tags"),
        "product": reader.gettext("product"),
        "url": reader.gettext("address in the tool"),
        "email": reader.gettext("mail address (kept as a hash)"),
        "names": reader.gettext("person's name (taken out)"),
        "name": reader.gettext("customer's company"),
        "domain": reader.gettext("mail domain"),
        "industry": reader.gettext("industry"),
        "size": reader.gettext("size"),
        "region": reader.gettext("region"),
        "plan": reader.gettext("plan"),
        "touch_tier": reader.gettext("touch tier"),
        "arr": reader.gettext("yearly revenue (ARR)"),
        "currency": reader.gettext("currency"),
        "since": reader.gettext("customer since"),
        "until": reader.gettext("customer until"),
        "renewal_on": reader.gettext("renewal on"),
        "department": reader.gettext("department"),
        "role": reader.gettext("role"),
        "champion": reader.gettext("champion"),
    }.get(name, name)


def unusable(reader: Reader, error: str) -> str:
    """Why a file can't be used, and what to do."""
    match = _NO_COLUMN.search(error)
    if match:
        fields = [field(reader, each) for each in match["fields"].split(" and ")]
        return reader.gettext(
            "No column is known to hold: %(fields)s. Say below which one does, then look again."
        ) % {"fields": reader.gettext(", ").join(fields)}
    match = _NOT_VOICES.match(error)
    if match:
        return reader.gettext(
            "The file seems to hold %(kind)s, which a product manager or an administrator brings "
            "in. If it holds voices, say below which column has the customer's words, then look "
            "again."
        ) % {"kind": kind(reader, match["kind"])}
    match = _UNFORESEEN.match(error)
    if match:
        return reader.gettext(
            "vocloop failed several times in a way it did not foresee (%(reason)s). Undo what is "
            "stored, tell the person who runs vocloop, and bring the file in anew later."
        ) % {"reason": match["reason"]}
    for pattern, sentence in _unreadable(reader):
        if pattern.match(error):
            return sentence
    if reader.language == "en":
        return error
    return reader.gettext("The file can't be read as it is. vocloop says: %(error)s") % {
        "error": error
    }


def _unreadable(reader: Reader) -> list[tuple[re.Pattern[str], str]]:
    return [
        (_EMPTY, reader.gettext("The file is empty. Bring in one with rows.")),
        (
            _NO_TEXT_FILE,
            reader.gettext(
                "The file is no text that can be read. If it is a table, save it as CSV in UTF-8 "
                "or as Excel (.xlsx), and bring that in."
            ),
        ),
        (
            _NO_HEAD,
            reader.gettext(
                "The file has no row that names its columns. Write their names into the first "
                "row, and bring it in anew."
            ),
        ),
    ]


def left(reader: Reader, time: dt.timedelta | None) -> str:
    """The time left, roughly; "" while nobody can tell."""
    if time is None:
        return ""
    seconds = max(round(time.total_seconds()), 1)
    if seconds < 60:
        return reader.ngettext(
            "about %(num)s second left", "about %(num)s seconds left", seconds
        ) % {"num": reader.number(seconds)}
    minutes = round(seconds / 60)
    return reader.ngettext("about %(num)s minute left", "about %(num)s minutes left", minutes) % {
        "num": reader.number(minutes)
    }


def size(reader: Reader, count: int) -> str:
    if count < 1_000_000:
        return f"{reader.number(max(round(count / 1_000), 1))} KB"
    return f"{reader.number(round(count / 1_000_000, 1))} MB"


def reason(reader: Reader, written: str) -> Markup:
    """Why a row is refused. What is said often is said in the reader's language; the rest stays
    as the domain says it, marked as English."""
    if reader.language == "en":
        return escape(written)
    place = _PLACE.match(written)
    rest = written[place.end() :] if place else written
    for pattern, sentence in _reasons(reader):
        match = pattern.match(rest)
        if match:
            values = {name: value or "" for name, value in match.groupdict().items()}
            return escape(sentence % values)
    return Markup('<span lang="en">{}</span>').format(written)


def _reasons(reader: Reader) -> list[tuple[re.Pattern[str], str]]:
    return [
        (_NOT_A_DATE, reader.gettext("“%(value)s” is not a date. Write it as YYYY-MM-DD.")),
        (
            _TWO_DATES,
            reader.gettext(
                "“%(value)s” can be read as more than one day, and nothing in its column tells "
                "which. Write it as YYYY-MM-DD."
            ),
        ),
        (_NO_TEXT, reader.gettext("It has no words of the customer.")),
        (_NOT_A_NUMBER, reader.gettext("“%(value)s” is not a number.")),
        (_NO_WORDS, reader.gettext("It has a rating but no words; only what is written is kept.")),
        (
            _FUTURE,
            reader.gettext(
                "%(value)s is still to come. Give the day it was said, or leave it out."
            ),
        ),
        (
            _TOO_EARLY,
            reader.gettext(
                "%(value)s is before %(first)s. Give the day it was said, or leave it out."
            ),
        ),
        (
            _TOO_LONG,
            reader.gettext("It has %(length)s letters; at most %(most)s are taken."),
        ),
        (_UNKNOWN, reader.gettext("“%(value)s” is no value that is known here.")),
        (_CONTEXT, reader.gettext("It is of the team or private: context, not feedback.")),
        (
            _NO_ANSWER,
            reader.gettext("No open question is answered: nothing was said in words."),
        ),
    ]


def cells(reader: Reader, row: dict[str, Any]) -> list[tuple[str, str]]:
    """The values of a sample row beside its words, each with its name."""
    hidden = {"text", "title", "statements", "source"}
    return [
        (field(reader, name), _shown(reader, name, value))
        for name, value in row.items()
        if name not in hidden and value not in (None, "", [], {})
    ]


def _shown(reader: Reader, name: str, value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(str(each) for each in value.values() if each)
    if isinstance(value, list):
        return reader.gettext(", ").join(map(str, value))
    if name == "said_at":
        return reader.moment(dt.datetime.fromisoformat(str(value)))
    if name == "language":
        return reader.language_name(str(value))
    if name == "channel":
        return words.channel(reader, Channel(str(value)))
    return str(value)
