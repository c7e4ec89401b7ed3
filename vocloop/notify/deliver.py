"""One attempt at a message: put together while it is claimed, sent outside any transaction."""

from __future__ import annotations

from sqlmodel import Session

from vocloop.config import Settings
from vocloop.errors import says
from vocloop.notify import endpoints, mail, outbox, people, telling
from vocloop.notify.endpoints import Call
from vocloop.notify.mail import Mail
from vocloop.notify.outbox import Outcome
from vocloop_models import Endpoint, LoopEvent, Message, Recipient, Transport

Parcel = Mail | Call


def prepare(session: Session, message: Message) -> Parcel | None:
    """What is to be sent; None when it ended here, with the reason in the message."""
    if message.transport is Transport.MAIL:
        return _mail(session, message)
    endpoint = session.get(Endpoint, message.endpoint_id)
    event = session.get(LoopEvent, message.event_id)
    if endpoint is None or event is None or not endpoint.active:
        outbox.cancel(message, says("the subscription is off or gone"))
        return None
    if message.transport is Transport.WEBHOOK:
        body = telling.event(session, event)
    else:
        shape = endpoints.slack if message.transport is Transport.SLACK else endpoints.teams
        body = shape(*telling.line(session, event, endpoint.language))
    call = endpoints.prepared(session, message, endpoint, body)
    if call is None:
        outbox.give_up(message, "its address was encrypted with another key; subscribe again")
    return call


def send(parcel: Parcel, configured: Settings) -> Outcome:
    if isinstance(parcel, Mail):
        return mail.send(parcel, configured)
    return endpoints.send(parcel)


def _mail(session: Session, message: Message) -> Mail | None:
    recipient = session.get(Recipient, message.recipient_id) if message.recipient_id else None
    if recipient is None or message.topic is None:
        outbox.cancel(message, says("whoever it was for is forgotten"))
        return None
    if not people.wish(session, recipient, message.topic).mail:
        outbox.cancel(message, says("not wanted any more"))
        return None
    address = people.address_of(session, recipient)
    if address is None:
        outbox.give_up(message, "the address is gone or encrypted with another key; give it again")
        return None
    told = telling.mail(session, message, recipient)
    if told is None:
        outbox.cancel(message, says("there is nothing to tell"))
        return None
    letter, unsubscribe = told
    return Mail(message.id, address, letter, unsubscribe)
