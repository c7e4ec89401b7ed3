"""One backlog item: why its priority is what it is, who is behind it, what became of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, select

from vocloop.errors import InvalidInputError
from vocloop.roadmap import audit, backlog, decisions, hypotheses, outcomes, selection
from vocloop.roadmap.audit import Author
from vocloop.roadmap.priority import GUIDANCE, Ratings
from vocloop.roadmap.trackers import store as trackers
from vocloop_models import (
    BacklogItem,
    Customer,
    ItemDependency,
    ItemState,
    RoadmapChange,
    Side,
    Stage,
    Theme,
)
from vocloop_models.database import reading, transaction
from vocloop_ui import item_form, item_history, nearest, pairs, roadmap_view, roadmap_words
from vocloop_ui.errors import PageInputError
from vocloop_ui.forms import Form, Posted, author_of, id_of, name_of, remember
from vocloop_ui.pages import theme
from vocloop_ui.view import View, Viewed

router = APIRouter(include_in_schema=False)

SHOWN_QUOTES = 3
SHOWN_CUSTOMERS = 12
MOST_WEEKS = 10_000
RATINGS = tuple(GUIDANCE)


@dataclass(frozen=True)
class Shown:
    """What the item's page tells beside its numbers."""

    themes: list[tuple[Theme, float]]  # with the share that the item solves
    customers: Sequence[Customer]
    needs: list[BacklogItem]
    needed_by: list[BacklogItem]
    hypothesis: hypotheses.HypothesisParts | None
    history: list[RoadmapChange]
    develops: BacklogItem | None

    def count(self, side: str) -> int:
        """Of the hypothesis' evidence."""
        return self.hypothesis.count(Side(side)) if self.hypothesis else 0


def shown(session: Session, judged: selection.Judged) -> Shown:
    parts = judged.parts
    known = {
        theme.id: theme
        for theme in session.exec(select(Theme).where(col(Theme.id).in_(list(parts.themes))))
    }
    every = roadmap_view.titles(session)
    needing = session.exec(
        select(ItemDependency.item_id).where(ItemDependency.needs_id == parts.item.id)
    ).all()
    supposed = parts.item.hypothesis_id
    return Shown(
        [(known[theme], share) for theme, share in parts.themes.items()],
        judged.stakes.largest(session, SHOWN_CUSTOMERS),
        [every[each] for each in parts.needs],
        [every[each] for each in needing],
        hypotheses.one(session, supposed) if supposed else None,
        audit.changes(session, parts.item.id),
        every.get(parts.item.develops) if parts.item.develops else None,
    )


@router.get("/backlog/{item_id}")
def item(request: Request, view: Viewed, item_id: str) -> Response:
    known = id_of(item_id, "backlog item")
    with reading(request.app.state.engine) as session:
        return _page(session, view, known, Form(view.reader, {}))


def _page(session: Session, view: View, known: uuid.UUID, form: Form) -> Response:
    judged = selection.judge(session, known)
    departments = roadmap_view.departments(session, view.reader)
    about = shown(session, judged)
    return view.html(
        "roadmap/item.html",
        status=422 if form.errors else 200,
        row=roadmap_view.Row(judged),
        about=about,
        quotes=nearest.quotes_of(
            view.request, session, judged.parts, SHOWN_QUOTES, view.reader.language
        ),
        departments=departments,
        five=list(Stage),
        moves=backlog.MOVES.get(judged.parts.item.state, ()),
        decidable=judged.parts.item.state in decisions.DECIDABLE,
        ratings=RATINGS,
        rated=selection.ratings_of(session, known),
        usual=selection.UNRATED,
        form=form,
        name=name_of(view),
        decided=decisions.log(session, item_id=known),
        review=outcomes.one(session, known)[0],
        lines=item_history.lines(view.reader, about.history),
        trackers=trackers.listed(session),
        links={link.tracker_id: link for link in trackers.links(session, known)},
    )


@router.post("/backlog/{item_id}/ratings")
def rate(request: Request, view: Viewed, item_id: str, form: Posted) -> Response:
    """Fill in the forms of contribution potential and cost."""
    known, reader = id_of(item_id, "backlog item"), view.reader
    given: dict[str, Any] = {name: form.number(name, 1, 5) for name in RATINGS}
    for name, value in given.items():
        if value is None or value != int(value):
            form.refuse(name, reader.gettext("Choose a step from 1 to 5."))
    costs = {name: form.number(name, 0, MOST_WEEKS) for name in ("initial_cost", "operating_cost")}
    for name, value in costs.items():
        if value is None:
            form.refuse(name, reader.gettext("Write person-weeks, such as 4 or 0.5."))
    author = Author(form.author(), form.text("note", 2_000) or None)
    if form.errors:
        with reading(request.app.state.engine) as session:
            return _page(session, view, known, form)
    with transaction(request.app.state.engine) as session:
        whole = {name: int(value) for name, value in given.items()}
        selection.rate(session, known, Ratings(**whole, **costs), author)  # type: ignore[arg-type]  # none is None here
        said = reader.gettext("The ratings are kept, the earlier ones too.")
    return remember(view.redirect(f"/backlog/{known}#ratings", said), author.by or "")


