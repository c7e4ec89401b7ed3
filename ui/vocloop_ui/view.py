"""From a request to a page: the reader's language, the templates, the headers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote, unquote, urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import URL

from vocloop.accounts import permissions
from vocloop.accounts.permissions import Permission
from vocloop.accounts.visitor import AT_THIS_MACHINE, Visitor
from vocloop.errors import NotFoundError
from vocloop.themes.saved_views import saved_views
from vocloop_models import SavedView
from vocloop_models.database import reading
from vocloop_ui import (
    account_words,
    assets,
    csv_file,
    domain_words,
    marks,
    navigation,
    pairs,
    roadmap_view,
    roadmap_words,
    saved_lists,
    saved_tables,
    segment_words,
    success_words,
    words,
    work,
)
from vocloop_ui.i18n import LANGUAGES, Reader, accepted, translations

TEMPLATES = Path(__file__).parent / "templates"
# In an address: which table of its page is asked for as a file.
TABLE = "table"
# Where in a long list a page stands: a file begins at its beginning.
PLACES = ("cursor", "before", "start")
LANGUAGE_COOKIE = "vocloop_language"
# What the last step did, for the page that follows it; browsers keep 4 KB.
SAID_COOKIE = "vocloop_said"
SAID_SECONDS = 60
MOST_SAID = 400
COOKIE_SECONDS = 365 * 24 * 3600
# No inline script or style anywhere; nothing from another host; no frames around the pages.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True)
class Settings:
    """What ``mount_ui`` was told; kept in ``app.state.ui``."""

    language: str
    timezone: ZoneInfo


@cache
def environment(language: str) -> Environment:
    """Templates that speak ``language``."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    catalogue = translations(language)
    # newstyle: variables are escaped before they meet a message, so that messages may hold
    # mark-up and hostile values can't.
    made.install_gettext_callables(  # type: ignore[attr-defined]  # added by the i18n extension
        catalogue.gettext, catalogue.ngettext, newstyle=True
    )
    made.globals.update(
        static=assets.address,
        static_exists=assets.exists,
        marks=marks,
        words=words,
        segments=segment_words,
        success=success_words,
        stage_of=work.stage,
        pairs=pairs,
        roadmap=roadmap_view,
        terms=roadmap_words,
        account=account_words,
        domain=domain_words,
    )
    return made


def with_query(path: str, parameters: Mapping[str, str | int | None]) -> str:
    """``path`` with those parameters that are neither None nor empty."""
    kept = {name: value for name, value in parameters.items() if value not in (None, "")}
    return f"{path}?{urlencode(kept)}" if kept else path


@dataclass(frozen=True)
class Said:
    """What a step did, in the reader's words; ``undo``: the address to post to, if it can be
    taken back."""

    text: str
    undo: str = ""


