"""Champions: who drives the use of the product at a customer, from when until when."""

from __future__ import annotations

import uuid

from sqlmodel import Session, col, select

from vocloop.errors import ConflictError, NotFoundError, says
from vocloop_models import ChampionSpell, Contact, now
from vocloop_models.database import held


def sync(session: Session) -> int:
    """Bring spells in step with what contacts say of themselves, after an import for example; how
    many began or ended."""
    changed = 0
    champions = {
        contact.id: contact
        for contact in session.exec(select(Contact).where(col(Contact.champion)))
        if contact.customer_id is not None
    }
    for spell in session.exec(select(ChampionSpell).where(col(ChampionSpell.until).is_(None))):
        contact = champions.pop(spell.contact_id, None) if spell.contact_id else None
        if contact is None:
            spell.until = now()
            changed += 1
        elif contact.customer_id is not None:
            spell.customer_id = contact.customer_id
    for contact in champions.values():
        if contact.customer_id is not None:
            session.add(ChampionSpell(customer_id=contact.customer_id, contact_id=contact.id))
            changed += 1
    session.flush()
    return changed


def appoint(session: Session, contact_id: uuid.UUID, by: str | None = None) -> ChampionSpell:
    """This contact is a champion from now on. Raises ConflictError for one without a customer."""
    contact = _contact(session, contact_id)
    if contact.customer_id is None:
        raise ConflictError(says("the contact belongs to no customer; say which one first"))
    found = _open(session, contact_id)
    if found is not None:
        return found
    contact.champion = True
    made = ChampionSpell(customer_id=contact.customer_id, contact_id=contact_id, by=by)
    session.add(made)
    session.flush()
    return made


def release(
    session: Session, contact_id: uuid.UUID, reason: str | None = None, by: str | None = None
) -> None:
    """This contact is a champion no more: moved, left, lost interest."""
    contact = _contact(session, contact_id)
    contact.champion = False
    found = _open(session, contact_id)
    if found is not None:
        found.until, found.reason, found.by = now(), reason, by
    session.flush()


def of_customer(session: Session, customer_id: uuid.UUID) -> list[ChampionSpell]:
    """Newest first."""
    return list(
        session.exec(
            select(ChampionSpell)
            .where(ChampionSpell.customer_id == customer_id)
            .order_by(col(ChampionSpell.id).desc())
        )
    )


def _open(session: Session, contact_id: uuid.UUID) -> ChampionSpell | None:
    return session.exec(
        select(ChampionSpell).where(
            ChampionSpell.contact_id == contact_id, col(ChampionSpell.until).is_(None)
        )
    ).first()


def _contact(session: Session, contact_id: uuid.UUID) -> Contact:
    found = held(session, Contact, contact_id)
    if found is None:
        raise NotFoundError(f"there is no contact {contact_id}; it may have been forgotten")
    return found
