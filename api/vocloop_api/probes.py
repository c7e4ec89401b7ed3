"""What those who run vocloop ask: /livez, /readyz and /metrics.

They stand before the guards of the application, since probes come by the address of a container,
and they hold no data of customers. A worker serves them alone.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable

from anyio import fail_after, to_thread
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from vocloop import metrics
from vocloop.config import Settings
from vocloop_models.database import revisions

# A probe that waits longer for the database is answered that it is not ready.
READY_SECONDS = 3.0
PATHS = ("/livez", "/readyz", "/metrics")
# With one of them the request came through a proxy, whoever the proxy is.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")

State = Callable[[], bool]


def _always() -> bool:
    return True


async def nothing_else(scope: Scope, receive: Receive, send: Send) -> None:
    """The application behind the probes of a process that serves nothing else."""
    if scope["type"] == "http":
        await PlainTextResponse("there is nothing here\n", 404)(scope, receive, send)


class Probes:
    """``alive``: false when the process must be replaced. ``taking``: false while it starts, and
    from the moment that it was told to stop, so that no requests are sent here."""

    def __init__(
        self,
        app: ASGIApp,
        engine: Callable[[], Engine],
        configured: Settings,
        *,
        alive: State = _always,
        taking: State = _always,
    ) -> None:
        self.app = app
        self._engine = engine
        self._settings = configured
        self.alive = alive
        self.taking = taking

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answers = dict(zip(PATHS, (self._live, self._ready, self._metrics), strict=True))
        asked = answers.get(scope["path"]) if scope["type"] == "http" else None
        if asked is None or scope["method"] not in {"GET", "HEAD"}:
            await self.app(scope, receive, send)
            return
        answer = await asked(scope)
        await answer(scope, receive, send)

    async def _live(self, _: Scope) -> Response:
        return _said("alive") if self.alive() else _said("the worker has ended", 503)

    async def _ready(self, _: Scope) -> Response:
        if not self.taking():
            return _said("starting or stopping", 503)
        try:
            with fail_after(READY_SECONDS):
                current, needed = await to_thread.run_sync(
                    revisions, self._engine(), abandon_on_cancel=True
                )
        except (DBAPIError, PoolTimeoutError, TimeoutError):
            return _said("the database does not answer", 503)
        if current != needed:
            return _said(
                f"the database is at {current}, {needed} is needed: vocloop db upgrade", 503
            )
        return _said("ready")

    async def _metrics(self, scope: Scope) -> Response:
        if not self._may_read(scope):
            # As if there were none: whom it is for knows the setting.
            return _said("there is nothing here for you; see VOCLOOP_METRICS", 404)
        body = await to_thread.run_sync(
            lambda: (
                generate_latest(metrics.PROCESS) + generate_latest(metrics.registry(self._engine()))
            )
        )
        return Response(body, media_type=CONTENT_TYPE_LATEST)

    def _may_read(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        if self._settings.metrics == "token":
            token = self._settings.metrics_token
            sent = headers.get("authorization", "").encode()
            return token is not None and hmac.compare_digest(
                sent, f"Bearer {token.get_secret_value()}".encode()
            )
        if self._settings.metrics == "loopback":
            return _is_loopback(scope) and not any(name in headers for name in _FORWARDED)
        return False


def _is_loopback(scope: Scope) -> bool:
    try:
        return ipaddress.ip_address((scope.get("client") or ("", 0))[0]).is_loopback
    except ValueError:
        return False


def _said(text: str, status: int = 200) -> Response:
    return PlainTextResponse(f"{text}\n", status, {"Cache-Control": "no-store"})
