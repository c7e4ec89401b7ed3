"""Outcome review: facts before opinions, then the rule of reading (METHOD.md 6)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlmodel import Session, col, func, select

from vocloop.config import settings
from vocloop.errors import ConflictError, InvalidInputError, says
from vocloop.roadmap.audit import SOMEONE, Author, get, held, note
from vocloop.roadmap.backlog import create, put, shown
from vocloop.roadmap.backlog import one as parts_of
from vocloop.roadmap.movement import Counts, Floats, Moved, moved, shifted
from vocloop.roadmap.stakes import Behind, Stakes
from vocloop_models import (
    BacklogItem,
    Customer,
    Direction,
    Feedback,
    ItemState,
    Measure,
    Movement,
    NextStep,
    OutcomeReview,
    OutcomeTest,
    Statement,
    ThemeMembership,
    ThemeScore,
    item_themes,
    now,
)

# Months on either side of shipping that are compared.
# Before: what two years say of a theme's usual level is worth a third of the time after it.
MONTHS_BEFORE, MONTHS_AFTER = 24, 12
MONTH_DAYS = 30
# A comparable theme has between a third and three times as many companies before.
COMPARABLE = 3.0
REASONS = {
    NextStep.REDRAW_HYPOTHESIS: "executed well, but without the result: redraw the hypothesis",
    NextStep.RAISE_EXECUTION: "not executed well enough to tell: raise execution first",
    NextStep.DEVELOP: "result and execution are good: develop and spread it",
}
# By axis and value: {"actual"}, None for one to be taken back.
Breakdowns = Mapping[str, Mapping[str, Mapping[str, float | None]]]


def read_result(*, result_good: bool, quantity_enough: bool, quality_good: bool) -> NextStep:
    """The rule of reading."""
    if not (quantity_enough and quality_good):
        return NextStep.RAISE_EXECUTION
    return NextStep.DEVELOP if result_good else NextStep.REDRAW_HYPOTHESIS


def reached(metric: Mapping[str, Any]) -> bool:
    """Whether the actual value is at the target or beyond, seen from the baseline."""
    actual, target, baseline = metric["actual"], metric["target"], metric["baseline"]
    return bool(actual <= target if target < baseline else actual >= target)


def agree(
    session: Session,
    item_id: uuid.UUID,
    metrics: Sequence[Mapping[str, Any]],
    author: Author = SOMEONE,
) -> OutcomeReview:
    """Agree the metrics, before anything ships: rows {"name", "unit", "baseline", "target"} with
    "breakdowns" {axis: {value: {"target"}}} when wanted. What a review read before the item was
    reopened no longer holds. Raises ConflictError once it has shipped."""
    item = held(session, BacklogItem, item_id, "backlog item")
    if item.state in (ItemState.SHIPPED, ItemState.REVIEWED):
        raise ConflictError(
            says("%(item)s has shipped; metrics are agreed before", item=shown(item))
        )
    names = [metric["name"] for metric in metrics]
    if not names or len(set(names)) < len(names):
        reason = "give at least one, each name once"
        raise InvalidInputError(f"metrics: {reason}", [("metrics", reason)])
    review = _review(session, item_id) or OutcomeReview(item_id=item_id)
    review.metrics = [{"breakdowns": {}, **metric, "actual": None} for metric in metrics]
    review.agreed_at, review.agreed_by = now(), author.by
    review.result_good = review.quantity_enough = review.quality_good = None
    review.next_step, review.reason = None, ""
    review.reviewed_at = review.reviewed_by = None
    session.add(review)
    note(session, item_id, "agreed", author, metrics=names)
    return review


def review(
    session: Session,
    item_id: uuid.UUID,
    actuals: Mapping[str, float],
    author: Author = SOMEONE,
    *,
    quantity_enough: bool,
    quality_good: bool,
    execution_note: str = "",
    analysis: str = "",
    breakdowns: Mapping[str, Breakdowns] | None = None,
) -> OutcomeReview:
    """Fill in numbers and execution; the next step follows, analysis comes last. ``breakdowns`` by
    metric: {axis: {value: {"actual"}}}, None takes one back; targets that were agreed stay.

    Raises ConflictError unless the item has shipped with metrics agreed, InvalidInputError for a
    metric without its actual value or one that nobody agreed."""
    item = held(session, BacklogItem, item_id, "backlog item")
    found = _review(session, item_id)
    if found is None or item.state not in (ItemState.SHIPPED, ItemState.REVIEWED):
        missing = says("no metrics were agreed")
        if found is not None:
            missing = says("it is %(state)s", state=item.state)
        raise ConflictError(
            says(
                "%(item)s can't be reviewed: %(missing)s; see to that first",
                item=shown(item),
                missing=missing,
            )
        )
    agreed = {metric["name"] for metric in found.metrics}
    wrong = [(name, "has no actual value; give it") for name in sorted(agreed - set(actuals))]
    wrong += [(n, "was not agreed; leave it out") for n in sorted({*actuals} - agreed)]
    if wrong:
        raise InvalidInputError(f"the result: {wrong[0][0]} {wrong[0][1]}", wrong)
    found.metrics = [
        {
            **metric,
            "actual": actuals[metric["name"]],
            "breakdowns": _read_off(
                metric["breakdowns"], (breakdowns or {}).get(metric["name"], {})
            ),
        }
        for metric in found.metrics
    ]
    good = all(reached(metric) for metric in found.metrics)
    step = read_result(result_good=good, quantity_enough=quantity_enough, quality_good=quality_good)
    found.result_good, found.quantity_enough, found.quality_good = (
        good,
        quantity_enough,
        quality_good,
    )
    found.execution_note, found.analysis = execution_note, analysis
    found.next_step, found.reason = step, REASONS[step]
    found.reviewed_at, found.reviewed_by = now(), author.by
    if item.state is ItemState.SHIPPED:
        put(session, item, ItemState.REVIEWED, author)
    note(session, item_id, "reviewed", author, next_step=step.value, result_good=good)
    return found


def one(session: Session, item_id: uuid.UUID) -> tuple[OutcomeReview | None, list[OutcomeTest]]:
    """The review of an item and its tests, newest first."""
    get(session, BacklogItem, item_id, "backlog item")
    tests = session.exec(
        select(OutcomeTest)
        .where(OutcomeTest.item_id == item_id)
        .order_by(col(OutcomeTest.id).desc())
    ).all()
    return _review(session, item_id), list(tests)


@dataclass(frozen=True)
class Shipped:
    """``companies``: the newest test of how many companies its themes are heard from."""

    item: BacklogItem
    review: OutcomeReview | None
    companies: OutcomeTest | None


def shipped(session: Session) -> list[Shipped]:
    """Items that have shipped, the last one first."""
    rows = session.exec(
        select(BacklogItem, OutcomeReview)
        .join(OutcomeReview, col(OutcomeReview.item_id) == col(BacklogItem.id), isouter=True)
        .where(col(BacklogItem.shipped_at).is_not(None))
        .order_by(col(BacklogItem.shipped_at).desc())
    ).all()
    newest: dict[uuid.UUID, OutcomeTest] = {}
    tests = select(OutcomeTest).where(OutcomeTest.measure == Measure.COMPANIES)
    for test in session.exec(tests.order_by(col(OutcomeTest.id).desc())):
        newest.setdefault(test.item_id, test)
    return [Shipped(item, review, newest.get(item.id)) for item, review in rows]


def examine(
    session: Session,
    item_id: uuid.UUID,
    author: Author = SOMEONE,
    *,
    moment: dt.datetime | None = None,
) -> list[OutcomeTest]:
    """Compare each theme of a shipped item, before and after, with comparable themes that no
    shipped item touches; reopen the item when companies rose. ``moment`` ends the time after.

    Raises ConflictError for an item that has not shipped."""
    item = held(session, BacklogItem, item_id, "backlog item")
    if item.shipped_at is None:
        raise ConflictError(
            says("%(item)s has not shipped; there is nothing to test yet", item=shown(item))
        )
    zone = settings().zone
    until, since = (at.astimezone(zone).date() for at in (moment or now(), item.shipped_at))
    months = min((until - since).days // MONTH_DAYS, MONTHS_AFTER)
    series = _series(session, item.shipped_at, months)
    shipped = select(BacklogItem.id).where(col(BacklogItem.shipped_at).is_not(None))
    links = item_themes()
    touched = set(session.exec(select(links.c.theme_id).where(links.c.item_id.in_(shipped))))
    own = session.exec(select(links.c.theme_id).where(links.c.item_id == item_id)).all()
    severity = _severities(session, item.shipped_at.date(), months)
    tests = []
    for theme in own:
        for measure, counts in series.items():
            nobody = Counts(np.zeros((0, 0)), np.zeros((0, 0)))
            counted = counts.get(theme, nobody)
            near = _comparable(counted, {t: c for t, c in counts.items() if t not in touched})
            found = moved(counted, list(near.values()))
            tests.append(_test(item_id, theme, measure, found, counted.months, near))
        empty = np.zeros(0)
        levels = severity.get(theme, (empty, empty))
        others = {t: pair for t, pair in severity.items() if t not in touched}
        found = shifted(*levels, list(others.values()))
        tests.append(_test(item_id, theme, Measure.SEVERITY, found, levels, others))
    session.add_all(tests)
    told = {str(t.theme_id) + " " + t.measure.value: t.movement.value for t in tests}
    note(session, item_id, "tested", author, **told)
    rose = any(t.measure is Measure.COMPANIES and t.movement is Movement.ROSE for t in tests)
    if rose and item.state in (ItemState.SHIPPED, ItemState.REVIEWED):
        put(session, item, ItemState.REOPENED, Author(author.by, "its theme rose after shipping"))
    return tests


def develop(
    session: Session,
    item_id: uuid.UUID,
    direction: Direction,
    title: str,
    author: Author = SOMEONE,
) -> BacklogItem:
    """A new item that develops a success in one of the four directions (METHOD.md 7); it begins
    with the themes, goals and problem of the success.

    Raises ConflictError unless the review of ``item_id`` says to develop it."""
    item = held(session, BacklogItem, item_id, "backlog item")
    found = _review(session, item_id)
    if found is None or found.next_step is not NextStep.DEVELOP:
        reason = found.reason if found is not None and found.next_step else None
        raise ConflictError(
            says(
                "%(item)s is no success to develop yet: %(reason)s",
                item=shown(item),
                reason=reason or says("it has no review"),
            )
        )
    made = create(session, title, parts_of(session, item_id).themes, author)
    made.develops, made.direction = item.id, direction
    made.goals, made.problem = item.goals, item.problem
    note(session, item_id, "developed", author, into=str(made.id), direction=direction.value)
    return made


def developments(session: Session, item_id: uuid.UUID) -> list[BacklogItem]:
    """The items that develop this one, the oldest first."""
    query = select(BacklogItem).where(BacklogItem.develops == item_id)
    return list(session.exec(query.order_by(col(BacklogItem.number))))


def to_propose(session: Session, item_id: uuid.UUID) -> list[Customer]:
    """Customers that have an item's themes: the ones to propose the success to, by revenue; those
    in a currency without a rate come last."""
    links = item_themes()
    themes = select(links.c.theme_id).where(links.c.item_id == item_id)
    return Behind(session).stakes(session.exec(themes)).largest(session)


def proposable(session: Session, items: Collection[uuid.UUID]) -> dict[uuid.UUID, Stakes]:
    """By item, how many customers to_propose() names and what they pay."""
    solved: dict[uuid.UUID, list[uuid.UUID]] = {item: [] for item in items}
    links = item_themes()
    for item, theme in session.exec(
        select(links.c.item_id, links.c.theme_id).where(links.c.item_id.in_(solved))
    ):
        solved[item].append(theme)
    stakes = Behind(session).stakes_of_each(list(solved.values()))
    return dict(zip(solved, stakes, strict=True))


def _read_off(agreed: dict[str, Any], read: Breakdowns) -> dict[str, Any]:
    """Breakdowns as agreed, with what was read beside each target; None takes back what was."""
    found = deepcopy(agreed)
    for axis, values in read.items():
        for value, numbers in values.items():
            part = found.setdefault(axis, {}).get(value, {}) | numbers
            found[axis][value] = {name: n for name, n in part.items() if n is not None}
            if not found[axis][value]:
                del found[axis][value]
        if not found[axis]:
            del found[axis]
    return found


Sides = dict[uuid.UUID, tuple[Floats, Floats]]


def _test(  # noqa: PLR0917 - one test, whole
    item_id: uuid.UUID,
    theme_id: uuid.UUID,
    measure: Measure,
    found: Moved,
    sides: tuple[Floats, Floats],
    controls: Iterable[uuid.UUID],
) -> OutcomeTest:
    return OutcomeTest(
        item_id=item_id,
        theme_id=theme_id,
        measure=measure,
        movement=found.movement,
        effect=found.effect,
        low=found.low,
        high=found.high,
        evidence={
            "before": sides[0].tolist(),
            "after": sides[1].tolist(),
            "controls": [str(each) for each in controls],
        },
    )


def _series(
    session: Session, shipped: dt.datetime, months: int
) -> dict[Measure, dict[uuid.UUID, Counts]]:
    """Statements, and whether it spoke at all, of each company in each month of 30 days around
    shipping, by theme. Months before anything was heard at all are left out."""
    heard = session.exec(select(func.min(Feedback.said_at))).one()
    known = (shipped - heard).days // MONTH_DAYS if heard is not None else 0
    earlier = min(max(known, 0), MONTHS_BEFORE)
    first = shipped - dt.timedelta(days=MONTH_DAYS * earlier)
    last = shipped + dt.timedelta(days=MONTH_DAYS * months)
    rows = session.exec(
        select(ThemeMembership.theme_id, col(Feedback.said_at), Feedback.customer_id, Feedback.id)
        .join(Statement, col(Statement.id) == col(ThemeMembership.statement_id))
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
        .where(col(Feedback.said_at) >= first, col(Feedback.said_at) < last)
    )
    volume: dict[uuid.UUID, dict[uuid.UUID, Floats]] = {}
    companies: dict[uuid.UUID, dict[uuid.UUID, Floats]] = {}
    empty = np.zeros(earlier + months)
    for theme, said, customer, voice in rows:
        if said is None:
            continue
        month = (said - first).days // MONTH_DAYS
        # Whose company is not known stands alone.
        volume.setdefault(theme, {}).setdefault(customer or voice, empty.copy())[month] += 1
        if customer is not None:
            companies.setdefault(theme, {}).setdefault(customer, empty.copy())[month] = 1
    return {
        measure: {
            theme: Counts(table[:, :earlier], table[:, earlier:])
            for theme, table in ((t, np.array(list(each.values()))) for t, each in counted.items())
        }
        for measure, counted in ((Measure.VOLUME, volume), (Measure.COMPANIES, companies))
    }


def _severities(session: Session, shipped: dt.date, months: int) -> Sides:
    """Daily scores of severity of every theme, one a month of 30 days, before and after; days are
    those of UTC, as scores are."""
    first = shipped - dt.timedelta(days=MONTH_DAYS * MONTHS_BEFORE)
    last = shipped + dt.timedelta(days=MONTH_DAYS * months)
    rows = session.exec(
        select(col(ThemeScore.theme_id), col(ThemeScore.day), col(ThemeScore.severity))
        .where(col(ThemeScore.day) >= first, col(ThemeScore.day) < last)
        .order_by(col(ThemeScore.day))
    )
    monthly: dict[uuid.UUID, dict[int, float]] = {}
    for theme, day, severity in rows:
        monthly.setdefault(theme, {})[(day - first).days // MONTH_DAYS] = severity
    return {
        theme: (
            np.array([v for m, v in by_month.items() if m < MONTHS_BEFORE]),
            np.array([v for m, v in by_month.items() if m >= MONTHS_BEFORE]),
        )
        for theme, by_month in monthly.items()
    }


def _comparable(theme: Counts, others: dict[uuid.UUID, Counts]) -> dict[uuid.UUID, Counts]:
    total = float(theme.before.sum())
    return {
        other: counts
        for other, counts in others.items()
        if total / COMPARABLE <= float(counts.before.sum()) <= total * COMPARABLE
    }


def _review(session: Session, item_id: uuid.UUID) -> OutcomeReview | None:
    """As it is now: whoever waited for its item must see what another made of it."""
    found = select(OutcomeReview).where(OutcomeReview.item_id == item_id)
    return session.exec(found.execution_options(populate_existing=True)).one_or_none()
