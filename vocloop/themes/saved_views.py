"""Lists that people come back to: a page's filters and order under a name."""

from __future__ import annotations

import uuid

from sqlmodel import Session, col, select

from vocloop.errors import ConflictError, InvalidInputError, NotFoundError, says
from vocloop_models import SavedView
from vocloop_models.database import held

MOST_NAME = 100
MOST_QUERY = 2000
# A row of tabs, not an archive.
MOST_VIEWS = 30


def saved_views(session: Session, page: str) -> list[SavedView]:
    """Those of a page, the oldest first."""
    return list(
        session.exec(select(SavedView).where(SavedView.page == page).order_by(col(SavedView.id)))
    )


def save_view(
    session: Session, page: str, name: str, query: str, *, by: str | None = None
) -> SavedView:
    """Keep ``query`` (as in the address, without its question mark) under ``name``; a name that
    is there already gets the new query.

    Raises InvalidInputError for a name that is empty or too long, ConflictError when the page has
    30 views."""
    name = " ".join(name.split())
    problems = []
    if not 1 <= len(name) <= MOST_NAME:
        problems.append(("name", f"is {len(name)} characters long; give 1 … {MOST_NAME}"))
    if len(query) > MOST_QUERY:
        problems.append(("query", f"is {len(query)} characters long; at most {MOST_QUERY}"))
    if problems:
        raise InvalidInputError(f"the view can't be saved: {problems[0][1]}", problems)
    there = saved_views(session, page)
    same = next((view for view in there if view.name == name), None)
    if same is not None and held(session, SavedView, same.id):
        same.query, same.by = query, by
        return same
    if len(there) >= MOST_VIEWS:
        raise ConflictError(
            says("%(page)s has %(most)s views; remove one first", page=page, most=MOST_VIEWS)
        )
    made = SavedView(page=page, name=name, query=query, by=by)
    session.add(made)
    session.flush()
    return made


def remove_view(session: Session, view_id: uuid.UUID) -> SavedView:
    """Forget a view; returns what it was. Raises NotFoundError."""
    view = held(session, SavedView, view_id)
    if view is None:
        raise NotFoundError(f"there is no view {view_id}; it may have been removed")
    session.delete(view)
    session.flush()
    return view
