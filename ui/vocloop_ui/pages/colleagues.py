"""Colleagues who hear what becomes of voices, and who gets which digest; for administrators."""

from __future__ import annotations

import uuid
from typing import Any, Literal

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from vocloop.errors import ConflictError, InvalidInputError
from vocloop.notify import people
from vocloop.route import inbox
from vocloop_models import Recipient
from vocloop_models.database import held, reading, transaction
from vocloop_ui import roadmap_view
from vocloop_ui.forms import Form, Posted, id_of
from vocloop_ui.meanwhile import settled
from vocloop_ui.view import View, Viewed

router = APIRouter(include_in_schema=False)

MOST_KNOWN_AS = 20


@router.get("/colleagues")
def page(request: Request, view: Viewed, edit: str = "") -> Response:
    with reading(request.app.state.engine) as session:
        values: dict[str, list[str]] = {}
        if edit:
            values = _values(session, id_of(edit, "colleague"))
        return _page(session, view, Form(view.reader, values), edit)


def _page(session: Session, view: View, form: Form, edited: str = "") -> Response:
    every, departments = people.colleagues(session), inbox.departments(session)
    known = next((each for each in every if str(each.id) == edited), None)
    return view.html(
        "colleagues.html",
        status=422 if form.errors else 200,
        rows=every,
        has_address={each.id: people.address_of(session, each) is not None for each in every},
        names={each.id: roadmap_view.name_of(view.reader, each) for each in departments},
        departments=[(each.key, roadmap_view.name_of(view.reader, each)) for each in departments],
        form=form,
        edited=known,
        was=_values(session, known.id) if known else {},
    )


def _values(session: Session, known: uuid.UUID) -> dict[str, list[str]]:
    found = people.get(session, known)
    departments = {each.id: each.key for each in inbox.departments(session)}
    return {
        "name": [found.name or ""],
        "address": [people.address_of(session, found) or ""],
        "language": [found.language],
        "department": [departments[found.department_id] if found.department_id else ""],
        "executive": ["yes"] if found.executive else [],
    }


@router.post("/colleagues")
def add(request: Request, view: Viewed, form: Posted) -> Response:
    return _put(request, view, form, None)


@router.post("/colleagues/{person_id}")
def change(request: Request, view: Viewed, person_id: str, form: Posted) -> Response:
    return _put(request, view, form, id_of(person_id, "colleague"))


@router.post("/colleagues/{person_id}/remove")
def remove(request: Request, view: Viewed, person_id: str) -> Response:
    with transaction(request.app.state.engine) as session:
        name = people.remove_colleague(session, id_of(person_id, "colleague"))
    said = view.reader.gettext("%(name)s is removed and hears no more.") % {"name": name}
    return view.redirect("/colleagues", said)


def _put(request: Request, view: View, form: Form, known: uuid.UUID | None) -> Response:
    """Of a known one what the form's writer changed."""
    reader = view.reader
    try:
        with transaction(request.app.state.engine) as session:
            if known:
                held(session, Recipient, known)
                settled(form, _values(session, known))
            fields = _fields(form)
            if form.errors:
                return _page(session, view, form, str(known or ""))
            people.put_colleague(session, recipient_id=known, **fields)
    except ConflictError:
        form.refuse(
            "name",
            reader.gettext("This name, address or other name is another colleague's already."),
        )
    except InvalidInputError as error:
        if any(where == "address" for where, _ in error.problems):
            form.refuse("address", reader.gettext("This is no mail address."))
        form.take_over(error)
    if form.errors:
        with reading(request.app.state.engine) as session:
            return _page(session, view, form, str(known or ""))
    said = reader.gettext("%(name)s hears from now on.") % {"name": fields["name"]}
    return view.redirect("/colleagues", said)


def _fields(form: Form) -> dict[str, Any]:
    """The fields for people.put_colleague(); what can't be read is refused on the form."""
    reader = form.reader
    name = form.text("name", 200, missing=reader.gettext("Write the name."))
    address = form.text("address", people.LONGEST_ADDRESS) or None
    known_as = [each.strip() for each in form.text("known_as", 4_000).splitlines() if each.strip()]
    if len(known_as) > MOST_KNOWN_AS:
        most = reader.number(MOST_KNOWN_AS)
        form.refuse("known_as", reader.gettext("At most %(most)s lines.") % {"most": most})
    language: Literal["ja", "en"] = "en" if form.raw("language") == "en" else "ja"
    return {
        "name": name,
        "address": address,
        "language": language,
        "known_as": known_as,
        "department": form.raw("department") or None,
        "executive": form.raw("executive") == "yes",
    }
