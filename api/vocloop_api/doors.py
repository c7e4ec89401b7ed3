"""Who comes in: every request is given a visitor, and held against the table of permissions.

Who asks is found by the session's cookie or a token; which route they ask for by the application's
own routes, in their order. What has no rule in vocloop.accounts.permissions is refused."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from vocloop.accounts import entrance, permissions
from vocloop.accounts.permissions import Permission
from vocloop.accounts.rates import Rates
from vocloop.accounts.visitor import PERSONA_COOKIE, SESSION_COOKIE, Visitor, visiting
from vocloop_api.security import LOCAL_HOSTS, SAFE_METHODS, without_port

# A proxy on this machine makes everyone look as if they sat at it; these tell that one is there.
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")

UNREACHABLE = (OperationalError, InterfaceError, PoolTimeoutError)

SIGN_IN = "sign in first, or send a token that holds: Authorization: Bearer voc_…"
NO_RULE = "nobody may use this yet: it has no line in vocloop/accounts/permissions/"


@dataclass(frozen=True)
class Openness:
    """Who is let in without signing in: nobody by default; else ``visitor``, at this machine only.
    ``personas``: what a demo lets people look as, by name."""

    visitor: Visitor | None = None
    personas: dict[str, Visitor] | None = None

    def admits(self, connection: HTTPConnection) -> Visitor | None:
        if self.visitor is None or not is_at_this_machine(connection):
            return None
        return (self.personas or {}).get(connection.cookies.get(PERSONA_COOKIE, ""), self.visitor)


CLOSED = Openness()


def is_at_this_machine(connection: HTTPConnection) -> bool:
    headers = connection.headers
    if connection.client is None or any(name in headers for name in FORWARDED):
        return False
    try:
        loopback = ipaddress.ip_address(connection.client.host).is_loopback
    except ValueError:
        return False
    return loopback and without_port(headers.get("host", "")) in LOCAL_HOSTS


class Routes:
    """The templates of an application's routes, found as its router finds them."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._known: list[tuple[Callable[[str], Any], frozenset[str], str]] | None = None

    def all(self) -> list[tuple[str, str]]:
        """(method, template) of every route; "*" for what is mounted."""
        return [
            (method, template)
            for _, methods, template in self._list()
            for method in sorted(methods or {"*"})
        ]

    def find(self, method: str, path: str) -> str | None:
        """The template of the first route that takes ``method``; None when there is none, and the
        router says so itself (404, 405)."""
        for match, methods, template in self._list():
            if (not methods or method in methods) and match(path):
                return template
        return None

    def _list(self) -> list[tuple[Callable[[str], Any], frozenset[str], str]]:
        if self._known is None:
            self._known = [
                (
                    # A mount's own expression; a route's is that of its full path.
                    (
                        route.original_route.path_regex
                        if isinstance(route.original_route, Mount)
                        else route.path_regex
                    ).match,
                    frozenset(route.methods or ()),
                    str(route.path),
                )
                for route in iter_route_contexts(self._app.routes)
            ]
        return self._known


class Doors:
    """The middleware. It stands inside the guards of vocloop_api.security."""

    def __init__(self, app: ASGIApp, routes: Routes, openness: Openness, rates: Rates) -> None:
        self.app = app
        self.routes = routes
        self.openness = openness
        self.rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            # Nothing here speaks WebSocket; what would has to pass the table too.
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        request = Request(scope)
        template = self.routes.find(scope["method"], scope["path"])
        needed = permissions.rule(scope["method"], template) if template else None
        visitor = None
        try:
            if template is not None and needed is None:
                raise HTTPException(403, NO_RULE)
            if template != "/static":
                visitor = await self._visitor(request)
            if needed is not Permission.PUBLIC:
                self._check(request, visitor, needed)
        except (HTTPException, *UNREACHABLE) as refusal:
            scope["state"] = {**scope.get("state", {}), "visitor": visitor}
            await _refused(request, refusal)(scope, receive, send)
            return
        scope["state"] = {
            **scope.get("state", {}),
            "visitor": visitor,
            "personas": self.openness.personas if visitor else None,
        }
        token = visiting.set(visitor)
        try:
            await self.app(scope, receive, send)
        finally:
            visiting.reset(token)

    async def _visitor(self, request: Request) -> Visitor | None:
        engine: Engine = request.app.state.engine
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await run_in_threadpool(entrance.by_token, engine, token.strip())
        cookie = request.cookies.get(SESSION_COOKIE, "")
        found = await run_in_threadpool(entrance.by_cookie, engine, cookie) if cookie else None
        return found or self.openness.admits(request)

    def _check(self, request: Request, visitor: Visitor | None, needed: Permission | None) -> None:
        if visitor is None:
            raise HTTPException(401, SIGN_IN, headers={"WWW-Authenticate": "Bearer"})
        if visitor.session_id is not None and not _is_surely_own(request):
            raise HTTPException(
                403, "no browser said where this comes from; programs use a token, not a cookie"
            )
        if needed is not None and not permissions.may(visitor, needed):
            raise HTTPException(403, _forbidden(visitor, needed))
        wait = self.rates.wait(visitor, needed, safe=request.method in SAFE_METHODS)
        if wait:
            raise HTTPException(
                429,
                f"too many requests at once; try again in {wait} s",
                headers={"Retry-After": str(wait)},
            )


def _is_surely_own(request: Request) -> bool:
    """What carries the cookie and changes something must say where it comes from, as every browser
    does; SameOrigin has refused other sites before."""
    headers = request.headers
    return request.method in SAFE_METHODS or "sec-fetch-site" in headers or "origin" in headers


def _forbidden(visitor: Visitor, needed: Permission) -> str:
    if permissions.may(replace(visitor, scopes=None), needed):
        scope = permissions.SCOPES.get(needed)
        if scope is None:
            return "this is for people who sign in; a token can't do it"
        return f"this needs a token with the scope {scope}; make one on the page of your account"
    roles = ", ".join(sorted(permissions.ROLES[needed]))
    return f"you may not {needed}; ask an administrator for one of the roles {roles}"


def _refused(request: Request, refusal: Exception) -> ASGIApp:
    """Answered as the application answers its own errors: problem details, or a page."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        handlers: Any = request.app.exception_handlers
        handler = next(handlers[kind] for kind in type(refusal).__mro__ if kind in handlers)
        response = await handler(request, refusal)
        await response(scope, receive, send)

    return answer
