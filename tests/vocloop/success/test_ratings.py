"""Figures of ratings: scale by scale, respondent by respondent, never without their interval."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlmodel import Session

from tests.api.records import add_customer, say
from vocloop.accounts import restricted
from vocloop.accounts.visitor import AT_THIS_MACHINE, visiting
from vocloop.errors import InvalidInputError
from vocloop.success import ratings
from vocloop_models import Customer, Feedback, RatingScale

TOKYO = ZoneInfo("Asia/Tokyo")
DAY = dt.datetime(2026, 9, 10, tzinfo=dt.UTC)


def rate(
    session: Session,
    value: float,
    scale: RatingScale = RatingScale.NPS,
    *,
    customer: Customer | None = None,
    at: dt.datetime = DAY,
) -> Feedback:
    statement = say(session, customer=customer, said_at=at)
    voice = session.get_one(Feedback, statement.feedback_id)
    voice.rating, voice.rating_scale = value, scale
    session.flush()
    return voice


def test_nps_counts_promoters_less_detractors_of_respondents(session: Session) -> None:
    loud = add_customer(session, "Loud")
    for value in (0, 0, 0, 10):
        rate(session, value, customer=loud, at=DAY + dt.timedelta(minutes=value))
    for value in (9, 8, 6):
        rate(session, value)
    rate(session, 11)
    rate(session, 5, RatingScale.CSAT)
    (everyone,) = ratings.lines(session, RatingScale.NPS, timezone=TOKYO)
    assert everyone.whole.counts == {"promoters": 2, "passives": 1, "detractors": 1}
    assert everyone.whole.value == 25
    assert -100 <= everyone.whole.low < 25 < everyone.whole.high <= 100


def test_two_readers_who_may_not_see_one_customer_each_are_told_their_own(
    session: Session,
) -> None:
    late = dt.datetime(2026, 10, 10, tzinfo=dt.UTC)
    (early, later), both = (add_customer(session, name) for name in ("A", "B")), []
    for customer, at in ((early, DAY), (later, late)):
        restricted.restrict(session, customer.id, [])
        rate(session, 9, customer=customer, at=at)
    rate(session, 3, at=late + dt.timedelta(days=9))
    for hidden in (early, later):
        token = visiting.set(replace(AT_THIS_MACHINE, hidden=frozenset({hidden.id})))
        (line,) = ratings.lines(session, RatingScale.NPS, timezone=TOKYO)
        assert ratings.lines(session, RatingScale.CES, timezone=TOKYO) == []
        visiting.reset(token)
        both.append({name: each.respondents for name, each in line.points.items()})
    assert both == [{"2026-10": 2}, {"2026-09": 1, "2026-10": 1}]


def test_periods_begin_in_the_reader_s_zone_and_repeats_do_not_count(session: Session) -> None:
    edge = dt.datetime(2026, 8, 31, 16, tzinfo=dt.UTC)
    first = rate(session, 7, RatingScale.CES, at=edge)
    rate(session, 3, RatingScale.CES, at=edge - dt.timedelta(hours=2))
    rate(session, 1, RatingScale.CES, at=edge).repeats_id = first.id
    session.flush()
    (line,) = ratings.lines(session, RatingScale.CES, timezone=TOKYO)
    assert {k: v.value for k, v in line.points.items()} == {"2026-08": 3, "2026-09": 7}
    (line,) = ratings.lines(session, RatingScale.CES, every="quarter", timezone=TOKYO)
    assert list(line.points) == ["2026Q3"]


@pytest.mark.parametrize(
    ("at", "month", "quarter"),
    [
        ("2025-12-31T14:59:59", "2025-12", "2025Q4"),
        ("2025-12-31T15:00:00", "2026-01", "2026Q1"),
        ("2026-03-31T14:59:59", "2026-03", "2026Q1"),
        ("2026-03-31T15:00:00", "2026-04", "2026Q2"),
    ],
)
def test_a_period_ends_with_the_zone_s_last_second(
    session: Session, at: str, month: str, quarter: str
) -> None:
    rate(session, 4, RatingScale.STARS, at=dt.datetime.fromisoformat(at).replace(tzinfo=dt.UTC))
    rate(session, 4, RatingScale.STARS, at=DAY)
    (months,) = ratings.lines(session, RatingScale.STARS, timezone=TOKYO)
    (quarters,) = ratings.lines(session, RatingScale.STARS, every="quarter", timezone=TOKYO)
    assert list(months.points) == [month, "2026-09"]
    assert list(quarters.points) == [quarter, "2026Q3"]


def test_periods_follow_the_zone_s_summer_time(session: Session) -> None:
    new_york = ZoneInfo("America/New_York")
    for hour in (3, 4):  # the first of July there begins at four, of February at five
        rate(session, hour, RatingScale.CES, at=dt.datetime(2026, 7, 1, hour, tzinfo=dt.UTC))
        rate(session, hour, RatingScale.CES, at=dt.datetime(2026, 2, 1, hour, tzinfo=dt.UTC))
    (line,) = ratings.lines(session, RatingScale.CES, timezone=new_york)
    counted = {name: figure.respondents for name, figure in line.points.items()}
    assert counted == {"2026-01": 2, "2026-06": 1, "2026-07": 1}


def test_segments_are_those_of_the_customer_the_largest_first(session: Session) -> None:
    for name, industry in (("A", "food"), ("B", "food"), ("C", "care"), ("D", None)):
        customer = add_customer(session, name)
        customer.industry = industry
        customer.segments = {"cohort": "2025"} if name == "A" else {}
        rate(session, 2, RatingScale.CSAT, customer=customer, at=DAY - dt.timedelta(days=60))
        rate(session, 5, RatingScale.CSAT, customer=customer)
        rate(session, 2, RatingScale.CSAT)
    found = ratings.lines(session, RatingScale.CSAT, by="industry", timezone=TOKYO)
    assert [each.segment for each in found] == [None, "food", "care"]
    assert [each.whole.value for each in found] == [50, 100, 100]
    own = ratings.lines(session, RatingScale.CSAT, by="cohort", timezone=TOKYO)
    assert [each.segment for each in own] == [None, "2025"]
    with pytest.raises(InvalidInputError, match="choose from industry"):
        ratings.lines(session, RatingScale.CSAT, by="colour", timezone=TOKYO)


@pytest.mark.parametrize(
    ("scale", "shares"),
    [
        (RatingScale.NPS, {0: 0.1, 5: 0.1, 8: 0.3, 9: 0.2, 10: 0.3}),
        (RatingScale.CSAT, {1: 0.05, 3: 0.15, 4: 0.4, 5: 0.4}),
        (RatingScale.CES, {2: 0.1, 4: 0.2, 5: 0.3, 7: 0.4}),
    ],
)
@pytest.mark.parametrize("count", [5, 12, 60])
def test_nine_intervals_in_ten_hold_the_truth(
    scale: RatingScale, shares: dict[int, float], count: int
) -> None:
    rng = np.random.default_rng(3)
    values, weights = list(shares), list(shares.values())
    truth = float((ratings.points(scale, values) * np.array(weights)).sum())
    held = 0
    for _ in range(400):
        found = ratings.figure(scale, rng.choice(values, count, p=weights).tolist())
        held += found.low <= truth <= found.high
    assert 0.85 <= held / 400 <= 1.0


def test_five_answers_that_agree_do_not_make_certainty() -> None:
    found = ratings.figure(RatingScale.CES, [7.0] * 5)
    assert (found.value, found.high) == (7, 7)
    assert found.low < 6.5