@router.post("/backlog/{item_id}/state")
def move(request: Request, view: Viewed, item_id: str, form: Posted) -> Response:
    """The next state of work; what a decision gives is not given here."""
    reader, known = view.reader, id_of(item_id, "backlog item")
    state = form.choice("state", ItemState, missing=reader.gettext("Choose one of the buttons."))
    with transaction(request.app.state.engine) as session:
        found = backlog.one(session, known).item
        before = found.state
        if state is None or state not in backlog.MOVES.get(before, ()):
            raise PageInputError(
                reader.gettext(
                    "%(item)s is “%(state)s” now, so this step does not lead on. Open the item "
                    "again to see which steps do."
                )
                % {
                    "item": pairs.own(reader, found.title),
                    "state": roadmap_words.state(reader, before),
                }
            )
        backlog.move(session, known, state, author_of(view))
        said = reader.gettext("%(item)s is now “%(state)s”.") % {
            "item": pairs.own(reader, found.title),
            "state": roadmap_words.state(reader, state),
        }
    back = before in backlog.MOVES.get(state, ())
    undo = f"/backlog/{known}/state?state={before.value}" if back else ""
    return view.redirect(f"/backlog/{known}", said, undo)


@router.get("/backlog/{item_id}/edit")
def editing(request: Request, view: Viewed, item_id: str) -> Response:
    known = id_of(item_id, "backlog item")
    with reading(request.app.state.engine) as session:
        parts = backlog.one(session, known)
        return _edit(session, view, parts, Form(view.reader, item_form.values_of(parts)))


def _edit(session: Session, view: View, parts: backlog.ItemParts, form: Form) -> Response:
    return view.html(
        "roadmap/item_edit.html",
        status=422 if form.errors else 200,
        item=parts.item,
        form=form,
        was=item_form.values_of(parts),
        departments=roadmap_view.departments(session, view.reader),
        themes=item_form.themes_for(session, parts),
        others=[i for i in roadmap_view.titles(session).values() if i.id != parts.item.id],
        horizons=item_form.HORIZONS,
        hypotheses=item_form.hypotheses_for(session, parts),
        name=name_of(view),
    )


@router.post("/backlog/{item_id}/edit")
def edit(request: Request, view: Viewed, item_id: str, form: Posted) -> Response:
    """Change what was changed in the form. Where somebody else changed the same since it was
    opened, they are told and nothing is overwritten."""
    known, reader = id_of(item_id, "backlog item"), view.reader
    with transaction(request.app.state.engine) as session:
        # Before it is read: who waits for another's edit must see what it made of it.
        audit.held(session, BacklogItem, known, "backlog item")
        parts = backlog.one(session, known)
        before = item_form.values_of(parts)
        changes = item_form.changes(session, form, parts)
        if changes and not form.errors:
            try:
                with session.begin_nested():
                    backlog.change(session, known, author_of(view), **changes)
            except InvalidInputError as error:
                form.take_over(error)
        parts = backlog.one(session, known)
        if form.errors:
            return _edit(session, view, parts, form)
        undo = item_form.undo(f"/backlog/{known}/edit", before, item_form.values_of(parts))
    if not changes:
        return view.redirect(f"/backlog/{known}")
    return view.redirect(f"/backlog/{known}", reader.gettext("The item is changed."), undo)


@router.post("/backlog")
def promote(request: Request, view: Viewed, form: Posted) -> Response:
    """Make an item of a theme, from the theme's page."""
    reader, theme_id = view.reader, id_of(form.raw("theme"), "theme")
    title = form.text("title", 300, missing=reader.gettext("Write what may be done about it."))
    problem = form.text("problem", item_form.MOST_PROBLEM)
    with transaction(request.app.state.engine) as session:
        if form.errors:
            return theme.page(session, view, theme_id, form)
        made = backlog.create(session, title, {theme_id: 1.0}, author_of(view), problem=problem)
        said = reader.gettext("%(number)s is in the backlog. Rate it to give it its place.") % {
            "number": roadmap_view.shown(made.number)
        }
        address = f"/backlog/{made.id}#ratings"
    return view.redirect(address, said)
