"""Alerts: what the data says of customers without anyone asking, seen, taken on and closed."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from sqlmodel import Session, col, select

from vocloop.accounts.visitor import signed
from vocloop.errors import NotFoundError
from vocloop.success import alerts
from vocloop_models import Alert, AlertKind, AlertState, BacklogItem, Customer, Theme
from vocloop_models.database import reading, transaction
from vocloop_ui.errors import PageInputError
from vocloop_ui.forms import name_of, remember
from vocloop_ui.view import Viewed, with_query

router = APIRouter(include_in_schema=False)

ROWS = 50
VIEWS = {"": alerts.STANDING, "closed": (AlertState.CLOSED,)}


@router.get("/alerts")
def page(request: Request, view: Viewed, state: str = "", kind: str = "") -> Response:
    if state not in VIEWS or (kind and kind not in set(AlertKind)):
        raise PageInputError(view.reader.gettext("There is no such list of alerts; choose a tab."))
    with reading(request.app.state.engine) as session:
        wanted = AlertKind(kind) if kind else None
        rows = alerts.listed(
            session,
            states=VIEWS[state],
            kind=wanted,
            start=view.place_in_list(),
            limit=view.rows(ROWS),
        )
        every = alerts.how_many(session)

        def count(name: str, kind: AlertKind | None = None) -> int:
            return sum(
                each for (s, k), each in every.items() if s in VIEWS[name] and kind in (k, None)
            )

        return view.html(
            "alerts.html",
            rows=rows,
            address=_address,
            counts={name: count(name) for name in VIEWS},
            pages=view.pages(ROWS, count(state, wanted)),
            state=state,
            kind=kind,
            kinds=list(AlertKind),
            themes=_themes(session, rows),
            items=_items(session, rows),
            name=name_of(view),
            today=view.reader.today(),
        )


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge(
    request: Request, view: Viewed, alert_id: str, by: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    by = _named(view, by)
    with transaction(request.app.state.engine) as session:
        alerts.acknowledge(session, _id(alert_id), by)
    return _back(view, view.reader.gettext("You took the alert on."), by)


@router.post("/alerts/{alert_id}/close")
def close(
    request: Request,
    view: Viewed,
    alert_id: str,
    by: Annotated[str, Form(max_length=200)] = "",
    reason: Annotated[str, Form(max_length=2_000)] = "",
) -> Response:
    by = _named(view, by)
    if not reason.strip():
        raise PageInputError(view.reader.gettext("Say why the alert is closed."))
    with transaction(request.app.state.engine) as session:
        alerts.close(session, _id(alert_id), by, reason)
    return _back(view, view.reader.gettext("The alert is closed."), by)


def _address(state: str, kind: str) -> str:
    return with_query("/alerts", {"state": state, "kind": kind})


def _back(view: Viewed, said: str, by: str) -> Response:
    return remember(view.redirect("/alerts", said=said), by)


def _named(view: Viewed, by: str) -> str:
    """Whose name is kept: the signed-in user's, else the one given."""
    by = signed(by) or ""
    if not by.strip() or "\x00" in by:
        raise PageInputError(view.reader.gettext("Give your name, so that others know who it is."))
    return by


def _id(written: str) -> uuid.UUID:
    try:
        return uuid.UUID(written)
    except ValueError as error:
        raise NotFoundError(
            f"alert '{written[:60]}' does not exist; open one from the page of alerts"
        ) from error


def _themes(session: Session, rows: list[tuple[Alert, Customer]]) -> dict[str, Theme]:
    ids = {uuid.UUID(each["theme"]) for a, _ in rows for each in a.evidence.get("themes", ())}
    found = session.exec(select(Theme).where(col(Theme.id).in_(ids)))
    return {str(theme.id): theme for theme in found}


def _items(session: Session, rows: list[tuple[Alert, Customer]]) -> dict[str, BacklogItem]:
    ids = {
        uuid.UUID(item)
        for alert, _ in rows
        for each in alert.evidence.get("themes", ())
        for item in each.get("items", ())
    }
    found = session.exec(select(BacklogItem).where(col(BacklogItem.id).in_(ids)))
    return {str(item.id): item for item in found}
