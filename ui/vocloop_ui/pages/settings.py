"""What a workspace decides for itself: the weights of impact, and how a new one begins."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from vocloop.score import weights
from vocloop.score.impact import Exponents
from vocloop.themes import query
from vocloop.themes.heard import choices
from vocloop.themes.turns import take_turns
from vocloop_models.database import reading, transaction
from vocloop_ui import work
from vocloop_ui.errors import PageInputError
from vocloop_ui.forms import Written, name_of
from vocloop_ui.i18n import Reader
from vocloop_ui.view import Viewed

router = APIRouter(include_in_schema=False)

# Earlier versions that are listed; the API has all.
MOST_VERSIONS = 10
PARTS = ("generality", "longevity", "severity")
MOST_REASON = 500


@router.get("/settings")
def page(request: Request, view: Viewed) -> Response:
    with reading(request.app.state.engine) as session:
        return view.html(
            "settings.html",
            exponents=weights.current(session).by_name(),
            versions=weights.versions(session)[:MOST_VERSIONS],
            parts=PARTS,
            largest=weights.LARGEST_EXPONENT,
            errors={},
        )


@router.post("/settings/weights")
def set_weights(
    request: Request,
    view: Viewed,
    *,
    generality: Written = "",
    longevity: Written = "",
    severity: Written = "",
    reason: Written = "",
) -> Response:
    """A new version of the weights; ranks of today are made anew with it."""
    exponents = Exponents(
        _exponent(view.reader, generality),
        _exponent(view.reader, longevity),
        _exponent(view.reader, severity),
    )
    if not any(exponents.by_name().values()):
        raise PageInputError(view.reader.gettext("One of the three weights must be above 0."))
    with transaction(request.app.state.engine) as session:
        take_turns(session)
        why, by = reason.strip()[:MOST_REASON] or None, name_of(view) or None
        weights.set_weights(session, exponents, reason=why, by=by)
    words = view.reader.gettext("The weights are set, and today's ranks are made with them.")
    return view.redirect("/settings", words)


def _exponent(reader: Reader, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    # Not a number is never inside: NaN compares false.
    if not 0 <= value <= weights.LARGEST_EXPONENT:
        raise PageInputError(
            reader.gettext("“%(value)s” is no weight; use a number from 0 to %(most)s.")
            % {"value": text[:20], "most": f"{weights.LARGEST_EXPONENT:g}"}
        )
    return value


@router.get("/start")
def start(request: Request, view: Viewed) -> Response:
    """From an empty workspace to its first theme, step by step."""
    with reading(request.app.state.engine) as session:
        totals = query.totals(session)
        return view.html(
            "start.html",
            totals=totals,
            work=work.in_hand(session, totals),
            described="industry" in choices(session).segments,
        )
