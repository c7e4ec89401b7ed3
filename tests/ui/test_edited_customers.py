"""The form of a customer that two people have open at once."""

from __future__ import annotations

import html
import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.api.records import add_customer
from tests.meanwhile import meanwhile
from tests.sent import Fields, sent
from vocloop.intake import customer_list
from vocloop_models import Customer
from vocloop_models.database import reading, transaction


@pytest.fixture
def customer(engine: Engine) -> uuid.UUID:
    with transaction(engine) as session:
        return add_customer(session, "Minamo").id


@pytest.fixture
def here(customer: uuid.UUID) -> str:
    return f"/customers/{customer}"


@pytest.fixture
def form(client: TestClient, here: str) -> Fields:
    """As it was opened, untouched."""
    return sent(client.get(here).text, here)


def change(engine: Engine, customer: uuid.UUID, **fields: Any) -> None:
    with transaction(engine) as session:
        customer_list.change(session, customer, fields)


def kept(engine: Engine, customer: uuid.UUID) -> Customer:
    with reading(engine) as session:
        return session.get_one(Customer, customer)


def test_what_somebody_else_changed_meanwhile_stays(
    client: TestClient, engine: Engine, customer: uuid.UUID, here: str, form: Fields
) -> None:
    change(engine, customer, plan="Gold", arr=1_200_000)
    assert client.post(here, data=form | {"region": ["Kanto"]}).status_code == 303
    now = kept(engine, customer)
    assert (now.plan, now.arr, now.region, now.name) == ("Gold", 1_200_000, "Kanto", "Minamo")


def test_where_both_changed_the_same_it_is_told_and_nothing_is_overwritten(
    client: TestClient, engine: Engine, customer: uuid.UUID, here: str, form: Fields
) -> None:
    change(engine, customer, plan="Gold", touch_tier="high")
    mine = {"plan": ["Silver"], "touch_tier": ["low"], "region": ["Kanto"]}
    page = client.post(here, data=form | mine)
    assert page.status_code == 422
    told = html.unescape(page.text)
    for words in ("“Gold”", "“High-touch”"):
        assert f"Changed by someone since you opened the form, to {words}." in told, words
    now = kept(engine, customer)
    assert (now.plan, now.region) == ("Gold", None)
    again = sent(page.text, here)
    assert {name: again[name] for name in mine} == mine
    assert client.post(here, data=again).status_code == 303, "whoever sends it again knows"
    now = kept(engine, customer)
    assert (now.plan, now.touch_tier, now.region) == ("Silver", "low", "Kanto")


def test_of_two_who_send_it_at_once_the_second_is_told(
    client: TestClient, engine: Engine, customer: uuid.UUID, here: str, form: Fields
) -> None:
    def second() -> None:
        assert client.post(here, data=form | {"plan": ["Mine"]}).status_code == 422

    def first(session: Any) -> None:
        customer_list.change(session, customer, {"plan": "Theirs"})

    assert meanwhile(engine, first, second) is None
    assert kept(engine, customer).plan == "Theirs"
