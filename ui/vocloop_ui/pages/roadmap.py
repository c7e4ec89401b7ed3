"""Deciding and verifying: all of their pages as one router."""

from __future__ import annotations

from fastapi import APIRouter

from vocloop_ui.pages import (
    backlog,
    briefing,
    decisions,
    hypotheses,
    inbox,
    item,
    outcomes,
    rounds,
)

router = APIRouter(include_in_schema=False)
for page in (briefing, backlog, item, hypotheses, rounds, decisions, inbox, outcomes):
    router.include_router(page.router)
