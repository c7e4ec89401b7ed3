"""Where feedback comes from, and how each source's personal data is treated."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from vocloop.config import settings
from vocloop.intake import connections, sources
from vocloop.intake.connections import ConnectorState
from vocloop_models import PersonalData
from vocloop_models.database import reading, transaction
from vocloop_ui.forms import Posted
from vocloop_ui.i18n import Reader
from vocloop_ui.view import View, Viewed

router = APIRouter(include_in_schema=False)

LONGEST_DAYS = 36_500


def policies(reader: Reader) -> list[tuple[str, str, str]]:
    """Value, name and meaning of what may be done with personal data."""
    return [
        ("redact", reader.gettext("take out"), reader.gettext("placeholders; nothing is kept")),
        (
            "encrypt",
            reader.gettext("take out, keep encrypted"),
            reader.gettext("for those who may ask what is known of them"),
        ),
        (
            "drop",
            reader.gettext("drop"),
            reader.gettext("placeholders without numbers, and no contact"),
        ),
    ]


def connector_words(reader: Reader, state: ConnectorState) -> str:
    return {
        ConnectorState.NEW: reader.gettext("Nothing came yet"),
        ConnectorState.WORKING: reader.gettext("Working"),
        ConnectorState.BEHIND: reader.gettext("More is waiting to be read"),
        ConnectorState.FAILING: reader.gettext("Failing"),
        ConnectorState.PAUSED: reader.gettext("Paused"),
    }[state]


@router.get("/sources")
def listed(request: Request, view: Viewed) -> HTMLResponse:
    with reading(request.app.state.engine) as session:
        return _page(session, view)


def _page(
    session: Session, view: View, error: str = "", named: str = "", status: int = 200
) -> HTMLResponse:
    chosen = settings()
    return view.html(
        "sources.html",
        status=status,
        rows=sources.sources(session),
        connectors=connections.statuses(session),
        connector_words=connector_words,
        policies=policies(view.reader),
        standard=chosen.personal_data,
        has_key=chosen.encryption_key is not None,
        most_days=LONGEST_DAYS,
        error=error,
        named=named,
    )


@router.post("/sources")
def set_policy(request: Request, view: Viewed, form: Posted) -> Response:
    source = form.raw("source").strip()[:100]
    policy, days = form.raw("policy"), form.raw("days").strip()
    error = _wrong(view.reader, source, policy, days)
    with transaction(request.app.state.engine) as session:
        if error:
            return _page(session, view, error, source, status=422)
        sources.set_policy(
            session,
            source,
            personal_data=PersonalData(policy) if policy else None,
            retention_days=int(days) if days else None,
        )
    said = view.reader.gettext("From now on %(source)s is treated so.") % {"source": source}
    return view.redirect("/sources", said=said)


def _wrong(reader: Reader, source: str, policy: str, days: str) -> str:
    """Why the form can't be taken; "" if it can."""
    if not source:
        return reader.gettext("Name the source, as imports call it.")
    if policy not in ("", *PersonalData):
        return reader.gettext("Choose one of the treatments named here.")
    if policy == PersonalData.ENCRYPT and settings().encryption_key is None:
        return reader.gettext(
            "To keep personal data encrypted, vocloop needs a key: whoever runs it sets "
            "VOCLOOP_ENCRYPTION_KEY."
        )
    if days and not (days.isascii() and days.isdecimal() and 1 <= int(days[:7]) <= LONGEST_DAYS):
        return reader.gettext(
            "Days are a whole number from 1 to %(most)s; empty means for ever."
        ) % {"most": reader.number(LONGEST_DAYS)}
    return ""
