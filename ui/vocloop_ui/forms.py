"""What a posted form says: each field is read on its own, with a reason beside it if refused."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, TypeVar
from urllib.parse import quote, unquote

from fastapi import Depends, HTTPException, Request
from fastapi import Form as FormField
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator

from vocloop.accounts.visitor import signed
from vocloop.errors import InvalidInputError, NotFoundError, Says
from vocloop.roadmap.audit import Author
from vocloop_ui import domain_words
from vocloop_ui.i18n import Reader
from vocloop_ui.view import COOKIE_SECONDS, View, view_of

E = TypeVar("E", bound=StrEnum)

MOST_FORM_BYTES = 1024 * 1024
# A settings page has some hundred fields; a form of thousands is none of ours.
MOST_FIELDS = 2_000
# Who speaks, where nobody signs in: the name is asked for once and kept in the browser.
NAME_COOKIE = "vocloop_name"
MOST_NAME = 200
# What no text has and no database takes: NUL, and halves of letters.
_BROKEN = re.compile("[\x00\ud800-\udfff]")


def plain(text: str) -> str:
    """Without the letters that are none."""
    return _BROKEN.sub("", text)


# A field of a form that the page reads by itself.
Written = Annotated[str, FormField(), AfterValidator(plain)]


@dataclass
class Form:
    """``values``: what was sent, name to all of its values. ``errors``: reasons by field, in the
    reader's language. ``action``: where it was sent to."""

    reader: Reader
    values: Mapping[str, Sequence[str]]
    errors: dict[str, str] = field(default_factory=dict)
    action: str = ""

    def at(self, action: str) -> Form:
        """Of a page with several forms the one that is sent to ``action``: this one, or empty."""
        return self if self.action == action else Form(self.reader, {}, action=action)

    def raw(self, name: str) -> str:
        return next(iter(self.values.get(name, ())), "")

    def all(self, name: str) -> list[str]:
        return [value for value in self.values.get(name, ()) if value]

    def refuse(self, name: str, reason: str) -> None:
        """The first reason of a field stays."""
        self.errors.setdefault(name, reason)

    def text(self, name: str, most: int, *, missing: str = "") -> str:
        """``missing``: what to tell when it is empty; without it the field may be."""
        value = self.raw(name).replace("\r\n", "\n").strip()
        if len(value) > most:
            self.refuse(
                name,
                self.reader.gettext(
                    "This has %(length)s letters; at most %(most)s are taken. Shorten it."
                )
                % {"length": self.reader.number(len(value)), "most": self.reader.number(most)},
            )
        if missing and not value:
            self.refuse(name, missing)
        return value

    def number(
        self, name: str, low: float, high: float, *, empty: float | None = None
    ) -> float | None:
        """A number from ``low`` to ``high``; ``empty`` when nothing is written."""
        value = self.raw(name).strip().translate(_PLAIN)
        if not value:
            return empty
        told = {
            "value": self.raw(name)[:40],
            "low": self.reader.number(low),
            "high": self.reader.number(high),
        }
        try:
            number = float(value)
        except ValueError:
            none = self.reader.gettext("“%(value)s” is no number. Write digits, as 12 or 0.5.")
            self.refuse(name, none % told)
            return empty
        # NaN is in no range.
        if not low <= number <= high:
            beyond = self.reader.gettext("“%(value)s” is no number from %(low)s to %(high)s.")
            self.refuse(name, beyond % told)
            return empty
        return number

    def choice(self, name: str, kind: type[E], *, missing: str = "") -> E | None:
        value = self.raw(name)
        if not value and not missing:
            return None
        try:
            return kind(value)
        except ValueError:
            self.refuse(name, missing or self.reader.gettext("Choose one of those named here."))
            return None

    def yes(self, name: str, *, missing: str = "") -> bool | None:
        """One of two buttons, "yes" or "no"; None when neither is pressed."""
        value = {"yes": True, "no": False}.get(self.raw(name))
        if value is None and missing:
            self.refuse(name, missing)
        return value

    def author(self) -> str:
        return signed(None) or self.text(
            "by", MOST_NAME, missing=self.reader.gettext("Write your name: it is kept with this.")
        )

    def take_over(self, error: InvalidInputError) -> None:
        """What the domain refuses beyond what was checked here; the field gets its reason where
        that can be said in the reader's language."""
        plain = self.reader.gettext("This can't be taken as it is.")
        for where, reason in error.problems:
            words = domain_words.told(self.reader, reason) if isinstance(reason, Says) else plain
            self.refuse(where.split(".")[0], words)


# Full-width digits are typed by everyone who writes Japanese; commas group thousands.
_PLAIN = str.maketrans("０１２３４５６７８９．－", "0123456789.-", ",、，")


async def posted(request: Request) -> Form:
    """Raises HTTPException 413 for a form beyond MOST_FORM_BYTES or MOST_FIELDS."""
    try:
        form = await request.form(
            max_files=0, max_fields=MOST_FIELDS, max_part_size=MOST_FORM_BYTES
        )
    except HTTPException as error:
        raise HTTPException(413 if error.status_code == 400 else error.status_code) from error
    read = Form(view_of(request).reader, {}, action=request.url.path)
    values: dict[str, list[str]] = {}
    # An undo has no fields of its own: its address carries them.
    for name, value in form.multi_items() or request.query_params.multi_items():
        if isinstance(value, str):
            values.setdefault(name, []).append(whole := plain(value))
            if whole != value:
                read.refuse(
                    name,
                    read.reader.gettext(
                        "This holds a NUL character, which no text has. Copy the words again from "
                        "where they came."
                    ),
                )
    read.values = values
    return read


Posted = Annotated[Form, Depends(posted)]


def id_of(value: str, what: str) -> uuid.UUID:
    """Raises NotFoundError for what is no id; ``what`` names the thing."""
    try:
        return uuid.UUID(value)
    except ValueError as error:
        raise NotFoundError(
            f"{what} '{value[:60]}' does not exist; open one from its list"
        ) from error


def name_of(view: View) -> str:
    """Whose name is kept with what is done: the signed-in user's, else the one given last."""
    return signed(None) or remembered(view.request)


def remembered(request: Request) -> str:
    """The name that was given last with this browser; "" while nobody said."""
    return plain(unquote(request.cookies.get(NAME_COOKIE, "")))[:MOST_NAME].strip()


def author_of(view: View) -> Author:
    """Under whose name the reader's steps on the roadmap are kept."""
    return Author(name_of(view) or None)


def remember(response: RedirectResponse, name: str) -> RedirectResponse:
    response.set_cookie(
        NAME_COOKIE, quote(name[:MOST_NAME]), max_age=COOKIE_SECONDS, samesite="lax", httponly=True
    )
    return response
