"""Who hears: colleagues, customers' contacts who left an address for it, owners of accounts."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from cryptography.fernet import InvalidToken
from sqlalchemy import delete
from sqlmodel import Session, col, select

from vocloop.config import settings
from vocloop.errors import ConflictError, InvalidInputError, NotFoundError, says
from vocloop.keys import hasher, workspace_cipher
from vocloop_models import (
    AccountOwner,
    Contact,
    Customer,
    Department,
    Message,
    MessageState,
    Note,
    Preference,
    Recipient,
    RecipientKey,
    RecipientKind,
    Topic,
    now,
)
from vocloop_models.bulk import among, stay
from vocloop_models.database import held

Language = Literal["ja", "en"]
# RFC 5321: what any server takes. Headers are made of it, so it holds nothing that ends one.
LONGEST_ADDRESS = 254
_SAFE = r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]"
_ADDRESS = re.compile(f"{_SAFE}{{1,64}}@{_SAFE}+")


@dataclass(frozen=True)
class Wish:
    """By which ways someone wants to hear of a topic."""

    note: bool
    mail: bool


# Being heard happens often: a mail each would teach people to read none.
DEFAULTS = {
    RecipientKind.COLLEAGUE: {
        Topic.HEARD: Wish(note=True, mail=False),
        Topic.DECIDED: Wish(note=True, mail=True),
        Topic.SHIPPED: Wish(note=True, mail=True),
        Topic.REVIEWED: Wish(note=True, mail=True),
        Topic.WEEKLY: Wish(note=False, mail=True),
        Topic.MONTHLY: Wish(note=False, mail=True),
    },
    RecipientKind.CONTACT: {
        topic: Wish(note=False, mail=topic not in (Topic.WEEKLY, Topic.MONTHLY)) for topic in Topic
    },
}


def put_colleague(
    session: Session,
    name: str,
    *,
    recipient_id: uuid.UUID | None = None,
    address: str | None = None,
    language: Language = "ja",
    known_as: Iterable[str] = (),
    department: str | None = None,
    executive: bool = False,
) -> Recipient:
    """Make a colleague known, or replace what is known of ``recipient_id``.

    known_as: how voices name them (mail address, name, id of a tool) besides name and address.
    Raises ConflictError when one of these is another colleague's; InvalidInputError,
    NotFoundError."""
    found = (
        _held(session, recipient_id) if recipient_id else Recipient(kind=RecipientKind.COLLEAGUE)
    )
    if found.kind is not RecipientKind.COLLEAGUE:
        raise ConflictError(says("this is a customer's contact, not a colleague; make a colleague"))
    found.name, found.language, found.executive = name, language, executive
    found.address = _sealed(session, address) if address else None
    found.department_id = _department(session, department) if department else None
    session.add(found)
    session.flush()
    session.exec(delete(RecipientKey).where(col(RecipientKey.recipient_id) == found.id))
    person = hasher(session).person
    for key in sorted({person(each) for each in (name, address, *known_as) if each}):
        holder = session.get(RecipientKey, key)
        if holder is not None:
            raise ConflictError(
                says(
                    "%(name)s can't be told apart: a name or address is another colleague's "
                    "already; take it from them first",
                    name=name,
                )
            )
        session.add(RecipientKey(key=key, recipient_id=found.id))
    session.flush()
    return found


def remove_colleague(session: Session, recipient_id: uuid.UUID) -> str:
    """A colleague leaves: address, names, wishes, notes and messages go with them, and they answer
    for no customer any more. Voices that they handed in stay. Returns their name.

    Raises ConflictError for a customer's contact, NotFoundError."""
    found = _held(session, recipient_id)
    if found.kind is not RecipientKind.COLLEAGUE:
        raise ConflictError(
            says("this is a customer's contact, not a colleague; forget their address")
        )
    name = found.name
    for kind in (RecipientKey, AccountOwner, Preference, Note, Message):
        session.exec(delete(kind).where(col(kind.recipient_id) == recipient_id))
    session.delete(found)
    session.flush()
    return name


