"""Issue trackers: set up by an administrator, and the items that are in them."""

from __future__ import annotations

import uuid
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, select

from vocloop.config import settings
from vocloop.errors import ConflictError, InvalidInputError
from vocloop.roadmap.audit import get, held
from vocloop.roadmap.trackers import keys, store
from vocloop.worker import tracking
from vocloop_models import BacklogItem, Stage, Tracker, TrackerKind, TrackerLink
from vocloop_models.database import reading, transaction
from vocloop_ui.forms import Form, Posted, author_of, id_of
from vocloop_ui.i18n import Reader
from vocloop_ui.meanwhile import Values, settled
from vocloop_ui.view import View, Viewed

router = APIRouter(include_in_schema=False)

LINKS = 200
MOST_STATUSES = 4_000
# What a status may mean, as it is written in the form: a state or a stage.
MEANINGS = {
    **{each.value: {"state": each.value} for each in store.STATES},
    **{each.value: {"stage": each.value} for each in Stage},
}


@router.get("/trackers")
def trackers(request: Request, view: Viewed, edit: str = "") -> Response:
    """Issue trackers, the items that are in them and, for administrators, a form."""
    with reading(request.app.state.engine) as session:
        values: Values = {}
        if edit:
            values = _values(get(session, Tracker, id_of(edit, "tracker"), "tracker"))
        return _page(session, view, Form(view.reader, values), edit)


def _page(session: Session, view: View, form: Form, edited: str = "") -> Response:
    links = session.exec(
        select(TrackerLink, BacklogItem)
        .join(BacklogItem, col(BacklogItem.id) == col(TrackerLink.item_id))
        .order_by(col(TrackerLink.state), col(TrackerLink.id).desc())
        .limit(LINKS)
    ).all()
    every = store.listed(session)
    known = next((each for each in every if str(each.id) == edited), None)
    return view.html(
        "trackers.html",
        status=422 if form.errors else 200,
        trackers=every,
        links=links,
        form=form,
        edited=known,
        was=_values(known) if known else {},
        kinds=[(each.value, kind_words(each)) for each in TrackerKind],
        kind_words=kind_words,
        keys=keys,
        meanings=list(MEANINGS),
        public=settings().public_url.rstrip("/"),
    )


def kind_words(kind: TrackerKind) -> str:
    return {
        TrackerKind.GITHUB: "GitHub",
        TrackerKind.GITLAB: "GitLab",
        TrackerKind.JIRA: "Jira Cloud",
        TrackerKind.LINEAR: "Linear",
    }[kind]


def _values(tracker: Tracker) -> dict[str, list[str]]:
    written = [
        f"{word} = {meaning[part]}"
        for word, meaning in tracker.statuses.items()
        for part in ("state", "stage")
        if part in meaning
    ]
    return {
        "project": [tracker.project],
        "address": [tracker.address],
        "account": [tracker.account or ""],
        "issue_type": [tracker.issue_type],
        "statuses": ["\n".join(written)],
        "active": ["yes"] if tracker.active else [],
    }


@router.post("/trackers")
def add(request: Request, view: Viewed, form: Posted) -> Response:
    reader = view.reader
    name = form.text("name", 40, missing=reader.gettext("Give it a name, such as web-team."))
    if name and not store.NAME.fullmatch(name):
        form.refuse("name", reader.gettext("Use small letters, digits and - only."))
    kind = form.choice("kind", TrackerKind, missing=reader.gettext("Choose a kind."))
    fields = _fields(form)
    if form.errors or kind is None:
        return _refused(request, view, form)
    project, address = fields.pop("project"), fields.pop("address", None)
    try:
        with transaction(request.app.state.engine) as session:
            made = store.add(session, name, kind, project, address, author_of(view), **fields)
    except ConflictError:
        form.refuse("name", reader.gettext("This name is taken; choose another one."))
        return _refused(request, view, form)
    except InvalidInputError as error:
        _tell(form, error)
        return _refused(request, view, form)
    said = reader.gettext("%(name)s is set up. Give vocloop its keys, then try it.")
    return view.redirect("/trackers", said % {"name": made.name})


