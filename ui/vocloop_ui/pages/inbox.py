"""Departments: what is in their inboxes, triage, and how they are set up."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import available_timezones

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, select

from vocloop.errors import InvalidInputError
from vocloop.route import inbox
from vocloop.route.hours import DAYS
from vocloop.route.setup import put_department
from vocloop_models import (
    Department,
    Feedback,
    Routing,
    RoutingEvent,
    RoutingEventKind,
    RoutingState,
    RuleField,
    Theme,
    now,
)
from vocloop_models.database import reading, transaction
from vocloop_ui import roadmap_view
from vocloop_ui.errors import PageInputError
from vocloop_ui.forms import Form, Posted, id_of, name_of, remember
from vocloop_ui.i18n import Reader
from vocloop_ui.meanwhile import Values, settled
from vocloop_ui.view import View, Viewed

router = APIRouter(include_in_schema=False)

ROWS = 50
MOST_WORDS, MOST_HOURS = 10_000, 10_000
KEY = re.compile(r"[a-z][a-z0-9_]{0,99}")
CLOCK = re.compile(r"(([01]\d|2[0-3]):[0-5]\d|24:00)")
LONGEST_TITLE = 240


@dataclass(frozen=True)
class Entry:
    """What came to a department: a theme, or a single urgent voice."""

    routing: Routing
    theme: Theme | None
    feedback: Feedback | None
    late: bool
    history: list[RoutingEvent]

    @property
    def fields(self) -> list[str]:
        """Names of what spoke for its department beside its words, when a machine sent it there."""
        routed = (e for e in reversed(self.history) if e.kind is RoutingEventKind.ROUTED)
        return next((e.detail.get("fields", []) for e in routed), [])


def entries(session: Session, found: Sequence[Routing]) -> list[Entry]:
    themes = {
        theme.id: theme
        for theme in session.exec(
            select(Theme).where(col(Theme.id).in_([r.theme_id for r in found if r.theme_id]))
        )
    }
    voices = {
        voice.id: voice
        for voice in session.exec(
            select(Feedback).where(
                col(Feedback.id).in_([r.feedback_id for r in found if r.feedback_id])
            )
        )
    }
    histories = inbox.histories(session, found)
    moment = now()
    return [
        Entry(
            each,
            themes.get(each.theme_id) if each.theme_id else None,
            voices.get(each.feedback_id) if each.feedback_id else None,
            each.due_at is not None
            and each.due_at < moment
            and each.state is not RoutingState.ANSWERED,
            histories[each.id],
        )
        for each in found
    ]


@router.get("/inbox")
def every(request: Request, view: Viewed) -> Response:
    with reading(request.app.state.engine) as session:
        return view.html(
            "roadmap/inboxes.html",
            departments=inbox.departments(session),
            loads=inbox.loads(session),
            triage=inbox.in_triage(session),
            name_of=roadmap_view.name_of,
        )


@router.get("/inbox/{key}")
def one(request: Request, view: Viewed, key: str, answered: str = "") -> Response:
    with reading(request.app.state.engine) as session:
        start, most = view.place_in_list(), view.rows(ROWS)
        found = inbox.inbox(session, key, answered=bool(answered), start=start, limit=most)
        return _inbox(session, view, key, found, Form(view.reader, {}), answered=bool(answered))


def _inbox(
    session: Session,
    view: View,
    key: str,
    found: Sequence[Routing],
    form: Form,
    *,
    answered: bool = False,
) -> Response:
    department = inbox.department(session, key)
    total = inbox.how_many(session, key, answered=answered)
    return view.html(
        "roadmap/inbox.html",
        status=422 if form.errors else 200,
        department=department,
        title=roadmap_view.name_of(view.reader, department),
        entries=entries(session, found),
        total=total,
        # A form that came back has no address to leaf on from.
        pages=("", "") if form.errors else view.pages(ROWS, total),
        answered=answered,
        departments=roadmap_view.departments(session, view.reader),
        here=f"/inbox/{key}",
        longest=LONGEST_TITLE,
        told=_told,
        form=form,
    )


@router.get("/triage")
def triage(request: Request, view: Viewed) -> Response:
    with reading(request.app.state.engine) as session:
        found = inbox.triage(session, start=view.place_in_list(), limit=view.rows(ROWS))
        return _triage(session, view, found, Form(view.reader, {}))


def _triage(session: Session, view: View, found: Sequence[Routing], form: Form) -> Response:
    total = inbox.in_triage(session)
    return view.html(
        "roadmap/triage.html",
        status=422 if form.errors else 200,
        entries=entries(session, found),
        total=total,
        pages=("", "") if form.errors else view.pages(ROWS, total),
        departments=roadmap_view.departments(session, view.reader),
        longest=LONGEST_TITLE,
        form=form,
    )


def _told(reader: Reader, event: RoutingEvent, departments: dict[str, str]) -> str:
    """A line of an entry's history."""
    to = departments.get(event.detail.get("to") or "", reader.gettext("triage"))
    line = {
        "routed": reader.gettext("Routed to %(to)s"),
        "assigned": reader.gettext("Assigned to %(to)s"),
        "accepted": reader.gettext("Accepted"),
        "handed_over": reader.gettext("Handed over to %(to)s: %(reason)s"),
        "answered": reader.gettext("Answered"),
    }[event.kind.value]
    return line % {"to": to, "reason": event.detail.get("reason") or "–"}


