"""One theme's numbers opened up: formula, values, evidence, and why impact moved."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request, Response

from vocloop.errors import NotFoundError
from vocloop.score.explain import explain
from vocloop.score.history import moved
from vocloop_models.database import reading
from vocloop_ui.view import Viewed

router = APIRouter(include_in_schema=False)


@router.get("/themes/{theme_id}/explanation")
def explanation(request: Request, view: Viewed, theme_id: str) -> Response:
    try:
        known = uuid.UUID(theme_id)
    except ValueError as error:
        raise NotFoundError(
            f"theme '{theme_id[:60]}' does not exist; open one from the list of themes"
        ) from error
    with reading(request.app.state.engine) as session:
        found = explain(session, known)
        move = moved(session, known)
    return view.html("explanation.html", found=found, move=move)