@router.post("/trackers/{tracker_id}")
def change(request: Request, view: Viewed, tracker_id: str, form: Posted) -> Response:
    known = id_of(tracker_id, "tracker")
    try:
        with transaction(request.app.state.engine) as session:
            settled(form, _values(held(session, Tracker, known, "tracker")))
            fields = _fields(form)
            if form.errors:
                return _page(session, view, form, str(known))
            made = store.change(
                session, known, author_of(view), active=form.raw("active") == "yes", **fields
            )
    except InvalidInputError as error:
        _tell(form, error)
        return _refused(request, view, form, known)
    said = view.reader.gettext("%(name)s is kept.") % {"name": made.name}
    return view.redirect("/trackers", said)


@router.post("/trackers/{tracker_id}/poll")
def poll(request: Request, view: Viewed, tracker_id: str) -> Response:
    """Ask it at once, to see whether address, project and key are right."""
    found = tracking.poll(request.app.state.engine, id_of(tracker_id, "tracker"))
    said = view.reader.gettext("%(name)s answers.") % {"name": found.name}
    if found.error:
        said = view.reader.gettext("%(name)s could not be asked; the reason stands beside it.")
        said %= {"name": found.name}
    return view.redirect("/trackers", said)


@router.post("/trackers/{tracker_id}/remove")
def remove(request: Request, view: Viewed, tracker_id: str) -> Response:
    with transaction(request.app.state.engine) as session:
        gone = store.remove(session, id_of(tracker_id, "tracker"), author_of(view))
    said = view.reader.gettext("%(name)s is removed; the issues stay there.") % {"name": gone.name}
    return view.redirect("/trackers", said)


@router.post("/trackers/links/{link_id}/push")
def push_again(request: Request, view: Viewed, link_id: str) -> Response:
    with transaction(request.app.state.engine) as session:
        link = get(session, TrackerLink, id_of(link_id, "link"), "link to a tracker")
        tracking.ask(session, link.item_id, link.tracker_id, author_of(view))
    return view.redirect(
        "/trackers", view.reader.gettext("The item is put into the tracker again.")
    )


@router.post("/backlog/{item_id}/trackers/{tracker_id}")
def push(request: Request, view: Viewed, item_id: str, tracker_id: str) -> Response:
    """From the item's page."""
    known = id_of(item_id, "backlog item")
    with transaction(request.app.state.engine) as session:
        tracking.ask(session, known, id_of(tracker_id, "tracker"), author_of(view))
    said = view.reader.gettext("The item is on its way into the tracker.")
    return view.redirect(f"/backlog/{known}#trackers", said)


def _fields(form: Form) -> dict[str, Any]:
    """What both forms hold; an address that is not given is the kind's own."""
    reader = form.reader
    fields: dict[str, Any] = {
        "project": form.text("project", 200, missing=reader.gettext("Name the project.")),
        "account": form.text("account", 200) or None,
        "issue_type": form.text("issue_type", 100) or "Task",
        "statuses": _statuses(form),
    }
    if address := form.text("address", 500):
        fields["address"] = address.rstrip("/")
    return fields


def _statuses(form: Form) -> dict[str, dict[str, str]]:
    """Lines as "In Review = execution"; two lines of one word may name a state and a stage."""
    found: dict[str, dict[str, str]] = {}
    for line in form.text("statuses", MOST_STATUSES).splitlines():
        if not line.strip():
            continue
        word, _, meaning = (part.strip() for part in line.rpartition("="))
        if not word or meaning not in MEANINGS:
            said = form.reader.gettext("“%(line)s”: write a status, = and one of %(words)s.")
            form.refuse("statuses", said % {"line": line[:60], "words": ", ".join(MEANINGS)})
            continue
        found.setdefault(word, {}).update(MEANINGS[meaning])
    return found


def _tell(form: Form, error: InvalidInputError) -> None:
    """The domain's reasons, in the reader's words."""
    words = refusals(form.reader)
    for where, _ in error.problems:
        if where in words:
            form.refuse(where, words[where])
    form.take_over(error)


def refusals(reader: Reader) -> dict[str, str]:
    return {
        "project": reader.gettext(
            "This is no project of that kind. GitHub: owner/name; GitLab: group/name or a number; "
            "Jira: the key, as SHOP; Linear: the team's id."
        ),
        "address": reader.gettext("Give where its API is, as https://acme.atlassian.net."),
    }


def _refused(request: Request, view: View, form: Form, known: uuid.UUID | None = None) -> Response:
    with reading(request.app.state.engine) as session:
        return _page(session, view, form, str(known or ""))