@router.post("/routings/{routing_id}/{step}")
def act(request: Request, view: Viewed, routing_id: str, step: str, form: Posted) -> Response:
    """Assign, accept, hand over with a reason, or answer."""
    known, reader, by = id_of(routing_id, "routing"), view.reader, name_of(view) or None
    to = form.text("department", 100)
    words = form.text("words", MOST_WORDS)
    if step in ("assign", "hand-over") and not to:
        form.refuse("department", reader.gettext("Choose a department."))
    if step == "hand-over" and not words:
        form.refuse("words", reader.gettext("Say why it belongs to another department."))
    if step == "answer" and not words:
        form.refuse("words", reader.gettext("Write the answer."))
    with transaction(request.app.state.engine) as session:
        routing = inbox.get(session, known)
        before = _key_of(session, routing)
        if form.errors and step == "assign":
            found = _first(routing, inbox.triage(session, limit=ROWS))
            return _triage(session, view, found, form)
        if form.errors and before:
            found = _first(routing, inbox.inbox(session, before, limit=ROWS))
            return _inbox(session, view, before, found, form)
        if form.errors:
            raise PageInputError(next(iter(form.errors.values())))
        said, undo = _step(session, reader, known, step, to, words, by)
        place = f"/inbox/{before}" if before else "/triage"
        if step == "hand-over" and before:
            undo = f"/routings/{known}/assign?department={before}"
    return view.redirect(place, said, undo)


def _first(routing: Routing, others: Sequence[Routing]) -> list[Routing]:
    """The entry whose form came back before the others."""
    return [routing, *(each for each in others if each.id != routing.id)]


def _key_of(session: Session, routing: Routing) -> str:
    found = session.get(Department, routing.department_id) if routing.department_id else None
    return found.key if found else ""


def _step(  # noqa: PLR0917 - one step of an inbox
    session: Session,
    reader: Reader,
    known: uuid.UUID,
    step: str,
    to: str,
    words: str,
    by: str | None,
) -> tuple[str, str]:
    if step == "assign":
        inbox.assign(session, known, to, by)
        return reader.gettext("It is in that department's inbox; others like it follow."), ""
    if step == "accept":
        inbox.accept(session, known, by)
        return reader.gettext("Accepted: it is yours."), ""
    if step == "hand-over":
        inbox.hand_over(session, known, to, words, by)
        return reader.gettext("It is handed over, with your reason."), ""
    if step == "answer":
        inbox.answer(session, known, words, by)
        return reader.gettext("The answer is kept."), ""
    raise PageInputError(reader.gettext("Choose one of the buttons."))


@router.get("/departments")
def departments(request: Request, view: Viewed, key: str = "") -> Response:
    with reading(request.app.state.engine) as session:
        values: dict[str, list[str]] = {}
        if key:
            values = _values(inbox.department(session, key))
        return _settings(session, view, Form(view.reader, values), was=values)


