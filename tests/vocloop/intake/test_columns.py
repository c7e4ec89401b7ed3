from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from vocloop.errors import InvalidInputError
from vocloop.intake.columns import find, kind_of, record
from vocloop.intake.records import ContactIn, CustomerIn, FeedbackIn
from vocloop_models import Channel, Priority, RatingScale, TouchTier

TOKYO = ZoneInfo("Asia/Tokyo")


def feedback(row: dict[str, Any], mapping: dict[str, str] | None = None) -> FeedbackIn:
    found = record(find("feedback", row, mapping), row, timezone=TOKYO, source="desk")
    assert isinstance(found, FeedbackIn)
    return found


def test_it_knows_the_columns_of_a_help_desk() -> None:
    row = feedback(
        {
            "Ticket ID": "7",
            "Subject": "Slow",
            "Description": "Search is slow",
            "Created At": "2024-05-13T09:00:00Z",
            "Organization": "ABC Inc.",
            "Requester ID": "42",
            "Priority": "Urgent",
            "Via": "web",
        }
    )
    assert (row.external_id, row.title, row.text, row.contact) == (
        "7",
        "Slow",
        "Search is slow",
        "42",
    )
    assert (row.priority, row.channel) == (Priority.URGENT, Channel.TICKET)
    assert row.customer is not None
    assert row.customer.name == "ABC Inc."


def test_it_knows_the_columns_of_a_japanese_survey() -> None:
    row = feedback(
        {
            "タイムスタンプ": "2024/05/13 9:00:00",
            "会社名": "ミナモ",
            "満足度": "４",
            "自由記述": "遅い",
        }
    )
    assert (row.rating, row.rating_scale, row.channel) == (4, RatingScale.CSAT, Channel.SURVEY)
    assert row.said_at is not None
    assert row.said_at.isoformat() == "2024-05-13T09:00:00+09:00"


@pytest.mark.parametrize(
    ("column", "scale"),
    [("NPS", "nps"), ("ces", "ces"), ("CSAT", "csat"), ("Star Rating", "stars"), ("評価", "stars")],
)
def test_a_ratings_column_gives_its_scale(column: str, scale: str) -> None:
    assert feedback({"text": "slow", column: "3"}).rating_scale == scale


def test_a_score_counts_only_beside_its_scale() -> None:
    assert find("feedback", ["text", "score"]).ignored == ("score",)
    row = feedback({"text": "slow", "score": "9", "rating_scale": "nps"})
    assert (row.rating, row.rating_scale) == (9, RatingScale.NPS)


def test_a_mapping_wins_over_the_names() -> None:
    row = feedback({"comment": "a", "Body of it": "b", "id": "1"}, {"text": "Body of it"})
    assert row.text == "b"


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [({"words": "text"}, "names the field 'words'"), ({"text": "Body"}, "the column 'Body'")],
)
def test_a_mapping_to_nothing_is_refused(mapping: dict[str, str], reason: str) -> None:
    with pytest.raises(InvalidInputError, match=reason):
        find("feedback", ["text"], mapping)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"text": "a", "date": "05/06/2024"}, "date '05/06/2024' may be day"),
        ({"text": "a", "priority": "P2"}, "priority 'P2' is not known; use one of low, normal"),
        ({"text": "a", "nps": "good"}, "rating 'good' is not a number"),
        ({"text": "a", "nps": "1,0"}, "rating '1,0' is not a number"),
        ({"text": ""}, "text is empty"),
        ({"text": "a", "date": {"y": 1}}, "date is a dict"),
        ({"text": "a", "customer": ["x"]}, "customer"),
        ({"text": "a", "channel": 5}, "channel"),
    ],
)
def test_it_says_which_cell_can_not_be_taken(row: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidInputError, match=reason):
        feedback(row)


def test_a_way_in_without_a_name_here_is_other() -> None:
    assert feedback({"text": "a", "channel": "chat"}).channel is Channel.OTHER


def test_a_contact_may_come_without_a_customer() -> None:
    row = feedback({"text": "a", "contact": "c", "customer": "", "email": "c@minami.example"})
    assert (row.contact, row.customer, row.email) == ("c", None, "c@minami.example")


def test_it_knows_tags_product_and_address() -> None:
    row = feedback(
        {"text": "a", "Labels": "slow, search", "製品名": "App", "URL": "https://d.example/1"}
    )
    assert (row.tags, row.product, row.url) == (("slow", "search"), "App", "https://d.example/1")
    assert feedback({"text": "a", "link": "see mail"}).url is None


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        (["id", "text", "customer"], "feedback"),
        (["external_id", "name", "industry", "plan", "arr"], "customers"),
        (["会社名", "業種", "契約プラン"], "customers"),
        (["customer_id", "external_id", "department", "champion"], "contacts"),
        (["key", "name_ja", "name_en", "description_ja", "description_en"], "departments"),
        (["a", "b"], "feedback"),
    ],
)
def test_it_tells_what_a_file_holds(columns: list[str], kind: str) -> None:
    assert kind_of(columns) == kind


def test_it_reads_customers_and_contacts() -> None:
    row = {"顧客ID": "C1", "会社名": "ミナモ", "タッチ": "ハイタッチ", "年間契約額": "1,200,000円"}
    customer = record(find("customers", row), row, timezone=TOKYO)
    assert isinstance(customer, CustomerIn)
    assert (customer.external_id, customer.touch_tier, customer.arr) == (
        "C1",
        TouchTier.HIGH,
        1_200_000,
    )
    person = {"customer_id": "C1", "contact_id": 5, "部署": "経理", "champion": "はい"}
    contact = record(find("contacts", person), person, timezone=TOKYO)
    assert isinstance(contact, ContactIn)
    assert (contact.external_id, contact.department, contact.champion) == ("5", "経理", True)


@pytest.mark.parametrize("written", ["12,5", "1.200,50", "1,2,3", "1200,"])
def test_a_comma_that_parts_no_thousands_is_not_passed_over(written: str) -> None:
    row = {"name": "Minami", "arr": written}
    with pytest.raises(InvalidInputError, match=f"arr '{re.escape(written)}' is not a number"):
        record(find("customers", row), row, timezone=TOKYO)
