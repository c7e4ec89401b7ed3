"""Alerts about customers, raised from data by the worker."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from vocloop.success import alerts
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT
from vocloop_api.success_schemas import AlertRow, CloseIn, SeenIn
from vocloop_models import AlertKind, AlertState, Customer

router = APIRouter(tags=["alerts"], responses=ON_CONFLICT)


@router.get("/alerts")
def list_alerts(
    session: ReadSession,
    *,
    state: Annotated[list[AlertState] | None, Query(description="open and acknowledged")] = None,
    kind: AlertKind | None = None,
    customer_id: uuid.UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> list[AlertRow]:
    """What nobody has seen first, then the newest first, each with its evidence."""
    found = alerts.listed(
        session, states=state or alerts.STANDING, kind=kind, customer_id=customer_id, limit=limit
    )
    return [AlertRow.of(*each) for each in found]


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge_alert(session: WriteSession, alert_id: uuid.UUID, row: SeenIn) -> AlertRow:
    """Someone has seen it and takes it on."""
    alert = alerts.acknowledge(session, alert_id, row.by)
    return AlertRow.of(alert, session.get_one(Customer, alert.customer_id))


@router.post("/alerts/{alert_id}/close")
def close_alert(session: WriteSession, alert_id: uuid.UUID, row: CloseIn) -> AlertRow:
    """Close it with a reason; the same cause does not raise it again."""
    alert = alerts.close(session, alert_id, row.by, row.reason)
    return AlertRow.of(alert, session.get_one(Customer, alert.customer_id))
