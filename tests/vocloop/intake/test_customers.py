"""Which company a row means; two that may be one are suggested, never merged by themselves."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from vocloop.errors import ConflictError
from vocloop.intake import merges
from vocloop.intake.customers import upsert_customers
from vocloop.intake.records import CustomerIn, FeedbackIn, checked
from vocloop.intake.removal import remove_feedback
from vocloop.intake.store import store
from vocloop_models import (
    Contact,
    Customer,
    CustomerMerge,
    Feedback,
    MergeReason,
    MergeState,
    TouchTier,
)


def say(session: Session, text: str = "slow", **values: Any) -> Feedback:
    row = checked(FeedbackIn, {"text": text, "source": "desk"} | values)
    return session.get_one(Feedback, store(session, row).feedback_id)


def names(session: Session) -> list[str]:
    return sorted(session.exec(select(Customer.name)).all())


def test_the_domain_of_an_address_tells_the_company(session: Session) -> None:
    known = say(session, "a", customer="ミナモ", email="taro@minamo.example")
    same = say(session, "b", email="hanako@mail.example")
    by_domain = say(session, "c", email="hanako@minamo.example")
    assert by_domain.customer_id == known.customer_id != same.customer_id
    assert names(session) == ["mail.example", "ミナモ"]


@pytest.mark.parametrize("address", ["taro@gmail.com", "taro@docomo.ne.jp"])
def test_everyones_mail_services_tell_no_company(session: Session, address: str) -> None:
    assert say(session, email=address).customer_id is None


def test_a_person_without_a_known_company_is_one_contact_too(session: Session) -> None:
    said = [say(session, text, email="taro@gmail.com") for text in ("a", "b")]
    other = say(session, "c", source="shop", contact="u7")
    assert said[0].contact_id == said[1].contact_id != other.contact_id is not None
    assert set(session.exec(select(Contact.customer_id))) == {None}


def test_an_external_id_comes_before_the_domain_and_that_before_the_name(session: Session) -> None:
    upsert_customers(
        session,
        [
            CustomerIn(external_id="C1", name="ミナモ", domain="minamo.example"),
            CustomerIn(external_id="C2", name="ミナモ商事"),
        ],
    )
    one, two = (
        session.exec(select(Customer.id).where(Customer.external_id == each)).one()
        for each in ("C1", "C2")
    )
    both = say(session, "a", customer={"external_id": "C2"}, email="x@minamo.example")
    assert both.customer_id == two
    assert say(session, "b", customer="ミナモ商事", email="x@minamo.example").customer_id == one
    assert say(session, "c", customer="㈱ミナモ商事").customer_id == two


def test_one_person_of_two_sources_is_one_contact(session: Session) -> None:
    ticket = say(session, "a", customer="ミナモ", contact="4711", email="Taro@minamo.example")
    answer = say(session, "b", source="survey", email="taro@minamo.example")
    assert ticket.contact_id == answer.contact_id is not None
    [contact] = session.exec(select(Contact)).all()
    assert contact.external_id == "4711"
    assert "taro" not in str(contact.address_hash)


def test_who_was_known_by_address_keeps_the_row_when_an_id_comes(session: Session) -> None:
    first = say(session, "a", email="taro@minamo.example")
    then = say(session, "b", contact="4711", email="taro@minamo.example")
    assert first.contact_id == then.contact_id


def pair(session: Session) -> CustomerMerge:
    rows = [
        CustomerIn(external_id="C1", name="株式会社ミナモ", plan="Pro"),
        CustomerIn(external_id="C2", name="ミナモ", plan="Free", region="関東", touch_tier="low"),
    ]
    upsert_customers(session, rows)
    for each in ("C1", "C2"):
        say(session, each, customer={"external_id": each}, contact="p1")
    assert merges.refresh_suggestions(session) == 1
    [found] = merges.suggestions(session)
    assert found.merge.reason is MergeReason.SAME_NAME
    return found.merge


def state(session: Session) -> list[Any]:
    session.expire_all()
    customers = session.exec(select(Customer).order_by(Customer.external_id)).all()
    contacts = session.exec(select(Contact).order_by(Contact.id)).all()
    said = session.exec(select(Feedback).order_by(Feedback.id)).all()
    return [each.model_dump() for each in (*customers, *contacts, *said)]


def test_a_merge_moves_everything_and_its_undo_brings_everything_back(session: Session) -> None:
    merge = pair(session)
    before = state(session)
    merges.accept(session, merge.id)
    [kept] = session.exec(select(Customer)).all()
    assert (kept.plan, kept.region, kept.touch_tier) == ("Pro", "関東", TouchTier.LOW)
    assert set(session.exec(select(Feedback.customer_id))) == {kept.id}
    assert len(session.exec(select(Contact)).all()) == 1
    later = say(session, "later", customer={"external_id": "C2"})
    assert later.customer_id == kept.id
    remove_feedback(session, [later.id])
    merges.undo(session, merge.id)
    assert state(session) == before
    assert say(session, "after", customer={"external_id": "C2"}).customer_id == merge.other_id


def test_what_people_changed_after_a_merge_survives_its_undo(session: Session) -> None:
    merge = pair(session)
    merges.accept(session, merge.id)
    [kept] = session.exec(select(Customer)).all()
    kept.region = "関西"
    merges.undo(session, merge.id)
    assert session.get_one(Customer, kept.id).region == "関西"
    other = session.get_one(Customer, merge.other_id)
    assert (other.region, other.touch_tier) == ("関東", TouchTier.LOW)
    assert session.get_one(Customer, kept.id).touch_tier is None


def test_a_dismissed_pair_is_not_suggested_again(session: Session) -> None:
    merge = pair(session)
    merges.dismiss(session, merge.id)
    assert merges.refresh_suggestions(session) == 0
    assert merges.suggestions(session) == []
    assert merges.undo(session, merge.id).state is MergeState.OPEN


def test_branches_and_domains_are_suggested_too(session: Session) -> None:
    say(session, "a", customer="アクメ")
    say(session, "b", customer="アクメ大阪支店")
    say(session, "c", customer="Blue Harbor", email="x@blue.example")
    say(session, "d", customer={"external_id": "B9", "name": "blueharbor"})
    say(session, "e", customer="無関係")
    merges.refresh_suggestions(session)
    found = {
        (each.kept.name, each.other.name, each.merge.reason)
        for each in merges.suggestions(session)
        if each.kept and each.other
    }
    assert found == {("アクメ", "アクメ大阪支店", MergeReason.SIMILAR_NAME)}


def test_a_merged_pair_can_not_be_dismissed(engine: Engine, session: Session) -> None:
    merge = pair(session)
    merges.accept(session, merge.id)
    with pytest.raises(ConflictError, match="undo that first"):
        merges.dismiss(session, merge.id)
