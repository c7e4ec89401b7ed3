"""Decisions: on one item, with what heads of departments say; and the log of them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, select

from vocloop.errors import InvalidInputError
from vocloop.roadmap import backlog, decisions, rounds, selection, waiting
from vocloop.roadmap.audit import Author, get
from vocloop.roadmap.backlog import QUARTER
from vocloop.roadmap.explain import Why
from vocloop_models import (
    BacklogItem,
    Decision,
    Department,
    Round,
    RoundComment,
    RoundItem,
    RoundState,
    Theme,
    Verdict,
    Vote,
    VoteChoice,
)
from vocloop_models.database import reading, transaction
from vocloop_ui import nearest, pairs, roadmap_view, roadmap_words
from vocloop_ui.errors import PageInputError
from vocloop_ui.forms import Form, Posted, id_of, name_of, remember
from vocloop_ui.view import View, Viewed

router = APIRouter(include_in_schema=False)

SHOWN_QUOTES = 3
MOST_RATIONALE, MOST_REASON, MOST_COMMENT, MOST_TEXT = 4_000, 2_000, 4_000, 200
MOST_PARTS, MOST_TITLE = 20, 300
LOG_LENGTH = 100
DECIDED = "decided"  # the second step's button


@dataclass(frozen=True)
class Word:
    """What one department said: its vote, and comments under its name."""

    department: str
    vote: Vote | None
    comments: list[RoundComment]


def words_of(
    session: Session, round_id: uuid.UUID, item_id: uuid.UUID
) -> tuple[list[Word], list[RoundComment]]:
    """By department; and what was said in no department's name."""
    keys = {each.id: each.key for each in session.exec(select(Department))}
    found: dict[str, Word] = {}
    for vote in rounds.votes(session, round_id):
        if vote.item_id == item_id and vote.department_id in keys:
            key = keys[vote.department_id]
            found[key] = Word(key, vote, [])
    free = []
    for said in rounds.comments(session, round_id):
        if said.item_id != item_id:
            continue
        if said.department_id is None or said.department_id not in keys:
            free.append(said)
            continue
        key = keys[said.department_id]
        found.setdefault(key, Word(key, None, [])).comments.append(said)
    return sorted(found.values(), key=lambda word: word.department), free


@router.get("/backlog/{item_id}/decision")
def form(request: Request, view: Viewed, item_id: str) -> Response:
    """One item's evidence, what is said of it, and the form."""
    known = id_of(item_id, "backlog item")
    given = Form(view.reader, {"round": [request.query_params.get("round", "")]})
    with reading(request.app.state.engine) as session:
        return _page(session, view, known, given)


def _round_of(session: Session, known: uuid.UUID, form: Form) -> Round | None:
    """The round that is named; else the newest open one that considers the item."""
    if form.raw("round"):
        return get(session, Round, id_of(form.raw("round"), "round"), "round")
    return session.exec(
        select(Round)
        .join(RoundItem, col(RoundItem.round_id) == col(Round.id))
        .where(RoundItem.item_id == known, Round.state == RoundState.OPEN)
        .order_by(col(Round.id).desc())
    ).first()


def _why(session: Session, found: Round | None, known: uuid.UUID) -> Why | None:
    if found is None:
        return None
    question = waiting.question(session, found.id)
    if question.large or str(known) not in {each.id for each in question.candidates}:
        return None
    why = waiting.reason(question, str(known))
    return why if why.proven else None


def _page(session: Session, view: View, known: uuid.UUID, form: Form) -> Response:
    judged = selection.judge(session, known)
    found = _round_of(session, known, form)
    words, free = words_of(session, found.id, known) if found else ([], [])
    themes = session.exec(select(Theme).where(col(Theme.id).in_(list(judged.parts.themes)))).all()
    return view.html(
        "roadmap/decide.html",
        status=422 if form.errors else 200,
        row=roadmap_view.Row(judged),
        themes=themes,
        round=found,
        sitting=found is not None and found.state is RoundState.OPEN,
        why=_why(session, found, known),
        words_of=words,
        free=free,
        quotes=nearest.quotes_of(
            view.request, session, judged.parts, SHOWN_QUOTES, view.reader.language
        ),
        departments=roadmap_view.departments(session, view.reader),
        verdicts=list(Verdict),
        choices=list(VoteChoice),
        decidable=judged.parts.item.state in decisions.DECIDABLE,
        before=decisions.log(session, item_id=known),
        form=form,
        name=name_of(view),
    )


