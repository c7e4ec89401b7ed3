"""Guards around every answer: headers, known hosts, plain addresses, same origin, bounded bodies.

Who may do what is settled in doors.py. What must not get that far are pages of other sites in the
user's own browser: by a name that they re-point to 127.0.0.1 (DNS rebinding), or by a form or
script that posts across sites.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vocloop_api.errors import problem

# 1,000 rows of a few kilobytes; files beyond this go through `vocloop ingest`, which streams.
MOST_BODY_BYTES = 8 * 1024 * 1024

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# "none": the person typed the address or used a bookmark.
OWN_FETCH_SITES = frozenset({"same-origin", "none"})

HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class SecurityHeaders:
    """Puts HEADERS on every answer; a header that the answer has already is left as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class KnownHosts:
    """Refuses (400) a Host other than this machine's own names and ``others``."""

    def __init__(self, app: ASGIApp, others: Iterable[str] = ()) -> None:
        self.app = app
        self.known = LOCAL_HOSTS | {host.lower() for host in others}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        hosts = Headers(scope=scope).getlist("host")
        if len(hosts) == 1 and without_port(hosts[0]) in self.known:
            await self.app(scope, receive, send)
            return
        detail = (
            "this host name is not known here; use localhost, or add it to VOCLOOP_ALLOWED_HOSTS"
        )
        await problem(scope["path"], 400, detail)(scope, receive, send)


class NoNul:
    """Refuses (400) an address that holds NUL: no text has it, and PostgreSQL takes none."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (
            "\x00" in scope["path"]
            or any(nul in scope["query_string"] for nul in (b"%00", b"\x00"))
        ):
            detail = "the address holds a NUL character (%00), which no text has; remove it"
            await problem(scope["path"], 400, detail)(scope, receive, send)
            return
        await self.app(scope, receive, send)


class SameOrigin:
    """Refuses (403) what changes state when a browser says that another site sent it.

    Clients that are no browsers send neither Sec-Fetch-Site nor Origin and pass."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS:
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        fetch_site = headers.get("sec-fetch-site")
        origin = headers.get("origin")
        foreign_site = fetch_site is not None and fetch_site not in OWN_FETCH_SITES
        foreign_origin = origin is not None and _netloc(origin) != headers["host"].lower()
        if not foreign_site and not foreign_origin:
            await self.app(scope, receive, send)
            return
        detail = "another site sent this request; only vocloop's own pages may change data"
        await problem(scope["path"], 403, detail)(scope, receive, send)


class BoundedBody:
    """Refuses (413) a body over ``most`` bytes, announced or not, while it is being read."""

    def __init__(
        self,
        app: ASGIApp,
        most: int = MOST_BODY_BYTES,
        larger: Mapping[str, int] | None = None,
    ) -> None:
        """``larger``: the bound, by path, of those that take whole files as a stream."""
        self.app = app
        self.most = most
        self.larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        read = 0
        most = self.larger.get(scope["path"], self.most)

        async def receive_bounded() -> Message:
            nonlocal read
            # Raised inside the application, so that its handlers write the answer.
            if announced.isdecimal() and int(announced[:20]) > most:
                raise _too_large(most)
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise _too_large(most)
            return message

        await self.app(scope, receive_bounded, send)


def _too_large(most: int) -> HTTPException:
    detail = f"the body is over {most:,} bytes; send it in parts, or use vocloop ingest"
    return HTTPException(413, detail)


def without_port(host: str) -> str:
    name, colon, port = host.lower().rpartition(":")
    return name if colon and port.isdecimal() else host.lower()


def _netloc(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None
