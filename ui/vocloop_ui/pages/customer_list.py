"""Customers: who they are, what is known of them, and which two may be one."""

from __future__ import annotations

import uuid
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from vocloop.errors import ConflictError, InvalidInputError, NotFoundError
from vocloop.intake import customer_list, merges
from vocloop.success import alerts, measures
from vocloop_models import Customer, MergeReason, MergeState, TouchTier
from vocloop_models.database import held, reading, transaction
from vocloop_ui import columns, import_words
from vocloop_ui.forms import Form, Posted
from vocloop_ui.i18n import Reader
from vocloop_ui.meanwhile import Values, settle, told
from vocloop_ui.view import View, Viewed

router = APIRouter(include_in_schema=False)

ROWS = 50
MOST_RAISED = 10
FIELDS = (
    *("name", "external_id", "industry", "size", "region", "plan", "touch_tier"),
    *("arr", "currency", "since", "until", "renewal_on"),
)
_DATES = ("since", "until", "renewal_on")


def tiers(reader: Reader) -> list[tuple[str, str]]:
    return [
        (TouchTier.HIGH.value, reader.gettext("High-touch")),
        (TouchTier.LOW.value, reader.gettext("Low-touch")),
        (TouchTier.TECH.value, reader.gettext("Tech-touch")),
    ]


def reason(reader: Reader, value: MergeReason) -> str:
    return {
        MergeReason.SAME_NAME: reader.gettext("the same name, written otherwise"),
        MergeReason.SAME_DOMAIN: reader.gettext("the same mail domain"),
        MergeReason.SIMILAR_NAME: reader.gettext("a name that differs by a branch"),
    }[value]


@router.get("/customers")
def listed(request: Request, view: Viewed, q: str = "", tier: str = "") -> HTMLResponse:
    first = view.place_in_list()
    wanted = TouchTier(tier) if tier in list(TouchTier) else None
    with reading(request.app.state.engine) as session:
        page = customer_list.listed(
            session, text=q[:300], tier=wanted, start=first, limit=view.rows(ROWS)
        )
        shown = _columns(view)
        return view.html(
            "customers_list.html",
            page=page,
            columns=shown,
            q=q[:300],
            tier=wanted,
            tiers=tiers(view.reader),
            pages=view.pages(ROWS, page.total),
            merges=merges.suggestions(session) if not first and not q else [],
            accepted=merges.suggestions(session, MergeState.ACCEPTED)[-5:] if not q else [],
            reason=reason,
            chips=_chips(view, q[:300], wanted),
        )


def _chips(view: View, q: str, tier: TouchTier | None) -> list[tuple[str, str, str]]:
    """The conditions that are on."""
    found = [view.chip(view.reader.gettext("Name or id"), q, "q")] if q else []
    if tier:
        name = dict(tiers(view.reader))[tier.value]
        found.append(view.chip(view.reader.gettext("Touch tier"), name, "tier"))
    return found


def _columns(view: View) -> columns.Columns:
    every = [
        ("industry", view.reader.gettext("Industry")),
        ("size", view.reader.gettext("Size")),
        ("plan", view.reader.gettext("Plan")),
        ("tier", view.reader.gettext("Touch tier")),
        ("arr", view.reader.gettext("Yearly revenue")),
        ("contacts", view.reader.gettext("Contacts")),
        ("voices", view.reader.gettext("Voices")),
    ]
    return columns.chosen(every, columns.asked_in(view.request.query_params))


@router.get("/customers/{customer_id}")
def one(request: Request, view: Viewed, customer_id: str) -> HTMLResponse:
    with reading(request.app.state.engine) as session:
        return _page(session, view, _id(customer_id))


