"""The executives' page: one sheet of A4 that may be handed to a board."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from vocloop.roadmap import outcomes
from vocloop.themes import query
from vocloop_models.database import reading
from vocloop_ui import briefing_view, evidence, roadmap_view
from vocloop_ui.view import Viewed

router = APIRouter(include_in_schema=False)

SHOWN_RENEWALS = 4


@router.get("/briefing")
def briefing(request: Request, view: Viewed) -> Response:
    today = view.reader.today()
    with reading(request.app.state.engine) as session:
        totals = query.totals(session)
        first = query.ranked(session, query.ThemeFilter(), limit=briefing_view.SHOWN).rows
        rose = briefing_view.rising(session)
        themes = [each.theme for each in rose] or [row.theme for row in first]
        waiting = briefing_view.waiting(session)
        return view.html(
            "roadmap/briefing.html",
            today=today,
            week=today.isocalendar().week,
            totals=totals,
            top=first,
            rose=rose,
            waiting=waiting,
            close=next((w for w in waiting if w.period is None), None),
            worked=outcomes.shipped(session)[: briefing_view.SHOWN],
            numbers=briefing_view.numbers(session, today),
            words_said=briefing_view.words(session, themes),
            renewals=briefing_view.renewals(session, today, SHOWN_RENEWALS),
            departments=roadmap_view.departments(session, view.reader),
            shown=briefing_view.SHOWN,
            evidence=evidence,
        )