@dataclass(frozen=True)
class View:
    """One request and the person behind it."""

    request: Request
    reader: Reader
    chosen: bool = field(default=False)  # by ?lang=, so it is to be remembered

    @property
    def adding(self) -> bool:
        """Whether HTMX asks, to put a part of the answer into a page that is open."""
        return self.request.headers.get("hx-request") == "true"

    @property
    def visitor(self) -> Visitor | None:
        """Who is signed in. Pages that are mounted without doors are open, as in tests of them."""
        found: Visitor | None = getattr(self.request.state, "visitor", AT_THIS_MACHINE)
        return found

    @property
    def personas(self) -> Mapping[str, Visitor]:
        """Whom a visitor of the demo may look as; empty anywhere else."""
        return getattr(self.request.state, "personas", None) or {}

    def may(self, permission: str) -> bool:
        visitor = self.visitor
        return visitor is not None and permissions.may(visitor, Permission(permission))

    def may_open(self, template: str) -> bool:
        """Whether the page of this route is theirs to open."""
        visitor = self.visitor
        return visitor is not None and permissions.may_open(visitor, template)

    def may_post(self, address: str) -> bool:
        """Whether a form that posts there would be taken: what they may not do is not offered."""
        visitor = self.visitor
        return visitor is not None and permissions.may_at(visitor, "POST", address)

    @property
    def first_page(self) -> str:
        return navigation.first_page(self.visitor.roles if self.visitor else ())

    @property
    def stages(self) -> list[navigation.Stage]:
        return navigation.stages(self.may_open)

    @property
    def place(self) -> navigation.Place:
        return navigation.place_of(self.request.url.path, self.may_open)

    @property
    def said(self) -> Said | None:
        """What the step before this page did; a part of a page leaves it for the page."""
        kept = self.request.cookies.get(SAID_COOKIE)
        if not kept or self.adding:
            return None
        try:
            text, undo = json.loads(unquote(kept))
        except ValueError:
            return None
        if not isinstance(text, str) or not isinstance(undo, str):
            return None
        return Said(text, undo if is_own(undo) else "")

    def language_address(self, language: str) -> str:
        """This page in another language. Where a form was posted to an address that has no page,
        it is the page that the form is on."""
        at = self.request.url
        route = self.request.scope.get("route")
        if self.request.method == "POST" and not permissions.rule(
            "GET", getattr(route, "path", "")
        ):
            came_from = URL(self.request.headers.get("referer", ""))
            known = came_from.netloc == at.netloc and came_from.path != at.path
            at = came_from if known else URL("/")
        parameters = [
            (name, value)
            for name, value in parse_qsl(at.query, keep_blank_values=True)
            if name != "lang"
        ]
        return f"{at.path}?{urlencode([*parameters, ('lang', language)])}"

    def html(self, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        reader = self.reader
        page = (
            environment(reader.language)
            .get_template(template)
            .render(
                reader=reader,
                view=self,
                status=status,
                other_language=next(code for code in LANGUAGES if code != reader.language),
                **context,
            )
        )
        if self.saves and status == 200:
            return self._saved(page)
        response = HTMLResponse(page, status_code=status)
        response.headers["content-language"] = reader.language
        response.headers["cache-control"] = "private, no-cache"
        response.headers["vary"] = "Accept-Language, Cookie, HX-Request"
        response.headers["content-security-policy"] = CONTENT_SECURITY_POLICY
        response.headers["x-content-type-options"] = "nosniff"
        response.headers["referrer-policy"] = "same-origin"
        self._keep_language(response)
        if SAID_COOKIE in self.request.cookies and not self.adding:
            response.delete_cookie(SAID_COOKIE)
        return response

    @property
    def list_query(self) -> str:
        """What a saved view of this list would keep (saved_lists)."""
        path, parameters = self.request.url.path, self.request.query_params
        return saved_lists.query_of(path, parameters.multi_items())

    def list_views(self) -> list[SavedView]:
        """Saved views of this list."""
        if self.saves or self.request.method != "GET":
            return []
        with reading(self.request.app.state.engine) as session:
            return saved_views(session, self.request.url.path)

    def may_change(self, found: SavedView) -> bool:
        own = bool(self.visitor and self.visitor.name and self.visitor.name == found.by)
        return own or self.may("edit themes")

    @property
    def saves(self) -> str:
        """Which of the page's tables is asked for as a file (saved_tables)."""
        return self.request.query_params.get(TABLE, "") if self.request.method == "GET" else ""

    def rows(self, shown: int) -> int:
        """How many rows to read of a list that is shown ``shown`` at a time: a file has all."""
        return saved_tables.MOST_ROWS if self.saves else shown

    def saving(self, table: str) -> str:
        """The address of a table of this page as a file, under the same filters; "" on the answer
        to a posted form, which has no address."""
        if self.request.method != "GET":
            return ""
        return f"{self.request.url.path}?{urlencode([*self.kept(TABLE), (TABLE, table)])}"

    def chip(self, name: str, value: str, *parameters: str) -> tuple[str, str, str]:
        """A condition that is on and can be taken off: its name, its value, and this list without
        it. ``parameters``: what of the address is the condition."""
        path, rest = self.request.url.path, self.kept(*parameters)
        return name, value, f"{path}?{urlencode(rest)}" if rest else path

    def place_in_list(self) -> int:
        """The number of the row that a list begins with, from 0; as ``pages`` writes it."""
        start = self.request.query_params.get("start", "")
        return int(start) if start.isascii() and start.isdecimal() and len(start) < 8 else 0

    def pages(self, rows: int, total: int) -> tuple[str, str]:
        """The addresses of the ``rows`` before and of those after, "" where there are none."""
        first, path = self.place_in_list(), self.request.url.path

        def at(start: int) -> str:
            return f"{path}?{urlencode([*self.kept(), ('start', start)])}"

        return (
            at(max(first - rows, 0)) if first else "",
            at(first + rows) if first + rows < total else "",
        )

    def kept(self, *besides: str) -> list[tuple[str, str]]:
        """What the address says, without ``besides``, the language and the place in a list."""
        return [
            (name, value)
            for name, value in self.request.query_params.multi_items()
            if name not in (*besides, "lang", *PLACES)
        ]

    def _saved(self, page: str) -> HTMLResponse:
        rows = saved_tables.rows_of(page, self.saves, self.reader.timezone)
        if rows is None:
            raise NotFoundError(f"there is no table '{self.saves[:60]}' on this page now")
        place = self.request.url.path.strip("/").partition("/")[0]
        name = "-".join(dict.fromkeys((place, self.saves)))
        if len(rows) > saved_tables.MOST_ROWS:  # the head is one of them
            name += f"-first-{saved_tables.MOST_ROWS}"
        return csv_file.answer(name, rows)

    def redirect(self, address: str, said: str = "", undo: str = "") -> RedirectResponse:
        """To the page that shows what a form did; there ``said`` is told once, with a button that
        posts to ``undo``."""
        response = RedirectResponse(address, status_code=303)
        self._keep_language(response)
        if said:
            told = quote(json.dumps([said[:MOST_SAID], undo], ensure_ascii=False))
            response.set_cookie(
                SAID_COOKIE, told, max_age=SAID_SECONDS, samesite="lax", httponly=True
            )
        return response

    def _keep_language(self, response: Response) -> None:
        if self.chosen:
            response.set_cookie(
                LANGUAGE_COOKIE, self.reader.language, max_age=COOKIE_SECONDS, samesite="lax"
            )


def is_own(address: str) -> bool:
    return address.startswith("/") and not address.startswith(("//", "/\\"))


def view_of(request: Request) -> View:
    """The reader's language: ?lang=, else the cookie, else the browser's wish, else the house's."""
    settings: Settings = request.app.state.ui
    wanted = request.query_params.get("lang")
    if wanted in LANGUAGES:
        return View(request, Reader(wanted, settings.timezone), chosen=True)
    kept = request.cookies.get(LANGUAGE_COOKIE)
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    language = (
        kept
        if kept in LANGUAGES
        else (visitor.language if visitor else None)
        or accepted(request.headers.get("accept-language", ""))
        or settings.language
    )
    return View(request, Reader(language, settings.timezone))


Viewed = Annotated[View, Depends(view_of)]
