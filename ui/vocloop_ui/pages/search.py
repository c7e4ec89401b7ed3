"""Search over themes and voices, and the palette that goes anywhere."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from vocloop.themes.query import folded
from vocloop.themes.search import index_of
from vocloop_models.database import reading
from vocloop_ui import csv_file, roadmap_view, words
from vocloop_ui.i18n import Reader
from vocloop_ui.navigation import STAGES
from vocloop_ui.view import Viewed, with_query

router = APIRouter(include_in_schema=False)

THEMES = 12
VOICES = 50
SUGGESTED = 8
MAX_TEXT = 200


@router.get("/search")
def page(request: Request, view: Viewed, text: str = "") -> Response:
    text = text.strip()[:MAX_TEXT]
    with reading(request.app.state.engine) as session:
        index = index_of(session)
        themes = index.themes(session, text, limit=THEMES) if text else []
        voices = index.statements(session, text, limit=VOICES) if text else []
        if request.query_params.get("format") == "csv":
            heads = view.reader.gettext("Statement"), view.reader.gettext("Company")
            rows = ((each.statement.text, each.customer) for each in voices)
            return csv_file.answer("search", [heads, *rows])
        return view.html(
            "search.html",
            text=text,
            themes=themes,
            voices=voices,
            most=VOICES,
            csv=with_query("/search", {"text": text, "format": "csv"}),
        )


@router.get("/search/palette")
def palette(request: Request, view: Viewed, text: str = "") -> Response:
    """Pages, themes and backlog items for what is typed so far; pages alone before anything is, and
    items only for those who may read the roadmap."""
    text = text.strip()[:MAX_TEXT]
    planned = text and view.may("read roadmap")
    with reading(request.app.state.engine) as session:
        themes = index_of(session).themes(session, text, limit=SUGGESTED) if text else []
        return view.html(
            "palette.html",
            text=text,
            places=[each for each in _places(view.reader, text) if view.may_open(each[0])],
            themes=[(each.theme, words.title(view.reader, each.theme)) for each in themes],
            items=roadmap_view.matching(session, text, SUGGESTED) if planned else [],
        )


def _places(reader: Reader, text: str) -> list[tuple[str, str, str]]:
    """(address, page, stage) of the pages whose words, or those of their stage, fit."""
    every = [
        (page.address, page.words(reader), stage.words(reader))
        for stage in STAGES
        for page in stage.pages
    ]
    every += [
        ("/edits", reader.gettext("Edits of themes"), ""),
        ("/notifications", reader.gettext("Notifications"), ""),
        ("/outbox", reader.gettext("Outbox"), ""),
        ("/trackers", reader.gettext("Trackers"), ""),
        ("/settings", reader.gettext("Settings"), ""),
    ]
    wanted = folded(text).split()
    return [place for place in every if all(word in folded(" ".join(place)) for word in wanted)]
