"""Who hears what: from an event to the notes and messages that tell of it.

A colleague who handed in a voice, and whoever owns the account, hears in the application and by
mail as they wish. How a customer hears depends on its touch tier (METHOD.md 3): a task for the
account's owner (high), a mail (low, tech) once a person wrote words for it. A customer without a
tier is told nothing by itself.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy
from sqlalchemy import or_
from sqlmodel import Session, col, select

from vocloop.config import settings
from vocloop.errors import InvalidInputError, NotFoundError
from vocloop.notify import outbox
from vocloop.notify.events import OVERLAP, watch
from vocloop.notify.outbox import About
from vocloop.notify.people import of_contacts, wish
from vocloop_models import (
    AccountOwner,
    BacklogItem,
    Customer,
    CustomerWords,
    Endpoint,
    EventKind,
    Feedback,
    ItemState,
    LoopEvent,
    Recipient,
    RecipientKey,
    RoadmapChange,
    Statement,
    Theme,
    ThemeMembership,
    Topic,
    TouchTier,
    first_id,
    item_themes,
    now,
)
from vocloop_models.bulk import among, parts
from vocloop_models.customer import stays
from vocloop_models.theme import SHOWN_STATES
from vocloop_models.turns import Turn, take

TOPICS = {
    EventKind.DECISION_RECORDED: Topic.DECIDED,
    EventKind.ITEM_SHIPPED: Topic.SHIPPED,
    EventKind.REVIEW_CLOSED: Topic.REVIEWED,
}
_KINDS = {topic: kind for kind, topic in TOPICS.items()}
# What customers are written of an item; that they were heard needs no words of a person.
WRITTEN = tuple(_KINDS)
_OPEN_AGAIN = (ItemState.PROPOSED, ItemState.REOPENED)
# A voice that changes its theme later than this was heard long ago.
LATE = dt.timedelta(days=14)
MAIL_TIERS = (TouchTier.LOW, TouchTier.TECH)


@dataclass
class Voices:
    """Who is behind a theme or an item. ``submitters`` by the key they are known by."""

    submitters: Counter[str] = field(default_factory=Counter)
    customers: set[uuid.UUID] = field(default_factory=set)
    contacts: set[uuid.UUID] = field(default_factory=set)


def announce(session: Session, events: Iterable[LoopEvent]) -> None:
    """Put what ``events`` have to tell into the outbox and the notes, in the same transaction."""
    listening = session.exec(select(Endpoint).where(col(Endpoint.active).is_(True))).all()
    for event in events:
        for endpoint in listening:
            if event.kind.value in endpoint.events:
                outbox.put(
                    session,
                    f"{event.key}:{endpoint.id}",
                    About(event_id=event.id),
                    endpoint.transport,
                    endpoint_id=endpoint.id,
                )
        topic = TOPICS.get(event.kind)
        if topic is not None:
            _tell_colleagues(session, event, topic)
            _tell_customers(session, event, topic)


def hear(session: Session, moment: dt.datetime) -> None:
    """Tell whoever handed in a voice of late that its theme is found: a colleague once a theme, a
    customer's contact once a day. Call it in turn."""
    seen = watch(session, "heard")
    after = max(seen.since, seen.upto - OVERLAP)
    seen.upto = max(seen.upto, moment)
    rows = session.execute(
        sqlalchemy.select(
            col(ThemeMembership.theme_id),
            col(Feedback.submitted_by),
            col(Feedback.customer_id),
            col(Feedback.contact_id),
            col(Feedback.received_at),
        )
        .join(Statement, col(Statement.id) == col(ThemeMembership.statement_id))
        .join(Feedback, col(Feedback.id) == col(Statement.feedback_id))
        .join(Theme, col(Theme.id) == col(ThemeMembership.theme_id))
        .where(
            col(ThemeMembership.assigned_at) >= after,
            col(Feedback.id) >= first_id(max(seen.since, moment - LATE)),
            col(Theme.state).in_(SHOWN_STATES),
            or_(
                col(Feedback.submitted_by).in_(select(RecipientKey.key)),
                col(Feedback.customer_id).in_(select(AccountOwner.customer_id)),
                col(Feedback.contact_id).in_(select(Recipient.contact_id)),
            ),
        )
    ).all()
    if not rows:
        return
    zone = settings().zone
    colleagues, owners = _by_key(session), _owners(session)
    people = {each.id: each for each in session.exec(select(Recipient))}
    contacts = of_contacts(session, {contact for *_, contact, _ in rows if contact})
    themes: set[tuple[uuid.UUID, uuid.UUID]] = set()
    days: set[tuple[str, uuid.UUID, uuid.UUID | None]] = set()
    for theme_id, submitter, customer_id, contact_id, received in rows:
        hearers = set(owners.get(customer_id, ()))
        hearers |= {colleagues[submitter]} if submitter in colleagues else set()
        themes |= {(theme_id, each) for each in hearers if received >= people[each].created_at}
        contact = contacts.get(contact_id)
        if contact is not None:
            day = received.astimezone(zone).date().isoformat()
            days.add((day, contact.id, customer_id))
    for theme_id, recipient_id in sorted(themes):
        _note_theme(session, people[recipient_id], theme_id)
    for day, recipient_id, customer_id in sorted(days, key=str):
        _thank(session, people[recipient_id], day, customer_id)


