"""Two writers of customers and voices at the same moment: both count, nothing is doubled."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.meanwhile import Step, at_once
from vocloop.accounts import restricted, users
from vocloop.errors import ConflictError, NotFoundError
from vocloop.intake import customer_list, merges
from vocloop.intake.customers import upsert_customers
from vocloop.intake.erasure import forget_customer
from vocloop.intake.privacy import privacy
from vocloop.intake.records import CustomerIn, FeedbackIn, checked
from vocloop.intake.removal import remove_feedback
from vocloop.intake.sources import set_policy, sources
from vocloop.intake.store import store, store_many
from vocloop_models import Customer, CustomerAlias, CustomerMerge, Feedback, Role
from vocloop_models.database import reading, transaction


@pytest.fixture(autouse=True)
def _key(engine: Engine) -> None:
    """The workspace's key is there: else whoever is second waits for that, before it looks."""
    with transaction(engine) as session:
        privacy(session)


def saying(text: str, **values: Any) -> Step:
    row = checked(FeedbackIn, {"text": text, "source": "desk"} | values)
    return lambda session: store(session, row)


def customers(session: Session) -> set[object]:
    return set(session.exec(select(Feedback.customer_id)))


def test_a_company_that_two_first_name_by_its_domain_is_one(engine: Engine) -> None:
    one = saying("slow", customer="ミナモ", email="taro@minamo.example")
    other = saying("it stops", email="hanako@minamo.example")
    assert at_once(engine, one, other) is None
    with reading(engine) as session:
        assert list(session.exec(select(Customer.name))) == ["ミナモ"]
        assert len(customers(session)) == 1


def test_a_pair_that_two_accept_at_once_can_be_taken_apart_again(engine: Engine) -> None:
    with transaction(engine) as session:
        voices = [
            store(session, checked(FeedbackIn, {"text": name, "source": "desk", "customer": name}))
            for name in ("ミナモ", "ミナモ本社")
        ]
        pair = [session.get_one(Feedback, each.feedback_id).customer_id for each in voices]
        merge = merges.suggest_pair(session, *(each for each in pair if each)).id

    def accept(session: Session) -> None:
        merges.accept(session, merge)

    assert at_once(engine, accept, accept) is None
    with transaction(engine) as session:
        merges.undo(session, merge)
    with reading(engine) as session:
        assert not session.exec(select(CustomerAlias)).all()
        assert [session.get_one(Feedback, each.feedback_id).customer_id for each in voices] == pair


def test_a_pair_that_two_decide_on_otherwise_at_once_is_what_the_first_said(engine: Engine) -> None:
    with transaction(engine) as session:
        upsert_customers(session, [CustomerIn(name="ミナモ"), CustomerIn(name="ミナモ本社")])
        merges.refresh_suggestions(session)
        [merge] = session.exec(select(CustomerMerge.id))
    refused = at_once(
        engine,
        lambda session: merges.accept(session, merge),
        lambda session: merges.dismiss(session, merge),
    )
    assert isinstance(refused, ConflictError)


@pytest.mark.parametrize("by_hand", [False, True])
def test_pairs_that_two_look_for_at_once_are_suggested_once(
    engine: Engine, *, by_hand: bool
) -> None:
    with transaction(engine) as session:
        upsert_customers(session, [CustomerIn(name="ミナモ"), CustomerIn(name="ミナモ本社")])
        pair = session.exec(select(Customer.id)).all()

    def look(session: Session) -> None:
        if by_hand:
            merges.suggest_pair(session, pair[0], pair[1])
        else:
            merges.refresh_suggestions(session)

    assert at_once(engine, look, look) is None
    with reading(engine) as session:
        assert len(session.exec(select(CustomerMerge)).all()) == 1


def test_a_voice_that_comes_while_its_customer_is_merged_goes_along(engine: Engine) -> None:
    with transaction(engine) as session:
        upsert_customers(session, [CustomerIn(name="ミナモ"), CustomerIn(name="ミナモ本社")])
        merges.refresh_suggestions(session)
        [merge] = session.exec(select(CustomerMerge.id))

    def accept(session: Session) -> None:
        merges.accept(session, merge)

    assert at_once(engine, saying("slow", customer="ミナモ本社"), accept) is None
    with reading(engine) as session:
        assert customers(session) == set(session.exec(select(Customer.id)))


