"""All themes at a glance: a map on which like problems lie near each other, and a tree."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from vocloop.themes import query
from vocloop.themes.areas import AreaBranch, area_tree
from vocloop.themes.parts import Part, parts_of
from vocloop.themes.places import Placed, on_the_map
from vocloop_models.database import reading
from vocloop_ui import columns, csv_file, ids, words
from vocloop_ui.i18n import Reader
from vocloop_ui.view import View, Viewed, with_query

router = APIRouter(include_in_schema=False)

# More points hide each other, and their table is longer than anyone reads; the file has them all.
MOST_SHOWN = 300
# Five areas have a colour of their own (UI principles), the rest is "other".
COLOURED = 5
MAX_TEXT = 200
THEMES_A_BRANCH = 12


@dataclass(frozen=True)
class Point:
    """``colour``: 1 … 5 for the largest areas, 6 for the others; ``found``: fits the search."""

    placed: Placed
    title: str
    area: str
    colour: int
    found: bool


@router.get("/map")
def page(request: Request, view: Viewed, text: str = "", theme: str = "") -> Response:
    text = text.strip()[:MAX_TEXT]
    known = ids.theme_id(theme) if theme else None
    chosen = _columns(view)
    with reading(request.app.state.engine) as session:
        fitting = set(query.matching(session, text)) if text else set()
        every = _points(view.reader, on_the_map(session), fitting)
        if request.query_params.get("format") == "csv":
            return csv_file.answer(
                "map", csv_file.table(_in_file(view.reader), every, chosen.shown)
            )
        ranked = sorted(every, key=lambda p: (not p.found, -_impact(p)))
        shown = ranked[:MOST_SHOWN]
        if known and all(p.placed.theme.id != known for p in shown):
            shown += [p for p in every if p.placed.theme.id == known]
        return view.html(
            "map.html",
            points=shown,
            total=len(every),
            found=sum(p.found for p in every),
            text=text,
            known=known,
            legend=_legend(every, view.reader),
            themes=query.totals(session).themes,
            columns=chosen,
            chips=[view.chip(view.reader.gettext("Words"), text, "text")] if text else [],
            csv=with_query("/map", {"text": text, "columns": chosen.written, "format": "csv"}),
        )


def _impact(point: Point) -> float:
    return point.placed.impact or 0.0


def _points(reader: Reader, placed: list[Placed], fitting: set[uuid.UUID]) -> list[Point]:
    size = Counter(p.area.id for p in placed if p.area)
    largest = sorted(size, key=lambda area: (-size[area], area))[:COLOURED]
    colour = {area: number for number, area in enumerate(largest, start=1)}
    return [
        Point(
            p,
            words.title(reader, p.theme) or reader.gettext("Theme without a title"),
            words.title(reader, p.area) if p.area else "",
            colour.get(p.area.id, COLOURED + 1) if p.area else COLOURED + 1,
            p.theme.id in fitting,
        )
        for p in placed
    ]


def _legend(points: list[Point], reader: Reader) -> list[tuple[int, str, int]]:
    """Colour, area and number of themes; the areas without a colour together at the end."""
    count = Counter(p.colour for p in points)
    named = {p.colour: p.area for p in points if p.colour <= COLOURED}
    rows = [
        (colour, named[colour] or reader.gettext("Area without a title"), count[colour])
        for colour in sorted(named)
    ]
    rest = count[COLOURED + 1]
    return [*rows, (COLOURED + 1, reader.gettext("Other areas"), rest)] if rest else rows


def _columns(view: View) -> columns.Columns:
    every = [
        ("area", view.reader.gettext("Area")),
        ("impact", view.reader.gettext("Impact")),
        ("companies", view.reader.gettext("Companies")),
    ]
    return columns.chosen(every, columns.asked_in(view.request.query_params))


def _in_file(reader: Reader) -> list[csv_file.Column]:
    column = csv_file.Column
    return [
        column(reader.gettext("Number"), lambda point: f"T-{point.placed.theme.number:04d}"),
        column(reader.gettext("Japanese title"), lambda point: point.placed.theme.title_ja),
        column(reader.gettext("English title"), lambda point: point.placed.theme.title_en),
        column(reader.gettext("Area"), lambda point: point.area, "area"),
        column("x", lambda point: point.placed.x),
        column("y", lambda point: point.placed.y),
        column(reader.gettext("Impact"), lambda point: point.placed.impact, "impact"),
        column(reader.gettext("Companies"), lambda point: point.placed.customers, "companies"),
    ]


@router.get("/map/tree")
def tree(request: Request, view: Viewed, area: str = "", theme: str = "") -> Response:
    """Areas, their themes, the sub-themes of one of them; each level opens by its address."""
    known = ids.theme_id(theme) if theme else None
    with reading(request.app.state.engine) as session:
        branches = area_tree(session)
        opened = _opened(branches, area, known)
        return view.html(
            "tree.html",
            branches=branches,
            opened=opened,
            most=THEMES_A_BRANCH,
            parts=_parts(session, known),
            known=known,
            themes=query.totals(session).themes,
        )


def _opened(branches: list[AreaBranch], area: str, theme: uuid.UUID | None) -> uuid.UUID | None:
    """The area that is shown whole: the one asked for, or that of the theme."""
    for branch in branches:
        if str(branch.area.id) == area or any(t.id == theme for t, _ in branch.themes):
            return branch.area.id
    return None


def _parts(session: Session, theme: uuid.UUID | None) -> list[Part]:
    return parts_of(session, theme) if theme else []
