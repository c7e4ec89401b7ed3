"""Errors as pages: what was wrong, and what to do, in the reader's language."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import FastAPI, Request
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from vocloop.errors import InvalidInputError, VocloopError, taken
from vocloop_models.database import is_there_already
from vocloop_ui import domain_words
from vocloop_ui.i18n import Reader
from vocloop_ui.view import View, view_of, with_query

Statuses = Mapping[type[VocloopError], int]
Handler = Callable[[Request, Any], Response | Awaitable[Response]]

logger = logging.getLogger(__name__)


class PageInputError(InvalidInputError):
    """An address or a form that a page can't take; its message is in the reader's language."""


def words_of(reader: Reader, status: int) -> tuple[str, str]:  # noqa: PLR0911 - one a status
    """Title and advice for a status."""
    if status == 404:
        return (
            reader.gettext("This page does not exist"),
            reader.gettext(
                "The address may be mistyped, or the theme is gone. Start from the list of themes."
            ),
        )
    if status == 413:
        return (
            reader.gettext("This is too large to be taken"),
            reader.gettext(
                "What you typed is kept: go back to the form and hand it in as several voices. "
                "For many voices at once there is `vocloop ingest`."
            ),
        )
    if status in (400, 405, 409, 422):
        return (
            reader.gettext("This request can't be taken"),
            reader.gettext(
                "Go back and change what is named here, or start from the list of themes."
            ),
        )
    if status == 403:
        return (
            reader.gettext("This is not open to you"),
            reader.gettext(
                "Your role does not reach this far. If your work needs it, ask an administrator "
                "for another one."
            ),
        )
    if status == 429:
        return (
            reader.gettext("Too many requests at once"),
            reader.gettext("Wait a moment, then try again."),
        )
    if status == 503:
        return (
            reader.gettext("vocloop is not ready"),
            reader.gettext(
                "Try again in a moment. If it stays so, tell the person who runs vocloop."
            ),
        )
    return (
        reader.gettext("Something went wrong"),
        reader.gettext(
            "The fault is vocloop's. Try again; if it stays so, tell the person who runs vocloop: "
            "the reason is in its log."
        ),
    )


def told(reader: Reader, error: VocloopError) -> str:
    """What the domain says of its error, if it can be said in the reader's language; else the
    status speaks for it alone."""
    wrong = (
        {where for where, _ in error.problems} if isinstance(error, InvalidInputError) else set()
    )
    if "cursor" in wrong:
        return reader.gettext(
            "The address continues a list of another order or filter. Start the list from its "
            "beginning."
        )
    if "language" in wrong:
        return reader.gettext(
            "The address names a language that is none. Use a code of two or three letters, such "
            "as ja or en."
        )
    return str(error) if isinstance(error, PageInputError) else domain_words.told(reader, error)


def answer(view: View, status: int, detail: str = "") -> Response:
    """An error page; for a request by HTMX, a part that goes to the place for problems.

    ``detail`` is in the reader's language."""
    title, advice = words_of(view.reader, status)
    context = {"title": title, "advice": advice, "detail": detail}
    if not view.adding:
        return view.html("error.html", status=status, **context)
    response = view.html("error_part.html", status=status, **context)
    response.headers["hx-retarget"] = "#page-problem"
    response.headers["hx-reswap"] = "innerHTML"
    response.headers["hx-reselect"] = ".note"
    return response


def status_of(error: VocloopError, statuses: Statuses) -> int:
    """The status of the nearest class that the table names; 500 when it names none."""
    for known in type(error).__mro__:
        if known in statuses:
            return statuses[known]
    return 500


def is_page(request: Request) -> bool:
    """Whether the path belongs to the pages; /api answers with problem details of its own."""
    path = request.url.path
    return path != "/api" and not path.startswith("/api/")


def install(app: FastAPI, statuses: Statuses) -> None:
    """Answer errors of pages with pages; errors under /api go to the handlers that were there."""

    def on_vocloop(request: Request, error: VocloopError) -> Response:
        view = view_of(request)
        status = status_of(error, statuses)
        if status >= 500:
            logger.error("%s", error, exc_info=error)
        return answer(view, status, told(view.reader, error))

    def on_integrity(request: Request, error: IntegrityError) -> Response:
        if is_there_already(error):
            return on_vocloop(request, taken())
        raise error

    def on_http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 401:
            return _to_sign_in(request)
        response = answer(view_of(request), error.status_code)
        response.headers.update(error.headers or {})
        return response

    def on_database(request: Request, error: Exception) -> Response:
        # Where is told by the line of the same request: paths hold links that let people in.
        logger.error("database error", exc_info=error)
        return answer(view_of(request), 503)

    def on_anything(request: Request, _error: Exception) -> Response:
        # Starlette raises the error again after this answer, so the server logs it.
        return answer(view_of(request), 500)

    _divide(app, VocloopError, on_vocloop)
    _divide(app, IntegrityError, on_integrity)
    _divide(app, HTTPException, on_http)
    for kind in (OperationalError, InterfaceError, PoolTimeoutError):
        _divide(app, kind, on_database)
    _divide(app, Exception, on_anything)


def _to_sign_in(request: Request) -> Response:
    """To the page that signs in, and from there back; a posted form has no address to go back to,
    and a part of a page sends the whole page there."""
    asked = request.headers.get("hx-current-url", "") if _adding(request) else str(request.url)
    parts = urlsplit(asked)
    # The language is kept, and may be chosen anew on the way.
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "lang"]
    back = f"{parts.path}?{urlencode(query)}" if query else parts.path
    known = _adding(request) or request.method in ("GET", "HEAD")
    address = with_query("/sign-in", {"next": back if known and back != "/" else ""})
    if _adding(request):
        return Response(status_code=401, headers={"hx-redirect": address})
    # In the language that the address asked for, which is remembered from there on.
    return view_of(request).redirect(address)


def _adding(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def _divide(app: FastAPI, kind: type[Exception], page_handler: Handler) -> None:
    before: Handler | None = app.exception_handlers.get(kind)

    async def handle(request: Request, error: Exception) -> Response:
        handler = page_handler if before is None or is_page(request) else before
        result = handler(request, error)
        return await result if isinstance(result, Awaitable) else result

    app.add_exception_handler(kind, handle)
