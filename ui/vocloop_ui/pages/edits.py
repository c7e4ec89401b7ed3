"""Editing a theme in place. Each step is a form that posts, tells what it did, can be undone."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from vocloop.themes import cursor as cursors
from vocloop.themes import facts, overrule
from vocloop.themes.placing import get_theme
from vocloop.themes.record import Author
from vocloop.themes.turns import take_turns
from vocloop.themes.undo import undo
from vocloop_models import Theme, ThemeFact, ValueLayer
from vocloop_models.database import reading, transaction
from vocloop_ui import edits, ids
from vocloop_ui.asked import check_one_of
from vocloop_ui.forms import Written
from vocloop_ui.view import View, Viewed, with_query

router = APIRouter(include_in_schema=False)

PAGE_SIZE = 50


@router.post("/themes/{theme_id}/rename")
def rename(
    request: Request,
    view: Viewed,
    theme_id: str,
    *,
    title_ja: Written = "",
    title_en: Written = "",
    was_ja: Written = "",
    was_en: Written = "",
) -> Response:
    """Titles that were changed in the form. Where somebody else gave another one since the form
    was opened (``was_…``), both are shown and nothing is overwritten."""
    known = ids.theme_id(theme_id)
    given = {"ja": " ".join(title_ja.split()), "en": " ".join(title_en.split())}
    seen = {"ja": was_ja, "en": was_en}
    with transaction(request.app.state.engine) as session:
        # Before the title is read: who waits for another's edit must see what it made of it.
        take_turns(session)
        theme = get_theme(session, known)
        present = {"ja": theme.title_ja or "", "en": theme.title_en or ""}
        wanted = {g: title for g, title in given.items() if title and title != seen[g]}
        clashing = [g for g in wanted if present[g] not in (seen[g], wanted[g])]
        if clashing:
            return view.html(
                "rename_conflict.html",
                status=409,
                theme=theme,
                clashing=clashing,
                # Of a language that its writer left as it was, theirs stays.
                wanted=wanted,
                present=present,
                history=edits.told(session, overrule.listed(session, theme_id=known, limit=3)),
            )
        made = facts.rename(session, known, wanted, edits.author(view)) if wanted else []
        back = [fact.id for fact in made]
    if not back:
        return view.redirect(f"/themes/{known}")
    return _done(view, known, view.reader.gettext("The theme has its new title."), *back)


Step = Callable[[Session, uuid.UUID, Author], ThemeFact]


def _step(request: Request, view: View, theme_id: str, step: Step, words: str) -> Response:
    known = ids.theme_id(theme_id)
    with transaction(request.app.state.engine) as session:
        back = step(session, known, edits.author(view)).id
    return _done(view, known, words, back)


def _done(view: View, theme_id: uuid.UUID, words: str, *made: uuid.UUID) -> Response:
    return view.redirect(f"/themes/{theme_id}", words, f"/edits/{','.join(map(str, made))}/undo")


@router.post("/themes/{theme_id}/pin")
def pin(request: Request, view: Viewed, theme_id: str) -> Response:
    words = view.reader.gettext("The theme is pinned: no run lets it fade or merges it.")
    return _step(request, view, theme_id, facts.pin, words)


@router.post("/themes/{theme_id}/layer")
def layer(request: Request, view: Viewed, theme_id: str, value: Written = "") -> Response:
    if value:
        check_one_of(view.reader, "value", value, [each.value for each in ValueLayer])
    known = ValueLayer(value) if value else None
    words = view.reader.gettext("The theme says which layer of value it hurts.")

    def step(session: Session, theme: uuid.UUID, author: Author) -> ThemeFact:
        return facts.layer(session, theme, known, author)

    return _step(request, view, theme_id, step, words)


@router.post("/themes/{theme_id}/archive")
def archive(request: Request, view: Viewed, theme_id: str) -> Response:
    words = view.reader.gettext("The theme is archived. It is still known, and does not come back.")
    return _step(request, view, theme_id, facts.archive, words)


@router.post("/themes/{theme_id}/not-a-theme")
def not_a_theme(request: Request, view: Viewed, theme_id: str) -> Response:
    words = view.reader.gettext("This is not a theme: its statements are without one now.")
    return _step(request, view, theme_id, facts.not_a_theme, words)


@router.post("/themes/{theme_id}/different")
def different(request: Request, view: Viewed, theme_id: str, other: Written = "") -> Response:
    another = ids.theme_id(other)
    words = view.reader.gettext("The two are different: nobody is asked again.")

    def step(session: Session, known: uuid.UUID, author: Author) -> ThemeFact:
        return facts.different(session, known, another, author)

    return _step(request, view, theme_id, step, words)


@router.post("/edits/{fact_ids}/undo")
def take_back(request: Request, view: Viewed, fact_ids: str) -> Response:
    """Undo one edit, or several with commas between, the last one first; then show the theme that
    all of them were about, if it is one."""
    known = [ids.fact_id(one) for one in fact_ids.split(",")]
    with transaction(request.app.state.engine) as session:
        undone = [undo(session, one, by=edits.author(view).by) for one in reversed(known)]
        words = edits.remarks(view.reader, [r for each in undone for r in each.remarks])
        about = {each.fact.theme_id for each in undone}
    one = about.pop() if len(about) == 1 else None
    return view.redirect(f"/themes/{one}" if one else "/edits", words)


@router.get("/edits")
def listed(request: Request, view: Viewed, theme: str = "", cursor: str = "") -> Response:
    """What people said of themes, the newest first, and what of it contradicts each other."""
    about = ids.theme_id(theme) if theme else None
    before = cursors.read(cursor, "facts", uuid.UUID)[0] if cursor else None
    with reading(request.app.state.engine) as session:
        one: Theme | None = get_theme(session, about) if about else None
        most = view.rows(PAGE_SIZE)
        found = overrule.listed(session, theme_id=about, before=before, limit=most + 1)
        more = cursors.write("facts", found[most - 1].id) if len(found) > most else None
        return view.html(
            "edits.html",
            theme=one,
            rows=edits.told(session, found[:most]),
            conflicts=edits.contradictions(session, about),
            edits=edits,
            cursor=cursor,
            more=with_query("/edits", {"theme": theme, "cursor": more}) if more else "",
        )
