"""Ranked themes: the list that product managers read first."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from vocloop.themes import query
from vocloop.themes.areas import areas_by_size
from vocloop.themes.checks import MAX_LIMIT
from vocloop.themes.heard import choices
from vocloop.worker import jobs
from vocloop_models import LongevityKind, ValueLayer
from vocloop_models.database import reading, transaction
from vocloop_ui import columns, csv_file, evidence, marks, words, work
from vocloop_ui.asked import COLUMNS, OF, SORTS, Asked, Names, asked_by
from vocloop_ui.forms import id_of
from vocloop_ui.i18n import LANGUAGES, Reader
from vocloop_ui.view import Viewed

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 25


@router.get("/")
def start(view: Viewed) -> Response:
    return view.redirect(view.first_page)


@router.get("/themes")
def themes(request: Request, view: Viewed) -> Response:
    asked = asked_by(view.reader, request.query_params)
    where = asked.where(view.reader.timezone)
    with reading(request.app.state.engine) as session:
        if request.query_params.get("format") == "csv":
            shown = _columns(view.reader, asked).shown
            every = _every(session, asked, where)
            table = csv_file.table(_in_file(view.reader), every, shown)
            return csv_file.answer("themes", list(table))
        page = query.ranked(
            session, where, sort=asked.sort, cursor=asked.cursor or None, limit=PAGE_SIZE
        )
        totals = query.totals(session)
        offered = choices(session)
        names = Names(
            _areas(session, view.reader),
            {d.id: words.department(view.reader, d) for d in offered.departments},
        )
        return view.html(
            "themes.html",
            asked=asked,
            page=page,
            totals=totals,
            by_kind=_by_kind(session, where),
            work=work.in_hand(session, totals),
            waited=False,
            as_of=page.rows[0].score.day if page.rows else None,
            # Brackets tell of neighbours in impact; under another sort there are none.
            brackets=marks.brackets(page.rows) if asked.sort == "impact" else [""] * len(page.rows),
            chips=asked.chips(view.reader, names),
            names=names,
            columns=_columns(view.reader, asked),
            offered=offered,
            between=OF,
            kinds=list(LongevityKind),
            layers=list(ValueLayer),
            languages=LANGUAGES,
            sorts=SORTS,
            page_size=PAGE_SIZE,
            evidence=evidence,
        )


def _columns(reader: Reader, asked: Asked) -> columns.Columns:
    called = (
        reader.gettext("Impact"),
        reader.gettext("Kind of longevity"),
        reader.gettext("What the impact is made of"),
        reader.gettext("Companies a week"),
        reader.gettext("Companies"),
    )
    return columns.chosen(list(zip(COLUMNS, called, strict=True)), asked.columns, first=3)


def _areas(session: Session, reader: Reader) -> dict[uuid.UUID, str]:
    """Titles of the areas, the one with most themes first."""
    return {
        area.id: words.title(reader, area) or reader.gettext("Area without a title")
        for area in areas_by_size(session)
    }


def _by_kind(session: Session, where: query.ThemeFilter) -> dict[str, int]:
    """How many themes of each kind pass the other filters; "" for those without a kind."""
    counts = query.by_kind(session, where)
    return {"": counts.get(None, 0)} | {k.value: counts.get(k, 0) for k in LongevityKind}


def _every(session: Session, asked: Asked, where: query.ThemeFilter) -> Iterator[query.RankedTheme]:
    """All rows of the list, not only those of one page."""
    cursor: str | None = None
    while True:
        page = query.ranked(session, where, sort=asked.sort, cursor=cursor, limit=MAX_LIMIT)
        yield from page.rows
        if page.next_cursor is None:
            return
        cursor = page.next_cursor


def _in_file(reader: Reader) -> list[csv_file.Column]:
    def score(name: str) -> Callable[[query.RankedTheme], csv_file.Value]:
        return lambda row: round(float(getattr(row.score, name)), 4)

    def kind(row: query.RankedTheme) -> str | None:
        return words.kind(reader, row.score.longevity_kind) if row.score.longevity_kind else None

    column = csv_file.Column
    ends = (("", ""), ("_low", reader.gettext("low")), ("_high", reader.gettext("high")))
    parts = (
        ("impact", reader.gettext("Impact"), "impact"),
        ("generality", reader.gettext("Generality"), "parts"),
        ("longevity", reader.gettext("Longevity"), "parts"),
        ("severity", reader.gettext("Severity"), "parts"),
    )
    return [
        column(reader.gettext("Rank"), lambda row: row.rank),
        column(reader.gettext("Number"), lambda row: f"T-{row.theme.number:04d}"),
        column(reader.gettext("Japanese title"), lambda row: row.theme.title_ja),
        column(reader.gettext("English title"), lambda row: row.theme.title_en),
        *(
            column(f"{called} {end}".strip(), score(name + ending), of)
            for name, called, of in parts
            for ending, end in ends
        ),
        column(reader.gettext("Kind of longevity"), kind, "kind"),
        column(
            reader.gettext("Companies a week"),
            lambda row: " ".join(map(str, row.score.weeks)),
            "weeks",
        ),
        column(reader.gettext("Companies"), lambda row: row.score.customers, "companies"),
        column(reader.gettext("Statements"), lambda row: row.score.statements, "companies"),
        column(reader.gettext("Scored as of"), lambda row: row.score.day.isoformat()),
    ]


@router.post("/jobs/{job_id}/cancel")
def cancel(request: Request, view: Viewed, job_id: str) -> Response:
    """Give the search for themes up."""
    with transaction(request.app.state.engine) as session:
        jobs.cancel(session, id_of(job_id, "job"))
    said = view.reader.gettext("The search for themes is stopped. Themes are as they were.")
    return view.redirect("/themes", said)


@router.get("/themes/work")
def at_work(request: Request, view: Viewed, waited: str = "") -> HTMLResponse:
    """What the worker has in hand; ``waited``: the page has shown it at work before."""
    with reading(request.app.state.engine) as session:
        now = work.in_hand(session, query.totals(session))
        page = view.html("work.html", work=now, waited=bool(waited), as_of=None)
    if waited and not now.busy:
        # To whatever else of the page shows how far it is.
        page.headers["HX-Trigger"] = "voices-read"
    return page
