"""Goals of the company: set, filled with values, taken off; shown on the page of numbers."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter, Request, Response

from vocloop.errors import ConflictError, InvalidInputError
from vocloop.success import goals
from vocloop_models import CompanyGoal, GoalMetric
from vocloop_models.database import transaction
from vocloop_ui.forms import Form, Posted, id_of, name_of
from vocloop_ui.pages.numbers import numbers
from vocloop_ui.view import Viewed

router = APIRouter(include_in_schema=False)

HERE = "/numbers#h-goals"
LARGEST = 1e12


@router.post("/numbers/goals")
def add(request: Request, view: Viewed, form: Posted) -> Response:
    reader = view.reader
    name = form.text("name", 200, missing=reader.gettext("Give it a name."))
    metric = form.choice("metric", GoalMetric, missing=reader.gettext("Choose what it counts."))
    target = form.number("target", -LARGEST, LARGEST)
    if target is None:
        form.refuse("target", reader.gettext("Write the target as a number."))
    baseline = form.number("baseline", -LARGEST, LARGEST)
    unit, due_on = form.text("unit", 40), _day(form, "due_on")
    with transaction(request.app.state.engine) as session:
        if form.errors or metric is None or target is None:
            return numbers(session, view, form)
        try:
            made = goals.add(
                session, name, metric, target, unit=unit, baseline=baseline, due_on=due_on
            )
        except ConflictError:
            taken = reader.gettext("There is a goal of this name already; choose another one.")
            form.refuse("name", taken)
            return numbers(session, view, form)
        except InvalidInputError as error:
            form.take_over(error)
            return numbers(session, view, form)
        undo = f"/numbers/goals/{made.id}/remove"
    return view.redirect(HERE, reader.gettext("The goal “%(name)s” is set.") % {"name": name}, undo)


@router.post("/numbers/goals/{goal_id}/value")
def enter(request: Request, view: Viewed, goal_id: str, form: Posted) -> Response:
    """The newest value of a goal that people enter."""
    known, reader = id_of(goal_id, "goal"), view.reader
    value = form.number("value", -LARGEST, LARGEST)
    if value is None:
        form.refuse("value", reader.gettext("Write the value as a number."))
    day = _day(form, "day") or reader.today()
    with transaction(request.app.state.engine) as session:
        if form.errors or value is None:
            return numbers(session, view, form)
        goals.enter(session, known, day, value, name_of(view) or None)
    return view.redirect(HERE, reader.gettext("The value is kept."))


@router.post("/numbers/goals/{goal_id}/remove")
def remove(request: Request, view: Viewed, goal_id: str) -> Response:
    with transaction(request.app.state.engine) as session:
        gone: CompanyGoal = goals.remove(session, id_of(goal_id, "goal"))
    said = view.reader.gettext("The goal “%(name)s” is taken off.") % {"name": gone.name}
    return view.redirect(HERE, said)


def _day(form: Form, name: str) -> dt.date | None:
    written = form.text(name, 10)
    try:
        return dt.date.fromisoformat(written) if written else None
    except ValueError:
        form.refuse(
            name,
            form.reader.gettext("“%(value)s” is no day. Write it as 2026-09-11.")
            % {"value": written},
        )
        return None