def test_of_two_policies_of_a_source_said_at_once_the_second_holds(engine: Engine) -> None:
    say = [
        lambda session, days=days: set_policy(
            session, "desk", personal_data=None, retention_days=days
        )
        for days in (30, 60)
    ]
    assert at_once(engine, *say) is None
    with reading(engine) as session:
        assert [each.retention_days for each in sources(session)] == [60]


def test_of_two_who_say_at_once_who_may_see_a_customer_the_second_is_heard(engine: Engine) -> None:
    with transaction(engine) as session:
        for name in ("sato", "suzuki"):
            users.add(session, name, name, [Role.AGENT])
        customer = Customer(name="ミナモ")
        session.add(customer)
        session.flush()
        restricted.restrict(session, customer.id, [])
    sees = [
        lambda session, name=name: restricted.restrict(session, customer.id, [name])
        for name in ("sato", "suzuki")
    ]
    assert at_once(engine, *sees) is None
    with reading(engine) as session:
        assert [each.login for each in restricted.named_for(session, customer.id)] == ["suzuki"]
    assert at_once(engine, sees[0], sees[0]) is None


def test_segments_that_two_tell_at_once_of_a_customer_are_both_kept(engine: Engine) -> None:
    with transaction(engine) as session:
        upsert_customers(session, [CustomerIn(name="ミナモ", segments={"業態": "飲食"})])
    tell = [
        lambda session, told=told: upsert_customers(
            session, [CustomerIn(name="ミナモ", segments=told)]
        )
        for told in ({"店舗": "10"}, {"地域": "関東"})
    ]
    assert at_once(engine, *tell) is None
    with reading(engine) as session:
        kept = session.exec(select(Customer.segments)).one()
    assert kept == {"業態": "飲食", "店舗": "10", "地域": "関東"}


@pytest.mark.parametrize("first_goes", [True, False])
def test_a_voice_repeats_none_that_is_removed_at_this_moment(
    engine: Engine, *, first_goes: bool
) -> None:
    said = {"text": "The export stops at 99 %.", "customer": "ミナモ", "contact": "taro"}
    with transaction(engine) as session:
        stored = saying(**said, external_id="1")(session).feedback_id

    def remove(session: Session) -> None:
        remove_feedback(session, [stored])

    steps = (remove, saying(**said, external_id="2"))
    assert at_once(engine, *(steps if first_goes else steps[::-1])) is None
    with reading(engine) as session:
        assert session.exec(select(Feedback.external_id, Feedback.repeats_id)).all() == [
            ("2", None)
        ]


def test_a_customer_that_is_forgotten_just_as_somebody_changes_it_is_not_there(
    engine: Engine,
) -> None:
    with transaction(engine) as session:
        upsert_customers(session, [CustomerIn(name="ミナモ")])
        customer = session.exec(select(Customer.id)).one()
    error = at_once(
        engine,
        lambda session: forget_customer(session, customer),
        lambda session: customer_list.change(session, customer, {"industry": "IT"}),
    )
    assert isinstance(error, NotFoundError)


def test_what_repeats_a_voice_that_somebody_else_stores_first_repeats_that_one(
    engine: Engine,
) -> None:
    said = {"text": "The export stops at 99 %.", "source": "desk", "customer": "ミナモ"}
    rows = [
        checked(FeedbackIn, said | {"contact": "taro", "external_id": each}) for each in ("1", "2")
    ]
    with transaction(engine) as session:
        store(session, checked(FeedbackIn, said | {"text": "Before", "contact": "taro"}))
    error = at_once(
        engine, lambda session: store(session, rows[0]), lambda session: store_many(session, rows)
    )
    assert error is None
    with reading(engine) as session:
        kept = dict(session.exec(select(Feedback.external_id, Feedback.id)).all())
        [voice] = session.exec(select(Feedback).where(Feedback.external_id == "2"))
    assert voice.repeats_id == kept["1"]
