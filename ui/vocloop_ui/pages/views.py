"""Saved views: kept under a name, and forgotten again."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Form, Request, Response

from vocloop.themes.saved_views import remove_view, save_view
from vocloop_models.database import transaction
from vocloop_ui import ids
from vocloop_ui.asked import asked_by
from vocloop_ui.view import Viewed

router = APIRouter(include_in_schema=False)


@router.post("/views")
def save(
    request: Request,
    view: Viewed,
    name: Annotated[str, Form()] = "",
    query: Annotated[str, Form()] = "",
) -> Response:
    """Keep the list of themes as it is. What it asks for is read first: a view that could not be
    opened is not saved."""
    asked = asked_by(view.reader, dict(parse_qsl(query)))
    with transaction(request.app.state.engine) as session:
        kept = save_view(session, "/themes", name, asked.saved())
        words = view.reader.gettext("The view “%(name)s” is saved.") % {"name": kept.name}
    return view.redirect(asked.address(), words)


@router.post("/views/{view_id}/remove")
def remove(request: Request, view: Viewed, view_id: str) -> Response:
    known = ids.view_id(view_id)
    with transaction(request.app.state.engine) as session:
        gone = remove_view(session, known)
        words = view.reader.gettext("The view “%(name)s” is removed.") % {"name": gone.name}
        back = f"{gone.page}?{gone.query}"
    return view.redirect(back, words)
