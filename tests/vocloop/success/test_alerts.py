"""Alerts come from the data, once each, and go when their cause is gone."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.api.records import add_customer, add_theme, keep, say
from tests.meanwhile import Step, at_once
from tests.vocloop.success.test_ratings import rate
from vocloop.errors import ConflictError, InvalidInputError
from vocloop.success import alerts, champions
from vocloop_models import (
    Alert,
    AlertKind,
    AlertState,
    BacklogItem,
    Contact,
    Customer,
    ItemState,
    ItemTheme,
    RatingScale,
)
from vocloop_models.database import reading, transaction

NOW = dt.datetime(2026, 11, 20, 3, tzinfo=dt.UTC)


def days(count: float) -> dt.timedelta:
    return dt.timedelta(days=count)


def standing(session: Session, at: dt.datetime = NOW) -> list[tuple[Alert, Customer]]:
    alerts.sweep(session, at)
    return alerts.listed(session)


@pytest.fixture
def renewing(session: Session) -> Customer:
    """A renewal in 30 days, and a severe theme of ten days ago."""
    customer = add_customer(session, "Minamo")
    customer.renewal_on = NOW.date() + days(30)
    customer.arr = 5_000_000
    severe = add_theme(session, "Exports stop", severity=0.8)
    mild = add_theme(session, "Colours", severity=0.2)
    for theme in (severe, severe, mild):
        say(session, theme=theme, customer=customer, said_at=NOW - days(10))
    return customer


def test_a_renewal_with_severe_open_themes_is_told_once_with_its_evidence(
    session: Session, renewing: Customer
) -> None:
    ((alert, customer),) = standing(session)
    assert (alert.kind, customer.id) == (AlertKind.RENEWAL_AT_RISK, renewing.id)
    (line,) = alert.evidence["themes"]
    assert (line["severity"], line["statements"], line["items"]) == (0.8, 2, [])
    assert alert.evidence["renewal_on"] == "2026-12-20"
    assert alerts.sweep(session, NOW) == 0
    assert [each.id for each, _ in alerts.listed(session)] == [alert.id]


def test_it_closes_by_itself_when_the_theme_is_solved_and_comes_back_with_it(
    session: Session, renewing: Customer
) -> None:
    ((alert, _),) = standing(session)
    theme = alert.evidence["themes"][0]["theme"]
    item = BacklogItem(number=1, title="x", state=ItemState.SHIPPED, shipped_at=NOW - days(1))
    keep(session, item)
    keep(session, ItemTheme(item_id=item.id, theme_id=uuid.UUID(theme)))
    assert standing(session) == []
    assert (alert.state, alert.closed_by, alert.reason) == (AlertState.CLOSED, None, alerts.GONE)
    item.state = ItemState.REOPENED
    session.flush()
    ((again, _),) = standing(session)
    assert again.id != alert.id
    assert again.evidence["themes"][0]["items"] == [str(item.id)]


def test_what_a_person_closed_stays_closed_for_its_episode(
    session: Session, renewing: Customer
) -> None:
    ((alert, _),) = standing(session)
    with pytest.raises(InvalidInputError, match="reason"):
        alerts.close(session, alert.id, "abe", " ")
    alerts.acknowledge(session, alert.id, "abe")
    assert alerts.listed(session)[0][0].state is AlertState.ACKNOWLEDGED
    alerts.close(session, alert.id, "abe", "renewed by phone")
    assert standing(session) == []
    with pytest.raises(ConflictError, match="closed already"):
        alerts.close(session, alert.id, "abe", "again")
    renewing.renewal_on = NOW.date() + days(60)
    session.flush()
    assert len(standing(session)) == 1


@pytest.mark.parametrize("change", ["far", "left", "old"])
def test_no_renewal_alert_without_all_of_its_causes(
    session: Session, renewing: Customer, change: str
) -> None:
    at = NOW
    if change == "far":
        renewing.renewal_on = NOW.date() + days(91)
    elif change == "left":
        renewing.until = NOW.date()
    else:
        renewing.renewal_on = NOW.date() + days(280)
        at = NOW + days(200)
    session.flush()
    assert [a for a, _ in standing(session, at) if a.kind is AlertKind.RENEWAL_AT_RISK] == []


def test_days_are_those_of_the_workspace(
    session: Session, renewing: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An hour after midnight in Tokyo the renewal is a day nearer, and the last word is of today;
    in London neither is so."""
    night = dt.datetime(2026, 9, 20, 16, tzinfo=dt.UTC)
    renewing.renewal_on = dt.date(2026, 12, 20)
    theme = add_theme(session, "It stops", severity=0.9)
    say(session, theme=theme, customer=renewing, said_at=night)
    monkeypatch.setenv("VOCLOOP_TIMEZONE", "Europe/London")
    assert standing(session, night) == []
    monkeypatch.setenv("VOCLOOP_TIMEZONE", "Asia/Tokyo")
    ((alert, _),) = standing(session, night)
    assert alert.evidence["themes"][0]["last_said"] == "2026-09-21"
    renewing.until = dt.date(2026, 9, 21)
    session.flush()
    assert standing(session, night) == []


