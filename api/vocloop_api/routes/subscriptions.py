"""Other programs hear what happened: subscriptions, events, and the outbox of all messages."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from vocloop.notify import endpoints, events, outbox
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT
from vocloop_api.notify_schemas import (
    EventRow,
    MessageRow,
    SubscriptionIn,
    SubscriptionMade,
    SubscriptionRow,
)
from vocloop_models import EventKind, MessageState

router = APIRouter(
    tags=["notifications"],
    responses=ON_CONFLICT,
)
Limit = Annotated[int, Query(ge=1, le=500)]


@router.get("/subscriptions")
def list_subscriptions(session: ReadSession) -> list[SubscriptionRow]:
    """Addresses that are told of events."""
    return [SubscriptionRow.of(each) for each in endpoints.listed(session)]


@router.post("/subscriptions", status_code=201)
def subscribe(session: WriteSession, row: SubscriptionIn) -> SubscriptionMade:
    """Tell an address of events from now on. Its secret is in this answer only."""
    made, secret = endpoints.subscribe(session, **row.model_dump())
    return SubscriptionMade(**SubscriptionRow.of(made).model_dump(), secret=secret)


@router.post("/subscriptions/{subscription_id}:pause")
def pause_subscription(session: WriteSession, subscription_id: uuid.UUID) -> SubscriptionRow:
    """Tell it nothing more; what waits for it is cancelled."""
    return SubscriptionRow.of(endpoints.switch(session, subscription_id, active=False))


@router.post("/subscriptions/{subscription_id}:resume")
def resume_subscription(session: WriteSession, subscription_id: uuid.UUID) -> SubscriptionRow:
    """Tell it of what happens from now on."""
    return SubscriptionRow.of(endpoints.switch(session, subscription_id, active=True))


@router.get("/subscriptions/{subscription_id}/deliveries")
def list_deliveries(
    session: ReadSession, subscription_id: uuid.UUID, limit: Limit = 100
) -> list[MessageRow]:
    """What was sent to an address, and how that went; newest first."""
    endpoints.get(session, subscription_id)
    found = outbox.listed(session, None, endpoint_id=subscription_id, limit=limit)
    return [MessageRow.of(each) for each in found]


@router.get("/events")
def list_events(
    session: ReadSession, kind: EventKind | None = None, limit: Limit = 100
) -> list[EventRow]:
    """What happened in the loop, newest first."""
    return [EventRow.of(each) for each in events.listed(session, kind, limit=limit)]


@router.get("/outbox")
def list_outbox(
    session: ReadSession, state: MessageState | None = None, limit: Limit = 100
) -> list[MessageRow]:
    """Messages on their way, newest first; `failed` ones wait for a person."""
    return [MessageRow.of(each) for each in outbox.listed(session, state, limit=limit)]


@router.post("/outbox/{message_id}:retry")
def retry_message(session: WriteSession, message_id: uuid.UUID) -> MessageRow:
    """Try a message again that was given up."""
    return MessageRow.of(outbox.retry(session, message_id))
