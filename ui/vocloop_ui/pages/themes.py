"""Ranked themes: the list that product managers read first."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import get_args

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlmodel import Session

from vocloop.themes import query
from vocloop.themes.areas import area_tree
from vocloop_models import LongevityKind
from vocloop_models.database import reading
from vocloop_ui import evidence, marks, words, work
from vocloop_ui.errors import PageInputError
from vocloop_ui.i18n import LANGUAGES, Reader
from vocloop_ui.view import Viewed, with_query

router = APIRouter(include_in_schema=False)

SORTS: tuple[query.Sort, ...] = get_args(query.Sort)
# Fewer than three companies are too little evidence for a rank: they are listed on demand.
LEAST_CUSTOMERS = 3
MOST_CUSTOMERS = 100_000
PAGE_SIZE = 25
MAX_TEXT = 200


@dataclass(frozen=True)
class Asked:
    """The filters, the sort and the place in the list, as the address holds them."""

    language: str = ""
    kind: str = ""
    customers: int = LEAST_CUSTOMERS
    text: str = ""
    area: str = ""
    sort: query.Sort = "impact"
    cursor: str = ""

    def parameters(self, **changes: str | int | None) -> Mapping[str, str | int | None]:
        """What an address needs to say of this; a default goes without saying.

        The cursor is left out unless ``changes`` names it: another filter is another list."""
        now: dict[str, str | int | None] = {
            "language": self.language,
            "kind": self.kind,
            "customers": self.customers,
            "text": self.text,
            "area": self.area,
            "sort": self.sort,
            **changes,
        }
        if now["customers"] == LEAST_CUSTOMERS:
            now["customers"] = None
        if now["sort"] == "impact":
            now["sort"] = None
        return now

    def address(self, **changes: str | int | None) -> str:
        return with_query("/themes", self.parameters(**changes))

    def where(self) -> query.ThemeFilter:
        return query.ThemeFilter(
            language=self.language or None,
            kind=LongevityKind(self.kind) if self.kind else None,
            text=self.text or None,
            min_customers=self.customers,
            area=uuid.UUID(self.area) if self.area else None,
        )

    def chips(self, reader: Reader, areas: Mapping[uuid.UUID, str]) -> list[tuple[str, str, str]]:
        """The conditions that are on: name, value, address without it."""
        chips = []
        if self.text:
            chips.append((reader.gettext("Words"), self.text, self.address(text=None)))
        if self.area:
            value = areas.get(uuid.UUID(self.area), reader.gettext("unknown area"))
            chips.append((reader.gettext("Area"), value, self.address(area=None)))
        if self.kind:
            value = words.kind(reader, LongevityKind(self.kind))
            chips.append((reader.gettext("Longevity"), value, self.address(kind=None)))
        if self.language:
            value = reader.language_name(self.language)
            chips.append((reader.gettext("Said in"), value, self.address(language=None)))
        if self.customers > 1:
            value = reader.gettext("%(num)s or more") % {"num": reader.number(self.customers)}
            chips.append((reader.gettext("Companies"), value, self.address(customers=1)))
        return chips


def asked_by(reader: Reader, parameters: Mapping[str, str]) -> Asked:
    """Read the address. Raises PageInputError that names the parameter and what it may be."""
    asked = Asked(
        language=parameters.get("language", ""),
        kind=parameters.get("kind", ""),
        text=parameters.get("text", "").strip(),
        cursor=parameters.get("cursor", ""),
        area=_area(reader, parameters.get("area", "")),
    )
    _check_one_of(reader, "language", asked.language, LANGUAGES)
    _check_one_of(reader, "kind", asked.kind, [kind.value for kind in LongevityKind])
    if len(asked.text) > MAX_TEXT or "\x00" in asked.text:
        raise PageInputError(
            reader.gettext("The words to search for are too long; use at most %(most)s letters.")
            % {"most": reader.number(MAX_TEXT)}
        )
    sort = parameters.get("sort") or "impact"
    _check_one_of(reader, "sort", sort, SORTS)
    customers = parameters.get("customers") or str(LEAST_CUSTOMERS)
    if (
        not customers.isascii()
        or not customers.isdigit()
        or not (1 <= int(customers[:9]) <= MOST_CUSTOMERS)
    ):
        raise PageInputError(
            reader.gettext(
                "The address asks for customers “%(value)s”; use a whole number from 1 to %(most)s."
            )
            % {"value": customers, "most": reader.number(MOST_CUSTOMERS)}
        )
    return replace(
        asked,
        customers=int(customers[:9]),
        sort=next(one for one in SORTS if one == sort),
    )


def _area(reader: Reader, value: str) -> str:
    try:
        return str(uuid.UUID(value)) if value else ""
    except ValueError:
        raise PageInputError(
            reader.gettext("The address asks for area “%(value)s”; choose one from the list.")
            % {"value": value[:60]}
        ) from None


def _check_one_of(
    reader: Reader, name: str, value: str, allowed: list[str] | tuple[str, ...]
) -> None:
    if value and value not in allowed:
        raise PageInputError(
            reader.gettext("The address asks for %(name)s “%(value)s”; use one of: %(allowed)s.")
            % {"name": name, "value": value, "allowed": ", ".join(allowed)}
        )


@router.get("/")
def start() -> RedirectResponse:
    return RedirectResponse("/themes", status_code=303)


@router.get("/themes")
def themes(request: Request, view: Viewed) -> HTMLResponse:
    asked = asked_by(view.reader, request.query_params)
    with reading(request.app.state.engine) as session:
        page = query.ranked(
            session,
            asked.where(),
            sort=asked.sort,
            cursor=asked.cursor or None,
            limit=PAGE_SIZE,
        )
        totals = query.totals(session)
        areas = _areas(session, view.reader)
        return view.html(
            "themes.html",
            asked=asked,
            page=page,
            totals=totals,
            by_kind=_by_kind(session, asked),
            work=work.in_hand(session, totals),
            waited=False,
            as_of=page.rows[0].score.day if page.rows else None,
            # Brackets tell of neighbours in impact; under another sort there are none.
            brackets=marks.brackets(page.rows) if asked.sort == "impact" else [""] * len(page.rows),
            chips=asked.chips(view.reader, areas),
            areas=areas,
            kinds=list(LongevityKind),
            languages=LANGUAGES,
            sorts=SORTS,
            page_size=PAGE_SIZE,
            evidence=evidence,
        )


def _areas(session: Session, reader: Reader) -> dict[uuid.UUID, str]:
    """Titles of the areas, the one with most statements first."""
    found = {}
    for branch in area_tree(session):
        own = branch.area.title_ja, branch.area.title_en
        first, second = own if reader.language == "ja" else own[::-1]
        found[branch.area.id] = first or second or reader.gettext("Area without a title")
    return found


def _by_kind(session: Session, asked: Asked) -> dict[str, int]:
    """How many themes of each kind pass the other filters; "" for those without a kind."""
    where = replace(asked, kind="").where()
    counts = {
        kind.value: query.ranked(session, replace(where, kind=kind), limit=1).total
        for kind in LongevityKind
    }
    everything = query.ranked(session, where, limit=1).total
    return {"": everything - sum(counts.values()), **counts}


@router.get("/themes/work")
def at_work(request: Request, view: Viewed, waited: str = "") -> HTMLResponse:
    """What the worker has in hand; ``waited``: the page has shown it at work before."""
    with reading(request.app.state.engine) as session:
        now = work.in_hand(session, query.totals(session))
        return view.html("work.html", work=now, waited=bool(waited), as_of=None)
