"""Who may sign in, for administrators."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from vocloop.accounts import signing, totp, users
from vocloop.errors import ConflictError, InvalidInputError
from vocloop.route import inbox
from vocloop_models import Role
from vocloop_models.database import reading, transaction
from vocloop_ui import roadmap_view
from vocloop_ui.forms import Form, Posted, id_of
from vocloop_ui.pages.sign_in import refusals
from vocloop_ui.view import View, Viewed

router = APIRouter(include_in_schema=False)


@router.get("/users")
def page(request: Request, view: Viewed) -> Response:
    with reading(request.app.state.engine) as session:
        return _page(session, view)


@router.post("/users")
def add(request: Request, view: Viewed, form: Posted) -> Response:
    try:
        with transaction(request.app.state.engine) as session:
            user = users.add(
                session,
                form.raw("login"),
                form.raw("name"),
                _roles(form),
                # Without one they can't sign in until one is set.
                password=form.raw("password") or None,
                department=form.raw("department") or None,
            )
    except (InvalidInputError, ConflictError) as error:
        with reading(request.app.state.engine) as session:
            return _page(session, view, form, refusals(view, error), status=422)
    said = view.reader.gettext("%(name)s may sign in.") % {"name": user.name}
    return view.redirect("/users", said)


@router.post("/users/{user_id}/roles")
def set_roles(request: Request, view: Viewed, user_id: str, form: Posted) -> Response:
    known = id_of(user_id, "user")
    with transaction(request.app.state.engine) as session:
        users.set_roles(session, users.get(session, known), _roles(form))
    return view.redirect("/users", view.reader.gettext("The roles are set."))


@router.post("/users/{user_id}/password")
def set_password(request: Request, view: Viewed, user_id: str, form: Posted) -> Response:
    known = id_of(user_id, "user")
    try:
        with transaction(request.app.state.engine) as session:
            user = users.set_password(session, users.get(session, known), form.raw("password"))
            signing.unlock(session, user.login)
    except InvalidInputError as error:
        with reading(request.app.state.engine) as session:
            return _page(session, view, None, refusals(view, error), status=422)
    said = view.reader.gettext("The password of %(name)s is set. Tell it on a safe way.")
    return view.redirect("/users", said % {"name": user.name})


@router.post("/users/{user_id}/active")
def set_active(request: Request, view: Viewed, user_id: str, form: Posted) -> Response:
    known = id_of(user_id, "user")
    with transaction(request.app.state.engine) as session:
        user = users.set_active(
            session, users.get(session, known), active=form.raw("active") == "yes"
        )
    said = (
        view.reader.gettext("%(name)s may sign in.")
        if user.active
        else view.reader.gettext("%(name)s may sign in no more; sessions and tokens are ended.")
    )
    return view.redirect("/users", said % {"name": user.name})


@router.post("/users/{user_id}/second-factor-off")
def second_factor_off(request: Request, view: Viewed, user_id: str) -> Response:
    known = id_of(user_id, "user")
    with transaction(request.app.state.engine) as session:
        totp.turn_off(session, users.get(session, known))
    return view.redirect("/users", view.reader.gettext("The second factor is off."))


def _roles(form: Form) -> list[Role]:
    return [Role(each) for each in form.all("roles") if each in set(Role)]


def _page(
    session: Session,
    view: View,
    form: Form | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    every = inbox.departments(session)
    return view.html(
        "users.html",
        status=status,
        rows=users.everyone(session),
        roles=list(Role),
        departments=[(each.key, roadmap_view.name_of(view.reader, each)) for each in every],
        form=form,
        errors=errors or {},
    )
