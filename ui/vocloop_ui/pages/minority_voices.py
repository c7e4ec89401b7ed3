"""What belongs to no theme: groups that say the same first, then single voices; searchable."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter, Request, Response

from vocloop.themes import query
from vocloop.themes.minority_voices import minority_voices
from vocloop_models.database import reading
from vocloop_ui.errors import PageInputError
from vocloop_ui.i18n import LANGUAGES
from vocloop_ui.view import Viewed, with_query

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 25
MOST_AT_ONCE = 200
MAX_TEXT = 200


@router.get("/minority-voices")
def page(
    request: Request, view: Viewed, text: str = "", language: str = "", cursor: str = ""
) -> Response:
    text = text.strip()
    if len(text) > MAX_TEXT or "\x00" in text:
        raise PageInputError(
            view.reader.gettext(
                "The words to search for are too long; use at most %(most)s letters."
            )
            % {"most": view.reader.number(MAX_TEXT)}
        )
    with reading(request.app.state.engine) as session:
        found = minority_voices(
            session,
            text=text or None,
            language=language or None,
            cursor=cursor or None,
            limit=min(view.rows(PAGE_SIZE), MOST_AT_ONCE),
        )
        while view.saves and found.next_cursor and len(found.rows) < view.rows(PAGE_SIZE):
            more = minority_voices(
                session,
                text=text or None,
                language=language or None,
                cursor=found.next_cursor,
                limit=MOST_AT_ONCE,
            )
            found = replace(more, rows=[*found.rows, *more.rows])
        totals = query.totals(session)

    def address(**parameters: str | None) -> str:
        return with_query("/minority-voices", {"text": text, "language": language, **parameters})

    chips = [view.chip(view.reader.gettext("Words"), text, "text")] if text else []
    if language:
        name = view.reader.language_name(language)
        chips.append(view.chip(view.reader.gettext("Said in"), name, "language"))
    return view.html(
        "minority_voices.html",
        found=found,
        totals=totals,
        text=text,
        language=language,
        languages=LANGUAGES,
        cursor=cursor,
        address=address,
        chips=chips,
    )
