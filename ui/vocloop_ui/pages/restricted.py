"""Customers that only named people see, for administrators."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from vocloop.accounts import restricted, users
from vocloop.errors import NotFoundError
from vocloop.intake import customer_list
from vocloop_models.database import reading, transaction
from vocloop_ui.domain_words import told
from vocloop_ui.forms import Form, Posted, id_of
from vocloop_ui.view import View, Viewed

router = APIRouter(include_in_schema=False)


@router.get("/restricted")
def page(request: Request, view: Viewed, customer: str = "") -> Response:
    with reading(request.app.state.engine) as session:
        return _page(session, view, customer)


@router.post("/restricted")
def restrict(request: Request, view: Viewed, form: Posted) -> Response:
    customer = id_of(form.raw("customer"), "customer")
    try:
        with transaction(request.app.state.engine) as session:
            restricted.restrict(session, customer, form.raw("users").split())
    except NotFoundError as error:
        words = told(view.reader, error) or str(error)
        with reading(request.app.state.engine) as session:
            return _page(session, view, form.raw("customer"), form, words)
    return view.redirect(
        "/restricted", view.reader.gettext("Only the people you named see the customer now.")
    )


@router.post("/restricted/open")
def open_again(request: Request, view: Viewed, form: Posted) -> Response:
    with transaction(request.app.state.engine) as session:
        restricted.open_again(session, id_of(form.raw("customer"), "customer"))
    return view.redirect("/restricted", view.reader.gettext("Everyone sees the customer again."))


def _page(
    session: Session, view: View, customer: str, form: Form | None = None, error: str = ""
) -> Response:
    """``customer``: the id of one that is not restricted yet, to be named on top."""
    rows = restricted.listed(session)
    known = id_of(customer, "customer") if customer else None
    asked = None
    if known is not None and all(row.customer_id != known for row in rows):
        asked = customer_list.one(session, known)[0].customer
    return view.html(
        "restricted.html",
        status=404 if error else 200,
        rows=rows,
        asked=asked,
        wrong=known if error else None,
        error=error,
        form=form,
        logins=[each.login for each in users.everyone(session) if each.active],
    )
