"""The pages of vocloop, to be mounted into a FastAPI app."""

from __future__ import annotations

import logging
from zoneinfo import ZoneInfo

from fastapi import APIRouter, FastAPI

from vocloop_ui import assets, errors
from vocloop_ui.pages import (
    account,
    alerts,
    changes,
    colleagues,
    customer_list,
    design,
    edits,
    explanation,
    goals,
    hand_in,
    imports,
    merge,
    minority_voices,
    notifications,
    numbers,
    outgoing,
    proposals,
    quality,
    restricted,
    roadmap,
    search,
    settings,
    sign_in,
    sources,
    split,
    theme,
    theme_map,
    themes,
    trackers,
    transcript,
    unsubscribe,
    users,
    views,
    voices,
)
from vocloop_ui.view import Settings

logger = logging.getLogger(__name__)

router = APIRouter(include_in_schema=False)
HEAR = (hand_in, transcript, imports, voices, sources, customer_list)
for page in (
    themes,
    views,
    theme,
    explanation,
    edits,
    merge,
    split,
    proposals,
    changes,
    theme_map,
    minority_voices,
    quality,
    restricted,
    *HEAR,
    search,
    settings,
    design,
    unsubscribe,
    sign_in,
    account,
    users,
    goals,
    numbers,
    alerts,
    notifications,
    outgoing,
    trackers,
    colleagues,
    roadmap,
):
    router.include_router(page.router)


def mount_ui(
    app: FastAPI,
    statuses: errors.Statuses,
    *,
    language: str = "ja",
    timezone: ZoneInfo | None = None,
) -> None:
    """Add the pages, /static and error pages to ``app``.

    ``statuses`` is the table from error class to HTTP status that the API uses too. ``language``
    greets readers who wish for neither ja nor en; dates are told in ``timezone`` (Asia/Tokyo by
    default, as in intake). The app's state must hold ``engine`` (SQLAlchemy Engine) and may hold
    ``suggest`` (``vocloop_ui.suggestions.Suggest``) and ``nearest``
    (``vocloop_ui.nearest.Nearest``). Call it after the API has installed its error handlers: for
    paths under /api they stay in charge."""
    app.state.ui = Settings(language=language, timezone=timezone or ZoneInfo("Asia/Tokyo"))
    app.include_router(router)
    app.mount("/static", assets.HashedFiles(directory=assets.STATIC), name="static")
    errors.install(app, statuses)
    if not assets.exists("vendor/htmx.min.js"):
        logger.warning(
            "ui/vocloop_ui/static/vendor/htmx.min.js is missing: pages work, but reload for each "
            "step. Run `python ui/vendor.py`."
        )
