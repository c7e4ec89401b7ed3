"""What changed: two periods compared on one screen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress

from fastapi import APIRouter, Request, Response

from vocloop.intake.records import EARLIEST
from vocloop.themes.changes import Change, Period, changes, every_change, last_day
from vocloop_models.database import reading
from vocloop_ui import csv_file, words
from vocloop_ui.errors import PageInputError
from vocloop_ui.i18n import Reader
from vocloop_ui.view import View, Viewed, with_query

router = APIRouter(include_in_schema=False)

LENGTHS = (30, 90, 180, 365)
USUAL = 90
AGAINST = ("before", "year")


@router.get("/changes")
def page(
    request: Request, view: Viewed, until: str = "", days: str = "", against: str = ""
) -> Response:
    with reading(request.app.state.engine) as session:
        newest = last_day(session, view.reader.timezone)
        last = _day(view.reader, until) or newest or view.reader.today()
        length = int(days) if days in map(str, LENGTHS) else USUAL
        period = Period(last - dt.timedelta(days=length - 1), last)
        other = period.a_year_before() if against == "year" else period.before()
        # As the address says it: a day that nobody chose moves along with what is said.
        asked = {
            "until": last.isoformat() if until else "",
            "days": str(length) if length != USUAL else "",
            "against": "year" if against == "year" else "",
        }
        if request.query_params.get("format") == "csv":
            every = every_change(session, period, other, timezone=view.reader.timezone)
            return csv_file.answer("changes", _table(view.reader, every))
        found = changes(session, period, other, timezone=view.reader.timezone)
        return view.html(
            "changes.html",
            found=found,
            empty=newest is None,
            until=asked["until"],
            newest=newest,
            length=length,
            lengths=LENGTHS,
            against=against if against in AGAINST else "before",
            chips=_chips(view, asked),
            csv=with_query("/changes", {**asked, "format": "csv"}),
        )


def _chips(view: View, asked: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """What the address asks for that is not the usual."""
    reader, found = view.reader, []
    if asked["until"]:
        day = reader.date(dt.date.fromisoformat(asked["until"]))
        found.append(view.chip(reader.gettext("Until"), day, "until"))
    if asked["days"]:
        told = words.days(reader, int(asked["days"]))
        found.append(view.chip(reader.gettext("Length"), told, "days"))
    if asked["against"]:
        year = reader.gettext("the same days a year earlier")
        found.append(view.chip(reader.gettext("Compared with"), year, "against"))
    return found


def _day(reader: Reader, text: str) -> dt.date | None:
    if not text:
        return None
    day = None
    with suppress(ValueError):
        day = dt.date.fromisoformat(text)
    # No voice is older, and the day after must be one too.
    if day is None or not EARLIEST.year <= day.year < dt.MAXYEAR:
        raise PageInputError(
            reader.gettext("“%(value)s” is no day. Write it as 2026-09-11.") % {"value": text[:30]}
        )
    return day


def _table(reader: Reader, every: list[Change]) -> csv_file.Rows:
    yield (
        reader.gettext("Number"),
        reader.gettext("Japanese title"),
        reader.gettext("English title"),
        reader.gettext("Companies, earlier period"),
        reader.gettext("Companies, later period"),
    )
    for each in every:
        theme = each.theme
        yield f"T-{theme.number:04d}", theme.title_ja, theme.title_en, each.before, each.after
