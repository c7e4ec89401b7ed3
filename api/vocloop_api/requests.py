"""Each request has an id, one line in the log, and its time in the metrics."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vocloop.logs import request_id
from vocloop.metrics import REQUESTS
from vocloop_models import new_id

HEADER = "X-Request-Id"
# An id that a proxy gave is kept, if it can't be mistaken for anything else.
_KEPT = re.compile(r"[A-Za-z0-9._-]{1,64}")
# One value for whatever anyone may invent: each route is a row of its own in the metrics.
UNKNOWN = "unknown"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = logging.getLogger("vocloop.request")


class Requests:
    """The path is never told, only the route's template: paths and queries hold names and words."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        own = given if _KEPT.fullmatch(given) else new_id().hex
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = own
            await send(message)

        with _known_as(own):
            start = time.perf_counter()
            try:
                await self.app(scope, receive, send_with_id)
            finally:
                _tell(scope, status, time.perf_counter() - start)


@contextmanager
def _known_as(own: str) -> Iterator[None]:
    token = request_id.set(own)
    try:
        yield
    finally:
        request_id.reset(token)


def _tell(scope: Scope, status: int, seconds: float) -> None:
    method = scope["method"] if scope["method"] in _METHODS else UNKNOWN
    route = _template(scope)
    REQUESTS.labels(method, route, str(status)).observe(seconds)
    log.info(
        "request",
        extra={
            "method": method,
            "route": route,
            "status": status,
            "milliseconds": round(seconds * 1_000, 1),
        },
    )


def _template(scope: Scope) -> str:
    # FastAPI keeps the whole template beside the route of an included router, which has its end.
    found = scope.get("fastapi", {}).get("effective_route_context") or scope.get("route")
    if found is not None:
        return str(found.path)
    return "/static" if scope["path"].startswith("/static/") else UNKNOWN
