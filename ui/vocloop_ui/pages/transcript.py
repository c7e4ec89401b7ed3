"""A whole talk as one voice: who asks and who answers, looked at before it is sent."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from vocloop.accounts.restricted import seeing_all
from vocloop.intake.language import language_of
from vocloop.intake.records import LONGEST_TEXT
from vocloop.intake.statements import StatementIn, split
from vocloop.intake.store import store
from vocloop.intake.text import clean
from vocloop.intake.transcript import (
    Speaker,
    beside_their_words,
    corrected,
    labelled,
    speakers,
)
from vocloop_models import Channel
from vocloop_models.database import transaction
from vocloop_ui.forms import remember
from vocloop_ui.pages import hand_in, voices
from vocloop_ui.pages.hand_in import MOST_FORM_BYTES, Checked, Given
from vocloop_ui.view import View, Viewed, with_query

router = APIRouter(include_in_schema=False)

CHANNELS = (Channel.INTERVIEW, Channel.MEETING, Channel.CALL)


@dataclass(frozen=True)
class Talk:
    """``text`` with every turn on a line; ``looked`` once a person has seen who speaks."""

    text: str = ""
    people: list[Speaker] = field(default_factory=list)
    looked: bool = False

    @property
    def shown(self) -> str:
        """As it is stored: roles for names."""
        return labelled(self.text, self.people)

    @property
    def statements(self) -> list[StatementIn]:
        shown = self.shown
        return split(shown, channel=Channel.INTERVIEW, language=language_of(shown))


@router.get("/transcript")
def form(request: Request, view: Viewed) -> HTMLResponse:
    given = Given(channel=Channel.INTERVIEW, by=voices.name_of(request))
    return _page(view, given, Checked(), Talk())


def _page(
    view: View, given: Given, checked: Checked, talk: Talk, status: int = 200
) -> HTMLResponse:
    return view.html(
        "transcript.html",
        status=status,
        given=given,
        errors=checked.errors,
        choices=checked.choices,
        channels=CHANNELS,
        talk=talk,
        longest=LONGEST_TEXT,
        names_asking={each.name for each in talk.people if each.asking},
    )


@router.post("/transcript")
async def posted(request: Request, view: Viewed) -> Response:
    """Looks at the talk, or with ``send`` hands it in as it was looked at."""
    form = await request.form(max_files=0, max_part_size=MOST_FORM_BYTES)
    return await run_in_threadpool(_look_or_send, request, view, form)


def _look_or_send(request: Request, view: View, form: FormData) -> Response:
    given = hand_in.given_of(form)
    talk = _talk(given.text, form)
    if not form.get("send"):
        errors = Checked()
        if not given.text.strip():
            errors.errors["text"] = view.reader.gettext("Paste the talk first.")
        return _page(view, given, errors, talk, 422 if errors.errors else 200)
    with transaction(request.app.state.engine) as session:
        checked = hand_in.check(session, view.reader, given)
        row = hand_in.row(
            view.reader,
            replace(given, text=talk.shown),
            checked,
            names=tuple(each.name for each in talk.people if not each.has_role),
        )
        if row is None:
            return _page(view, given, checked, talk, 422)
        with seeing_all():
            stored = store(session, row)
    again = {"again": "1"} if stored.outcome == "repeated" else {}
    response = view.redirect(with_query(f"/hand-in/sent/{stored.feedback_id}", again))
    return remember(response, given.by)


def _talk(text: str, form: FormData) -> Talk:
    """Who speaks, as guessed; as the person says once they have looked at the same text."""
    words = beside_their_words(clean(text))
    people = speakers(words)
    if form.get("looked") == "1" and form.get("of") == str(len(people)):
        asking = [value for value in form.getlist("asks") if isinstance(value, str)]
        people = corrected(people, asking)
    return Talk(words, people, looked=bool(words))
