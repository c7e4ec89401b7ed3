"""Statements of a theme, chosen to become a theme of their own, or to go to another one."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from vocloop.themes import facts, query
from vocloop.themes.parts import parts_of
from vocloop.themes.places import neighbours
from vocloop.themes.placing import get_theme
from vocloop_models import Customer, Feedback, Statement, Theme, ThemeMembership
from vocloop_models.database import reading, transaction
from vocloop_ui import edits, ids
from vocloop_ui.errors import PageInputError
from vocloop_ui.forms import Written
from vocloop_ui.i18n import LANGUAGES, Reader
from vocloop_ui.view import View, Viewed

router = APIRouter(include_in_schema=False)

# One page of statements to choose from; words and language narrow them down.
MOST_SHOWN = 200
EXAMPLES = 5
# One fact a statement. Past this the way back fits into no cookie; the list of edits has it.
MOST_UNDONE = 50
MAX_TEXT = 200


@dataclass(frozen=True)
class Choice:
    """A statement of the theme, with the name of its company."""

    id: uuid.UUID
    text: str
    language: str
    customer: str | None
    part: int | None
    customer_id: uuid.UUID | None


@dataclass(frozen=True)
class Half:
    """What one of the two themes would be."""

    statements: int
    customers: int
    languages: dict[str, int]
    examples: list[Choice]


@router.get("/themes/{theme_id}/split")
def choose(
    request: Request,
    view: Viewed,
    theme_id: str,
    *,
    text: str = "",
    language: str = "",
    part: str = "",
) -> Response:
    """The theme's statements with a box each; ``part``: those of a sub-theme are ticked."""
    known = ids.theme_id(theme_id)
    text = text.strip()[:MAX_TEXT]
    wanted = int(part) if part.isdecimal() and len(part) < 4 else None
    with reading(request.app.state.engine) as session:
        every = _statements(session, known)
        shown = [c for c in every if _fits(c, text, language, wanted)]
        return view.html(
            "split.html",
            theme=get_theme(session, known),
            parts=parts_of(session, known),
            near=neighbours(session, known),
            rows=shown[:MOST_SHOWN],
            found=len(shown),
            total=len(every),
            text=text,
            language=language,
            part=wanted,
            languages=LANGUAGES,
        )


def _fits(choice: Choice, text: str, language: str, part: int | None) -> bool:
    if language and choice.language != language:
        return False
    if part is not None and choice.part != part:
        return False
    if not text:
        return True
    said = query.folded(choice.text)
    return all(word in said for word in query.folded(text).split())


@router.post("/themes/{theme_id}/split/preview")
def preview(
    request: Request,
    view: Viewed,
    theme_id: str,
    statement: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Both halves, before anything is changed."""
    known = ids.theme_id(theme_id)
    chosen = _chosen(view.reader, statement)
    with reading(request.app.state.engine) as session:
        theme = get_theme(session, known)
        every = _statements(session, known)
        leaving = [c for c in every if c.id in chosen]
        staying = [c for c in every if c.id not in chosen]
        if not leaving or not staying:
            raise PageInputError(
                view.reader.gettext(
                    "Choose some of the theme's statements, and leave some: both halves need at "
                    "least one."
                )
            )
        return view.html(
            "split_preview.html",
            theme=theme,
            chosen=[c.id for c in leaving],
            leaving=_half(leaving),
            staying=_half(staying),
        )


@router.post("/themes/{theme_id}/split")
def split(
    request: Request,
    view: Viewed,
    theme_id: str,
    *,
    statement: Annotated[list[str] | None, Form()] = None,
    title_ja: Written = "",
    title_en: Written = "",
) -> Response:
    known = ids.theme_id(theme_id)
    titles = {g: t for g, t in (("ja", title_ja.strip()), ("en", title_en.strip())) if t}
    with transaction(request.app.state.engine) as session:
        chosen = list(_chosen(view.reader, statement))
        fact = facts.split(session, known, chosen, titles, edits.author(view))
        born, back = fact.other_id, fact.id
    words = view.reader.gettext("The statements are a theme of their own now.")
    return view.redirect(f"/themes/{born}", words, f"/edits/{back}/undo")


@router.post("/themes/{theme_id}/move")
def move(
    request: Request,
    view: Viewed,
    theme_id: str,
    statement: Annotated[list[str] | None, Form()] = None,
    into: Written = "",
) -> Response:
    """``into``: the number of a theme (T-0012 or 12), or "none" for no theme at all."""
    known = ids.theme_id(theme_id)
    chosen = list(_chosen(view.reader, statement))
    with transaction(request.app.state.engine) as session:
        target = None if into == "none" else _numbered(session, view, into)
        moved = facts.move(session, chosen, target, edits.author(view))
        made = [fact.id for fact in moved]
    words = view.reader.ngettext(
        "%(num)s statement has moved.", "%(num)s statements have moved.", len(made)
    ) % {"num": view.reader.number(len(made))}
    back = ",".join(map(str, made)) if len(made) <= MOST_UNDONE else ""
    return view.redirect(f"/themes/{known}", words, f"/edits/{back}/undo" if back else "")


def _numbered(session: Session, view: View, into: str) -> uuid.UUID:
    digits = into.strip().upper().removeprefix("T-")
    number = int(digits) if digits.isdecimal() and len(digits) < 9 else 0
    found = session.exec(select(Theme.id).where(Theme.number == number)).first()
    if found is None:
        raise PageInputError(
            view.reader.gettext("There is no theme “%(number)s”. Give a number such as T-0012.")
            % {"number": into[:30]}
        )
    return found


def _chosen(reader: Reader, texts: list[str] | None) -> set[uuid.UUID]:
    if not texts:
        raise PageInputError(reader.gettext("Tick at least one statement first."))
    return set(ids.statement_ids(texts))


def _statements(session: Session, theme_id: uuid.UUID) -> list[Choice]:
    """All of a theme: typical ones first, as its page shows them."""
    rows = session.execute(
        rows_of(
            col(Statement.id),
            col(Statement.text),
            col(Statement.language),
            col(Customer.name),
            col(ThemeMembership.part),
            col(Feedback.customer_id),
        )
        .join(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id))
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
        .join(Customer, col(Customer.id) == col(Feedback.customer_id), isouter=True)
        .where(col(ThemeMembership.theme_id) == theme_id)
        .order_by(
            col(ThemeMembership.central).desc(),
            col(ThemeMembership.confidence).desc(),
            col(Statement.id),
        )
    )
    return [Choice(*row) for row in rows]


def _half(choices: list[Choice]) -> Half:
    companies = {c.customer_id for c in choices} - {None}
    spoken = Counter(c.language for c in choices)
    return Half(len(choices), len(companies), dict(spoken), choices[:EXAMPLES])
