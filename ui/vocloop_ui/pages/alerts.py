"""Alerts: what the data says of customers without anyone asking, seen, taken on and closed."""

from __future__ import annotations

import uuid

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, select

from vocloop.success import alerts
from vocloop_models import Alert, AlertKind, AlertState, BacklogItem, Customer, Theme
from vocloop_models.database import reading, transaction
from vocloop_ui.errors import PageInputError
from vocloop_ui.forms import Form, Posted, id_of, name_of, remember
from vocloop_ui.view import View, Viewed, with_query

router = APIRouter(include_in_schema=False)

ROWS = 50
MOST_REASON = 2_000
VIEWS = {"": alerts.STANDING, "closed": (AlertState.CLOSED,)}


@router.get("/alerts")
def page(request: Request, view: Viewed, state: str = "", kind: str = "") -> Response:
    if state not in VIEWS or (kind and kind not in set(AlertKind)):
        raise PageInputError(view.reader.gettext("There is no such list of alerts; choose a tab."))
    wanted = AlertKind(kind) if kind else None
    with reading(request.app.state.engine) as session:
        rows = alerts.listed(
            session,
            states=VIEWS[state],
            kind=wanted,
            start=view.place_in_list(),
            limit=view.rows(ROWS),
        )
        return _page(session, view, rows, Form(view.reader, {}), state=state, kind=wanted)


def _page(
    session: Session,
    view: View,
    rows: list[tuple[Alert, Customer]],
    form: Form,
    *,
    state: str = "",
    kind: AlertKind | None = None,
) -> Response:
    every = alerts.how_many(session)

    def count(name: str, kind: AlertKind | None = None) -> int:
        return sum(each for (s, k), each in every.items() if s in VIEWS[name] and kind in (k, None))

    return view.html(
        "alerts.html",
        status=422 if form.errors else 200,
        rows=rows,
        address=_address,
        counts={name: count(name) for name in VIEWS},
        # A form that came back has no address to leaf on from.
        pages=("", "") if form.errors else view.pages(ROWS, count(state, kind)),
        state=state,
        kind=kind or "",
        kinds=list(AlertKind),
        themes=_themes(session, rows),
        items=_items(session, rows),
        form=form,
        most=MOST_REASON,
        name=name_of(view),
        today=view.reader.today(),
    )


@router.post("/alerts/{alert_id}/acknowledge")
def acknowledge(request: Request, view: Viewed, alert_id: str, form: Posted) -> Response:
    known, by = id_of(alert_id, "alert"), form.author()
    with transaction(request.app.state.engine) as session:
        if form.errors:
            return _again(session, view, known, form)
        alerts.acknowledge(session, known, by)
    return _back(view, view.reader.gettext("You took the alert on."), by)


@router.post("/alerts/{alert_id}/close")
def close(request: Request, view: Viewed, alert_id: str, form: Posted) -> Response:
    known, by = id_of(alert_id, "alert"), form.author()
    missing = view.reader.gettext("Say why the alert is closed.")
    reason = form.text("reason", MOST_REASON, missing=missing)
    with transaction(request.app.state.engine) as session:
        if form.errors:
            return _again(session, view, known, form)
        alerts.close(session, known, by, reason)
    return _back(view, view.reader.gettext("The alert is closed."), by)


def _again(session: Session, view: View, alert_id: uuid.UUID, form: Form) -> Response:
    """The form that came back, with its alert before the others."""
    alert = alerts.standing(session, alert_id)
    others = alerts.listed(session, limit=ROWS)
    first = (alert, session.get_one(Customer, alert.customer_id))
    return _page(session, view, [first, *(row for row in others if row[0].id != alert_id)], form)


def _address(state: str, kind: str) -> str:
    return with_query("/alerts", {"state": state, "kind": kind})


def _back(view: Viewed, said: str, by: str) -> Response:
    return remember(view.redirect("/alerts", said=said), by)


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
