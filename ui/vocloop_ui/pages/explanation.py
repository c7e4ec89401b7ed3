"""One theme's numbers opened up: formula, values, evidence, and why impact moved."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from vocloop.score.explain import explain
from vocloop.score.history import moved
from vocloop_models.database import reading
from vocloop_ui import ids
from vocloop_ui.view import Viewed

router = APIRouter(include_in_schema=False)


@router.get("/themes/{theme_id}/explanation")
def explanation(request: Request, view: Viewed, theme_id: str) -> Response:
    known = ids.theme_id(theme_id)
    with reading(request.app.state.engine) as session:
        found = explain(session, known)
        move = moved(session, known)
    return view.html("explanation.html", found=found, move=move)
