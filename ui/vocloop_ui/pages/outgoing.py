"""The outbox: messages that leave vocloop, and those that were not taken."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Request, Response
from sqlmodel import Session, col, select

from vocloop.notify import endpoints, outbox
from vocloop_models import Endpoint, Message, MessageState, Recipient, Topic, Transport
from vocloop_models.database import reading, transaction
from vocloop_ui import columns, csv_file, saved_tables
from vocloop_ui.errors import PageInputError
from vocloop_ui.forms import id_of
from vocloop_ui.i18n import Reader
from vocloop_ui.view import View, Viewed, with_query

router = APIRouter(include_in_schema=False)

MOST = 100


def state_words(reader: Reader, state: MessageState) -> str:
    return {
        MessageState.WAITING: reader.gettext("Waits to be sent"),
        MessageState.SENDING: reader.gettext("Being sent"),
        MessageState.SENT: reader.gettext("Sent"),
        MessageState.FAILED: reader.gettext("Not taken"),
        MessageState.CANCELLED: reader.gettext("No longer wanted"),
    }[state]


def topic_words(reader: Reader, topic: Topic | None) -> str:
    if topic is None:
        return reader.gettext("Event")
    return {
        Topic.HEARD: reader.gettext("Heard"),
        Topic.DECIDED: reader.gettext("Decided"),
        Topic.SHIPPED: reader.gettext("Shipped"),
        Topic.REVIEWED: reader.gettext("Reviewed"),
        Topic.WEEKLY: reader.gettext("Weekly digest"),
        Topic.MONTHLY: reader.gettext("Monthly digest"),
    }[topic]


def transport_words(reader: Reader, transport: Transport) -> str:
    mail = reader.gettext("Mail")
    names = {Transport.WEBHOOK: "Webhook", Transport.SLACK: "Slack", Transport.TEAMS: "Teams"}
    return names.get(transport, mail)


@router.get("/outbox")
def messages(request: Request, view: Viewed, state: str = "") -> Response:
    """Who is told what by mail and webhook; words are made when a message is sent."""
    if state and state not in set(MessageState):
        raise PageInputError(view.reader.gettext("There is no such list; choose a tab."))
    chosen = _columns(view)

    def address(**parameters: str) -> str:
        return with_query("/outbox", {"state": state, "columns": chosen.written} | parameters)

    with reading(request.app.state.engine) as session:
        in_file = request.query_params.get("format") == "csv"
        most = saved_tables.MOST_ROWS if in_file else MOST
        rows = outbox.listed(session, MessageState(state) if state else None, limit=most)
        told = _receivers(session, view.reader, rows)
        if in_file:
            table = csv_file.table(_in_file(view.reader, told), rows, chosen.shown)
            return csv_file.answer("outbox", list(table))
        return view.html(
            "outbox.html",
            rows=rows,
            told=told,
            state=state,
            states=list(MessageState),
            state_words=state_words,
            topic_words=topic_words,
            transport_words=transport_words,
            endpoints=endpoints.listed(session),
            most=MOST,
            columns=chosen,
            address=address,
        )


def _receivers(session: Session, reader: Reader, rows: Sequence[Message]) -> dict[uuid.UUID, str]:
    """By message, a colleague's name, an endpoint's name and host; contacts of customers have no
    name here."""
    named: dict[uuid.UUID | None, str] = {}
    endpoint_ids = {each.endpoint_id for each in rows}
    for endpoint in session.exec(select(Endpoint).where(col(Endpoint.id).in_(endpoint_ids))):
        named[endpoint.id] = f"{endpoint.name} ({endpoint.host})"
    people = {each.recipient_id for each in rows}
    for person in session.exec(select(Recipient).where(col(Recipient.id).in_(people))):
        named[person.id] = person.name or reader.gettext("a customer's contact")
    return {each.id: named.get(each.endpoint_id or each.recipient_id, "–") for each in rows}


def _columns(view: View) -> columns.Columns:
    every = [
        ("about", view.reader.gettext("About")),
        ("receiver", view.reader.gettext("Receiver")),
        ("state", view.reader.gettext("State")),
        ("attempts", view.reader.gettext("Attempts")),
    ]
    return columns.chosen(every, columns.asked_in(view.request.query_params))


def _in_file(reader: Reader, told: Mapping[uuid.UUID, str]) -> list[csv_file.Column]:
    column = csv_file.Column
    return [
        column(reader.gettext("Time"), lambda row: reader.moment(row.created_at)),
        column(reader.gettext("About"), lambda row: topic_words(reader, row.topic), "about"),
        column(
            reader.gettext("Way"), lambda row: transport_words(reader, row.transport), "receiver"
        ),
        column(reader.gettext("Receiver"), lambda row: told[row.id], "receiver"),
        column(reader.gettext("State"), lambda row: state_words(reader, row.state), "state"),
        column(reader.gettext("Attempts"), lambda row: row.attempts, "attempts"),
        column(reader.gettext("Reason"), lambda row: row.error, "state"),
    ]


@router.post("/outbox/{message_id}/retry")
def retry(request: Request, view: Viewed, message_id: str) -> Response:
    with transaction(request.app.state.engine) as session:
        outbox.retry(session, id_of(message_id, "message"))
    return view.redirect("/outbox", view.reader.gettext("The message waits to be sent again."))
