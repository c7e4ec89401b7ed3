"""/api/customers: whom to hand a voice in for, and what is known of them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from tests.api.records import add_customer
from vocloop_models import TouchTier
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


@pytest.mark.parametrize("text", ["", "　", "%a", "None", "無い会社"])
def test_nothing_is_suggested_for_what_no_name_holds(client: TestClient, text: str) -> None:
    assert names(client, text) == []


def test_wildcards_are_letters(client: TestClient) -> None:
    assert names(client, "%_") == ["50%_off"]


def test_at_most_ten_are_suggested(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        for count in range(12):
            add_customer(session, f"Shop {count:02}")
    assert names(client, "shop") == [f"Shop {count:02}" for count in range(10)]


def test_without_words_all_are_listed_page_by_page(client: TestClient, engine: Engine) -> None:
    with transaction(engine) as session:
        add_customer(session, "Zeta").touch_tier = TouchTier.HIGH
    pages = [
        [each["name"] for each in client.get("/api/customers", params=page).json()]
        for page in ({"limit": 3}, {"limit": 3, "start": 3}, {"touch_tier": "high"})
    ]
    assert [len(page) for page in pages] == [3, 2, 1]
    assert sorted(pages[0] + pages[1]) == sorted(
        ["株式会社ミナモ", "ミナモ商事", "Acme Ｃｏｒｐ", "50%_off", "Zeta"]
    )
    assert pages[2] == ["Zeta"]


def test_a_customer_is_told_with_its_contacts_and_voices(
    client: TestClient, engine: Engine
) -> None:
    row = {"text": "Too slow.", "source": "s", "customer": "Acme Ｃｏｒｐ", "contact": "p-1"}
    assert client.post("/api/feedback", json=row).status_code == 201
    [found] = client.get("/api/customers", params={"q": "acme"}).json()
    told = client.get(f"/api/customers/{found['id']}").json()
    assert (told["name"], told["contacts"], told["voices"]) == ("Acme Ｃｏｒｐ", 1, 1)
    [person] = told["people"]
    assert (person["external_id"], person["voices"], person["champion"]) == ("p-1", 1, False)
    assert client.get(f"/api/customers/{uuid.uuid4()}").status_code == 404


def test_what_an_edit_leaves_out_stays_and_null_is_not_known(client: TestClient) -> None:
    [found] = client.get("/api/customers", params={"q": "acme"}).json()
    path = f"/api/customers/{found['id']}"
    first = {"industry": "retail", "arr": 1200, "currency": "EUR", "segments": {"chain": "yes"}}
    assert client.patch(path, json=first | {"touch_tier": "low"}).status_code == 200
    told = client.patch(path, json={"arr": None, "currency": None, "region": "関西"}).json()
    assert (told["industry"], told["region"], told["arr"]) == ("retail", "関西", None)
    assert (told["currency"], told["touch_tier"]) == ("JPY", "low")
    assert (told["name"], told["segments"]) == ("Acme Ｃｏｒｐ", {"chain": "yes"})


@pytest.mark.parametrize(
    ("edit", "status"),
    [
        ({"name": ""}, 422),
        ({"name": None}, 422),
        ({"arr": -1}, 422),
        ({"domain": "acme.example"}, 422),
        ({"colour": "red"}, 422),
        ({"external_id": "C-0031"}, 409),
    ],
)
def test_an_edit_that_can_not_be_is_refused(
    client: TestClient, edit: dict[str, Any], status: int
) -> None:
    [found] = client.get("/api/customers", params={"q": "acme"}).json()
    path = f"/api/customers/{found['id']}"
    assert client.patch(path, json=edit).status_code == status
    assert client.get(path).json()["name"] == "Acme Ｃｏｒｐ"
