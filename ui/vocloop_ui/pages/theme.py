"""One theme: why its impact is what it is, whose problem, since when, in their words."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from vocloop.errors import NotFoundError
from vocloop.themes import query
from vocloop.themes.quotes import quotes
from vocloop_models.database import reading
from vocloop_ui import evidence, hypothesis_view, marks
from vocloop_ui.view import Viewed, with_query

router = APIRouter(include_in_schema=False)

QUOTES = 10
# The same chart for a desk and for a phone; CSS shows the one that fits.
WIDE = (940, 220)
NARROW = (358, 200)


@router.get("/themes/{theme_id}")
def theme(
    request: Request, view: Viewed, theme_id: str, language: str = "", cursor: str = ""
) -> Response:
    try:
        known = uuid.UUID(theme_id)
    except ValueError as error:
        raise NotFoundError(
            f"theme '{theme_id[:60]}' does not exist; open one from the list of themes"
        ) from error
    with reading(request.app.state.engine) as session:
        detail = query.one(session, known)
        if detail.part_of is not None:
            return RedirectResponse(f"/themes/{detail.part_of.id}", status_code=307)
        voices = quotes(
            session, known, language=language or None, cursor=cursor or None, limit=QUOTES
        )
        as_of = detail.score.day if detail.score else None

        def address(**parameters: str | None) -> str:
            return with_query(f"/themes/{known}", parameters)

        return view.html(
            "theme.html",
            detail=detail,
            quotes=voices,
            language=language,
            cursor=cursor,
            address=address,
            wide=marks.timeline(detail.timeline, as_of, *WIDE),
            narrow=marks.timeline(detail.timeline, as_of, *NARROW),
            evidence=evidence,
            of_theme=hypothesis_view.of_theme(session, known),
        )
