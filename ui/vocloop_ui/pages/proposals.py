"""Merges and splits that runs ask about, decided one by one or together."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlalchemy import func
from sqlmodel import Session, col, select

from vocloop.themes import proposals
from vocloop_models import Statement, Theme, ThemeMembership, ThemeProposal
from vocloop_models.database import reading, transaction
from vocloop_ui import edits, ids
from vocloop_ui.errors import PageInputError
from vocloop_ui.forms import Written
from vocloop_ui.view import Viewed

router = APIRouter(include_in_schema=False)

EXAMPLES = 4
# Past this the way back would not fit into a cookie; the list of edits has it.
MOST_UNDONE = 50
DECISIONS = {"accept": proposals.accept, "dismiss": proposals.dismiss}


@dataclass(frozen=True)
class Asked:
    """A proposal with what is needed to decide: ``leaving`` are examples of a split."""

    proposal: ThemeProposal
    theme: Theme
    other: Theme | None
    size: int
    other_size: int
    leaving: list[Statement]


@router.get("/proposals")
def page(request: Request, view: Viewed) -> Response:
    with reading(request.app.state.engine) as session:
        return view.html("proposals.html", asked=_asked(session))


def _asked(session: Session) -> list[Asked]:
    found = proposals.listed(session)
    named = {i for p in found for i in (p.theme_id, p.other_id) if i is not None}
    themes = {t.id: t for t in session.exec(select(Theme).where(col(Theme.id).in_(named)))}
    sizes = dict(
        session.exec(
            select(ThemeMembership.theme_id, func.count())
            .where(col(ThemeMembership.theme_id).in_(named))
            .group_by(col(ThemeMembership.theme_id))
        ).all()
    )
    shown = {uuid.UUID(s) for p in found for s in p.statements[:EXAMPLES]}
    said = {s.id: s for s in session.exec(select(Statement).where(col(Statement.id).in_(shown)))}
    return [
        Asked(
            p,
            themes[p.theme_id],
            themes.get(p.other_id) if p.other_id else None,
            sizes.get(p.theme_id, 0),
            sizes.get(p.other_id, 0) if p.other_id else len(p.statements),
            [said[s] for s in map(uuid.UUID, p.statements[:EXAMPLES]) if s in said],
        )
        for p in found
    ]


@router.post("/proposals")
def decide(
    request: Request,
    view: Viewed,
    proposal: Annotated[list[str] | None, Form()] = None,
    decision: Written = "",
) -> Response:
    """Those that have become impossible, perhaps by one before them, are left and told."""
    reader = view.reader
    if not proposal or decision not in DECISIONS:
        raise PageInputError(reader.gettext("Tick at least one proposal, then press a button."))
    with transaction(request.app.state.engine) as session:
        outcomes = DECISIONS[decision](session, ids.proposal_ids(proposal), edits.author(view))
        refused = sum(each.refused is not None for each in outcomes)
        made = [each.fact.id for each in outcomes if each.fact is not None]
    done = len(outcomes) - refused
    words = reader.ngettext(
        "%(num)s proposal is decided.", "%(num)s proposals are decided.", done
    ) % {"num": reader.number(done)}
    if refused:
        words += reader.gap + reader.ngettext(
            "%(num)s was no longer possible.", "%(num)s were no longer possible.", refused
        ) % {"num": reader.number(refused)}
    back = ",".join(map(str, made)) if len(made) <= MOST_UNDONE else ""
    return view.redirect("/proposals", words, f"/edits/{back}/undo" if back else "")
