"""Outcome reviews, facts before opinions; and the customers to propose a success to."""

from __future__ import annotations

import uuid
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, select

from vocloop.roadmap import audit, backlog, outcomes
from vocloop.roadmap.audit import Author
from vocloop_models import (
    COMPANY_ATTRIBUTES,
    BacklogItem,
    Contact,
    Direction,
    ItemState,
    NextStep,
    OutcomeReview,
    Theme,
)
from vocloop_models.database import reading, transaction
from vocloop_ui import actual_values, agreed_metrics
from vocloop_ui.forms import Form, Posted, author_of, id_of, name_of, remember
from vocloop_ui.view import View, Viewed

router = APIRouter(include_in_schema=False)

# What results are broken down by, as segments are.
AXES = (*COMPANY_ATTRIBUTES, "department")
MOST_NOTE, MOST_ANALYSIS = 4_000, 8_000


@router.get("/outcomes")
def every(request: Request, view: Viewed) -> Response:
    with reading(request.app.state.engine) as session:
        agreed = select(OutcomeReview, BacklogItem).join(
            BacklogItem, col(BacklogItem.id) == col(OutcomeReview.item_id)
        )
        ahead = session.exec(agreed.where(col(BacklogItem.shipped_at).is_(None))).all()
        return view.html(
            "roadmap/outcomes.html",
            rows=outcomes.shipped(session),
            ahead=[item for _, item in ahead],
        )


@router.get("/outcomes/{item_id}")
def one(request: Request, view: Viewed, item_id: str) -> Response:
    known = id_of(item_id, "backlog item")
    with reading(request.app.state.engine) as session:
        return _page(session, view, known, Form(view.reader, {}))


def _page(session: Session, view: View, known: uuid.UUID, form: Form) -> Response:
    item = backlog.one(session, known).item
    review, tests = outcomes.one(session, known)
    agreeing = agreed_metrics.form_of(form.at(f"/outcomes/{known}/metrics"), review)
    themes = session.exec(
        select(Theme).where(col(Theme.id).in_({test.theme_id for test in tests}))
    ).all()
    return view.html(
        "roadmap/outcome.html",
        status=422 if form.errors else 200,
        item=item,
        review=review,
        reached=outcomes.reached,
        tests=_newest(tests),
        themes={theme.id: theme for theme in themes},
        developments=outcomes.developments(session, known),
        directions=list(Direction),
        shipped=item.state in (ItemState.SHIPPED, ItemState.REVIEWED),
        form=form,
        agreeing=agreeing,
        rows=agreed_metrics.rows(agreeing),
        parts=agreed_metrics.part_rows(agreeing),
        opened=agreed_metrics.stamp(review),
        axes=AXES,
        name=name_of(view),
    )


def _newest(tests: list[Any]) -> list[Any]:
    """The last test of each theme and measure."""
    found: dict[tuple[uuid.UUID, str], Any] = {}
    for test in tests:
        found.setdefault((test.theme_id, test.measure), test)
    return list(found.values())


@router.post("/outcomes/{item_id}/metrics")
def agree(request: Request, view: Viewed, item_id: str, form: Posted) -> Response:
    """Agree what success is, before anything ships."""
    known, reader = id_of(item_id, "backlog item"), view.reader
    author, metrics = form.author(), agreed_metrics.read(form)
    with transaction(request.app.state.engine) as session:
        # Before it is read: who waits for another to agree must see what they agreed.
        audit.held(session, BacklogItem, known, "backlog item")
        agreed_metrics.settle(form, metrics, outcomes.one(session, known)[0])
        if form.errors:
            return _page(session, view, known, form)
        outcomes.agree(session, known, metrics, Author(author))
    said = reader.gettext("The metrics are agreed.")
    return remember(view.redirect(f"/outcomes/{known}", said), author)


@router.post("/outcomes/{item_id}/review")
def review(request: Request, view: Viewed, item_id: str, form: Posted) -> Response:
    """Numbers and execution; the rule of reading proposes the next step."""
    known, reader = id_of(item_id, "backlog item"), view.reader
    choose = reader.gettext("Answer yes or no.")
    enough, good = form.yes("quantity", missing=choose), form.yes("quality", missing=choose)
    note = form.text("execution_note", MOST_NOTE)
    analysis = form.text("analysis", MOST_ANALYSIS)
    author = form.author()
    with transaction(request.app.state.engine) as session:
        # Before metrics are read: whoever waits for others to agree them must see these.
        audit.held(session, BacklogItem, known, "backlog item")
        found, _ = outcomes.one(session, known)
        actuals, broken = actual_values.read(form, found)
        if form.errors:
            return _page(session, view, known, form)
        outcomes.review(
            session,
            known,
            actuals,
            Author(author),
            quantity_enough=bool(enough),
            quality_good=bool(good),
            execution_note=note,
            analysis=analysis,
            breakdowns=broken,
        )
    said = reader.gettext("The review is kept; the next step follows from it.")
    return remember(view.redirect(f"/outcomes/{known}", said), author)


@router.post("/outcomes/{item_id}/tests")
def examine(request: Request, view: Viewed, item_id: str) -> Response:
    """Compare its themes with comparable ones that nobody touched, as things stand today."""
    known = id_of(item_id, "backlog item")
    with transaction(request.app.state.engine) as session:
        outcomes.examine(session, known, author_of(view))
    said = view.reader.gettext("Its themes are compared anew.")
    return view.redirect(f"/outcomes/{known}", said)


@router.post("/outcomes/{item_id}/developments")
def develop(request: Request, view: Viewed, item_id: str, form: Posted) -> Response:
    """A new item that develops the success in one of the four directions."""
    known, reader = id_of(item_id, "backlog item"), view.reader
    where = form.choice("direction", Direction, missing=reader.gettext("Choose a direction."))
    title = form.text("title", 300, missing=reader.gettext("Give it a title."))
    author = form.author()
    with transaction(request.app.state.engine) as session:
        if form.errors or where is None:
            return _page(session, view, known, form)
        made = outcomes.develop(session, known, where, title, Author(author))
    said = reader.gettext("The next step of this success is in the backlog.")
    return remember(view.redirect(f"/backlog/{made.id}", said), author)


@router.get("/spread")
def successes(request: Request, view: Viewed) -> Response:
    """What worked, and for how many customers it may be proposed."""
    with reading(request.app.state.engine) as session:
        worked = [
            each
            for each in outcomes.shipped(session)
            if each.review is not None and each.review.next_step is NextStep.DEVELOP
        ]
        stakes = outcomes.proposable(session, [each.item.id for each in worked])
        rows = [(each, stakes[each.item.id]) for each in worked]
        return view.html("roadmap/spread.html", rows=rows)


@router.get("/spread/{item_id}")
def spread(request: Request, view: Viewed, item_id: str) -> Response:
    known = id_of(item_id, "backlog item")
    with reading(request.app.state.engine) as session:
        item = backlog.one(session, known).item
        customers = outcomes.to_propose(session, known)
        champions = session.exec(
            select(Contact).where(col(Contact.customer_id).in_([c.id for c in customers]))
        ).all()
        return view.html(
            "roadmap/spread_item.html",
            item=item,
            customers=customers,
            champions={c.customer_id: c for c in champions if c.champion},
            review=outcomes.one(session, known)[0],
        )
