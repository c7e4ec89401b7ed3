"""Issue trackers: set up, pushed to, heard from."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from vocloop.roadmap.trackers import readback, store
from vocloop.roadmap.trackers.port import Received
from vocloop.worker import tracking
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT, Problem
from vocloop_api.roadmap_schemas import Word
from vocloop_api.tracker_schemas import LinkRow, TrackerEdit, TrackerIn, TrackerRow

router = APIRouter(tags=["trackers"], responses=ON_CONFLICT)


@router.post("/trackers", status_code=201)
def add_tracker(session: WriteSession, row: TrackerIn) -> TrackerRow:
    """Set up a project of GitHub, GitLab, Jira or Linear. Its keys are read from the variables
    that the answer names."""
    fields = row.fields()
    name, kind, project = (fields.pop(each) for each in ("name", "kind", "project"))
    address = fields.pop("address", None)
    return TrackerRow.of(store.add(session, name, kind, project, address, row.author(), **fields))


@router.get("/trackers")
def list_trackers(session: ReadSession) -> list[TrackerRow]:
    return [TrackerRow.of(each) for each in store.listed(session)]


@router.patch("/trackers/{tracker_id}")
def change_tracker(session: WriteSession, tracker_id: uuid.UUID, row: TrackerEdit) -> TrackerRow:
    """Change what is given; what is left out stays."""
    return TrackerRow.of(store.change(session, tracker_id, row.author(), **row.fields()))


@router.post("/trackers/{tracker_id}:poll")
def poll_tracker(request: Request, tracker_id: uuid.UUID) -> TrackerRow:
    """Ask a tracker now; `error` says why it could not be asked."""
    return TrackerRow.of(tracking.poll(request.app.state.engine, tracker_id))


@router.delete("/trackers/{tracker_id}", status_code=204)
def remove_tracker(session: WriteSession, tracker_id: uuid.UUID) -> None:
    """Forget a tracker and where items are in it; the issues stay there."""
    store.remove(session, tracker_id)


@router.post("/backlog/{item_id}/trackers/{tracker_id}", status_code=202)
def push_item(
    session: WriteSession, item_id: uuid.UUID, tracker_id: uuid.UUID, word: Word
) -> LinkRow:
    """Have an item put into a tracker, once however often it is asked; later changes of the item
    follow by themselves. A worker does it: read the item's trackers until `state` is pushed."""
    return LinkRow.model_validate(tracking.ask(session, item_id, tracker_id, word.author()))


@router.get("/backlog/{item_id}/trackers")
def list_item_trackers(session: ReadSession, item_id: uuid.UUID) -> list[LinkRow]:
    """Where an item is, and what is said of it there."""
    return [LinkRow.model_validate(each) for each in store.links(session, item_id)]


@router.post(
    "/trackers/{tracker_id}/events",
    status_code=204,
    responses={401: {"model": Problem, "description": "The signature does not fit"}},
)
async def receive_event(request: Request, tracker_id: uuid.UUID) -> None:
    """For the tracker's webhook: events of issues, signed with the secret of the tracker."""
    received = Received(dict(request.headers), await request.body())
    await run_in_threadpool(readback.receive, request.app.state.engine, tracker_id, received)