@router.post("/backlog/{item_id}/decision")
def decide(request: Request, view: Viewed, item_id: str, form: Posted) -> Response:
    """Asks first: only the second step records the word."""
    known, reader = id_of(item_id, "backlog item"), view.reader
    verdict = form.choice("verdict", Verdict, missing=reader.gettext("Choose a decision."))
    rationale = form.text(
        "rationale",
        MOST_RATIONALE,
        missing=reader.gettext("Write why: those who raised the voices will read it."),
    )
    agree = form.yes("agree", missing=reader.gettext("Answer as if you were the customer."))
    reason = form.text("agree_reason", MOST_REASON)
    quarter = form.text("quarter", 6).upper()
    if quarter and not QUARTER.fullmatch(quarter):
        form.refuse("quarter", reader.gettext("Write a quarter as 2026Q4."))
    lines = form.text("into", MOST_PARTS * (MOST_TITLE + 1)).splitlines()
    parts = [title for line in lines if (title := line.strip())]
    if verdict is Verdict.SPLIT and len(parts) < 2:
        form.refuse("into", reader.gettext("Write the titles of two parts or more, one a line."))
    if len(parts) > MOST_PARTS or any(len(title) > MOST_TITLE for title in parts):
        form.refuse(
            "into",
            reader.gettext("Write at most %(parts)s titles, each of at most %(letters)s letters.")
            % {"parts": reader.number(MOST_PARTS), "letters": reader.number(MOST_TITLE)},
        )
    author = form.author()
    engine = request.app.state.engine
    if form.errors or form.raw("step") != DECIDED:
        with reading(engine) as session:
            if form.errors or form.raw("step") == "change":
                return _page(session, view, known, form)
            return view.html(
                "roadmap/decide_confirm.html",
                item=backlog.one(session, known).item,
                form=form,
                verdict=verdict,
                agree=agree,
                parts=parts if verdict is Verdict.SPLIT else [],
                decided=DECIDED,
                by=author,
            )
    with transaction(engine) as session:
        found = _round_of(session, known, form)
        open_ = found is not None and found.state is RoundState.OPEN
        try:
            with session.begin_nested():
                made = decisions.decide(
                    session,
                    known,
                    verdict or Verdict.DEFER,
                    rationale,
                    Author(author),
                    agree_as_customer=bool(agree),
                    agree_reason=reason,
                    round_id=found.id if found and open_ else None,
                    quarter=quarter or None,
                    into=parts if verdict is Verdict.SPLIT else (),
                )
                address = f"/decisions/{made.id}"
        except InvalidInputError as error:
            form.take_over(error)
            return _page(session, view, known, form)
    return remember(view.redirect(address, reader.gettext("The decision is recorded.")), author)


@router.post("/rounds/{round_id}/items/{item_id}/words")
def speak(request: Request, view: Viewed, round_id: str, item_id: str, form: Posted) -> Response:
    """A head of department votes, comments, or both."""
    known, item, reader = id_of(round_id, "round"), id_of(item_id, "backlog item"), view.reader
    department = form.text("department", 100)
    choice = form.choice("choice", VoteChoice)
    text = form.text("text", MOST_COMMENT)
    by = form.author()
    if choice is not None and not department:
        form.refuse("department", reader.gettext("Say for which department you vote."))
    if choice is None and not text:
        form.refuse("text", reader.gettext("Vote, write something, or both."))
    engine = request.app.state.engine
    if form.errors:
        with reading(engine) as session:
            return _page(session, view, item, form)
    with transaction(engine) as session:
        if choice is not None:
            rounds.vote(session, known, item, department, choice, Author(by))
        if text:
            rounds.comment(
                session, known, text, Author(by), item_id=item, department=department or None
            )
    address = f"/backlog/{item}/decision?round={known}#words"
    return remember(view.redirect(address, reader.gettext("What you said is kept.")), by)


@router.get("/decisions")
def log(request: Request, view: Viewed, text: str = "", verdict: str = "") -> Response:
    reader, text = view.reader, text.strip()
    of_round = request.query_params.get("round", "")
    if len(text) > MOST_TEXT or "\x00" in text:
        raise PageInputError(
            reader.gettext("The words to search for are too long; use at most %(most)s letters.")
            % {"most": reader.number(MOST_TEXT)}
        )
    if verdict and verdict not in tuple(Verdict):
        raise PageInputError(
            reader.gettext("The address asks for %(name)s “%(value)s”; use one of: %(allowed)s.")
            % {"name": "verdict", "value": verdict[:60], "allowed": ", ".join(Verdict)}
        )
    with reading(request.app.state.engine) as session:
        sitting = get(session, Round, id_of(of_round, "round"), "round") if of_round else None
        found = decisions.log(
            session,
            text=text or None,
            verdict=Verdict(verdict) if verdict else None,
            round_id=sitting.id if sitting else None,
            limit=view.rows(LOG_LENGTH),
        )

        chips = []
        if text:
            chips.append(view.chip(reader.gettext("Words"), text, "text"))
        if verdict:
            value = roadmap_words.decided(reader, Verdict(verdict))
            chips.append(view.chip(reader.gettext("Decision"), value, "verdict"))
        if sitting:
            value = pairs.own(reader, sitting.name)
            chips.append(view.chip(reader.gettext("Round"), value, "round"))
        return view.html(
            "roadmap/decisions.html",
            found=found,
            text=text,
            verdict=verdict,
            round=of_round,
            verdicts=list(Verdict),
            chips=chips,
            items=roadmap_view.titles(session),
            longest=LOG_LENGTH,
        )


@router.get("/decisions/{decision_id}")
def one(request: Request, view: Viewed, decision_id: str) -> Response:
    """A decision with the evidence of its moment."""
    known = id_of(decision_id, "decision")
    with reading(request.app.state.engine) as session:
        found = get(session, Decision, known, "decision")
        item = get(session, BacklogItem, found.item_id, "backlog item")
        themes = {
            str(theme.id): theme
            for theme in session.exec(
                select(Theme).where(
                    col(Theme.id).in_([uuid.UUID(each) for each in found.evidence["themes"]])
                )
            )
        }
        names = {str(each.id): each for each in session.exec(select(Department))}
        return view.html(
            "roadmap/decision.html",
            decision=found,
            item=item,
            themes=themes,
            voted={k: roadmap_view.name_of(view.reader, d) for k, d in names.items()},
            departments=roadmap_view.departments(session, view.reader),
            round=session.get(Round, found.round_id) if found.round_id else None,
            genuine=decisions.digest(found) == found.digest,
            later=[
                each
                for each in decisions.log(session, item_id=item.id)
                if each.number > found.number
            ],
            choices={each.value: each for each in VoteChoice},
        )
