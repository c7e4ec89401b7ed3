"""Notifications: what became of my voices, what waits for a person, what happened of late."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from vocloop.errors import NotFoundError
from vocloop.notify import events, notes, telling
from vocloop.notify.waiting import Waiting, called, unread, waiting
from vocloop_models import EventKind, LoopEvent, Note, Recipient
from vocloop_models.database import reading, transaction
from vocloop_ui import csv_file
from vocloop_ui.forms import Posted, name_of, remember
from vocloop_ui.i18n import Reader
from vocloop_ui.view import View, Viewed

router = APIRouter(include_in_schema=False)

NOTES = 50
EVENTS = 40
# The bell says "more than this" instead of counting on.
MOST_COUNTED = 99
# Where the subject of each event is shown.
PLACES = {
    EventKind.THEME_BORN: "/themes/{}",
    EventKind.SCORE_MOVED: "/themes/{}",
    EventKind.DECISION_RECORDED: "/backlog/{}",
    EventKind.ITEM_SHIPPED: "/backlog/{}",
    EventKind.ITEM_REOPENED: "/backlog/{}",
    EventKind.REVIEW_CLOSED: "/backlog/{}",
    EventKind.ROUND_CLOSED: "/rounds/{}",
    EventKind.IMPORT_DONE: "/imports/{}",
    EventKind.ANSWER_OVERDUE: "/inbox",
}


@router.get("/notifications")
def page(request: Request, view: Viewed) -> Response:
    with reading(request.app.state.engine) as session:
        happened = [e for e in events.listed(session, None, limit=EVENTS) if _told_to(view, e)]
        if request.query_params.get("format") == "csv":
            return csv_file.answer("events", list(_table(session, view.reader, happened)))
        me = called(session, name_of(view))
        return view.html(
            "notifications.html",
            name=name_of(view),
            known=me is not None,
            notes=_notes(session, me) if me else [],
            waits=[w for w in _waits(view.reader, waiting(session)) if view.may(w[3])],
            happened=[
                (each, told, place_of(each))
                for each, told in zip(
                    happened, telling.happened(session, happened, view.reader.language), strict=True
                )
            ],
        )


def _notes(session: Session, me: Recipient) -> list[tuple[Note, str]]:
    found = notes.of(session, me.id, limit=NOTES)
    return list(zip(found, telling.subjects(session, found, me), strict=True))


def _told_to(view: View, event: LoopEvent) -> bool:
    """What stands on pages that someone may not open is not told them here either."""
    place = PLACES[event.kind]
    if place.startswith(("/backlog", "/rounds")):
        return view.may("read roadmap")
    return view.may("read imports" if place.startswith("/imports") else "read voices")


def place_of(event: LoopEvent) -> str:
    return PLACES[event.kind].format(event.subject_id)


def _waits(reader: Reader, found: Waiting) -> list[tuple[int, str, str, str]]:
    """(how many, what, where, who may) of what is not nothing."""
    every = [
        (
            found.items,
            reader.gettext("backlog items without a decision"),
            "/backlog",
            "read roadmap",
        ),
        (
            found.proposals,
            reader.gettext("proposed merges and splits of themes"),
            "/proposals",
            "read voices",
        ),
        (
            found.triage,
            reader.gettext("entries that no department has yet"),
            "/triage",
            "read voices",
        ),
        (found.alerts, reader.gettext("alerts that nobody has taken on"), "/alerts", "read voices"),
        (
            found.undelivered,
            reader.gettext("messages or issues that were not taken"),
            "/outbox",
            "read roadmap",
        ),
        (found.connectors, reader.gettext("connectors that fail"), "/sources", "read workspace"),
    ]
    return [each for each in every if each[0]]


def _table(session: Session, reader: Reader, happened: list[LoopEvent]) -> csv_file.Rows:
    yield reader.gettext("Time"), reader.gettext("What happened")
    found = telling.happened(session, happened, reader.language)
    for each, told in zip(happened, found, strict=True):
        yield reader.moment(each.at), told.line


@router.get("/notifications/count")
def count(request: Request, view: Viewed) -> Response:
    """The number at the bell, asked for after the page is there."""
    with reading(request.app.state.engine) as session:
        me = called(session, name_of(view))
        fresh = unread(session, me) if me else 0
    shown = f"{MOST_COUNTED}+" if fresh > MOST_COUNTED else str(fresh or "")
    return view.html("notifications_count.html", shown=shown, fresh=fresh)


@router.post("/notifications/name")
def set_name(view: Viewed, form: Posted) -> Response:
    """Whose notes are shown: until people sign in, a browser remembers a name."""
    name = form.text("name", 200)
    said = view.reader.gettext("Notes to this name are shown here.") if name else ""
    return remember(view.redirect("/notifications", said), name)


@router.post("/notifications/read")
def read_all(request: Request, view: Viewed) -> Response:
    with transaction(request.app.state.engine) as session:
        me = called(session, name_of(view))
        if me is not None:
            notes.mark_all_read(session, me.id)
    return view.redirect("/notifications", view.reader.gettext("All notes are marked as read."))


@router.post("/notifications/{note_id}/{step}")
def mark(request: Request, view: Viewed, note_id: str, step: str) -> Response:
    """Only one's own notes: ids of others' are as unknown as any other."""
    steps = {"done": True, "not-done": False}
    if step not in steps:
        raise NotFoundError(f"'{step[:20]}' is no step of a note; done or not-done")
    with transaction(request.app.state.engine) as session:
        me = called(session, name_of(view))
        own = [each.id for each in notes.of(session, me.id, limit=NOTES)] if me else []
        if note_id not in map(str, own):
            raise NotFoundError(f"there is no note '{note_id[:60]}'; read the list again")
        notes.mark_done(session, uuid.UUID(note_id), done=steps[step])
    done = view.reader.gettext("The customer was told.") if steps[step] else ""
    undo = f"/notifications/{note_id}/not-done" if steps[step] else ""
    return view.redirect("/notifications", done, undo)
