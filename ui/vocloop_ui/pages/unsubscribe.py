"""The page behind the link that stops mail. Reading it changes nothing: programs that look at links
of mail would stop it unasked. The button does, and so does the one of mail programs (RFC 8058)."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from vocloop.notify import unsubscribe
from vocloop_models import RecipientKind
from vocloop_models.database import reading, transaction
from vocloop_ui.forms import Written
from vocloop_ui.view import View, Viewed

router = APIRouter(include_in_schema=False)


@router.get("/unsubscribe/{token}")
def ask(request: Request, view: Viewed, token: str) -> Response:
    with reading(request.app.state.engine) as session:
        found = unsubscribe.read(session, token)
    return _page(view, found, token, done=False)


@router.post("/unsubscribe/{token}")
def stop(request: Request, view: Viewed, token: str, everything: Written = "") -> Response:
    with transaction(request.app.state.engine) as session:
        found = unsubscribe.stop(session, token, everything=bool(everything))
    return _page(view, found, token, done=True)


def _page(view: View, found: unsubscribe.Stop, token: str, *, done: bool) -> Response:
    return view.html(
        "unsubscribe.html",
        token=token,
        topic=found.topic.value,
        contact=found.recipient.kind is RecipientKind.CONTACT,
        done=done,
    )
