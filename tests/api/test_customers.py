"""GET /api/customers: whom to hand a voice in for."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.api.records import add_customer
from vocloop_models.database import transaction


@pytest.fixture(autouse=True)
def customers(engine: Engine) -> None:
    with transaction(engine) as session:
        add_customer(session, "株式会社ミナモ", "C-0031")
        add_customer(session, "ミナモ商事", "C-0400")
        add_customer(session, "Acme Ｃｏｒｐ", None)
        add_customer(session, "50%_off", None)


def names(client: TestClient, text: str) -> list[str]:
    return [each["name"] for each in client.get("/api/customers", params={"q": text}).json()]


@pytest.mark.parametrize("text", ["ミナモ", "ﾐﾅﾓ", " ミナモ "])
def test_the_very_name_comes_before_those_that_begin_with_it(client: TestClient, text: str) -> None:
    assert names(client, text) == ["株式会社ミナモ", "ミナモ商事"]


def test_names_that_begin_with_the_words_come_before_those_that_hold_them(
    client: TestClient, engine: Engine
) -> None:
    with transaction(engine) as session:
        add_customer(session, "Blue Harbor")
        add_customer(session, "Harbor Lights")
    assert names(client, "harbor") == ["Harbor Lights", "Blue Harbor"]


@pytest.mark.parametrize("text", ["acme", "ＡＣＭＥ", "cOrP"])
def test_case_and_width_do_not_matter(client: TestClient, text: str) -> None:
    assert names(client, text) == ["Acme Ｃｏｒｐ"]


def test_an_external_id_finds_its_customer(client: TestClient) -> None:
    [found] = client.get("/api/customers", params={"q": "c-0031"}).json()
    assert (found["name"], found["external_id"]) == ("株式会社ミナモ", "C-0031")


@pytest.mark.parametrize("text", ["", "　", "%a", "\0", "None", "無い会社"])
def test_nothing_is_suggested_for_what_no_name_holds(client: TestClient, text: str) -> None:
    assert names(client, text) == []


def test_wildcards_are_letters(client: TestClient) -> None:
    assert names(client, "%_") == ["50%_off"]


def test_at_most_ten_are_suggested(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        for count in range(12):
            add_customer(session, f"Shop {count:02}")
    assert names(client, "shop") == [f"Shop {count:02}" for count in range(10)]


def test_the_words_have_to_be_given(client: TestClient) -> None:
    answer = client.get("/api/customers")
    assert answer.status_code == 422
    assert answer.json()["problems"] == [{"where": "q", "reason": "is missing; give it"}]