def write_words(
    session: Session, item_id: uuid.UUID, topic: Topic, texts: Mapping[str, str], by: str | None
) -> list[CustomerWords]:
    """Keep what customers are told of an item when it is decided, shipped or reviewed, by
    language. If that has happened already, it is told now. Raises NotFoundError,
    InvalidInputError."""
    if session.get(BacklogItem, item_id) is None:
        raise NotFoundError(f"there is no backlog item {item_id}; it may be of another database")
    if topic not in WRITTEN or not texts or not all(text.strip() for text in texts.values()):
        reason = "write of decided, shipped or reviewed, in one language or both"
        raise InvalidInputError(f"words for customers: {reason}", [("texts", reason)])
    take(session, Turn.TELLING)
    kept = [
        CustomerWords(item_id=item_id, topic=topic, language=language, text=text.strip(), by=by)
        for language, text in sorted(texts.items())
    ]
    session.add_all(kept)
    session.flush()
    event = _newest(session, item_id, topic)
    if event is not None:
        _tell_customers(session, event, topic)
    return kept


def words(session: Session, item_id: uuid.UUID) -> Sequence[CustomerWords]:
    """All that was written for customers of an item, newest first."""
    return session.exec(
        select(CustomerWords)
        .where(CustomerWords.item_id == item_id)
        .order_by(col(CustomerWords.id).desc())
    ).all()


def words_for(session: Session, event: LoopEvent, topic: Topic) -> dict[str, str]:
    """What was written for customers on this occasion, by language: not what was said of an
    earlier decision or an earlier shipping, nor of a later one."""
    since, until = _occasion(session, event)
    found: dict[str, str] = {}
    for each in reversed(words(session, event.subject_id)):
        after, before = since is None or each.at > since, until is None or each.at <= until
        if each.topic is topic and after and before:
            found[each.language] = each.text
    return found


def behind(session: Session, item_id: uuid.UUID) -> Voices:
    """Whose voices are behind an item, by the themes that it solves."""
    found, links = Voices(), item_themes()
    rows = session.exec(
        select(Feedback.id, Feedback.submitted_by, Feedback.customer_id, Feedback.contact_id)
        .join(Statement, col(Statement.feedback_id) == col(Feedback.id))
        .join(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id))
        .join(links, links.c.theme_id == col(ThemeMembership.theme_id))
        .where(links.c.item_id == item_id)
        .distinct()
    )
    for _, submitter, customer, contact in rows:
        found.submitters.update([submitter] if submitter else [])
        found.customers |= {customer} if customer else set()
        found.contacts |= {contact} if contact else set()
    return found


def _tell_colleagues(session: Session, event: LoopEvent, topic: Topic) -> None:
    voices = behind(session, event.subject_id)
    own: Counter[uuid.UUID] = Counter()
    for key, recipient_id in _by_key(session).items():
        own[recipient_id] += voices.submitters.get(key, 0)
    accounts: dict[uuid.UUID, set[uuid.UUID]] = {}
    tasks: dict[uuid.UUID, set[uuid.UUID]] = {}
    tiers = _tiers(session, voices.customers)
    for customer_id, owner_ids in _owners(session).items():
        if customer_id in tiers:
            for owner in owner_ids:
                accounts.setdefault(owner, set()).add(customer_id)
                if tiers[customer_id] is TouchTier.HIGH:
                    tasks.setdefault(owner, set()).add(customer_id)
    for recipient_id in sorted({each for each, count in own.items() if count} | set(accounts)):
        recipient = session.get_one(Recipient, recipient_id)
        mine, detail = tasks.get(recipient_id, set()), dict(event.detail)
        detail |= {"voices": own[recipient_id], "customers": len(accounts.get(recipient_id, ()))}
        about = About(event_id=event.id, item_id=event.subject_id, detail=detail)
        for customer_id in sorted(mine):
            key = f"{event.key}:{recipient_id}:{customer_id}"
            outbox.note(session, key, recipient, topic, about, customer_id=customer_id)
        wanted = wish(session, recipient, topic)
        if wanted.note and not mine:
            outbox.note(session, f"{event.key}:{recipient_id}", recipient, topic, about)
        if wanted.mail and recipient.address is not None:
            about.detail["tasks"] = len(mine)
            outbox.mail(session, f"{event.key}:{recipient_id}", recipient, topic, about)


