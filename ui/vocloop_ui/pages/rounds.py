"""Rounds of arbitration: their list, the room of one, its scenarios, its end."""

from __future__ import annotations

import uuid
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, func, select

from vocloop.errors import InvalidInputError
from vocloop.roadmap import decisions, rounds, scenarios
from vocloop.roadmap.audit import Author, get
from vocloop.roadmap.rounds import OPEN_STATES, Taken
from vocloop.worker import jobs
from vocloop_models import (
    BacklogItem,
    Decision,
    JobKind,
    Round,
    RoundItem,
    RoundRule,
    RoundState,
    Scenario,
    ScenarioState,
)
from vocloop_models.database import reading, transaction
from vocloop_ui import marks_room, roadmap_view, room, segment_words
from vocloop_ui.forms import Form, Posted, author_of, id_of, name_of, remember
from vocloop_ui.roadmap_words import coming_quarters
from vocloop_ui.view import View, Viewed, with_query

router = APIRouter(include_in_schema=False)

MOST_WEEKS, MOST_MONEY = 10_000, 1e12
# The same chart for a desk and for a phone.
WIDE, NARROW = (700, 260), (358, 240)


@router.get("/rounds")
def every(request: Request, view: Viewed) -> Response:
    with reading(request.app.state.engine) as session:
        taken, decided = _counts(session)
        return view.html(
            "roadmap/rounds.html",
            rounds=[
                (each, taken.get(each.id, 0), decided.get(each.id, 0))
                for each in rounds.listed(session)
            ],
            items=bool(roadmap_view.titles(session)),
        )


def _counts(session: Session) -> tuple[dict[uuid.UUID, int], dict[uuid.UUID, int]]:
    """By round, how many items it considers, and of how many it decided."""
    taken = select(RoundItem.round_id, func.count()).group_by(col(RoundItem.round_id))
    items = func.count(func.distinct(Decision.item_id))
    decided = select(Decision.round_id, items).group_by(col(Decision.round_id))
    made = {of: count for of, count in session.exec(decided) if of is not None}
    return dict(session.exec(taken).all()), made


@router.get("/rounds/new")
def opening(request: Request, view: Viewed) -> Response:
    with reading(request.app.state.engine) as session:
        return _new(session, view, Form(view.reader, {}))


def _new(session: Session, view: View, form: Form) -> Response:
    open_ = select(BacklogItem).where(col(BacklogItem.state).in_(OPEN_STATES))
    return view.html(
        "roadmap/round_new.html",
        status=422 if form.errors else 200,
        form=form,
        quarters=coming_quarters(view.reader.today()),
        departments=roadmap_view.departments(session, view.reader),
        items=session.exec(open_.order_by(col(BacklogItem.number))).all(),
        rules=list(RoundRule),
        name=name_of(view),
    )


@router.post("/rounds")
def open_round(request: Request, view: Viewed, form: Posted) -> Response:
    reader = view.reader
    name = form.text("name", 200, missing=reader.gettext("Give the round a name."))
    quarters = sorted(set(form.all("quarters")))
    if not quarters:
        form.refuse("quarters", reader.gettext("Choose at least one quarter."))
    budget = form.number("budget", 0, MOST_MONEY)
    author = form.author()
    with transaction(request.app.state.engine) as session:
        keys = roadmap_view.departments(session, reader)
        weeks = {
            key: form.number(f"capacity.{key}", 0, MOST_WEEKS, empty=0.0) or 0.0 for key in keys
        }
        capacity = {key: [has] * len(quarters) for key, has in weeks.items()}
        chosen = {id_of(each, "backlog item") for each in form.all("items")}
        if not chosen:
            form.refuse("items", reader.gettext("Choose the items that the round decides on."))
        address = "/rounds"
        if not form.errors:
            try:
                with session.begin_nested():
                    made = rounds.open_round(
                        session, name, quarters, capacity, Author(author), budget=budget
                    )
                    taken = {item: Taken(_rule(form, item)) for item in chosen}
                    rounds.consider(session, made.id, taken, Author(author))
                    address = f"/rounds/{made.id}"
            except InvalidInputError as error:
                form.take_over(error)
        if form.errors:
            return _new(session, view, form)
    return remember(view.redirect(address, reader.gettext("The round is open.")), author)


def _rule(form: Form, item: uuid.UUID) -> RoundRule:
    return form.choice(f"rule.{item}", RoundRule) or RoundRule.FREE


@router.get("/rounds/{round_id}")
def one(request: Request, view: Viewed, round_id: str, why: str = "", front: str = "") -> Response:
    """The room. ``why``: with the reasons, which take a moment longer."""
    known = id_of(round_id, "round")
    with reading(request.app.state.engine) as session:
        found = get(session, Round, known, "round")
        asked = room.levers(session, view.reader, found, request.query_params)
        shown = room.room(session, found, asked, front, explained=bool(why))
        chart = shown.front
        return view.html(
            "roadmap/room.html",
            round=found,
            levers=asked,
            own={
                row.item_id: row.rule
                for row in session.exec(select(RoundItem).where(RoundItem.round_id == known))
            },
            room=shown,
            contests=room.contests(shown.solved.conflicts) if shown.solved else [],
            burdens=room.burdens(shown.solved.conflicts) if shown.solved else [],
            titles={str(key): item for key, item in roadmap_view.titles(session).items()},
            departments=roadmap_view.departments(session, view.reader),
            front=f"{chart.kind}:{chart.name}" if chart else front,
            named_segments=_segments(view, shown),
            wide=marks_room.frontier(chart, *WIDE) if chart else None,
            narrow=marks_room.frontier(chart, *NARROW) if chart else None,
            explained=bool(why),
            address=_address(request, known),
            scenarios=scenarios.listed(session, known),
            decided={d.item_id: d for d in decisions.log(session, round_id=known, limit=200)[::-1]},
            votes=_votes(session, known),
            open=found.state is RoundState.OPEN,
            closed=found.closed_at,
            name=name_of(view),
            step=room.WEIGHT_STEP,
            most=room.MOST_WEIGHT,
        )


