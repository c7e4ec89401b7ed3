"""The backlog: items of themes, their ratings, states and exports."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Response

from vocloop.roadmap import audit, backlog, selection
from vocloop.roadmap.exports import ExportFormat, export
from vocloop.roadmap.priority import GUIDANCE
from vocloop_api.backlog_schemas import (
    ChangeRow,
    ItemDetail,
    ItemEdit,
    ItemIn,
    MoveIn,
    RatingIn,
    RatingRow,
    StageIn,
)
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT
from vocloop_models import ItemState

router = APIRouter(tags=["backlog"], responses=ON_CONFLICT)


@router.post("/backlog", status_code=201)
def create_item(session: WriteSession, row: ItemIn) -> ItemDetail:
    """Make an item of one or more themes."""
    fields = row.fields()
    item = backlog.create(
        session, fields.pop("title"), fields.pop("themes"), row.author(), **fields
    )
    return ItemDetail.of(selection.judge(session, item.id))


@router.get("/backlog")
def list_items(
    session: ReadSession, *, state: ItemState | None = None, theme_id: uuid.UUID | None = None
) -> list[ItemDetail]:
    """Items, the highest priority first."""
    found = backlog.listed(session, state=state, theme_id=theme_id)
    judged = selection.judge_all(session, found)
    judged.sort(key=lambda each: -each.priority.priority.value)
    return [ItemDetail.of(each) for each in judged]


@router.get("/backlog/export", response_class=Response)
def export_items(
    session: ReadSession,
    to: Annotated[ExportFormat, Query(alias="format")] = ExportFormat.CSV,
) -> Response:
    """All items as CSV of Jira or Linear, as JSON of GitHub issues, or as plain CSV."""
    judged = selection.judge_all(session, backlog.listed(session))
    kind, ending = (
        ("application/json", "json") if to is ExportFormat.GITHUB else ("text/csv", "csv")
    )
    name = {"Content-Disposition": f'attachment; filename="backlog-{to.value}.{ending}"'}
    return Response(export(judged, to), media_type=f"{kind}; charset=utf-8", headers=name)


@router.get("/backlog/guidance")
def read_guidance() -> dict[str, list[str]]:
    """What the ratings 1, 3 and 5 of each form mean."""
    return {name: list(words) for name, words in GUIDANCE.items()}


@router.get("/backlog/{item_id}")
def read_item(session: ReadSession, item_id: uuid.UUID) -> ItemDetail:
    """An item with its priority, RICE and WSJF, and the customers behind it."""
    return ItemDetail.of(selection.judge(session, item_id))


@router.patch("/backlog/{item_id}")
def change_item(session: WriteSession, item_id: uuid.UUID, edit: ItemEdit) -> ItemDetail:
    """Change what is given; what is left out stays."""
    backlog.change(session, item_id, edit.author(), **edit.fields())
    return ItemDetail.of(selection.judge(session, item_id))


@router.post("/backlog/{item_id}/state")
def move_item(session: WriteSession, item_id: uuid.UUID, edit: MoveIn) -> ItemDetail:
    """The next state of work; approving, deferring and declining are decisions."""
    backlog.move(session, item_id, edit.state, edit.author())
    return ItemDetail.of(selection.judge(session, item_id))


@router.post("/backlog/{item_id}/stage")
def advance_item(session: WriteSession, item_id: uuid.UUID, edit: StageIn) -> ItemDetail:
    """To the next of the five stages, or back."""
    backlog.advance(session, item_id, edit.stage, edit.author())
    return ItemDetail.of(selection.judge(session, item_id))


@router.post("/backlog/{item_id}/ratings", status_code=201)
def rate_item(session: WriteSession, item_id: uuid.UUID, form: RatingIn) -> RatingRow:
    """Fill in the forms of contribution potential and cost; the newest counts."""
    found = selection.rate(session, item_id, form.ratings(), form.author())
    return RatingRow.model_validate(found)


@router.get("/backlog/{item_id}/ratings")
def list_ratings(session: ReadSession, item_id: uuid.UUID) -> list[RatingRow]:
    """All forms of an item, newest first."""
    return [RatingRow.model_validate(each) for each in selection.ratings_of(session, item_id)]


@router.get("/roadmap/changes")
def list_changes(session: ReadSession, subject_id: uuid.UUID) -> list[ChangeRow]:
    """Who changed what of an item, round, decision or hypothesis; newest first, 200 at most."""
    return [ChangeRow.model_validate(each) for each in audit.changes(session, subject_id)]
