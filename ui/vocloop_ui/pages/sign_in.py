"""Signing in and out, the first administrator, and whom the demo's visitor looks as."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from vocloop.accounts import openid, sessions, setup, signing, users
from vocloop.accounts.personas import PERSONAS
from vocloop.accounts.signing import Refusal
from vocloop.accounts.visitor import PERSONA_COOKIE, SESSION_COOKIE
from vocloop.config import settings
from vocloop.errors import ConflictError, InvalidInputError, RemoteError, SignatureError
from vocloop_models import SignedInBy
from vocloop_models.database import reading, transaction
from vocloop_ui.domain_words import told
from vocloop_ui.forms import Form, Posted
from vocloop_ui.view import View, Viewed, is_own

router = APIRouter(include_in_schema=False)

logger = logging.getLogger(__name__)

LONGEST_NEXT = 2_000
# From the way to the provider until the way back; it goes to no other address.
OPENID_COOKIE = "vocloop_openid"
OPENID_PATH = "/sign-in/openid"


@router.get("/sign-in")
def ask(request: Request, view: Viewed, next: str = "") -> Response:  # noqa: A002 - the address's word
    if view.visitor is not None:
        return view.redirect(_own(next))
    with reading(request.app.state.engine) as session:
        return _page(view, next=next, empty=not users.any_there(session))


@router.post("/sign-in")
def sign_in(request: Request, view: Viewed, form: Posted) -> Response:
    login, code = form.raw("login"), form.raw("code")
    done = signing.sign_in(
        request.app.state.engine,
        login,
        form.raw("password"),
        code=code,
        address=request.client.host if request.client else "",
        browser=request.headers.get("user-agent", ""),
    )
    if done.refused is None:
        return signed_in(view, done.token, form.raw("next"))
    told = {
        Refusal.WRONG: view.reader.gettext(
            "Login and password do not belong together. Mind capital letters; an administrator "
            "can set a new password."
        ),
        Refusal.CODE: view.reader.gettext(
            "Write the password again and the newest code of your authenticator app."
        ),
        Refusal.LOCKED: view.reader.gettext(
            "Too many attempts. Try again in %(minutes)s minutes, or ask an administrator."
        )
        % {"minutes": view.reader.number(-(-done.wait // 60))},
    }[done.refused]
    response = _page(
        view,
        status=429 if done.refused is Refusal.LOCKED else 401,
        next=form.raw("next"),
        login=login[: users.LONGEST_LOGIN],
        told=told,
        with_code=done.refused is Refusal.CODE,
        # What was asked for before it was known that there is a second factor is no mistake.
        wrong=done.refused is not Refusal.CODE or bool(code),
    )
    if done.wait:
        response.headers["retry-after"] = str(done.wait)
    return response


@router.get("/sign-in/openid")
def begin_openid(request: Request, view: Viewed, next: str = "") -> Response:  # noqa: A002 - the address's word
    base = settings().public_url or str(request.base_url)
    try:
        start = openid.begin(
            request.app.state.engine,
            callback=base.rstrip("/") + openid.CALLBACK,
            then=_own(next),
        )
    except RemoteError as error:
        return _not_by_openid(view, error)
    response = view.redirect(start.address)
    response.set_cookie(
        OPENID_COOKIE,
        start.cookie,
        max_age=openid.LASTS_SECONDS,
        path=OPENID_PATH,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return response


@router.get("/sign-in/openid/callback")
def arrive_by_openid(request: Request, view: Viewed) -> Response:
    try:
        arrival = openid.arrive(
            request.app.state.engine,
            request.cookies.get(OPENID_COOKIE, ""),
            request.query_params,
            request.headers.get("user-agent", ""),
        )
    except (SignatureError, RemoteError) as error:
        return _not_by_openid(view, error)
    response = signed_in(view, arrival.token, arrival.then)
    response.delete_cookie(OPENID_COOKIE, path=OPENID_PATH)
    return response


def _not_by_openid(view: View, error: SignatureError | RemoteError) -> Response:
    logger.warning("no sign-in by OpenID Connect: %s", error)
    gettext = view.reader.gettext
    if isinstance(error, RemoteError):
        told = gettext(
            "The company's sign-in does not answer as it should. Try again; if it stays so, tell "
            "the person who runs vocloop: the reason is in its log."
        )
        return _page(view, status=502, told=told)
    if isinstance(error, openid.UnknownPersonError):
        told = gettext(
            "The company's sign-in knows you, vocloop does not. Ask an administrator for a user "
            "with your mail address."
        )
        return _page(view, status=403, told=told)
    told = gettext("The company's sign-in could not prove who you are. Begin again.")
    return _page(view, status=401, told=told)


@router.post("/sign-out")
def sign_out(request: Request, view: Viewed) -> Response:
    visitor = view.visitor
    if visitor is not None and visitor.user_id and visitor.session_id:
        with transaction(request.app.state.engine) as session:
            sessions.end(session, visitor.user_id, visitor.session_id)
    response = view.redirect("/sign-in")
    response.delete_cookie(SESSION_COOKIE)
    # What this browser keeps of the pages it has seen.
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response


@router.post("/persona")
def look_as(view: Viewed, form: Posted) -> Response:
    """Without meaning where people sign in: only an open demo reads the cookie."""
    chosen = form.raw("persona")
    response = view.redirect("/")
    if chosen in PERSONAS:
        response.set_cookie(PERSONA_COOKIE, chosen, samesite="lax", httponly=True)
    return response


@router.get("/setup/{token}")
def ask_first(request: Request, view: Viewed, token: str) -> Response:
    with transaction(request.app.state.engine) as session:
        setup.check(session, token)
    return view.html("setup.html", token=token, form=None, errors={})


@router.post("/setup/{token}")
async def make_first(request: Request, view: Viewed, token: str, form: Posted) -> Response:
    return await run_in_threadpool(_make_first, request, view, token, form)


def _make_first(request: Request, view: View, token: str, form: Form) -> Response:
    errors = {}
    try:
        with transaction(request.app.state.engine) as session:
            user = setup.first(
                session, token, form.raw("login"), form.raw("name"), form.raw("password")
            )
            cookie = sessions.start(
                session, user, SignedInBy.PASSWORD, request.headers.get("user-agent", "")
            )
        return signed_in(view, cookie, "/start")
    except (InvalidInputError, ConflictError) as error:
        errors = refusals(view, error)
    return view.html("setup.html", status=422, token=token, form=form, errors=errors)


def signed_in(view: View, token: str, then: str) -> Response:
    response = view.redirect(_own(then))
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(sessions.LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=view.request.url.scheme == "https",
    )
    return response


def refusals(view: View, error: InvalidInputError | ConflictError) -> dict[str, str]:
    """Reasons by field, in the reader's language."""
    gettext = view.reader.gettext
    words = {
        "login": gettext("Use a mail address or a short name without spaces."),
        "name": gettext("Write a name of 1 to 200 letters."),
        "password": gettext(
            "Use 12 to 200 characters, not the same few again and again, and without the name or "
            "the login in it."
        ),
        "roles": gettext("Choose one role or more."),
        "scopes": gettext("Choose one scope or more."),
        "code": gettext("This code is not right now. Use the newest one."),
    }
    if isinstance(error, ConflictError):
        return {"name": gettext("This login or name is taken already. Use another.")}
    return {where: words.get(where) or told(view.reader, error) for where, _ in error.problems}


def _own(address: str) -> str:
    return address if is_own(address) and len(address) <= LONGEST_NEXT else "/"


def _page(
    view: View,
    *,
    status: int = 200,
    next: str = "",  # noqa: A002 - the address's word
    login: str = "",
    told: str = "",
    with_code: bool = False,
    wrong: bool = True,
    empty: bool = False,
) -> Response:
    return view.html(
        "sign_in.html",
        status=status,
        next=next[:LONGEST_NEXT],
        login=login,
        told=told,
        with_code=with_code,
        wrong=wrong,
        empty=empty,
        by_openid=openid.is_there(),
    )