def _segments(view: View, shown: room.Room) -> dict[str, str]:
    """What "industry: 製造業" is to the reader: 業種「製造業」."""
    found = {}
    effects = shown.solved.effects if shown.solved else None
    for key in {*effects.segments, *effects.segments_missed} if effects else ():
        attribute, _, value = key.partition(": ")
        found[key] = segment_words.named(view.reader, attribute, value)
    return found


def _address(request: Request, known: uuid.UUID) -> Any:
    given = dict(request.query_params)

    def address(**changes: str) -> str:
        return with_query(f"/rounds/{known}", {**given, **changes})

    return address


def _votes(session: Session, known: uuid.UUID) -> dict[uuid.UUID, dict[str, int]]:
    found: dict[uuid.UUID, dict[str, int]] = {}
    for vote in rounds.votes(session, known):
        counted = found.setdefault(vote.item_id, {})
        counted[vote.choice.value] = counted.get(vote.choice.value, 0) + 1
    return found


@router.post("/rounds/{round_id}/scenarios")
def keep(request: Request, view: Viewed, round_id: str, form: Posted) -> Response:
    """Keep the present levers under a name; the worker solves them."""
    known, reader = id_of(round_id, "round"), view.reader
    name = form.text("name", 200) or reader.gettext("Without a name")
    with transaction(request.app.state.engine) as session:
        found = get(session, Round, known, "round")
        given = {key: form.raw(key) for key in form.values}
        asked = room.levers(session, reader, found, given)
        author = author_of(view)
        kept = scenarios.ask(session, known, name[:200], asked.changes, author)
        jobs.enqueue(session, JobKind.SOLVE_SCENARIO, {"scenario_id": str(kept.id)})
    said = reader.gettext("The scenario is kept and is being solved.")
    return view.redirect(f"/rounds/{known}/scenarios", said)


@router.post("/scenarios/{scenario_id}/cancel")
def cancel(request: Request, view: Viewed, scenario_id: str) -> Response:
    """Stop solving. What never had an answer goes: its levers open in the room."""
    known, reader = id_of(scenario_id, "scenario"), view.reader
    with transaction(request.app.state.engine) as session:
        asked = get(session, Scenario, known, "scenario")
        here, levers = f"/rounds/{asked.round_id}", room.given_by(asked.asked)
        kept = scenarios.cancel(session, known, author_of(view))
        jobs.cancel_all(session, JobKind.SOLVE_SCENARIO, {"scenario_id": str(known)})
    if kept is None:
        said = reader.gettext("It is not solved any more. Its levers are here, to be kept again.")
        return view.redirect(with_query(here, levers), said)
    said = reader.gettext("It is not solved any more; its last answer stays.")
    return view.redirect(f"{here}/scenarios", said)


@router.get("/rounds/{round_id}/scenarios")
def compare(request: Request, view: Viewed, round_id: str) -> Response:
    known = id_of(round_id, "round")
    with reading(request.app.state.engine) as session:
        found = scenarios.listed(session, known)
        return view.html(
            "roadmap/scenarios.html",
            round=get(session, Round, known, "round"),
            scenarios=found,
            waits=any(each.state is ScenarioState.SOLVING for each in found),
            addresses={
                each.id: with_query(f"/rounds/{known}", room.given_by(each.changes))
                for each in found
            },
            items=_items(session, known),
            departments=roadmap_view.departments(session, view.reader),
        )


def _items(session: Session, known: uuid.UUID) -> list[BacklogItem]:
    inside = select(RoundItem.item_id).where(RoundItem.round_id == known)
    found = select(BacklogItem).where(col(BacklogItem.id).in_(inside))
    return list(session.exec(found.order_by(col(BacklogItem.number))))


@router.get("/rounds/{round_id}/close")
def closing(request: Request, view: Viewed, round_id: str) -> Response:
    """Asks first: what is decided, and what is not."""
    known = id_of(round_id, "round")
    with reading(request.app.state.engine) as session:
        log = {d.item_id: d for d in decisions.log(session, round_id=known, limit=200)[::-1]}
        return view.html(
            "roadmap/round_close.html",
            round=rounds.sitting(session, known),
            items=_items(session, known),
            decided=log,
            name=name_of(view),
        )


@router.post("/rounds/{round_id}/close")
def close(request: Request, view: Viewed, round_id: str) -> Response:
    known = id_of(round_id, "round")
    with transaction(request.app.state.engine) as session:
        rounds.close(session, known, author_of(view))
    return view.redirect(f"/rounds/{known}", view.reader.gettext("The round is closed."))
