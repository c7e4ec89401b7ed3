"""Making one theme of two: choosing the other, seeing both beside each other, deciding."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from vocloop.themes import facts, query
from vocloop.themes.places import neighbours
from vocloop.themes.placing import get_theme
from vocloop.themes.quotes import Quote, quotes
from vocloop_models import Theme, ThemeScore
from vocloop_models.database import reading, transaction
from vocloop_ui import edits, ids
from vocloop_ui.forms import Written
from vocloop_ui.view import Viewed

router = APIRouter(include_in_schema=False)

CANDIDATES = 12
QUOTES = 5
MAX_TEXT = 200


@dataclass(frozen=True)
class Candidate:
    """``nearness`` is None for one that a search found."""

    theme: Theme
    nearness: float | None = None


@dataclass(frozen=True)
class Half:
    theme: Theme
    score: ThemeScore | None
    quotes: list[Quote]
    total: int


@router.get("/themes/{theme_id}/merge")
def choose(request: Request, view: Viewed, theme_id: str, text: str = "") -> Response:
    known = ids.theme_id(theme_id)
    text = text.strip()[:MAX_TEXT]
    with reading(request.app.state.engine) as session:
        found = (
            _searched(session, text, known)
            if text
            else [Candidate(n.theme, n.nearness) for n in neighbours(session, known)]
        )
        return view.html("merge.html", theme=get_theme(session, known), text=text, candidates=found)


def _searched(session: Session, text: str, but: uuid.UUID) -> list[Candidate]:
    where = query.ThemeFilter(text=text, min_customers=0)
    found = query.ranked(session, where, limit=CANDIDATES + 1).rows
    return [Candidate(row.theme) for row in found if row.theme.id != but][:CANDIDATES]


@router.get("/themes/{theme_id}/merge/{other_id}")
def preview(request: Request, view: Viewed, theme_id: str, other_id: str) -> Response:
    """Both themes side by side; the first one goes into the other."""
    with reading(request.app.state.engine) as session:
        goes, stays = (_half(session, ids.theme_id(one)) for one in (theme_id, other_id))
        return view.html("merge_preview.html", goes=goes, stays=stays)


def _half(session: Session, theme_id: uuid.UUID) -> Half:
    theme = get_theme(session, theme_id)
    score = session.get(ThemeScore, (theme_id, theme.scored_on)) if theme.scored_on else None
    said = quotes(session, theme_id, limit=QUOTES)
    return Half(theme, score, said.rows, said.total)


@router.post("/themes/{theme_id}/merge")
def merge(request: Request, view: Viewed, theme_id: str, into: Written = "") -> Response:
    gone, target = ids.theme_id(theme_id), ids.theme_id(into)
    with transaction(request.app.state.engine) as session:
        fact = facts.merge(session, gone, target, edits.author(view))
        back = fact.id
    words = view.reader.gettext("The two are one theme now. Old links lead here.")
    return view.redirect(f"/themes/{target}", words, f"/edits/{back}/undo")
