"""Hand in what a customer said: words, company, severity, channel, day."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError
from sqlmodel import Session, col, select
from starlette.datastructures import FormData

from vocloop.accounts.restricted import seeing_all
from vocloop.accounts.visitor import signed
from vocloop.errors import ConflictError, EncoderError, NotFoundError
from vocloop.intake.language import language_of
from vocloop.intake.records import EARLIEST, LONGEST_TEXT, FeedbackIn
from vocloop.intake.store import store
from vocloop.roadmap import fates
from vocloop.themes import facts
from vocloop.themes.record import Author
from vocloop_models import Channel, Customer, Feedback, Statement
from vocloop_models.database import reading, transaction
from vocloop_ui import customers, fate_words, placed, refusals, suggestions
from vocloop_ui.forms import remember
from vocloop_ui.i18n import Reader
from vocloop_ui.pages import voices
from vocloop_ui.view import View, Viewed, with_query

logger = logging.getLogger(__name__)

router = APIRouter(include_in_schema=False)

SOURCE = "hand-in"
NEW = "new"
# Where colleagues hear customers most, first.
CHANNELS = (
    Channel.CALL,
    Channel.MEETING,
    Channel.MAIL,
    Channel.TICKET,
    Channel.INTERVIEW,
    Channel.SURVEY,
    Channel.REVIEW,
    Channel.OTHER,
)
# LONGEST_TEXT kanji are 1.8 MB once they are percent-encoded, twice what the parser takes unasked.
MOST_FORM_BYTES = 8 * 1024 * 1024
# Which field of the form a field of the record comes from.
FIELDS = {
    "text": "text",
    "customer": "customer",
    "channel": "channel",
    "said_at": "said_on",
    "severity_mark": "severity",
    "submitted_by": "by",
}


@dataclass
class Given:
    """The form as it was sent, so that nothing is lost when it comes back."""

    text: str = ""
    customer: str = ""
    customer_id: str = ""
    severity: str = ""
    channel: str = ""
    said_on: str = ""
    by: str = ""
    theme: str = ""


@dataclass
class Checked:
    """What the form means, or why it means nothing: reasons by field."""

    errors: dict[str, str] = field(default_factory=dict)
    choices: list[customers.Choice] | None = None
    customer: Mapping[str, str | None] | None = None  # as intake names one
    said_at: dt.datetime | None = None


def severities(reader: Reader) -> list[tuple[str, str, str]]:
    """Mark, name and meaning of the four steps."""
    return [
        ("1", reader.gettext("Nice to have"), reader.gettext("no trouble now")),
        ("2", reader.gettext("Inconvenient"), reader.gettext("costs extra effort")),
        ("3", reader.gettext("Hindered"), reader.gettext("gets by with a work-around")),
        ("4", reader.gettext("Blocked"), reader.gettext("work stands still")),
    ]


def check(session: Session, reader: Reader, given: Given) -> Checked:
    """Every field on its own, so that all reasons are told at once."""
    checked = Checked()
    if not given.text.strip():
        checked.errors["text"] = reader.gettext(
            "Write what the customer said; one sentence is enough."
        )
    if given.severity not in ("", "1", "2", "3", "4"):
        checked.errors["severity"] = reader.gettext("Choose one of the four steps, or none.")
    if given.channel not in ("", *CHANNELS):
        checked.errors["channel"] = reader.gettext("Choose one of the places named here.")
    _check_day(reader, given, checked)
    _check_customer(session, reader, given, checked)
    return checked


def _check_day(reader: Reader, given: Given, checked: Checked) -> None:
    if not given.said_on:
        return
    try:
        day = dt.date.fromisoformat(given.said_on)
    except ValueError:
        checked.errors["said_on"] = reader.gettext("“%(value)s” is not a date; use YYYY-MM-DD.") % {
            "value": given.said_on[:40]
        }
        return
    if day > reader.today():
        checked.errors["said_on"] = reader.gettext(
            "%(day)s is still to come; choose today or an earlier day."
        ) % {"day": reader.date(day)}
        return
    if day < EARLIEST.date():
        checked.errors["said_on"] = reader.gettext(
            "%(day)s is too long ago; choose %(first)s or a later day."
        ) % {"day": reader.date(day), "first": reader.date(EARLIEST.date())}
        return
    # The start of the day, as intake reads a date without a time: sent twice, it is one voice.
    checked.said_at = dt.datetime.combine(day, dt.time.min, tzinfo=reader.timezone)


def _check_customer(session: Session, reader: Reader, given: Given, checked: Checked) -> None:
    typed = given.customer.strip()
    if not typed:
        checked.errors["customer"] = reader.gettext("Name the customer's company.")
        return
    found = customers.matching(session, typed)
    chosen = next((one for one in found if str(one.id) == given.customer_id), None)
    same = [one for one in found if customers.is_same(typed, one)]
    if chosen is None and len(same) == 1 and given.customer_id != NEW:
        chosen = same[0]
    if chosen is not None:
        checked.customer = {"external_id": chosen.external_id, "name": chosen.name}
        return
    if given.customer_id == NEW:
        checked.customer = {"name": typed}
        return
    checked.choices = found
    checked.errors["customer"] = (
        reader.ngettext(
            "“%(name)s” fits %(num)s known company. Say below which one it is.",
            "“%(name)s” fits %(num)s known companies. Say below which one it is.",
            len(found),
        )
        if found
        else reader.gettext(
            "“%(name)s” is not a known company. Mend the name, or say below that it is new."
        )
    ) % {"name": typed, "num": reader.number(len(found))}


def show(
    view: View,
    given: Given,
    checked: Checked,
    status: int = 200,
    latest: Sequence[fates.Fate] = (),
) -> HTMLResponse:
    """``latest``: what became of the reader's last voices."""
    return view.html(
        "hand_in.html",
        status=status,
        given=given,
        errors=checked.errors,
        choices=checked.choices,
        severities=severities(view.reader),
        channels=CHANNELS,
        longest=LONGEST_TEXT,
        latest=latest,
        told=fate_words,
        **_near(view.request, given),
    )


