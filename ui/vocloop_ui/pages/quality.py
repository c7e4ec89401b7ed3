"""How good the themes are: what the last runs measured, and what people say of single cases."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from vocloop.errors import NotFoundError
from vocloop.themes import spot_checks
from vocloop.themes.standing import standing_of
from vocloop_models.database import reading, transaction
from vocloop_ui.errors import PageInputError
from vocloop_ui.forms import Written, name_of
from vocloop_ui.view import Viewed

router = APIRouter(include_in_schema=False)

# The least stable themes are read first; the others are in the API.
SHOWN_THEMES = 20
SHOWN_CHECKS = 5
ANSWERS = {"yes": True, "no": False}


@router.get("/quality")
def quality(request: Request, view: Viewed) -> Response:
    with reading(request.app.state.engine) as session:
        checks = spot_checks.open_checks(session)
        return view.html(
            "quality.html",
            standing=standing_of(session, view.rows(SHOWN_THEMES)),
            accuracy=spot_checks.accuracy(session),
            checks=checks[:SHOWN_CHECKS],
            waiting=len(checks),
        )


@router.post("/quality/checks/{check_id}")
def check(request: Request, view: Viewed, check_id: str, right: Written = "") -> Response:
    if right not in ANSWERS:
        raise PageInputError(view.reader.gettext("Answer with one of the two buttons."))
    try:
        known = uuid.UUID(check_id)
    except ValueError as error:
        raise NotFoundError(
            f"spot check '{check_id[:60]}' does not exist; open one from the page on quality"
        ) from error
    with transaction(request.app.state.engine) as session:
        spot_checks.mark(session, known, right=ANSWERS[right], by=name_of(view) or None)
    return RedirectResponse("/quality#checks", status_code=303)
