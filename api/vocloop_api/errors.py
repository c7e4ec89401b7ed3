"""Every refusal as problem details (RFC 9457), by one table from class of error to status."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException

from vocloop.errors import (
    ConflictError,
    DatabaseError,
    EncoderError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    RemoteError,
    SignatureError,
    VocloopError,
    taken,
)
from vocloop_models.database import is_there_already

STATUS: Mapping[type[VocloopError], int] = {
    ForbiddenError: 403,
    NotFoundError: 404,
    ConflictError: 409,
    InvalidInputError: 422,
    EncoderError: 503,
    DatabaseError: 503,
    SignatureError: 401,
    RemoteError: 502,
}

MEDIA_TYPE = "application/problem+json"
# More reasons than anyone reads; a body of a million unknown fields must not be echoed.
MOST_PROBLEMS = 100
# Of any one text in an answer: names and values of hostile rows can be megabytes long.
LONGEST = 500

# What pydantic says, in words that name the remedy.
REASONS = {
    "missing": "is missing; give it",
    "extra_forbidden": "is not a known field; remove it or mend its spelling",
    "string_unicode": "is not valid Unicode; send UTF-8 without lone surrogates",
    "model_attributes_type": "is not a JSON object; send one, with Content-Type: application/json",
    "model_type": "is not a JSON object; send one, with Content-Type: application/json",
}

NOT_JSON = "the body can't be read as JSON in UTF-8; check its quotes, commas and encoding"
# FastAPI's words for a body that fails otherwise than by its syntax: wrong encoding, too deep.
FRAMEWORK_NOT_JSON = "There was an error parsing the body"

log = logging.getLogger(__name__)

# (where, reason)
Reasons = Sequence[tuple[str, str]]


class ProblemReason(BaseModel):
    where: str = Field(description="The field, or the row and field")
    reason: str


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "Unprocessable Entity",
                "status": 422,
                "detail": "the request can't be taken: severity_mark",
                "instance": "/api/feedback",
                "problems": [
                    {
                        "where": "severity_mark",
                        "reason": "Input should be less than or equal to 4",
                    }
                ],
            }
        }
    )

    type: str
    title: str
    status: int
    detail: str
    instance: str
    problems: list[ProblemReason]


# For routers whose routes may find that things are not as they must be for what is asked.
ON_CONFLICT: dict[int | str, dict[str, Any]] = {
    409: {"model": Problem, "description": "Not as things stand now"}
}


def status_of(error: VocloopError) -> int:
    """The status of the nearest class in STATUS; 500 for one that the table does not know."""
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def problem(
    path: str,
    status: int,
    detail: str,
    problems: Reasons = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An ``application/problem+json`` answer to a request for ``path``."""
    body = Problem(
        type="about:blank",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=_short(detail),
        instance=_short(path),
        problems=listed(problems),
    )
    packed = json.dumps(body.model_dump(), ensure_ascii=False).encode()
    return Response(packed, status, headers, media_type=MEDIA_TYPE)


def listed(problems: Reasons, whole: str = "body") -> list[ProblemReason]:
    """The first of ``problems``; ``whole`` names what a reason without a field is about."""
    return [
        ProblemReason(where=_short(where or whole), reason=_short(reason))
        for where, reason in problems[:MOST_PROBLEMS]
    ]


def reasons_of(errors: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Errors of pydantic, with a ``loc`` relative to what was read, as (where, reason)."""
    return [
        (
            ".".join(str(part) for part in error["loc"]),
            REASONS.get(error["type"], error["msg"].removeprefix("Value error, ")),
        )
        for error in errors
    ]


def install_error_handlers(app: FastAPI) -> None:
    """Answer every error of ``app`` with problem details, also its framework's own."""
    app.add_exception_handler(VocloopError, _vocloop_error)
    app.add_exception_handler(IntegrityError, _integrity_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    for kind in (OperationalError, InterfaceError, PoolTimeoutError):
        app.add_exception_handler(kind, _database_error)
    app.add_exception_handler(Exception, _unforeseen)


async def _vocloop_error(request: Request, error: Exception) -> Response:
    problems = error.problems if isinstance(error, InvalidInputError) else ()
    status = status_of(error) if isinstance(error, VocloopError) else 500
    return problem(request.url.path, status, str(error), problems)


async def _integrity_error(request: Request, error: Exception) -> Response:
    if isinstance(error, IntegrityError) and is_there_already(error):
        return await _vocloop_error(request, taken())
    raise error


async def _validation_error(request: Request, error: Exception) -> Response:
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    if any(each["type"] == "json_invalid" for each in errors):
        return problem(request.url.path, 400, NOT_JSON)
    # The first part says body, query or path; the name alone is what people look for.
    problems = reasons_of({**each, "loc": each["loc"][1:]} for each in errors)
    names = ", ".join(dict.fromkeys(where or "body" for where, _ in problems))
    return problem(request.url.path, 422, f"the request can't be taken: {names}", problems)


async def _http_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    path = request.url.path
    details = {
        404: f"there is nothing at {path}; see /api/openapi.json for what there is",
        405: f"{request.method} is not possible here; the Allow header says what is",
    }
    detail = details.get(error.status_code, str(error.detail))
    if detail == FRAMEWORK_NOT_JSON:
        detail = NOT_JSON
    return problem(path, error.status_code, detail, headers=error.headers)


async def _database_error(request: Request, error: Exception) -> Response:
    # Where is told by the line of the same request: paths hold links that let people in.
    log.error("database error", exc_info=error)
    detail = (
        "the database can't be reached, is busy, or has another schema; "
        "try again, then see /api/health and the server's log"
    )
    return problem(request.url.path, 503, detail)


async def _unforeseen(request: Request, _error: Exception) -> Response:
    # The server logs the error itself; its text may hold customers' words and stays inside.
    detail = "vocloop failed in a way it did not foresee; the server's log says where"
    return problem(request.url.path, 500, detail)


def _short(text: str) -> str:
    # "replace": a lone surrogate that came in as \\ud800 is echoed as "?", it must not break us.
    whole = text.encode("utf-8", "replace").decode()
    return whole if len(whole) <= LONGEST else whole[:LONGEST] + "…"
