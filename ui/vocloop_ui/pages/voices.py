"""My voices: what became of each, and the words to tell the customer."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlmodel import Session

from vocloop.accounts.visitor import signed
from vocloop.intake.privacy import privacy
from vocloop.roadmap import fates
from vocloop_models.database import reading
from vocloop_ui import columns, fate_words
from vocloop_ui.forms import MOST_NAME, remembered
from vocloop_ui.view import View, Viewed, with_query

router = APIRouter(include_in_schema=False)

SOURCE = "hand-in"
ROWS = 30
LATEST = 3


def name_of(request: Request) -> str:
    """Who hands in with this browser; "" while nobody said."""
    return signed(None) or remembered(request)


def latest(session: Session, name: str) -> list[fates.Fate]:
    """What became of the last voices that a person handed in on the page; none of somebody without
    a name. Of one source, whose rows an index finds."""
    if not name:
        return []
    by = privacy(session, writing=False).person(name)
    return fates.handed_in(session, source=SOURCE, by=by, limit=LATEST).rows


@router.get("/voices")
def mine(
    request: Request,
    view: Viewed,
    by: str | None = None,
    before: str = "",
    all: str = "",  # noqa: A002 - the address's word
) -> HTMLResponse:
    """Voices that one person brought in, also in files; or those that anybody handed in."""
    name = (by if by is not None else name_of(request)).strip()[:MOST_NAME]
    everyone = bool(all) or not name
    with reading(request.app.state.engine) as session:
        page = fates.handed_in(
            session,
            source=SOURCE if everyone else None,
            # Names are kept as keyed hashes: who knows the name finds the voices.
            by=None if everyone else privacy(session, writing=False).person(name),
            before=_id(before),
            limit=view.rows(ROWS),
        )
        return _page(view, page, name, everyone=everyone)


def _page(view: View, page: fates.FatePage, name: str, *, everyone: bool) -> HTMLResponse:
    last = str(page.rows[-1].feedback.id) if page.more else ""
    shown = _columns(view)
    kept = {"all": "1"} if everyone else {"by": name}
    kept[columns.PARAMETER] = shown.written
    every = with_query("/voices", {"all": "1", columns.PARAMETER: shown.written})
    return view.html(
        "voices.html",
        rows=page.rows,
        columns=shown,
        name=name,
        everyone=everyone,
        chips=[] if everyone else [(view.reader.gettext("Handed in by"), name, every)],
        more=with_query("/voices", kept | {"before": last}) if last else "",
        told=fate_words,
    )


def _columns(view: View) -> columns.Columns:
    every = [
        ("company", view.reader.gettext("Company")),
        ("day", view.reader.gettext("Day")),
        ("state", view.reader.gettext("State")),
        ("item", view.reader.gettext("Item")),
        ("words", view.reader.gettext("What to tell the customer")),
    ]
    return columns.chosen(every, columns.asked_in(view.request.query_params))


def _id(written: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(written) if written else None
    except ValueError:
        return None
