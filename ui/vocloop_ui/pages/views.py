"""Saved views: a list with its filters kept under a name, for everyone; and forgotten again."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from vocloop.errors import ForbiddenError, InvalidInputError
from vocloop.themes.saved_views import remove_view, save_view, saved_views
from vocloop_models import SavedView
from vocloop_models.database import transaction
from vocloop_ui import ids, saved_lists
from vocloop_ui.asked import asked_by
from vocloop_ui.forms import Written, name_of
from vocloop_ui.view import View, Viewed

router = APIRouter(include_in_schema=False)


@router.post("/views")
def save(
    request: Request,
    view: Viewed,
    name: Written = "",
    query: Written = "",
    page: Written = "/themes",
) -> Response:
    """Keep a list as it is."""
    if page not in saved_lists.LISTS or not view.may_open(page):
        raise InvalidInputError(f"'{page[:60]}' has no views", [("page", "has no views")])
    kept = saved_lists.query_of(page, parse_qsl(query))
    if page == "/themes":
        # A view that could not be opened is not saved.
        asked_by(view.reader, dict(parse_qsl(kept)))
    with transaction(request.app.state.engine) as session:
        called = " ".join(name.split())
        for same in saved_views(session, page):
            if same.name == called:
                _check(view, same)
        made = save_view(session, page, name, kept, by=name_of(view) or None)
        words = view.reader.gettext("The view “%(name)s” is saved.") % {"name": made.name}
    return view.redirect(_address(page, kept), words)


@router.post("/views/{view_id}/remove")
def remove(request: Request, view: Viewed, view_id: str) -> Response:
    known = ids.view_id(view_id)
    with transaction(request.app.state.engine) as session:
        gone = remove_view(session, known)
        _check(view, gone)
        words = view.reader.gettext("The view “%(name)s” is removed.") % {"name": gone.name}
        back = _address(gone.page, gone.query)
    return view.redirect(back, words)


def _check(view: View, found: SavedView) -> None:
    """Views are everyone's: whoever may not edit themes changes their own only."""
    if not view.may_change(found):
        raise ForbiddenError(f"the view {found.name!r} is of {found.by or 'someone else'}")


def _address(page: str, query: str) -> str:
    return f"{page}?{query}" if query else page
