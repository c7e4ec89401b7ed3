"""Who hears what became of voices: colleagues, owners of accounts, contacts who asked for it."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from vocloop.notify import hearing, notes, people
from vocloop_api.dependencies import ReadSession, WriteSession
from vocloop_api.errors import ON_CONFLICT
from vocloop_api.notify_schemas import (
    AddressIn,
    ColleagueIn,
    NoteRow,
    OwnersAnswer,
    OwnersIn,
    PersonRow,
    WishIn,
    WishRow,
    WordsIn,
    WordsRow,
)
from vocloop_models import Topic

router = APIRouter(
    tags=["notifications"],
    responses=ON_CONFLICT,
)


@router.get("/people")
def list_people(session: ReadSession) -> list[PersonRow]:
    """Colleagues who hear what becomes of voices."""
    return [PersonRow.of(each) for each in people.colleagues(session)]


@router.post("/people", status_code=201)
def add_person(session: WriteSession, row: ColleagueIn) -> PersonRow:
    """Make a colleague known: from now on they hear of voices they hand in."""
    return PersonRow.of(people.put_colleague(session, **row.model_dump()))


@router.put("/people/{person_id}")
def replace_person(session: WriteSession, person_id: uuid.UUID, row: ColleagueIn) -> PersonRow:
    """Replace what is known of a colleague; an address that is left out is forgotten."""
    made = people.put_colleague(session, recipient_id=person_id, **row.model_dump())
    return PersonRow.of(made)


@router.delete("/people/{person_id}", status_code=204)
def remove_person(session: WriteSession, person_id: uuid.UUID) -> None:
    """Remove a colleague, with address, notes and what waits for them; their voices stay."""
    people.remove_colleague(session, person_id)


@router.get("/people/{person_id}/preferences")
def read_preferences(session: ReadSession, person_id: uuid.UUID) -> list[WishRow]:
    """By which ways someone hears of each topic."""
    person = people.get(session, person_id)
    return [WishRow(topic=t, **vars(people.wish(session, person, t))) for t in Topic]


@router.put("/people/{person_id}/preferences/{topic}")
def set_preference(
    session: WriteSession, person_id: uuid.UUID, topic: Topic, row: WishIn
) -> list[WishRow]:
    """Say by which ways someone wants to hear of a topic."""
    people.set_wish(session, person_id, topic, row.wish())
    return read_preferences(session, person_id)


@router.get("/people/{person_id}/notes")
def list_notes(
    session: ReadSession,
    person_id: uuid.UUID,
    *,
    unread: bool = False,
    tasks: bool = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[NoteRow]:
    """Notes of someone, newest first; `tasks`: only what is still to be told to customers."""
    found = notes.listed(session, person_id, unread=unread, tasks=tasks, limit=limit)
    return [NoteRow.of(note, told) for note, told in found]


@router.post("/notes/{note_id}:read")
def mark_read(session: WriteSession, note_id: uuid.UUID, *, read: bool = True) -> NoteRow:
    """Mark a note as read, or unread again."""
    return NoteRow.of(*notes.mark_read(session, note_id, read=read))


@router.post("/notes/{note_id}:done")
def mark_done(session: WriteSession, note_id: uuid.UUID, *, done: bool = True) -> NoteRow:
    """Say that a customer was told, or take it back."""
    return NoteRow.of(*notes.mark_done(session, note_id, done=done))


@router.get("/customers/{customer_id}/owners")
def read_owners(session: ReadSession, customer_id: uuid.UUID) -> OwnersAnswer:
    """Who answers for a customer."""
    return OwnersAnswer(owners=people.owners(session, customer_id))


@router.put("/customers/{customer_id}/owners")
def set_owners(session: WriteSession, customer_id: uuid.UUID, row: OwnersIn) -> OwnersAnswer:
    """Say who answers for a customer."""
    people.set_owners(session, customer_id, row.owners)
    return read_owners(session, customer_id)


@router.put("/contacts/{contact_id}/address", status_code=204)
def keep_address(session: WriteSession, contact_id: uuid.UUID, row: AddressIn) -> None:
    """Keep, encrypted, the mail address that a customer's contact gave to hear back."""
    people.put_contact(session, contact_id, row.address, language=row.language)


@router.delete("/contacts/{contact_id}/address", status_code=204)
def forget_address(session: WriteSession, contact_id: uuid.UUID) -> None:
    """Forget the address of a contact, and cancel what waits for it."""
    people.forget_contact_address(session, contact_id)


@router.get("/backlog/{item_id}/customer-words")
def list_customer_words(session: ReadSession, item_id: uuid.UUID) -> list[WordsRow]:
    """What was written for customers of an item, newest first."""
    return [WordsRow.of(each) for each in hearing.words(session, item_id)]


@router.post("/backlog/{item_id}/customer-words", status_code=201)
def write_customer_words(session: WriteSession, item_id: uuid.UUID, row: WordsIn) -> list[WordsRow]:
    """Write what customers are told when an item is decided, shipped or reviewed.

    Without such words no customer is written to. If it has happened already, they are told now."""
    kept = hearing.write_words(session, item_id, row.topic, row.texts(), row.by)
    return [WordsRow.of(each) for each in kept]
