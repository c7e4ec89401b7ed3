"""Whom a person means who types part of a company's name."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import Session

from vocloop.intake.customers import suggest
from vocloop_models import Customer


@pytest.fixture(autouse=True)
def customers(session: Session) -> None:
    left = dt.date(2024, 3, 31)
    session.add_all(
        [
            Customer(external_id="C-1", name="みなと"),
            Customer(external_id="C-2", name="株式会社みなと", until=left),
            Customer(external_id="C-3", name="みなと金属工業"),
            Customer(external_id="C-4", name="新みなと商店"),
            Customer(external_id="C-5", name="Ｈａｌｄｅｎ Components K.K."),
        ]
    )
    session.flush()


def names(session: Session, text: str, limit: int = 10) -> list[str]:
    return [customer.name for customer in suggest(session, text, limit)]


def test_the_same_name_comes_first_then_beginnings_then_parts(session: Session) -> None:
    assert names(session, "みなと") == [
        "みなと",
        "株式会社みなと",
        "みなと金属工業",
        "新みなと商店",
    ]


def test_the_limit_cuts_the_farthest_off(session: Session) -> None:
    assert names(session, "みなと", limit=2) == ["みなと", "株式会社みなと"]


@pytest.mark.parametrize("text", ["halden", "ＨＡＬＤＥＮ", "haldencomp", "k.k.", "c-5"])
def test_width_case_and_spaces_do_not_count_and_ids_are_names(session: Session, text: str) -> None:
    assert names(session, text) == ["Ｈａｌｄｅｎ Components K.K."]


@pytest.mark.parametrize("text", ["", " 　", "無い会社"])
def test_nobody_is_suggested_for_words_that_no_name_holds(session: Session, text: str) -> None:
    assert names(session, text) == []
