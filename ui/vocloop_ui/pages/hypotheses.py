"""Hypotheses on themes: rewritten in versions, confronted with what customers say."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from sqlmodel import Session, select

from vocloop.accounts.restricted import seeing_all
from vocloop.intake.records import LONGEST_TEXT, FeedbackIn
from vocloop.intake.store import store
from vocloop.roadmap import hypotheses
from vocloop.roadmap.audit import Author
from vocloop.roadmap.hypotheses import Words
from vocloop.themes import query
from vocloop.themes.heard import choices
from vocloop.themes.quotes import quotes
from vocloop_models import Channel, HypothesisState, Side, Statement
from vocloop_models.database import reading, transaction
from vocloop_ui import hypothesis_list, hypothesis_view, refusals, roadmap_words, words
from vocloop_ui.asked import OF
from vocloop_ui.errors import PageInputError
from vocloop_ui.forms import Form, Posted, author_of, id_of, name_of, remember
from vocloop_ui.view import View, Viewed, with_query

router = APIRouter(include_in_schema=False)

OFFERED = 10
# Source of notes that are written down beside a hypothesis.
INTERVIEWS = "interviews"
MOST_NAME = 300
MOST = {"segment": 500, "job": 2_000, "cause": 2_000}


@router.get("/hypotheses")
def every(request: Request, view: Viewed) -> Response:
    asked = hypothesis_list.asked_by(view.reader, request.query_params)
    with reading(request.app.state.engine) as session:
        offered = choices(session)
        departments = {
            str(each.id): words.department(view.reader, each) for each in offered.departments
        }
        return view.html(
            "roadmap/hypotheses.html",
            found=hypothesis_view.listed(session, asked.where()),
            count=hypothesis_view.count,
            asked=asked,
            chips=hypothesis_list.chips(view, asked, departments),
            departments=departments,
            offered=offered,
            between=OF,
            states=[(s, roadmap_words.hypothesis(view.reader, s)) for s in HypothesisState],
        )


@router.get("/themes/{theme_id}/hypotheses")
def new(request: Request, view: Viewed, theme_id: str) -> Response:
    known = id_of(theme_id, "theme")
    with reading(request.app.state.engine) as session:
        return _new(session, view, known, Form(view.reader, {}))


def _new(session: Session, view: View, theme_id: uuid.UUID, form: Form) -> Response:
    return view.html(
        "roadmap/hypothesis_new.html",
        status=422 if form.errors else 200,
        theme=query.one(session, theme_id).theme,
        known=hypothesis_view.of_theme(session, theme_id).hypotheses,
        form=form,
        name=name_of(view),
    )


@router.post("/themes/{theme_id}/hypotheses")
def propose(request: Request, view: Viewed, theme_id: str, form: Posted) -> Response:
    known, words, author = id_of(theme_id, "theme"), _words(form), form.author()
    if form.errors:
        with reading(request.app.state.engine) as session:
            return _new(session, view, known, form)
    with transaction(request.app.state.engine) as session:
        made = hypotheses.propose(session, known, words, Author(author))
        address = f"/hypotheses/{made.id}"
    said = view.reader.gettext("The hypothesis is written. Confront it with what customers say.")
    return remember(view.redirect(address, said), author)


def _words(form: Form) -> Words:
    reader = form.reader
    missing = {
        "segment": reader.gettext("Say whose problem it is."),
        "job": reader.gettext("Say what they want to get done."),
        "cause": reader.gettext("Say what you suspect behind it."),
    }
    return Words(**{name: form.text(name, MOST[name], missing=missing[name]) for name in MOST})


@router.get("/hypotheses/{hypothesis_id}")
def one(request: Request, view: Viewed, hypothesis_id: str, cursor: str = "") -> Response:
    known = id_of(hypothesis_id, "hypothesis")
    with reading(request.app.state.engine) as session:
        return _page(session, view, known, Form(view.reader, {}), cursor)


def _page(session: Session, view: View, known: uuid.UUID, form: Form, cursor: str = "") -> Response:
    parts = hypotheses.one(session, known)
    theme = query.one(session, parts.hypothesis.theme_id).theme
    offered = quotes(session, theme.id, cursor=cursor or None, limit=OFFERED)
    held = {each.statement_id for each in parts.evidence}
    return view.html(
        "roadmap/hypothesis.html",
        status=422 if form.errors else 200,
        parts=parts,
        theme=theme,
        linked=hypothesis_view.linked(session, parts),
        sides=list(Side),
        offered=[quote for quote in offered.rows if quote.statement_id not in held],
        more=with_query(f"/hypotheses/{known}", {"cursor": offered.next_cursor})
        if offered.next_cursor
        else "",
        cursor=cursor,
        states=list(HypothesisState),
        form=form,
        name=name_of(view),
    )


@router.post("/hypotheses/{hypothesis_id}/versions")
def rewrite(request: Request, view: Viewed, hypothesis_id: str, form: Posted) -> Response:
    known, words, author = id_of(hypothesis_id, "hypothesis"), _words(form), form.author()
    if form.errors:
        with reading(request.app.state.engine) as session:
            return _page(session, view, known, form)
    with transaction(request.app.state.engine) as session:
        version = hypotheses.rewrite(session, known, words, Author(author)).version
    said = view.reader.gettext("Version %(version)s is written; the earlier ones are kept.") % {
        "version": view.reader.number(version)
    }
    return remember(view.redirect(f"/hypotheses/{known}", said), author)


@router.post("/hypotheses/{hypothesis_id}/evidence")
def link(request: Request, view: Viewed, hypothesis_id: str, form: Posted) -> Response:
    """Let a statement speak for or against it; without a side it says nothing of it."""
    reader, known = view.reader, id_of(hypothesis_id, "hypothesis")
    statement = id_of(form.raw("statement"), "statement")
    side = form.choice("side", Side)
    if form.errors:
        raise PageInputError(reader.gettext("Choose “for”, “against” or “neither”."))
    with transaction(request.app.state.engine) as session:
        held = {e.statement_id: e.side for e in hypotheses.one(session, known).evidence}
        hypotheses.link(session, known, statement, side, author_of(view))
    said = {
        Side.FOR: reader.gettext("This voice speaks for the hypothesis."),
        Side.AGAINST: reader.gettext("This voice speaks against the hypothesis."),
        None: reader.gettext("This voice is no evidence any more."),
    }[side]
    before = held.get(statement)
    undo = with_query(
        f"/hypotheses/{known}/evidence",
        {"statement": str(statement), "side": before.value if before else ""},
    )
    return view.redirect(f"/hypotheses/{known}#evidence", said, undo)


@router.post("/hypotheses/{hypothesis_id}/notes")
def note(request: Request, view: Viewed, hypothesis_id: str, form: Posted) -> Response:
    """Keep what was said in an interview as a voice, and let each of its statements speak for or
    against the hypothesis."""
    reader, known, author = view.reader, id_of(hypothesis_id, "hypothesis"), form.author()
    missing = reader.gettext("Say whether it speaks for or against.")
    side = form.choice("side", Side, missing=missing)
    voice = _voice(form, author)
    if voice is None or side is None or form.errors:
        with reading(request.app.state.engine) as session:
            return _page(session, view, known, form)
    with transaction(request.app.state.engine) as session:
        hypotheses.one(session, known)
        # The voice of a customer that is hidden from the writer finds its customer all the same.
        with seeing_all():
            kept = store(session, voice).feedback_id
            said = session.exec(select(Statement.id).where(Statement.feedback_id == kept)).all()
        for statement in said:
            hypotheses.link(session, known, statement, side, Author(author))
    told = {
        Side.FOR: reader.gettext("The note is kept as a voice; it speaks for the hypothesis."),
        Side.AGAINST: reader.gettext(
            "The note is kept as a voice; it speaks against the hypothesis."
        ),
    }[side]
    return remember(view.redirect(f"/hypotheses/{known}#evidence", told), author)


def _voice(form: Form, author: str) -> FeedbackIn | None:
    """The note as intake takes it; None, with the reasons in the form, when it can't be taken."""
    customer = form.text("customer", MOST_NAME)
    words = form.text(
        "words",
        LONGEST_TEXT,
        missing=form.reader.gettext("Write what the customer said; one sentence is enough."),
    )
    if form.errors:
        return None
    try:
        return FeedbackIn.model_validate(
            {
                "text": words,
                "source": INTERVIEWS,
                "channel": Channel.INTERVIEW,
                "customer": {"name": customer} if customer else None,
                "submitted_by": author,
            }
        )
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            name = "customer" if detail["loc"][:1] == ("customer",) else "words"
            form.refuse(name, refusals.told(form.reader, detail))
        return None


@router.post("/hypotheses/{hypothesis_id}/state")
def settle(request: Request, view: Viewed, hypothesis_id: str, form: Posted) -> Response:
    reader, known = view.reader, id_of(hypothesis_id, "hypothesis")
    state = form.choice("state", HypothesisState, missing=reader.gettext("Choose a state."))
    if state is None:
        raise PageInputError(form.errors["state"])
    with transaction(request.app.state.engine) as session:
        before = hypotheses.one(session, known).hypothesis.state
        hypotheses.settle(session, known, state, author_of(view))
    said = reader.gettext("The hypothesis is now “%(state)s”.") % {
        "state": roadmap_words.hypothesis(reader, state)
    }
    undo = f"/hypotheses/{known}/state?state={before.value}" if before is not state else ""
    return view.redirect(f"/hypotheses/{known}", said, undo)
