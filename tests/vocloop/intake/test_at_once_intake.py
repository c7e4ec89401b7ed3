"""Two writers of customers and voices at the same moment: both count, nothing is doubled."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, select

from tests.vocloop.roadmap.test_at_once import Step, at_once
from vocloop.intake.privacy import privacy
from vocloop.intake.records import FeedbackIn, checked
from vocloop.intake.store import store
from vocloop_models import Customer, Feedback
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
