"""What a directory remembers from one batch to the next may be merged or forgotten in between."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.meanwhile import Step, at_once
from vocloop.intake import merges
from vocloop.intake.directory import Directory
from vocloop.intake.erasure import find_contacts, forget_contact, forget_customer
from vocloop.intake.records import FeedbackIn, checked
from vocloop.intake.store import store_many
from vocloop_models import Contact, Customer, Feedback
from vocloop_models.database import reading, transaction

BRANCH = "ミナモ本社"
MAIL = "taro@minamo.example"


def saying(number: int, directory: Directory | None = None) -> Step:
    """Two voices: a person's at the branch, and one of the head company."""
    told = {"source": "desk", "customer": BRANCH, "email": MAIL}
    rows = [
        checked(FeedbackIn, told | {"text": f"slow {number}"}),
        checked(FeedbackIn, {"source": "desk", "customer": "ミナモ", "text": f"late {number}"}),
    ]
    return lambda session: store_many(session, rows, directory=directory)


def customer(session: Session, name: str = BRANCH) -> uuid.UUID:
    return session.exec(select(Customer.id).where(Customer.name == name)).one()


def merged(session: Session) -> uuid.UUID:
    merge = merges.suggest_pair(session, customer(session), customer(session, "ミナモ")).id
    merges.accept(session, merge)
    return merge


def taken_apart(session: Session) -> None:
    merges.undo(session, merged(session))


def person_forgotten(session: Session) -> None:
    [contact] = find_contacts(session, MAIL)
    forget_contact(session, contact.id)


def customer_forgotten(session: Session) -> None:
    forget_customer(session, customer(session))


HAPPENINGS = (merged, taken_apart, person_forgotten, customer_forgotten)


@pytest.mark.parametrize("happens", HAPPENINGS)
@pytest.mark.parametrize("at_the_same_moment", [False, True])
def test_voices_belong_to_who_is_there_whatever_happened_between_two_batches(
    engine: Engine, *, happens: Callable[[Session], object], at_the_same_moment: bool
) -> None:
    directory = Directory()
    with transaction(engine) as session:
        saying(1, directory)(session)
    if at_the_same_moment:
        assert at_once(engine, happens, saying(2, directory)) is None
    else:
        for step in (happens, saying(2, directory)):
            with transaction(engine) as session:
                step(session)
    with reading(engine) as session:
        new = session.exec(select(Feedback).where(Feedback.text == "slow 2")).one()
        [contact] = session.exec(select(Contact)).all()
        assert (new.contact_id, new.customer_id) == (contact.id, contact.customer_id)
        assert session.exec(select(Feedback).where(Feedback.text == "late 2")).one().customer_id