def _page(
    session: Session,
    view: View,
    customer_id: uuid.UUID,
    form: Form | None = None,
) -> HTMLResponse:
    row, contacts = customer_list.one(session, customer_id)
    was = _values(row.customer)
    form = form or Form(view.reader, was)
    return view.html(
        "customer.html",
        status=422 if form.errors else 200,
        row=row,
        contacts=contacts,
        alerts=[alert for alert, _ in alerts.listed(session, customer_id=customer_id)],
        raised=customer_list.raised(session, customer_id, MOST_RAISED),
        measured=measures.listed(session, customer_id),
        today=view.reader.today(),
        form=form,
        was=was,
        fields=FIELDS,
        dates=_DATES,
        tiers=tiers(view.reader),
        told=import_words,
    )


def _values(customer: Customer) -> Values:
    """What the form of a customer holds before anybody has touched it."""
    known = {name: getattr(customer, name) for name in FIELDS}
    return {name: ["" if value is None else str(value)] for name, value in known.items()}


@router.post("/customers/{customer_id}")
def change(request: Request, view: Viewed, customer_id: str, form: Posted) -> Response:
    known = _id(customer_id)
    with transaction(request.app.state.engine) as session:
        values = _changes(session, form, known)
        if not form.errors:
            try:
                customer_list.change(session, known, values)
            except InvalidInputError as error:
                wrong = view.reader.gettext(
                    "This can't be taken as it is. Change it and send again."
                )
                for where in [where for where, _ in error.problems] or ["name"]:
                    form.refuse(where.split(".")[0], wrong)
            except ConflictError:
                taken = view.reader.gettext("This id is that of another customer.")
                form.refuse("external_id", taken)
        if form.errors:
            return _page(session, view, known, form)
    said = view.reader.gettext("What is known of the customer is changed.")
    return view.redirect(f"/customers/{customer_id}", said=said)


def _changes(session: Session, form: Form, customer_id: uuid.UUID) -> dict[str, Any]:
    """What the writer of the form changed since it was opened; what somebody else has changed too
    is refused on the form."""
    customer = held(session, Customer, customer_id) or customer_list.get(session, customer_id)
    present, reader = _values(customer), form.reader
    mine, both = settle(form, present)
    for name in both:
        value = present[name][0]
        form.refuse(name, told(reader, dict(tiers(reader)).get(value, value)))
    given = {name: form.raw(name).strip() or None for name in mine.intersection(FIELDS)}
    values: dict[str, Any] = {n: value for n, value in given.items() if value or n != "name"}
    if "currency" in values:
        values["currency"] = (values["currency"] or "JPY").upper()
    digits = (values.get("arr") or "").replace(",", "")
    if digits.isascii() and digits.isdecimal():
        values["arr"] = int(digits)
    return values


@router.post("/customer-merges/refresh")
def look(request: Request, view: Viewed) -> Response:
    with transaction(request.app.state.engine) as session:
        found = merges.refresh_suggestions(session)
    said = view.reader.ngettext(
        "%(num)s new pair may be one company.", "%(num)s new pairs may be one company.", found
    ) % {"num": view.reader.number(found)}
    return view.redirect("/customers", said=said)


@router.post("/customer-merges/{merge_id}/{step}")
def decide(request: Request, view: Viewed, merge_id: str, step: str) -> Response:
    steps = {
        "accept": (merges.accept, view.reader.gettext("The two are one customer now.")),
        "dismiss": (merges.dismiss, view.reader.gettext("The two stay apart.")),
        "undo": (merges.undo, view.reader.gettext("The step is taken back.")),
    }
    if step not in steps:
        raise NotFoundError(f"'{step[:20]}' is no step; accept, dismiss or undo")
    act, said = steps[step]
    with transaction(request.app.state.engine) as session:
        act(session, _id(merge_id))
    back = f"/customer-merges/{merge_id}/undo" if step != "undo" else ""
    return view.redirect("/customers", said=said, undo=back)


def _id(written: str) -> uuid.UUID:
    try:
        return uuid.UUID(written)
    except ValueError:
        raise NotFoundError(f"there is no '{written[:60]}'; start from the list") from None
