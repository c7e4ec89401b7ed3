from __future__ import annotations

import contextlib
import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocloop.errors import InvalidInputError
from vocloop.intake.records import LONGEST_TEXT, CustomerIn, FeedbackIn, checked
from vocloop_models import Channel, RatingScale, now


def feedback(**values: Any) -> FeedbackIn:
    return checked(FeedbackIn, {"text": "Search is slow", "source": "desk"} | values)


def test_little_is_needed() -> None:
    row = feedback()
    assert (row.channel, row.customer, row.said_at) == (Channel.OTHER, None, None)


def test_a_customer_may_be_a_plain_string() -> None:
    row = feedback(customer=" ＡＢＣ  Inc. ")
    assert row.customer is not None
    assert row.customer.name == "ＡＢＣ Inc."


@pytest.mark.parametrize(
    ("values", "where", "reason"),
    [
        ({"text": " \u200b\n"}, "text", "is empty; write what the customer said"),
        ({"text": "<p> </p>"}, "text", "is empty"),
        ({"text": "a\0b"}, "text", "NUL"),
        ({"text": "a\ud800b"}, "text", "surrogate"),
        ({"text": "x" * 1_000_000}, "text", "has 1,000,000 characters, at most 200,000"),
        ({"text": 5}, "text", "'5' is not taken"),
        ({"source": ""}, "source", "is empty"),
        ({"source": "a" * 101}, "source", "has 101 characters, at most 100"),
        ({"external_id": "a\0"}, "external_id", "NUL"),
        ({"channel": "fax"}, "channel", "'fax' is not known; use 'ticket', 'survey'"),
        ({"said_at": "2024-05-13"}, "said_at", "has no time zone; add one"),
        ({"said_at": 1728099000}, "said_at", "is not a time"),
        ({"said_at": now() + dt.timedelta(days=2)}, "said_at", "lies in the future"),
        ({"said_at": "9999-12-31T23:59:59-12:00"}, "said_at", "lies in the future"),
        ({"said_at": "1970-01-01T00:00:00Z"}, "said_at", "lies before 1990"),
        ({"said_at": "0001-01-01T00:00:00+14:00"}, "said_at", "lies before 1990"),
        ({"rating": 11, "rating_scale": "nps"}, "", "rating 11 is outside nps (0–10)"),
        ({"rating": 3}, "", "rating 3 has no scale"),
        ({"rating_scale": "nps"}, "", "without a rating"),
        ({"rating": float("nan"), "rating_scale": "nps"}, "rating", "'nan' is not taken"),
        ({"severity_mark": 5}, "severity_mark", "'5' is not taken"),
        ({"url": "javascript:alert(1)"}, "url", "is not a web address"),
        ({"customer": {}}, "customer", "names no customer"),
        ({"language": "klingon"}, "language", "'klingon' is not a language"),
        ({"colour": "red"}, "colour", "is not a field that is known here"),
    ],
)
def test_it_says_what_is_wrong_and_where(values: dict[str, Any], where: str, reason: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        feedback(**values)
    found = [each for field, each in caught.value.problems if field == where]
    assert any(reason in each for each in found), caught.value.problems


def test_every_problem_is_named_at_once() -> None:
    with pytest.raises(InvalidInputError) as caught:
        checked(FeedbackIn, {"text": "", "channel": "fax"})
    assert {field for field, _ in caught.value.problems} == {"text", "source", "channel"}


def test_the_longest_text_is_taken() -> None:
    assert len(feedback(text="あ" * LONGEST_TEXT).text) == LONGEST_TEXT


@pytest.mark.parametrize("scale", list(RatingScale))
def test_a_zero_counts_only_for_nps(scale: RatingScale) -> None:
    if scale is RatingScale.NPS:
        assert feedback(rating=0, rating_scale=scale).rating == 0
        return
    with pytest.raises(InvalidInputError, match="outside"):
        feedback(rating=0, rating_scale=scale)


@pytest.mark.parametrize(("given", "code"), [("ja-JP", "ja"), ("EN", "en"), ("日本語", "ja")])
def test_languages_are_read_as_programs_write_them(given: str, code: str) -> None:
    assert feedback(language=given).language == code


def test_a_customers_revenue_must_fit_the_database() -> None:
    with pytest.raises(InvalidInputError, match="arr"):
        checked(CustomerIn, {"name": "A", "arr": 2**63})


@given(st.dictionaries(st.text(max_size=8), st.text() | st.integers() | st.none(), max_size=4))
def test_no_row_raises_anything_else(values: dict[str, Any]) -> None:
    with contextlib.suppress(InvalidInputError):
        feedback(**values)