def _near(request: Request, given: Given) -> dict[str, Any]:
    """What known.html tells of the words typed: their language, and themes near them."""
    text = given.text.strip()
    return {
        "suggestions": _known(request, text),
        "typed": bool(text),
        "language": language_of(text) if len(text) >= suggestions.LEAST_LETTERS else "und",
        "chosen": given.theme,
    }


def _known(request: Request, text: str) -> list[suggestions.Suggestion] | None:
    try:
        return suggestions.near(getattr(request.app.state, "suggest", None), text)
    except EncoderError:
        return None
    except Exception:
        # Known themes are a help: whatever is wrong with them must not stop the voice, nor cost
        # the person what they typed.
        logger.exception("known themes can't be looked for")
        return None


@router.get("/hand-in")
def form(request: Request, view: Viewed) -> HTMLResponse:
    name = voices.name_of(request)
    given = Given(said_on=view.reader.today().isoformat(), by=name)
    with reading(request.app.state.engine) as session:
        return show(view, given, Checked(), latest=voices.latest(session, name))


@router.get("/hand-in/customers")
def fitting(request: Request, view: Viewed, customer: str = "") -> HTMLResponse:
    with reading(request.app.state.engine) as session:
        return view.html("customers.html", choices=customers.matching(session, customer))


async def posted(request: Request) -> Given:
    """The form, whatever its length: intake, not the parser, says how long a voice may be.

    A file or a missing field counts as empty. Raises HTTPException 413 for a form beyond
    MOST_FORM_BYTES."""
    try:
        form = await request.form(max_files=0, max_part_size=MOST_FORM_BYTES)
    except HTTPException as error:
        raise HTTPException(413 if error.status_code == 400 else error.status_code) from error
    return given_of(form)


def given_of(form: FormData) -> Given:
    values = {one.name: form.get(one.name, "") for one in fields(Given)}
    given = Given(**{name: value for name, value in values.items() if isinstance(value, str)})
    given.by = signed(given.by) or ""
    return given


Posted = Annotated[Given, Depends(posted)]


@router.post("/hand-in/known")
def known(request: Request, view: Viewed, given: Posted) -> HTMLResponse:
    return view.html("known.html", **_near(request, given))


