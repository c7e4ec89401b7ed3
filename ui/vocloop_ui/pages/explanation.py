"""One theme's numbers opened up: formula, values, evidence, and why impact moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response

from vocloop.score.explain import explain
from vocloop.score.history import moved
from vocloop.score.words import Sentence
from vocloop_models.database import reading
from vocloop_ui import hypothesis_view, ids, segment_words
from vocloop_ui.i18n import LANGUAGES
from vocloop_ui.view import Viewed

router = APIRouter(include_in_schema=False)


@router.get("/themes/{theme_id}/explanation")
def explanation(request: Request, view: Viewed, theme_id: str) -> Response:
    known = ids.theme_id(theme_id)

    def called(segment: Mapping[str, Any]) -> Sentence:
        said = segment_words.phrase(view.reader, segment["attribute"], segment["value"])
        return dict.fromkeys(LANGUAGES, said)

    with reading(request.app.state.engine) as session:
        found = explain(session, known, called=called)
        move = moved(session, known, called=called)
        of_theme = hypothesis_view.of_theme(session, known)
    shipped = of_theme.shipped(view.reader.timezone) if view.may("read roadmap") else []
    return view.html("explanation.html", found=found, move=move, shipped=shipped)
