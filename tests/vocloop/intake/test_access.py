"""A merge shows a restricted customer to nobody who could not see it before."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from tests.api.records import add_customer
from vocloop.accounts import restricted, users
from vocloop.intake import merges
from vocloop_models import AuditAction, AuditEntry, Customer, CustomerMerge, Role

EVERYONE = None


@pytest.fixture(autouse=True)
def people(session: Session) -> None:
    for name in ("ito", "sato", "tanaka"):
        users.add(session, name, name, [Role.AGENT])


def pair(
    session: Session, kept: list[str] | None, other: list[str] | None
) -> tuple[CustomerMerge, Customer]:
    made = [add_customer(session, name) for name in ("ミナモ", "ミナモ商事")]
    for customer, named in zip(made, (kept, other), strict=True):
        if named is not None:
            restricted.restrict(session, customer.id, named)
    return merges.suggest_pair(session, made[0].id, made[1].id), made[0]


def who(session: Session, customer: Customer) -> list[str] | None:
    session.refresh(customer)
    if not customer.restricted:
        return EVERYONE
    return [each.login for each in restricted.named_for(session, customer.id)]


@pytest.mark.parametrize(
    ("kept", "other", "both"),
    [
        (EVERYONE, EVERYONE, EVERYONE),
        (EVERYONE, ["sato"], ["sato"]),
        (["sato"], EVERYONE, ["sato"]),
        (["ito", "sato"], ["sato", "tanaka"], ["sato"]),
        (["ito"], ["sato"], []),
    ],
)
def test_only_who_may_see_both_sees_them_as_one_and_an_undo_gives_each_its_own_again(
    session: Session, kept: list[str] | None, other: list[str] | None, both: list[str] | None
) -> None:
    merge, customer = pair(session, kept, other)
    merges.accept(session, merge.id)
    assert who(session, customer) == both
    merges.undo(session, merge.id)
    assert who(session, customer) == kept
    assert who(session, session.get_one(Customer, merge.other_id)) == other


def test_what_was_said_of_the_one_since_holds_for_both(session: Session) -> None:
    merge, customer = pair(session, EVERYONE, ["sato"])
    merges.accept(session, merge.id)
    restricted.restrict(session, customer.id, ["tanaka"])
    merges.undo(session, merge.id)
    assert who(session, customer) == ["tanaka"]
    assert who(session, session.get_one(Customer, merge.other_id)) == ["tanaka"]


def test_the_audit_log_tells_that_a_merge_restricted_a_customer(session: Session) -> None:
    merge, customer = pair(session, EVERYONE, ["sato"])
    before = len(entries(session))
    merges.accept(session, merge.id)
    [entry] = entries(session)[before:]
    assert entry.detail == {
        "customer": str(customer.id),
        "restricted": True,
        "to": ["sato"],
        "merge": str(merge.id),
    }


def entries(session: Session) -> list[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.action == AuditAction.RESTRICTED_CUSTOMER)
    return list(session.exec(query.order_by(AuditEntry.id)))  # type: ignore[arg-type]