@router.post("/hand-in")
def hand_in(request: Request, view: Viewed, given: Posted) -> Response:
    with transaction(request.app.state.engine) as session:
        checked = check(session, view.reader, given)
        voice = row(view.reader, given, checked)
        if voice is None:
            return show(view, given, checked, status=422)
        with seeing_all():
            stored = store(session, voice)
        if stored.outcome == "stored":
            _put(request, session, stored.feedback_id, given)
    again = {"again": "1"} if stored.outcome == "repeated" else {}
    response = view.redirect(with_query(f"/hand-in/sent/{stored.feedback_id}", again))
    return remember(response, given.by)


def _put(request: Request, session: Session, feedback_id: uuid.UUID, given: Given) -> None:
    """Put what was said into the theme that the person chose ("this one"): of several statements
    the one that is nearest to it."""
    try:
        theme_id = uuid.UUID(given.theme)
    except ValueError:
        return
    said = list(
        session.exec(
            select(Statement)
            .where(Statement.feedback_id == feedback_id)
            .order_by(col(Statement.position))
        )
    )
    if not said:
        return
    near = {each.id: _nearness(request, each.text, theme_id) for each in said}
    best = max(said, key=lambda each: near[each.id])
    try:
        facts.move(session, [best.id], theme_id, Author(by=given.by.strip()[:200] or None))
    except (NotFoundError, ConflictError):
        # The theme is gone meanwhile: the worker finds the voice its place, as without a choice.
        logger.info("theme %s was chosen and is gone", theme_id)


def _nearness(request: Request, text: str, theme_id: uuid.UUID) -> float:
    found = _known(request, text) or []
    return next((one.similarity for one in found if one.theme_id == theme_id), 0.0)


def row(
    reader: Reader, given: Given, checked: Checked, names: Sequence[str] = ()
) -> FeedbackIn | None:
    """The record for intake, ``names`` being people who are to be taken out of the words; None,
    with the reasons in ``checked``, when something in it can't be taken."""
    if checked.errors:
        return None
    try:
        return FeedbackIn.model_validate(
            {
                "text": given.text,
                "source": SOURCE,
                "channel": given.channel or Channel.OTHER,
                "customer": checked.customer,
                "said_at": checked.said_at,
                "severity_mark": int(given.severity) if given.severity else None,
                "submitted_by": given.by.strip() or None,
                "names": tuple(names),
            }
        )
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            name = FIELDS.get(str(detail["loc"][0]) if detail["loc"] else "", "text")
            checked.errors.setdefault(name, refusals.told(reader, detail))
        return None


@router.get("/hand-in/sent/{feedback_id}")
def sent(request: Request, view: Viewed, feedback_id: str, again: str = "") -> HTMLResponse:
    with reading(request.app.state.engine) as session:
        feedback = _voice(session, feedback_id)
        customer = session.get(Customer, feedback.customer_id) if feedback.customer_id else None
        return view.html(
            "sent.html",
            feedback=feedback,
            customer=customer.name if customer else None,
            **_told(session, feedback),
            tries=0,
            most_tries=placed.MOST_TRIES,
            repeated=bool(again),
        )


@router.get("/hand-in/sent/{feedback_id}/themes")
def sent_themes(request: Request, view: Viewed, feedback_id: str, tries: str = "") -> HTMLResponse:
    """The part of the confirmation that waits for the worker; ``tries`` counts the askings."""
    with reading(request.app.state.engine) as session:
        feedback = _voice(session, feedback_id)
        return view.html(
            "placed.html",
            feedback=feedback,
            **_told(session, feedback),
            tries=int(tries) if tries.isdecimal() and len(tries) < 6 else 0,
            most_tries=placed.MOST_TRIES,
        )


def _told(session: Session, feedback: Feedback) -> dict[str, Any]:
    """Where a voice went and, once it is read, what one may tell the customer."""
    found = placed.statements(session, feedback)
    fate = fates.fates(session, [(feedback, None)])[0] if found.themed else None
    return {"placed": found, "fate": fate, "told": fate_words}


def _voice(session: Session, feedback_id: str) -> Feedback:
    try:
        feedback = session.get(Feedback, uuid.UUID(feedback_id))
    except ValueError:
        feedback = None
    if feedback is None:
        raise NotFoundError(f"voice '{feedback_id[:60]}' does not exist; hand it in again")
    return feedback