def put_contact(
    session: Session, contact_id: uuid.UUID, address: str, *, language: Language = "ja"
) -> Recipient:
    """Keep the mail address that a customer's contact gave to hear back. Another one than before
    says that they want mail again; one at which they stopped it says nothing new, as a list may
    have been read again.

    Raises InvalidInputError without VOCLOOP_ENCRYPTION_KEY, or when the contact is known by
    another address; NotFoundError."""
    # Held: of two who give an address at once, the second finds the first one's.
    contact = session.get(Contact, contact_id, with_for_update={"key_share": True})
    if contact is None:
        raise NotFoundError(f"there is no contact {contact_id}; find it by address first")
    if settings().encryption_key is None:
        raise InvalidInputError(
            says(
                "addresses of customers' contacts are kept encrypted only; set "
                "VOCLOOP_ENCRYPTION_KEY to at least 16 secret characters (docs/notify.md)",
            )
        )
    plain, sealed = _plain(address), _sealed(session, address)
    if contact.address_hash not in (None, hasher(session).hashed(address)):
        reason = says(
            "is not the address that this contact is known by; mend it, or find the other"
        )
        raise InvalidInputError(says("address: %(reason)s", reason=reason), [("address", reason)])
    known = select(Recipient).where(Recipient.contact_id == contact_id)
    found = next((each for each in session.exec(known) if address_of(session, each) == plain), None)
    if found is None:
        _want_again(session, contact_id)
        found = of_contacts(session, [contact_id]).get(contact_id) or Recipient(
            kind=RecipientKind.CONTACT, contact_id=contact_id
        )
    found.address, found.language = sealed, language
    session.add(found)
    session.flush()
    return found


def of_contacts(session: Session, contacts: Collection[uuid.UUID]) -> dict[uuid.UUID, Recipient]:
    """Who hears for each contact that left an address. Where a merge made one person of two that
    had one each: the address at which they want no mail, else the one that was given first, until
    they ask for mail again (``_want_again``)."""
    query = select(Recipient).where(among(session, col(Recipient.contact_id), contacts))
    # The last of a contact is the one that counts.
    order = (
        col(Recipient.stopped_at).is_not(None),
        col(Recipient.address).is_not(None),
        col(Recipient.id).desc(),
    )
    return {
        each.contact_id: each for each in session.exec(query.order_by(*order)) if each.contact_id
    }


def get(session: Session, recipient_id: uuid.UUID) -> Recipient:
    """Raises NotFoundError."""
    found = session.get(Recipient, recipient_id)
    if found is None:
        raise NotFoundError(f"nobody is known by {recipient_id}; GET /api/people lists who is")
    return found


def _held(session: Session, recipient_id: uuid.UUID) -> Recipient:
    """As get(), and nobody else's to change or remove until the transaction ends."""
    return held(session, Recipient, recipient_id) or get(session, recipient_id)


def colleagues(session: Session) -> Sequence[Recipient]:
    return session.exec(
        select(Recipient)
        .where(Recipient.kind == RecipientKind.COLLEAGUE)
        .order_by(Recipient.name, col(Recipient.id))
    ).all()


def address_of(session: Session, recipient: Recipient) -> str | None:
    """None when there is none, or the key that it was encrypted with is another one."""
    if recipient.address is None:
        return None
    try:
        return workspace_cipher(session).decrypt(recipient.address).decode()
    except InvalidToken:
        return None


