"""Goals of the company: set, filled with values, taken off; shown on the page of numbers."""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter, Request, Response

from vocloop.errors import ConflictError, InvalidInputError
from vocloop.success import goals
from vocloop_models import CompanyGoal, GoalMetric
from vocloop_models.database import transaction
from vocloop_ui.errors import PageInputError
from vocloop_ui.forms import Form, Posted, id_of, name_of
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
    _check(form)
    assert metric is not None and target is not None  # noqa: S101, PT018 - checked just before
    with transaction(request.app.state.engine) as session:
        try:
            made = goals.add(
                session, name, metric, target, unit=unit, baseline=baseline, due_on=due_on
            )
        except ConflictError as error:
            raise PageInputError(
                reader.gettext("There is a goal of this name already; choose another one.")
            ) from error
        except InvalidInputError as error:
            raise PageInputError(
                reader.gettext("This target lies outside what %(metric)s can be.")
                % {"metric": metric.value.upper()}
            ) from error
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
    _check(form)
    assert value is not None  # noqa: S101 - checked just before
    with transaction(request.app.state.engine) as session:
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


def _check(form: Form) -> None:
    if form.errors:
        raise PageInputError(next(iter(form.errors.values())))
