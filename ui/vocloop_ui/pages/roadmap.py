"""Deciding and verifying: all of their pages as one router."""

from __future__ import annotations

from fastapi import APIRouter

from vocloop_ui.pages import backlog, briefing, decisions, hypotheses, item, rounds

router = APIRouter(include_in_schema=False)
for page in (backlog, item, hypotheses, rounds, decisions, briefing):
    router.include_router(page.router)