def _tell_customers(session: Session, event: LoopEvent, topic: Topic) -> None:
    """One message to each contact: nobody sees who else gets it."""
    if not settings().public_url or not words_for(session, event, topic):
        return
    voices = behind(session, event.subject_id)
    written = [c for c, tier in _tiers(session, voices.customers).items() if tier in MAIL_TIERS]
    of_written = select(Feedback.contact_id).where(
        among(session, col(Feedback.contact_id), voices.contacts),
        among(session, col(Feedback.customer_id), written),
    )
    contacts = {contact for contact in session.exec(of_written.distinct()) if contact}
    for recipient in of_contacts(session, contacts).values():
        if wish(session, recipient, topic).mail and recipient.address is not None:
            about = About(event_id=event.id, item_id=event.subject_id)
            outbox.mail(session, f"{event.key}:{recipient.id}", recipient, topic, about)


def _note_theme(session: Session, recipient: Recipient, theme_id: uuid.UUID) -> None:
    about = About(theme_id=theme_id)
    key = f"heard:{theme_id}:{recipient.id}"
    wanted = wish(session, recipient, Topic.HEARD)
    if wanted.note:
        outbox.note(session, key, recipient, Topic.HEARD, about)
    if wanted.mail and recipient.address is not None:
        outbox.mail(session, key, recipient, Topic.HEARD, about)


def _thank(session: Session, contact: Recipient, day: str, customer_id: uuid.UUID | None) -> None:
    tiers = _tiers(session, {customer_id} if customer_id else set())
    written = bool(tiers) and set(tiers.values()) <= set(MAIL_TIERS)
    if written and settings().public_url and wish(session, contact, Topic.HEARD).mail:
        about = About(detail={"day": day})
        outbox.mail(session, f"heard:{day}:{contact.id}", contact, Topic.HEARD, about)


def _newest(session: Session, item_id: uuid.UUID, topic: Topic) -> LoopEvent | None:
    return session.exec(
        select(LoopEvent)
        .where(LoopEvent.subject_id == item_id, LoopEvent.kind == _KINDS[topic])
        .order_by(col(LoopEvent.at).desc())
        .limit(1)
    ).first()


def _occasion(session: Session, event: LoopEvent) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Between when words are of this event. They may be written ahead, for a second time once the
    item is open again; before that, they are of the first time."""
    item, kind = LoopEvent.subject_id == event.subject_id, LoopEvent.kind == event.kind
    times = session.exec(select(LoopEvent.at).where(item, kind)).all()
    moves = select(RoadmapChange).where(
        RoadmapChange.subject_id == event.subject_id, RoadmapChange.action == "moved"
    )
    opened = [each.at for each in session.exec(moves) if each.detail["after"] in _OPEN_AGAIN]
    since, last = None, max((at for at in times if at < event.at), default=None)
    if last is not None:
        since = min((at for at in opened if last < at < event.at), default=event.at)
    return since, min((at for at in (*times, *opened) if at > event.at), default=None)


def _by_key(session: Session) -> dict[str, uuid.UUID]:
    rows: Any = session.exec(select(RecipientKey.key, RecipientKey.recipient_id))
    return dict(rows.all())


def _owners(session: Session) -> dict[uuid.UUID | None, set[uuid.UUID]]:
    found: dict[uuid.UUID | None, set[uuid.UUID]] = {}
    for each in session.exec(select(AccountOwner)):
        found.setdefault(each.customer_id, set()).add(each.recipient_id)
    return found


def _tiers(session: Session, customers: set[uuid.UUID]) -> dict[uuid.UUID, TouchTier | None]:
    """Customers that are still there, with their tier."""
    found: dict[uuid.UUID, TouchTier | None] = {}
    today = now().astimezone(settings().zone).date()
    for some in parts(sorted(customers)):
        query = select(Customer.id, Customer.touch_tier).where(
            col(Customer.id).in_(some),
            stays(today),
        )
        for customer_id, tier in session.exec(query):
            found[customer_id] = TouchTier(tier) if tier is not None else None
    return found
