"""One's own account: password, second factor, where one is signed in, tokens."""

from __future__ import annotations

import segno
from fastapi import APIRouter, Request, Response
from markupsafe import Markup
from sqlmodel import Session

from vocloop.accounts import passwords, sessions, tokens, totp, users
from vocloop.accounts.permissions import SCOPES, Permission, may
from vocloop.errors import ConflictError, InvalidInputError, NotFoundError
from vocloop_models import Scope, User
from vocloop_models.database import reading, transaction
from vocloop_ui.forms import Posted, id_of
from vocloop_ui.pages.sign_in import refusals
from vocloop_ui.view import View, Viewed

router = APIRouter(include_in_schema=False)


@router.get("/account")
def page(request: Request, view: Viewed) -> Response:
    with reading(request.app.state.engine) as session:
        return _page(session, view)


@router.post("/account/password")
def set_password(request: Request, view: Viewed, form: Posted) -> Response:
    with reading(request.app.state.engine) as session:
        kept = _user(session, view).password_hash
    # Whoever finds a browser signed in must not be able to take the account over.
    if not passwords.verified(form.raw("old"), kept):
        wrong = view.reader.gettext("This is not your password now.")
        with reading(request.app.state.engine) as session:
            return _page(session, view, {"old": wrong}, status=422)
    try:
        with transaction(request.app.state.engine) as session:
            visitor = view.visitor
            users.set_password(
                session,
                _user(session, view),
                form.raw("password"),
                but=visitor.session_id if visitor else None,
            )
    except InvalidInputError as error:
        with reading(request.app.state.engine) as session:
            return _page(session, view, refusals(view, error), status=422)
    said = view.reader.gettext("The password is set; every other browser is signed out.")
    return view.redirect("/account", said)


@router.post("/account/second-factor")
def begin(request: Request, view: Viewed) -> Response:
    with transaction(request.app.state.engine) as session:
        totp.begin(session, _user(session, view))
    return view.redirect("/account#second-factor")


@router.post("/account/second-factor/confirm")
def confirm(request: Request, view: Viewed, form: Posted) -> Response:
    try:
        with transaction(request.app.state.engine) as session:
            totp.confirm(session, _user(session, view), form.raw("code"))
    except InvalidInputError as error:
        with reading(request.app.state.engine) as session:
            return _page(session, view, refusals(view, error), status=422)
    said = view.reader.gettext("From now on a code is asked for when you sign in.")
    return view.redirect("/account#second-factor", said)


@router.post("/account/second-factor/off")
def turn_off(request: Request, view: Viewed, form: Posted) -> Response:
    with transaction(request.app.state.engine) as session:
        user = _user(session, view)
        if user.totp_since is not None and not totp.use(session, user, form.raw("code")):
            wrong = view.reader.gettext("This code is not right now. Use the newest one.")
            return _page(session, view, {"code": wrong}, status=422)
        totp.turn_off(session, user)
    said = view.reader.gettext("The second factor is off.")
    return view.redirect("/account#second-factor", said)


@router.post("/account/sessions/{session_id}/end")
def end(request: Request, view: Viewed, session_id: str) -> Response:
    known = id_of(session_id, "session")
    with transaction(request.app.state.engine) as session:
        sessions.end(session, _user(session, view).id, known)
    return view.redirect("/account#sessions", view.reader.gettext("That browser is signed out."))


@router.post("/account/tokens")
def make(request: Request, view: Viewed, form: Posted) -> Response:
    scopes = [Scope(each) for each in form.all("scopes") if each in set(Scope)]
    days = form.raw("days")
    try:
        with transaction(request.app.state.engine) as session:
            user = _user(session, view)
            _, token = tokens.create(
                session,
                user,
                form.raw("name"),
                scopes,
                days=int(days) if days.isascii() and days.isdecimal() else None,
            )
            # Told in the answer itself: a redirect would have to keep it somewhere.
            return _page(session, view, token=token)
    except InvalidInputError as error:
        with reading(request.app.state.engine) as session:
            return _page(session, view, refusals(view, error), status=422)


@router.post("/account/tokens/{token_id}/revoke")
def revoke(request: Request, view: Viewed, token_id: str) -> Response:
    known = id_of(token_id, "token")
    with transaction(request.app.state.engine) as session:
        tokens.revoke(session, known, owner=_user(session, view).id)
    return view.redirect("/account#tokens", view.reader.gettext("The token holds no more."))


def _user(session: Session, view: View) -> User:
    """Raises NotFoundError for who sits at an open machine: there is no account."""
    if view.visitor is None or view.visitor.user_id is None:
        raise NotFoundError("there is no account here: nobody has to sign in on this machine")
    return users.get(session, view.visitor.user_id)


def _page(
    session: Session,
    view: View,
    errors: dict[str, str] | None = None,
    *,
    token: str = "",
    status: int = 200,
) -> Response:
    visitor = view.visitor
    if visitor is None or visitor.user_id is None:
        return view.html("account.html", user=None, errors={}, token="", status=status)
    user = users.get(session, visitor.user_id)
    return view.html(
        "account.html",
        status=status,
        user=user,
        here=visitor.session_id,
        sessions=sessions.live(session, user.id),
        tokens=[each for each, _ in tokens.listed(session, user.id)],
        scopes=_scopes(view),
        code=_qr(session, user),
        errors=errors or {},
        token=token,
    )


def _scopes(view: View) -> list[Scope]:
    """Those that let a program do anything at all for this user."""
    useful = {
        scope
        for permission, scope in SCOPES.items()
        if view.visitor is not None and may(view.visitor, Permission(permission))
    }
    return [each for each in Scope if each in useful]


def _qr(session: Session, user: User) -> tuple[Markup, str] | None:
    """The QR code to enrol with, and the secret for those who type it."""
    try:
        address = totp.pending(session, user)
    except ConflictError:
        return None
    if address is None:
        return None
    drawn = segno.make(address, error="m").svg_inline(
        scale=4, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    secret = address.split("secret=")[1].split("&")[0]
    # Drawn by segno, from our own address.
    code = Markup(drawn)  # noqa: S704 # nosec B704
    return code, " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
