"""People's edits of themes. Every one is answered as the fact that can be undone."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from vocloop.themes import cursor as cursors
from vocloop.themes import facts, overrule
from vocloop.themes.checks import MAX_LIMIT
from vocloop.themes.undo import undo
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT
from vocloop_api.fact_schemas import (
    ConflictRow,
    DifferentEdit,
    Edit,
    FactRow,
    FactRows,
    LayerEdit,
    MergeEdit,
    MoveEdit,
    SplitEdit,
    SuggestedEdit,
    Titles,
    UndoEdit,
    UndoneRow,
)
from vocloop_models import ThemeFact

router = APIRouter(tags=["edits"], responses=ON_CONFLICT)


@router.patch("/themes/{theme_id}")
def rename_theme(session: WriteSession, theme_id: uuid.UUID, edit: Titles) -> list[FactRow]:
    """Give a theme its title; no run changes it from then on. One fact a language."""
    return _rows(facts.rename(session, theme_id, edit.given(), edit.author()))


@router.post("/themes/{theme_id}/suggested-title:accept", status_code=201)
def accept_suggested_title(
    session: WriteSession, theme_id: uuid.UUID, edit: SuggestedEdit
) -> list[FactRow]:
    """Take the titles that the newest run suggests."""
    return _rows(facts.accept_titles(session, theme_id, edit.languages, edit.author()))


@router.post("/themes/{theme_id}/merge", status_code=201)
def merge_theme(session: WriteSession, theme_id: uuid.UUID, edit: MergeEdit) -> FactRow:
    """Let all its statements join another theme. The old id goes on to lead there."""
    return _row(facts.merge(session, theme_id, edit.into, edit.author()))


@router.post("/themes/{theme_id}/split", status_code=201)
def split_theme(session: WriteSession, theme_id: uuid.UUID, edit: SplitEdit) -> FactRow:
    """Make some of its statements a theme of their own: `other_id` of the answer."""
    return _row(facts.split(session, theme_id, edit.statements, edit.given(), edit.author()))


@router.post("/themes/{theme_id}/pin", status_code=201)
def pin_theme(session: WriteSession, theme_id: uuid.UUID, edit: Edit) -> FactRow:
    """Let no run fade, retire or merge it."""
    return _row(facts.pin(session, theme_id, edit.author()))


@router.post("/themes/{theme_id}/layer", status_code=201)
def tag_theme(session: WriteSession, theme_id: uuid.UUID, edit: LayerEdit) -> FactRow:
    """Say which layer of customer value it hurts."""
    return _row(facts.layer(session, theme_id, edit.layer, edit.author()))


@router.post("/themes/{theme_id}/archive", status_code=201)
def archive_theme(session: WriteSession, theme_id: uuid.UUID, edit: Edit) -> FactRow:
    """Put it away; it does not come back as a new theme."""
    return _row(facts.archive(session, theme_id, edit.author()))


@router.post("/themes/{theme_id}/not-a-theme", status_code=201)
def dismiss_theme(session: WriteSession, theme_id: uuid.UUID, edit: Edit) -> FactRow:
    """Say that its statements have no problem in common; they make no theme again."""
    return _row(facts.not_a_theme(session, theme_id, edit.author()))


@router.post("/themes/{theme_id}/different", status_code=201)
def part_themes(session: WriteSession, theme_id: uuid.UUID, edit: DifferentEdit) -> FactRow:
    """Say that two themes are different problems; no run merges them or proposes it."""
    return _row(facts.different(session, theme_id, edit.other, edit.author()))


@router.post("/statements:move", status_code=201)
def move_statements(session: WriteSession, edit: MoveEdit) -> list[FactRow]:
    """Put statements into a theme, or into none. One fact a statement."""
    return _rows(facts.move(session, edit.statements, edit.theme_id, edit.author()))


@router.get("/facts")
def list_facts(
    session: ReadSession,
    *,
    theme_id: uuid.UUID | None = None,
    standing: Annotated[bool, Query(description="Leave out what is undone or overruled")] = False,
    cursor: Annotated[str | None, Query(description="`next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
) -> FactRows:
    """What people said of themes, the newest first."""
    before = cursors.read(cursor, "facts", uuid.UUID)[0] if cursor is not None else None
    found = overrule.listed(
        session, theme_id=theme_id, standing=standing, before=before, limit=limit + 1
    )
    more = cursors.write("facts", found[limit - 1].id) if len(found) > limit else None
    return FactRows(rows=_rows(found[:limit]), next_cursor=more)


@router.get("/facts/conflicts")
def list_conflicts(session: ReadSession, theme_id: uuid.UUID | None = None) -> list[ConflictRow]:
    """Facts that contradict each other; the newer one of each two wins while it stands."""
    return [ConflictRow.model_validate(c) for c in overrule.conflicts(session, theme_id)]


@router.post("/facts:undo")
def undo_facts(session: WriteSession, edit: UndoEdit) -> list[UndoneRow]:
    """Take edits back, in the order given; all or none."""
    return [UndoneRow.model_validate(undo(session, fact_id, by=edit.by)) for fact_id in edit.facts]


def _row(fact: ThemeFact) -> FactRow:
    return FactRow.model_validate(fact)


def _rows(found: list[ThemeFact]) -> list[FactRow]:
    return [_row(fact) for fact in found]
