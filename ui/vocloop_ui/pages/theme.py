"""One theme: why its impact is what it is, whose problem, since when, in their words."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from vocloop.themes import overrule, proposals, query
from vocloop.themes.places import neighbours
from vocloop.themes.quotes import quotes
from vocloop_models import KNOWN_STATES, FactKind, ThemeState, ValueLayer
from vocloop_models.database import reading
from vocloop_ui import edits, evidence, hypothesis_view, ids, marks
from vocloop_ui.forms import Form
from vocloop_ui.view import View, Viewed, with_query

router = APIRouter(include_in_schema=False)

QUOTES = 10
EDITS = 5
NEAR = 5
# The same chart for a desk and for a phone; CSS shows the one that fits.
WIDE = (940, 220)
NARROW = (358, 200)


@router.get("/themes/{theme_id}")
def theme(
    request: Request, view: Viewed, theme_id: str, language: str = "", cursor: str = ""
) -> Response:
    known = ids.theme_id(theme_id)
    with reading(request.app.state.engine) as session:
        return page(session, view, known, Form(view.reader, {}), language=language, cursor=cursor)


def page(
    session: Session,
    view: View,
    known: uuid.UUID,
    form: Form,
    *,
    language: str = "",
    cursor: str = "",
) -> Response:
    """``form``: the one by which it is promoted to the backlog."""
    detail = query.one(session, known, timezone=view.reader.timezone)
    if detail.part_of is not None:
        status = 303 if form.errors else 307
        return RedirectResponse(f"/themes/{detail.part_of.id}", status_code=status)
    voices = quotes(session, known, language=language or None, cursor=cursor or None, limit=QUOTES)
    as_of = detail.score.day if detail.score else None
    of_theme = hypothesis_view.of_theme(session, known)
    shipped = of_theme.shipped(view.reader.timezone) if view.may("read roadmap") else []
    releases = [(day, f"B-{item.number:04d}") for day, item in shipped]

    def address(**parameters: str | None) -> str:
        return with_query(f"/themes/{known}", parameters)

    return view.html(
        "theme.html",
        status=422 if form.errors else 200,
        form=form,
        detail=detail,
        quotes=voices,
        language=language,
        cursor=cursor,
        address=address,
        wide=marks.timeline(detail.timeline, as_of, *WIDE, releases),
        narrow=marks.timeline(detail.timeline, as_of, *NARROW, releases),
        shipped=shipped,
        evidence=evidence,
        of_theme=of_theme,
        edits=edits,
        open=detail.theme.state in (*KNOWN_STATES, ThemeState.RETIRED),
        pinned=overrule.newest(session, known, FactKind.PIN),
        layers=list(ValueLayer),
        archived=overrule.newest(session, known, FactKind.ARCHIVE),
        dismissed=overrule.newest(session, known, FactKind.NOT_A_THEME),
        made=edits.told(session, overrule.listed(session, theme_id=known, limit=EDITS)),
        conflicts=edits.contradictions(session, known),
        proposals=proposals.listed(session, theme_id=known),
        near=neighbours(session, known)[:NEAR],
    )
