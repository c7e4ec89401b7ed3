"""Forget a contact or a customer, and tell what is known of a contact.

What is kept is one audit line: that something was erased, when and how much, never whose it was.
Backups are the operator's: docs/privacy.md.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, delete, select
from sqlmodel import Session, col

from vocloop.config import settings
from vocloop.errors import NotFoundError
from vocloop.intake.privacy import privacy, unsealed
from vocloop.intake.removal import (
    Removed,
    delete_rows,
    detach,
    overwrite,
    remove_feedback,
    take_turns,
    without,
)
from vocloop_models import (
    AuditAction,
    AuditEntry,
    Contact,
    Customer,
    CustomerMerge,
    Feedback,
    MergeState,
    Message,
    Recipient,
    SealedValue,
    Statement,
    Theme,
    ThemeMembership,
    ThemeScore,
)
from vocloop_models.bulk import parts
from vocloop_models.database import held

# Evidence of a score takes kilobytes, and every day leaves one of each theme.
_SCORES_AT_ONCE = 200


@dataclass(frozen=True)
class Forgotten:
    """What an erasure took: the counts of its audit line."""

    feedback: int
    statements: int
    contacts: int
    themes: int


def find_contacts(
    session: Session, who: str, *, customer_id: uuid.UUID | None = None
) -> list[Contact]:
    """Contacts that ``who`` means: their id, their mail address or telephone number, the source's
    id, or the name they were handed in under. Addresses and names are compared by their hashes."""
    guard = privacy(session, writing=False)
    keys = {who, guard.person(who), guard.hashed(who)}
    query = select(Contact).where(
        col(Contact.external_id).in_(keys) | col(Contact.address_hash).in_(keys)
    )
    if _is_id(who):
        query = select(Contact).where(col(Contact.id) == uuid.UUID(who))
    if customer_id is not None:
        query = query.where(col(Contact.customer_id) == customer_id)
    return list(session.scalars(query.order_by(col(Contact.id))))


def known_of(session: Session, contact_id: uuid.UUID) -> dict[str, Any]:
    """All that is kept of a contact, as JSON (the answer to a request for access).

    Originals that the policy ``encrypt`` kept are included when the key is at hand. Raises
    NotFoundError for an unknown id.
    """
    contact = _contact(session, contact_id)
    customer = session.get(Customer, contact.customer_id) if contact.customer_id else None
    voices = session.scalars(
        select(Feedback).where(col(Feedback.contact_id) == contact_id).order_by(col(Feedback.id))
    )
    return {
        "contact": contact.model_dump(mode="json"),
        "customer": customer.model_dump(mode="json", include={"id", "external_id", "name"})
        if customer
        else None,
        "notified_at": [
            {"address": unsealed(each.address, settings()), "language": each.language}
            for each in session.scalars(
                select(Recipient).where(col(Recipient.contact_id) == contact_id)
            )
            if each.address is not None
        ],
        "feedback": [_voice(session, each) for each in voices],
    }


def forget_contact(session: Session, contact_id: uuid.UUID) -> Forgotten:
    """Remove a contact with all feedback of theirs: statements, vectors, quotes, sealed originals,
    and machine-made titles that quote them. Raises NotFoundError for an unknown id."""
    take_turns(session)
    contact = _contact(session, contact_id)
    # The customer first, as in intake and merges: else each could wait for the other.
    if contact.customer_id is not None:
        held(session, Customer, contact.customer_id)
    if held(session, Contact, contact_id) is None:
        raise _no_contact(contact_id)
    removed = _remove(session, col(Feedback.contact_id) == contact_id)
    _scrub_scores(session, {str(contact_id), *_forget_twins(session, contact)})
    _remove_recipients(session, [contact_id])
    detach(session, Contact, [contact_id])
    delete_rows(session, Contact, [contact_id])
    return _audited(session, AuditAction.FORGOT_CONTACT, contact_id, removed, contacts=1)


def forget_customer(session: Session, customer_id: uuid.UUID) -> Forgotten:
    """Remove a customer with its contacts and all of its feedback, as ``forget_contact`` does.
    Raises NotFoundError for an unknown id."""
    take_turns(session)
    customer = held(session, Customer, customer_id)
    if customer is None:
        raise NotFoundError(f"there is no customer {customer_id}; search for it by name first")
    removed = _remove(session, col(Feedback.customer_id) == customer_id)
    contacts = list(
        session.scalars(select(col(Contact.id)).where(col(Contact.customer_id) == customer_id))
    )
    gone = {str(customer_id), *map(str, contacts), customer.name, customer.external_id}
    gone |= _forget_merges(session, customer_id)
    _remove_recipients(session, contacts)
    for model, ids in ((Contact, contacts), (Customer, [customer_id])):
        detach(session, model, ids)
        delete_rows(session, model, ids)
    _scrub_scores(session, {each for each in gone if each})
    return _audited(
        session, AuditAction.FORGOT_CUSTOMER, customer_id, removed, contacts=len(contacts)
    )


def audit(session: Session, limit: int = 100) -> Sequence[AuditEntry]:
    """What was erased, undone and set, newest first."""
    query = select(AuditEntry).order_by(col(AuditEntry.id).desc()).limit(limit)
    return session.scalars(query).all()


def wipe(engine: Engine) -> None:
    """After an erasure is committed: also SQLite's write-ahead log forgets. Readers that still
    look at an older state keep it a little longer; the next erasure or restart empties it."""
    if engine.dialect.name != "sqlite":
        return
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        raw.close()


def _contact(session: Session, contact_id: uuid.UUID) -> Contact:
    contact = session.get(Contact, contact_id)
    if contact is None:
        raise _no_contact(contact_id)
    return contact


def _no_contact(contact_id: uuid.UUID) -> NotFoundError:
    return NotFoundError(f"there is no contact {contact_id}; find it by address first")


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _voice(session: Session, feedback: Feedback) -> dict[str, Any]:
    statements = session.execute(
        select(Statement, col(Theme.number))
        .join(ThemeMembership, col(ThemeMembership.statement_id) == col(Statement.id), isouter=True)
        .join(Theme, col(Theme.id) == col(ThemeMembership.theme_id), isouter=True)
        .where(col(Statement.feedback_id) == feedback.id)
        .order_by(col(Statement.position))
    )
    sealed = session.scalars(select(SealedValue).where(col(SealedValue.feedback_id) == feedback.id))
    originals = {each.placeholder: unsealed(each.ciphertext, settings()) for each in sealed}
    return feedback.model_dump(mode="json") | {
        "statements": [
            {"text": statement.text, "language": statement.language, "theme": number}
            for statement, number in statements
        ],
        "originals": originals,
    }


def _remove(session: Session, where: Any) -> Removed:
    overwrite(session)
    ids = list(session.scalars(select(col(Feedback.id)).where(where)))
    return remove_feedback(session, ids)


def _remove_recipients(session: Session, contacts: Sequence[uuid.UUID]) -> None:
    """Remove the mail addresses that contacts gave to hear back, and every message to them."""
    for some in parts(contacts):
        found = list(
            session.scalars(select(col(Recipient.id)).where(col(Recipient.contact_id).in_(some)))
        )
        session.execute(delete(Message).where(col(Message.recipient_id).in_(found)))
        detach(session, Recipient, found)
        delete_rows(session, Recipient, found)


def _taken_in(session: Session, customer_id: uuid.UUID) -> list[CustomerMerge]:
    """The merges that hold who became one with a customer, and with those before."""
    query = select(CustomerMerge).where(col(CustomerMerge.state) == MergeState.ACCEPTED)
    found: list[CustomerMerge] = []
    into = [customer_id]
    while into:
        merges = session.scalars(query.where(col(CustomerMerge.kept_id).in_(into))).all()
        found += merges
        into = [each.other_id for each in merges]
    return found


def _forget_twins(session: Session, contact: Contact) -> set[str]:
    """No undo of a merge brings back whom the contact was one person with; their ids."""
    gone = {str(contact.id)}
    for merge in _taken_in(session, contact.customer_id) if contact.customer_id else ():
        gone |= {each["contact"]["id"] for each in merge.undo["contacts"] if each["into"] in gone}
        kept = without(merge.undo, gone)
        if kept != merge.undo:
            merge.undo = kept
    return gone


def _forget_merges(session: Session, customer_id: uuid.UUID) -> set[str | None]:
    """No merge remembers a customer, nor whom it took in; what those were called."""
    gone: set[str | None] = set()
    ids = [customer_id]
    for merge in _taken_in(session, customer_id):
        other = merge.undo["other"]
        gone |= {other["id"], other["name"], other["external_id"]}
        gone |= {each["contact"]["id"] for each in merge.undo["contacts"]}
        ids.append(merge.other_id)
    for column in (col(CustomerMerge.kept_id), col(CustomerMerge.other_id)):
        session.execute(delete(CustomerMerge).where(column.in_(ids)))
    return gone


def _scrub_scores(session: Session, gone: set[str]) -> None:
    """Who counted for a theme is evidence of its generality: also of themes whose statements
    moved on since."""
    scores = select(ThemeScore).execution_options(yield_per=_SCORES_AT_ONCE)
    for score in session.scalars(scores):
        evidence = without(score.evidence, gone)
        if evidence != score.evidence:
            score.evidence = evidence
    session.flush()


def _audited(
    session: Session,
    action: AuditAction,
    subject: uuid.UUID,
    removed: Removed,
    *,
    contacts: int,
) -> Forgotten:
    forgotten = Forgotten(
        removed.feedback, removed.statements, contacts=contacts, themes=len(removed.themes)
    )
    detail = {"id": str(subject)} | vars(forgotten)
    session.add(AuditEntry(action=action, detail=detail))
    session.flush()
    return forgotten