def test_who_is_appointed_by_two_at_once_is_a_champion_once(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = add_customer(session, "Minamo").id
        contact = keep(session, Contact(customer_id=customer, external_id="abe")).id

    def appoint(session: Session) -> None:
        champions.appoint(session, contact)

    assert at_once(engine, appoint, appoint) is None
    with transaction(engine) as session:
        champions.release(session, contact)
        spells = champions.of_customer(session, customer)
    assert [each.until is None for each in spells] == [False]


def test_a_customer_whose_champions_have_gone_is_told_until_there_is_one(session: Session) -> None:
    customer = add_customer(session, "Minamo")
    people = [
        keep(session, Contact(customer_id=customer.id, external_id=name, champion=True))
        for name in ("a", "b")
    ]
    assert standing(session) == []
    champions.release(session, people[0].id, "moved to another company", "abe")
    assert standing(session) == []
    # As an import would say it.
    people[1].champion = False
    session.flush()
    ((alert, _),) = standing(session)
    assert (alert.kind, alert.evidence["champions"]) == (AlertKind.CHAMPION_GONE, 2)
    champions.appoint(session, people[0].id, "abe")
    assert standing(session) == []
    spells = champions.of_customer(session, customer.id)
    assert [spell.until is None for spell in spells] == [True, False, False]


@pytest.mark.parametrize(
    ("before", "after", "raised"),
    [
        ([6, 7, 6, 7, 6], [3, 4, 3, 4], True),
        ([6, 7, 6, 7, 6], [6, 6, 7, 6], False),
        ([6, 7, 1, 7, 2], [5, 1, 6, 2], False),
        ([6, 7, 6, 7, 6], [2, 2], False),
    ],
)
def test_effort_is_told_when_it_fell_by_more_than_chance(
    session: Session, before: list[int], after: list[int], raised: bool
) -> None:
    customer = add_customer(session, "Minamo")
    for index, value in enumerate(before):
        rate(session, value, RatingScale.CES, customer=customer, at=NOW - days(120 + index))
    for index, value in enumerate(after):
        rate(session, value, RatingScale.CES, customer=customer, at=NOW - days(10 + index))
    found = [alert for alert, _ in standing(session) if alert.kind is AlertKind.EFFORT_FALLING]
    assert bool(found) == raised
    if found:
        fall, low, high = found[0].evidence["fall"]
        assert 0 < low < fall < high


@pytest.mark.parametrize("others_speak", [True, False])
def test_silence_is_told_of_who_used_to_speak_while_others_still_do(
    session: Session, others_speak: bool
) -> None:
    quiet, steady = add_customer(session, "Quiet"), add_customer(session, "Steady")
    for week in range(40):
        at = NOW - days(7 * week + 1)
        if week >= 10:
            say(session, customer=quiet, said_at=at)
        if week >= 10 or others_speak:
            say(session, customer=steady, said_at=at)
            say(session, customer=steady, said_at=at)
    # One mail is no rhythm.
    say(session, customer=add_customer(session, "Once"), said_at=NOW - days(150))
    found = [c.name for a, c in standing(session) if a.kind is AlertKind.SILENCE]
    assert found == (["Quiet"] if others_speak else [])


def test_an_alert_is_closed_once_however_many_do_it_at_once(engine: Engine) -> None:
    with transaction(engine) as session:
        alert = _left_by_its_champion(session)

    def closed(by: str) -> Step:
        return lambda session: alerts.close(session, alert, by, f"{by} called")

    assert isinstance(at_once(engine, closed("Abe"), closed("Ito")), ConflictError)
    with reading(engine) as session:
        assert session.get_one(Alert, alert).reason == "Abe called"


def test_what_a_person_closes_while_its_cause_goes_keeps_their_reason(engine: Engine) -> None:
    with transaction(engine) as session:
        alert = _left_by_its_champion(session)
        for contact in session.exec(select(Contact)):
            contact.champion = True

    def close(session: Session) -> None:
        alerts.close(session, alert, "Abe", "They called")

    def sweep(session: Session) -> None:
        assert alerts.sweep(session, NOW + days(1)) == 0

    assert at_once(engine, close, sweep) is None
    with reading(engine) as session:
        kept = session.get_one(Alert, alert)
    assert (kept.closed_by, kept.reason) == ("Abe", "They called")


def _left_by_its_champion(session: Session) -> uuid.UUID:
    customer = add_customer(session, "Minamo")
    contact = keep(session, Contact(customer_id=customer.id, external_id="a", champion=True))
    champions.sync(session)
    contact.champion = False
    session.flush()
    ((alert, _),) = standing(session)
    return alert.id