def _values(department: Department) -> dict[str, list[str]]:
    fields = ("key", "name_ja", "name_en", "description_ja", "description_en", "timezone")
    values = {name: [getattr(department, name)] for name in fields}
    values["owner"] = [department.owner or ""]
    within = department.answer_within
    values["answer_within"] = [f"{within:g}" if within else ""]
    for day, (start, end) in department.working_hours.items():
        values[f"from.{day}"], values[f"to.{day}"] = [start], [end]
    return values


def _settings(
    session: Session, view: View, form: Form, rule: Form | None = None, was: Values | None = None
) -> Response:
    """``rule``: the form of a rule that came back; ``was``: what the department of the other form
    is as it is shown."""
    every, rule = inbox.departments(session), rule or Form(view.reader, {})
    return view.html(
        "roadmap/departments.html",
        status=422 if form.errors or rule.errors else 200,
        every=every,
        name_of=roadmap_view.name_of,
        rules=inbox.rules(session),
        names={each.id: roadmap_view.name_of(view.reader, each) for each in every},
        fields=list(RuleField),
        form=form,
        was=was or {},
        rule=rule,
        days=DAYS,
    )


@router.post("/departments")
def put(request: Request, view: Viewed, form: Posted) -> Response:
    """Make a department, or write anew what its writer changed."""
    said = view.reader.gettext("The department is kept. What a machine routed is looked at again.")
    with transaction(request.app.state.engine) as session:
        known = select(Department).where(Department.key == form.raw("key").strip())
        found = session.exec(known.with_for_update()).first()
        was = _values(found) if found else None
        if was is not None:
            settled(form, was)
        key, values = _fields(form)
        if not form.errors:
            try:
                put_department(session, key, values)
            except InvalidInputError as error:
                form.take_over(error)
        if form.errors:
            return _settings(session, view, form, was=was)
    return remember(view.redirect("/departments", said), name_of(view))


def _fields(form: Form) -> tuple[str, dict[str, Any]]:
    """The key of a department and its values; what can't be read is refused on the form."""
    reader = form.reader
    key = form.text("key", 100, missing=reader.gettext("Give it a key, such as support."))
    if key and not KEY.fullmatch(key):
        form.refuse("key", reader.gettext("Use small letters, digits and _ only."))
    missing = reader.gettext("Write the name.")
    values = {
        "name_ja": form.text("name_ja", 200, missing=missing),
        "name_en": form.text("name_en", 200, missing=missing),
        "description_ja": form.text("description_ja", MOST_WORDS),
        "description_en": form.text("description_en", MOST_WORDS),
        "owner": form.text("owner", 200) or None,
        "timezone": form.text("timezone", 64) or "Asia/Tokyo",
        "answer_within": form.number("answer_within", 0.1, MOST_HOURS),
        "working_hours": _hours(form),
    }
    if values["timezone"] not in available_timezones():
        form.refuse("timezone", reader.gettext("Use a name such as Asia/Tokyo or UTC."))
    return key, values


def _hours(form: Form) -> dict[str, list[str]]:
    found = {}
    for day in DAYS:
        start, end = form.text(f"from.{day}", 5), form.text(f"to.{day}", 5)
        if not start and not end:
            continue
        if not CLOCK.fullmatch(start) or not CLOCK.fullmatch(end) or start >= end:
            form.refuse("hours", form.reader.gettext("Write hours as 09:00 to 18:00."))
        found[day] = [start, end]
    return found


@router.post("/routing-rules")
def add_rule(request: Request, view: Viewed, form: Posted) -> Response:
    reader = view.reader
    field = form.choice("field", RuleField, missing=reader.gettext("Choose what to look at."))
    value = form.text("value", 200, missing=reader.gettext("Write the value to look for."))
    with transaction(request.app.state.engine) as session:
        if field is None or form.errors:
            return _settings(session, view, Form(reader, {}), form)
        made = inbox.add_rule(session, field, value, form.raw("department"), name_of(view) or None)
        undo = f"/routing-rules/{made.id}/remove"
    return view.redirect("/departments#rules", reader.gettext("The rule is in force."), undo)


@router.post("/routing-rules/{rule_id}/remove")
def remove_rule(request: Request, view: Viewed, rule_id: str) -> Response:
    with transaction(request.app.state.engine) as session:
        inbox.remove_rule(session, id_of(rule_id, "rule"))
    return view.redirect("/departments#rules", view.reader.gettext("The rule is taken off."))
