"""Who hears: when two say so at the same moment, and when somebody wants to no more."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.meanwhile import at_once
from tests.receivers import Mailbox
from tests.vocloop.notify.story import mail_of, tell
from vocloop.keys import hasher
from vocloop.notify import people
from vocloop_models import AccountOwner, Contact, Customer, Recipient, Topic
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
