"""The components, each as pages use it: to look at, to copy from."""

from __future__ import annotations

from fastapi import APIRouter, Response

from vocloop_models import LongevityKind
from vocloop_ui import columns
from vocloop_ui.view import Viewed

router = APIRouter(include_in_schema=False)

# Roles of static/tokens.css that a template may ask for.
ROLES = (
    "paper", "surface", "sunken", "ink", "ink-2", "ink-3", "line", "line-2", "ai", "ai-wash",
    "shu", "shu-wash", "matsu", "matsu-wash", "d-general", "d-long", "d-severe", "d-gain",
    "d-loss", "d-1", "d-2", "d-3", "d-4", "d-5", "d-6",
)  # fmt: skip
SIZES = ("3xl", "2xl", "xl", "l", "m", "s")
SPACES = tuple(f"s{step}" for step in range(1, 9))


@router.get("/design")
def design(view: Viewed) -> Response:
    reader = view.reader
    every = [
        ("impact", reader.gettext("Impact")),
        ("kind", reader.gettext("Kind of longevity")),
    ]
    return view.html(
        "design.html",
        roles=ROLES,
        sizes=SIZES,
        spaces=SPACES,
        kinds=list(LongevityKind),
        columns=columns.chosen(every, columns.asked_in(view.request.query_params)),
    )


@router.post("/design")
def answer(view: Viewed) -> Response:
    """What a step that can be taken back looks like."""
    reader = view.reader
    return view.redirect("/design#feedback", reader.gettext("This step is done."), "/design")