def set_owners(session: Session, customer_id: uuid.UUID, owners: Sequence[uuid.UUID]) -> None:
    """Say who answers for a customer; nobody when ``owners`` is empty. Raises NotFoundError."""
    if session.get(Customer, customer_id, with_for_update={"key_share": True}) is None:
        raise NotFoundError(f"there is no customer {customer_id}; search for it by name first")
    session.exec(delete(AccountOwner).where(col(AccountOwner.customer_id) == customer_id))
    stay(session, [col(Recipient.id)], {(owner,) for owner in owners})
    for owner in dict.fromkeys(owners):
        if get(session, owner).kind is not RecipientKind.COLLEAGUE:
            raise ConflictError(
                says("%(owner)s is a customer's contact; an owner is a colleague", owner=owner)
            )
        session.add(AccountOwner(customer_id=customer_id, recipient_id=owner))
    session.flush()


def owners(session: Session, customer_id: uuid.UUID) -> list[uuid.UUID]:
    return list(
        session.exec(
            select(AccountOwner.recipient_id)
            .where(AccountOwner.customer_id == customer_id)
            .order_by(col(AccountOwner.id))
        )
    )


def wish(session: Session, recipient: Recipient, topic: Topic) -> Wish:
    said = session.get(Preference, (recipient.id, topic))
    found = Wish(said.note, said.mail) if said else DEFAULTS[recipient.kind][topic]
    return Wish(found.note, mail=found.mail and recipient.stopped_at is None)


def set_wish(session: Session, recipient_id: uuid.UUID, topic: Topic, wanted: Wish) -> None:
    """Raises NotFoundError. Who asks for a mail takes back that they want none at all."""
    recipient = _held(session, recipient_id)
    session.merge(
        Preference(recipient_id=recipient_id, topic=topic, note=wanted.note, mail=wanted.mail)
    )
    if wanted.mail:
        recipient.stopped_at = None
        if recipient.contact_id is not None:
            session.flush()
            _want_again(session, recipient.contact_id)
    else:
        _cancel_waiting(session, recipient_id, topic)
    session.flush()


def stop_all(session: Session, recipient_id: uuid.UUID) -> None:
    """No mail at all any more, also none of what waits. Raises NotFoundError."""
    _held(session, recipient_id).stopped_at = now()
    _cancel_waiting(session, recipient_id, None)
    session.flush()


def forget_contact_address(session: Session, contact_id: uuid.UUID) -> None:
    """The address of a customer's contact goes, and what waits for it is cancelled."""
    for each in session.exec(select(Recipient).where(Recipient.contact_id == contact_id)).all():
        each.address = None
        _cancel_waiting(session, each.id, None)
    session.flush()


def _want_again(session: Session, contact_id: uuid.UUID) -> None:
    """A contact wants mail again, but not at addresses at which they stopped it: a merge may have
    made one person of several."""
    stopped = col(Recipient.stopped_at).is_not(None)
    for each in session.exec(select(Recipient).where(Recipient.contact_id == contact_id, stopped)):
        each.address = each.stopped_at = None
    session.flush()


def _cancel_waiting(session: Session, recipient_id: uuid.UUID, topic: Topic | None) -> None:
    waiting = select(Message).where(
        Message.recipient_id == recipient_id, Message.state == MessageState.WAITING
    )
    if topic is not None:
        waiting = waiting.where(Message.topic == topic)
    for message in session.exec(waiting).all():
        message.state, message.ended_at = MessageState.CANCELLED, now()


def _department(session: Session, key: str) -> uuid.UUID:
    found = session.exec(select(Department.id).where(Department.key == key)).first()
    if found is None:
        reason = says("there is no department '%(key)s'; choose one of the list", key=key)
        raise InvalidInputError(
            says("department: %(reason)s", reason=reason), [("department", reason)]
        )
    return found


def _plain(address: str) -> str:
    """Raises InvalidInputError."""
    plain = unicodedata.normalize("NFKC", address).strip()
    if len(plain) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(plain):
        reason = says("is no mail address; write one such as name@company.example, alone")
        raise InvalidInputError(says("address: %(reason)s", reason=reason), [("address", reason)])
    return plain


def _sealed(session: Session, address: str) -> bytes:
    """Raises InvalidInputError."""
    return workspace_cipher(session).encrypt(_plain(address).encode())
