"""The backlog: as a table, as a board by stage or horizon, as a timeline of quarters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, func, select

from vocloop.roadmap import backlog as items
from vocloop_models import BacklogItem, Horizon, ItemState, Stage
from vocloop_models.database import reading, transaction
from vocloop_ui import columns, pairs, roadmap_view, roadmap_words
from vocloop_ui.errors import PageInputError
from vocloop_ui.forms import Posted, author_of, id_of
from vocloop_ui.i18n import Reader
from vocloop_ui.view import View, Viewed, with_query

router = APIRouter(include_in_schema=False)

VIEWS = ("table", "board", "timeline")
BOARDS = ("stage", "horizon")
MOST_TEXT = 200
# Of the table; the board and the timeline show all.
ROWS = 50


@dataclass(frozen=True)
class Asked:
    """The view, the filters and the sort, as the address holds them."""

    view: str = "table"
    by: str = "stage"
    state: str = ""
    department: str = ""
    horizon: str = ""
    text: str = ""
    sort: str = "priority"
    columns: str = ""

    def address(self, **changes: str) -> str:
        now = {**vars(self), **changes}
        usual = {"view": "table", "by": "stage", "sort": "priority"}
        return with_query(
            "/backlog", {name: v for name, v in now.items() if v != usual.get(name, "")}
        )

    def where(self) -> roadmap_view.Where:
        return roadmap_view.Where(
            ItemState(self.state) if self.state else None,
            self.department,
            Horizon(self.horizon) if self.horizon else None,
            self.text,
        )

    def chips(self, reader: Reader, departments: Mapping[str, str]) -> list[tuple[str, str, str]]:
        """The conditions that are on: name, value, address without it."""
        found = []
        if self.text:
            found.append((reader.gettext("Words"), self.text, self.address(text="")))
        if self.state:
            value = roadmap_words.state(reader, ItemState(self.state))
            found.append((reader.gettext("State"), value, self.address(state="")))
        if self.horizon:
            value = roadmap_words.horizon(reader, Horizon(self.horizon))
            found.append((reader.gettext("Horizon"), value, self.address(horizon="")))
        if self.department:
            value = departments.get(self.department, self.department)
            found.append((reader.gettext("Department"), value, self.address(department="")))
        return found


def asked_by(reader: Reader, given: Mapping[str, str], departments: Mapping[str, str]) -> Asked:
    """Read the address. Raises PageInputError that names the parameter and what it may be."""
    asked = Asked(
        **{
            name: given.get(name, "").strip() or getattr(Asked, name)
            for name in Asked.__dataclass_fields__
        }
    )
    asked = replace(asked, columns=columns.asked_in(given))
    allowed = {
        "view": VIEWS,
        "by": BOARDS,
        "state": tuple(ItemState),
        "horizon": tuple(Horizon),
        "department": tuple(departments),
        "sort": tuple(roadmap_view.SORTS),
    }
    for name, values in allowed.items():
        value = getattr(asked, name)
        if value and value not in values:
            raise PageInputError(
                reader.gettext(
                    "The address asks for %(name)s “%(value)s”; use one of: %(allowed)s."
                )
                % {"name": name, "value": value[:60], "allowed": ", ".join(values)}
            )
    if len(asked.text) > MOST_TEXT or "\x00" in asked.text:
        raise PageInputError(
            reader.gettext("The words to search for are too long; use at most %(most)s letters.")
            % {"most": reader.number(MOST_TEXT)}
        )
    return asked


@router.get("/backlog")
def page(request: Request, view: Viewed) -> Response:
    with reading(request.app.state.engine) as session:
        departments = roadmap_view.departments(session, view.reader)
        asked = asked_by(view.reader, request.query_params, departments)
        found = roadmap_view.rows(session, asked.where(), asked.sort)
        first = view.place_in_list()
        return view.html(
            "roadmap/backlog.html",
            asked=asked,
            total=len(found),
            rows=found[first : first + view.rows(ROWS)],
            pages=view.pages(ROWS, len(found)),
            every=_how_many(session),
            scale=roadmap_view.scale(found),
            board=roadmap_view.board(found, asked.by) if asked.view == "board" else [],
            columns=_columns(view.reader, asked),
            plan=roadmap_view.timeline(found) if asked.view == "timeline" else None,
            departments=departments,
            chips=asked.chips(view.reader, departments),
            states=list(ItemState),
            horizons=list(Horizon),
            sorts=list(roadmap_view.SORTS),
            steps=_steps(asked.by),
        )


def _columns(reader: Reader, asked: Asked) -> columns.Columns:
    every = [
        ("priority", reader.gettext("Priority")),
        ("rice", reader.gettext("RICE")),
        ("wsjf", reader.gettext("WSJF")),
        ("customers", reader.gettext("Customers behind it")),
        ("stage", reader.gettext("Stage")),
        ("when", reader.gettext("When")),
        ("effort", reader.gettext("Person-weeks")),
    ]
    return columns.chosen(every, asked.columns)


def _how_many(session: Session) -> int:
    return session.exec(select(func.count()).select_from(BacklogItem)).one()


def _steps(by: str) -> dict[str, tuple[str, str]]:
    """For each column the one before and the one after it, "" at the ends."""
    columns = [each.value for each in (Stage if by == "stage" else Horizon)]
    return {
        column: (columns[i - 1] if i else "", columns[i + 1] if i + 1 < len(columns) else "")
        for i, column in enumerate(columns)
    }


@router.post("/backlog/{item_id}/stage")
def advance(request: Request, view: Viewed, item_id: str, form: Posted) -> Response:
    """To another of the five stages."""
    reader = view.reader
    stage = form.choice("stage", Stage, missing=reader.gettext("Choose one of the five stages."))
    if stage is None:
        raise PageInputError(form.errors["stage"])
    known = id_of(item_id, "backlog item")
    with transaction(request.app.state.engine) as session:
        before = items.one(session, known).item.stage
        item = items.advance(session, known, stage, author_of(view))
        said = reader.gettext("%(item)s is now at “%(place)s”.") % {
            "item": pairs.own(reader, item.title),
            "place": roadmap_words.stage(reader, stage),
        }
    # Forward leads one stage at a time, so a long way back can't be taken back at once.
    leap = items.STAGES.index(before) - items.STAGES.index(stage) > 1
    undo = "" if leap or before is stage else f"/backlog/{known}/stage?stage={before.value}"
    return view.redirect(_back(view, known), said, undo)


@router.post("/backlog/{item_id}/horizon")
def plan(request: Request, view: Viewed, item_id: str, form: Posted) -> Response:
    """Now, next or later."""
    reader = view.reader
    horizon = form.choice("horizon", Horizon, missing=reader.gettext("Choose now, next or later."))
    if horizon is None:
        raise PageInputError(form.errors["horizon"])
    known = id_of(item_id, "backlog item")
    with transaction(request.app.state.engine) as session:
        before = items.one(session, known).item.horizon
        item = items.change(session, known, author_of(view), horizon=horizon)
        said = reader.gettext("%(item)s is now at “%(place)s”.") % {
            "item": pairs.own(reader, item.title),
            "place": roadmap_words.horizon(reader, horizon),
        }
    undo = "" if before is horizon else f"/backlog/{known}/horizon?horizon={before.value}"
    return view.redirect(_back(view, known), said, undo)


def _back(view: View, item_id: object) -> str:
    """The page that the step was taken on, when it is the backlog; else the item's own."""
    came = view.request.headers.get("referer", "")
    path = came.partition("://")[2].partition("/")[2]
    return f"/{path}" if path.split("?")[0] == "backlog" else f"/backlog/{item_id}"
