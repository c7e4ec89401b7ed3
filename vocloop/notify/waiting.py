"""What waits for a person: the counts that a page of notifications begins with."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy import select as rows_of
from sqlmodel import Session, col, select

from vocloop.keys import hasher
from vocloop_models import (
    Alert,
    AlertState,
    BacklogItem,
    Connector,
    ItemState,
    LinkState,
    Message,
    MessageState,
    Note,
    ProposalState,
    Recipient,
    RecipientKey,
    Record,
    Routing,
    RoutingState,
    ThemeProposal,
    TrackerLink,
    of_what_is_there,
)


@dataclass(frozen=True)
class Waiting:
    """``proposals``: merges and splits that a run suggests; ``items`` without a decision;
    ``triage``: what no department is sure of; ``alerts`` that nobody has taken on; ``undelivered``:
    messages and issues given up; ``connectors`` whose last polls failed."""

    proposals: int
    items: int
    triage: int
    alerts: int
    undelivered: int
    connectors: int


def waiting(session: Session) -> Waiting:
    def count(kind: type[Record], condition: object) -> object:
        return select(func.count()).select_from(kind).where(condition).scalar_subquery()  # type: ignore[arg-type]

    found = session.execute(
        rows_of(
            count(ThemeProposal, col(ThemeProposal.state) == ProposalState.OPEN),  # type: ignore[call-overload]
            count(BacklogItem, col(BacklogItem.state) == ItemState.PROPOSED),
            count(Routing, (col(Routing.state) == RoutingState.TRIAGE) & of_what_is_there()),
            count(Alert, col(Alert.state) == AlertState.OPEN),
            count(Message, col(Message.state) == MessageState.FAILED),
            count(TrackerLink, col(TrackerLink.state) == LinkState.FAILED),
            count(Connector, (col(Connector.failures) > 0) & ~col(Connector.paused)),
        )
    ).one()
    proposals, items, triage, alerts, messages, links, connectors = found
    return Waiting(proposals, items, triage, alerts, messages + links, connectors)


def called(session: Session, name: str) -> Recipient | None:
    """The colleague that voices name so; None for a stranger."""
    key = hasher(session, writing=False).person(name) if name else ""
    return session.exec(
        select(Recipient)
        .join(RecipientKey, col(RecipientKey.recipient_id) == col(Recipient.id))
        .where(RecipientKey.key == key)
    ).first()


def unread(session: Session, recipient: Recipient) -> int:
    return session.exec(
        select(func.count())
        .select_from(Note)
        .where(Note.recipient_id == recipient.id, col(Note.read_at).is_(None))
    ).one()
