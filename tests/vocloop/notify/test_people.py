"""Who hears: when two say so at the same moment, and when somebody wants to no more."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.meanwhile import at_once
from tests.receivers import Mailbox
from tests.vocloop.notify.story import mail_of, tell
from vocloop.errors import NotFoundError
from vocloop.keys import hasher
from vocloop.notify import people
from vocloop_models import AccountOwner, Contact, Customer, Recipient, RecipientKind, Topic, now
from vocloop_models.database import reading, transaction


def test_an_address_that_is_given_twice_at_once_is_kept_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOCLOOP_ENCRYPTION_KEY", "a key of the tests, long enough")
    with transaction(engine) as session:
        hasher(session)
        contact = Contact(external_id="c1")
        session.add(contact)

    def give(session: Session) -> None:
        people.put_contact(session, contact.id, "taro@minamo.example")

    assert at_once(engine, give, give) is None
    with reading(engine) as session:
        assert len(session.exec(select(Recipient)).all()) == 1


def test_an_owner_that_is_named_twice_at_once_is_named_once(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = Customer(name="ミナモ")
        session.add(customer)
        owner = people.put_colleague(session, "Mori")

    def name(session: Session) -> None:
        people.set_owners(session, customer.id, [owner.id])

    assert at_once(engine, name, name) is None
    with reading(engine) as session:
        assert len(session.exec(select(AccountOwner)).all()) == 1


OLD = ("old@minamo.example", "older@minamo.example")


@pytest.fixture
def one_of_two(session: Session, monkeypatch: pytest.MonkeyPatch) -> list[Recipient]:
    """The addresses of two contacts that a merge made one person."""
    monkeypatch.setenv("VOCLOOP_ENCRYPTION_KEY", "a key of the tests, long enough")
    contact = Contact(external_id="taro-7")
    session.add(contact)
    rows = [
        Recipient(
            kind=RecipientKind.CONTACT,
            contact_id=contact.id,
            address=people._sealed(session, address),
        )
        for address in OLD
    ]
    session.add_all(rows)
    session.flush()
    return rows


def heard_at(session: Session, row: Recipient) -> str | None:
    """Where the person hears; None where they get no mail."""
    assert row.contact_id is not None
    heard = people.of_contacts(session, [row.contact_id])[row.contact_id]
    wanted = people.wish(session, heard, Topic.SHIPPED).mail
    return people.address_of(session, heard) if wanted else None


@pytest.mark.parametrize("stopped", [(), (0,), (1,), (0, 1)])
def test_an_address_that_one_person_of_two_gives_is_where_they_hear(
    session: Session, one_of_two: list[Recipient], stopped: tuple[int, ...]
) -> None:
    for each in stopped:
        people.stop_all(session, one_of_two[each].id)
    assert heard_at(session, one_of_two[0]) == (None if stopped else OLD[0])
    assert one_of_two[0].contact_id is not None
    people.put_contact(session, one_of_two[0].contact_id, "new@minamo.example")
    assert heard_at(session, one_of_two[0]) == "new@minamo.example"


@pytest.mark.parametrize("asking", [0, 1])
@pytest.mark.parametrize("stopped", [(0,), (1,), (0, 1)])
def test_who_asks_for_mail_again_is_not_written_to_where_they_stopped_it(
    session: Session, one_of_two: list[Recipient], asking: int, stopped: tuple[int, ...]
) -> None:
    for each in stopped:
        people.stop_all(session, one_of_two[each].id)
    wanted = people.Wish(note=False, mail=True)
    people.set_wish(session, one_of_two[asking].id, Topic.SHIPPED, wanted)
    first_is_free = 0 not in stopped
    assert heard_at(session, one_of_two[0]) == OLD[0 if first_is_free else asking]


@pytest.mark.parametrize("again", [0, 1])
def test_a_list_that_is_read_again_gives_no_address_anew(
    session: Session, one_of_two: list[Recipient], again: int
) -> None:
    people.stop_all(session, one_of_two[1].id)
    assert one_of_two[0].contact_id is not None
    people.put_contact(session, one_of_two[0].contact_id, OLD[again])
    assert heard_at(session, one_of_two[0]) is None


def test_who_stopped_mail_hears_nothing_by_a_merge_alone(
    session: Session, one_of_two: list[Recipient]
) -> None:
    one_of_two[1].address, one_of_two[1].stopped_at = None, now()
    session.flush()
    assert heard_at(session, one_of_two[0]) is None


ASKED: dict[str, Callable[[Session, uuid.UUID, uuid.UUID], object]] = {
    "a wish": lambda session, who, _: people.set_wish(
        session, who, Topic.SHIPPED, people.Wish(note=True, mail=True)
    ),
    "no mail": lambda session, who, _: people.stop_all(session, who),
    "another name": lambda session, who, _: people.put_colleague(
        session, "Ito", recipient_id=who, address="ito@vendor.example"
    ),
    "to answer": lambda session, who, customer: people.set_owners(session, customer, [who]),
    "to go": lambda session, who, _: people.remove_colleague(session, who),
}


@pytest.mark.parametrize("asked", ASKED)
def test_what_is_said_of_a_colleague_who_is_removed_at_this_moment_is_not_kept(
    engine: Engine, asked: str
) -> None:
    with transaction(engine) as session:
        who = people.put_colleague(session, "Sato").id
        customer = Customer(name="ミナモ")
        session.add(customer)
        session.flush()
    error = at_once(
        engine,
        lambda session: people.remove_colleague(session, who),
        lambda session: ASKED[asked](session, who, customer.id),
    )
    assert isinstance(error, NotFoundError)


def test_who_stopped_all_mail_is_not_written_to_because_a_list_is_read_again(
    engine: Engine, mailbox: Mailbox
) -> None:
    story = tell(engine)
    contact = story.contacts["low"]
    with transaction(engine) as session:
        [recipient] = people.of_contacts(session, [contact]).values()
        people.stop_all(session, recipient.id)
        people.put_contact(session, contact, mail_of("low"))
        assert not people.wish(session, recipient, Topic.DECIDED).mail
        people.forget_contact_address(session, contact)
        people.put_contact(session, contact, mail_of("low"))
        assert people.wish(session, recipient, Topic.DECIDED).mail, "given anew, to hear again"
