"""Finding things: search over voices and themes, the map of themes, saved views."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from vocloop.accounts import permissions
from vocloop.accounts.visitor import visiting
from vocloop.themes import places, saved_views
from vocloop.themes.search import index_of
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT
from vocloop_api.finding_schemas import (
    FoundStatementRow,
    FoundThemeRow,
    MapAnswer,
    PlaceRow,
    SearchAnswer,
    ViewIn,
    ViewRow,
)

router = APIRouter(
    tags=["finding"],
    responses=ON_CONFLICT,
)

Few = Annotated[int, Query(ge=1, le=200)]


@router.get("/search")
def search(
    session: ReadSession,
    text: Annotated[str, Query(min_length=1, max_length=200)],
    themes: Few = 12,
    statements: Few = 50,
) -> SearchAnswer:
    """Themes and statements like these words, whatever their case and width; a wrong letter is
    forgiven."""
    index = index_of(session)
    return SearchAnswer(
        themes=[FoundThemeRow.found(each) for each in index.themes(session, text, limit=themes)],
        statements=[
            FoundStatementRow.found(each)
            for each in index.statements(session, text, limit=statements)
        ],
    )


@router.get("/map")
def read_map(session: ReadSession) -> MapAnswer:
    """The map of themes that the last run drew: like problems lie near each other."""
    return MapAnswer(rows=[PlaceRow.of(each) for each in places.on_the_map(session)])


@router.get("/saved-views")
def list_views(
    session: ReadSession, page: Annotated[str, Query(max_length=100)] = "/themes"
) -> list[ViewRow]:
    """Saved views of a page, the oldest first; none of a page that is not yours to open."""
    visitor = visiting.get()
    if visitor is not None and not permissions.may_open(visitor, page):
        return []
    return [ViewRow.model_validate(each) for each in saved_views.saved_views(session, page)]


@router.post("/saved-views", status_code=201)
def save_view(session: WriteSession, row: ViewIn) -> ViewRow:
    """Keep filters and order of a page under a name; a name that is there gets the new ones."""
    made = saved_views.save_view(session, row.page, row.name, row.query, by=row.by)
    return ViewRow.model_validate(made)


@router.delete("/saved-views/{view_id}", status_code=204)
def remove_view(session: WriteSession, view_id: uuid.UUID) -> None:
    """Forget a saved view."""
    saved_views.remove_view(session, view_id)
