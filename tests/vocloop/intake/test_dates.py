from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocloop.errors import InvalidInputError
from vocloop.intake.dates import Order, orders, read_date, reordered, settle

TOKYO = ZoneInfo("Asia/Tokyo")
NOON = dt.datetime(2024, 10, 5, 12, 30, tzinfo=TOKYO)
DAY = dt.datetime(2024, 10, 5, tzinfo=TOKYO)
MOMENTS = st.integers(631_152_000_000_000, 7_258_000_000_000_000).map(
    lambda microseconds: (
        dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=microseconds)
    ).astimezone(TOKYO)
)


@pytest.mark.parametrize(
    "written",
    [
        "2024-10-05T12:30",
        "2024-10-05 12:30:00",
        "2024-10-05T03:30:00Z",
        "2024-10-05T12:30:00+09:00",
        "20241005T123000",
        "2024/10/05 12:30",
        "2024/10/5 12:30:00 JST",
        "2024/10/05 12:30:00 午後 GMT+9",
        "2024/10/05(土) 12:30",
        "2024年10月5日 12時30分",
        "2024年10月5日12:30",
        "令和6年10月5日　12時30分",
        "２０２４／１０／０５　１２：３０",
        "1728099000",
        "1728099000000",
        1728099000,
        1728099000000,
    ],
)
def test_it_reads_a_time(written: str | int) -> None:
    assert read_date(written, timezone=TOKYO) == NOON


@pytest.mark.parametrize(
    "written", ["2024-10-05", "2024/10/5", "20241005", "2024年10月5日(土)", "令和６年１０月５日"]
)
def test_a_date_without_a_time_is_the_start_of_the_day_there(written: str) -> None:
    assert read_date(written, timezone=TOKYO) == DAY
    assert read_date(written, timezone=ZoneInfo("UTC")) == DAY.replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("written", "year"),
    [("令和元年5月1日", 2019), ("平成31年4月30日", 2019), ("昭和64年1月7日", 1989)],
)
def test_it_reads_eras_to_their_last_day(written: str, year: int) -> None:
    assert read_date(written, timezone=TOKYO).year == year


@pytest.mark.parametrize(
    "written",
    [
        "2024-05",
        "2024-02-30",
        "2024/13/05",
        "2024-10-051",
        "2024-10/05",
        "平成31年5月1日",
        "令和0年5月1日",
        "2024-10-05T25:00",
        "2024-10-05 12:61",
        "2024-10-05T12:30+99:00",
        "2024/10/05 13:00 PM",
        "昨日",
        "",
        "12",
        "45567",
        "0000-00-00",
        "9999-12-31",
        7,
        -1,
        1e300,
        float("nan"),
        float("inf"),
        True,
    ],
)
def test_it_never_guesses(written: str | float) -> None:
    with pytest.raises(InvalidInputError, match="is not a date; use YYYY-MM-DD"):
        read_date(written, timezone=TOKYO)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("14/Jul/25 3:42 PM", "2025-07-14T15:42:00+09:00"),
        ("14-July-2025", "2025-07-14T00:00:00+09:00"),
        ("Jul 14, 2025, 3:42 PM", "2025-07-14T15:42:00+09:00"),
        ("Mon, 14 Jul 2025 15:42:00 +0200", "2025-07-14T15:42:00+02:00"),
        (
            "Fri Nov 22 2024 10:12:03 GMT+0000 (Coordinated Universal Time)",
            "2024-11-22T10:12:03+00:00",
        ),
        ("2026-04-28T15:33:15.438+0200", "2026-04-28T15:33:15.438000+02:00"),
        ("2024/05/13 9:00:00 午前 GMT+9", "2024-05-13T09:00:00+09:00"),
        ("2024-06-02 10:00:00 PST", "2024-06-02T10:00:00-08:00"),
        ("R6.10.5", "2024-10-05T00:00:00+09:00"),
        ("令和６年１０月５日（土）", "2024-10-05T00:00:00+09:00"),
        ("2024.10.05", "2024-10-05T00:00:00+09:00"),
        ("05/13/2024", "2024-05-13T00:00:00+09:00"),
        ("05/05/2024", "2024-05-05T00:00:00+09:00"),
    ],
)
def test_it_reads_what_exports_write(written: str, read: str) -> None:
    assert read_date(written, timezone=TOKYO).isoformat() == read


@pytest.mark.parametrize("written", ["05/06/2024", "5.6.2024", "05/06/24 10:00"])
def test_a_day_that_may_be_a_month_is_refused_until_its_column_tells(written: str) -> None:
    with pytest.raises(InvalidInputError, match=r"may be day/month/year or month/day/year"):
        read_date(written, timezone=TOKYO)
    assert read_date(written, timezone=TOKYO, order="dmy").month == 6
    assert read_date(written, timezone=TOKYO, order="mdy").month == 5


@pytest.mark.parametrize("zone", ["CST", "IST", "BST"])
def test_a_zone_of_several_meanings_is_refused(zone: str) -> None:
    with pytest.raises(InvalidInputError, match="is not a date"):
        read_date(f"2024-06-02 10:00:00 {zone}", timezone=TOKYO)


@given(
    st.lists(st.dates(dt.date(2000, 1, 1), dt.date(2030, 12, 31)), min_size=1, max_size=8),
    st.sampled_from(["dmy", "mdy"]),
    st.sampled_from("/-."),
)
def test_a_column_settles_on_the_order_it_was_written_in_or_on_none(
    days: list[dt.date], order: Order, separator: str
) -> None:
    shape = separator.join(f"%{letter.upper() if letter == 'y' else letter}" for letter in order)
    column = [day.strftime(shape) for day in days]
    settled = settle(column)
    assert settled in (order, None)
    assert (settled is None) == all(day.day <= 12 for day in days)
    for day, written in zip(days, column, strict=True):
        assert order in (orders(written) or ())
        assert reordered(written, order) == day.isoformat()
        assert read_date(written, timezone=TOKYO, order=order).date() == day


def test_a_column_that_contradicts_itself_settles_on_nothing() -> None:
    assert settle(["13/05/2024", "05/13/2024", "05/06/2024"]) is None


def test_the_message_shortens_what_is_no_date_at_all() -> None:
    with pytest.raises(InvalidInputError) as caught:
        read_date("x" * 10_000, timezone=TOKYO)
    assert len(str(caught.value)) < 200


@given(MOMENTS)
def test_iso_round_trips(moment: dt.datetime) -> None:
    assert read_date(moment.isoformat(), timezone=ZoneInfo("America/New_York")) == moment
    assert read_date(moment.replace(tzinfo=None).isoformat(), timezone=TOKYO) == moment


@given(MOMENTS)
def test_japanese_and_epoch_round_trip(moment: dt.datetime) -> None:
    moment = moment.replace(microsecond=0)
    written = f"{moment.year}年{moment.month}月{moment.day}日{moment.hour}時{moment.minute}分"
    assert read_date(f"{written}{moment.second}秒", timezone=TOKYO) == moment
    assert read_date(round(moment.timestamp()), timezone=TOKYO) == moment
    assert read_date(round(moment.timestamp()) * 1000, timezone=TOKYO) == moment


@given(st.text(max_size=40) | st.floats() | st.integers())
def test_anything_else_is_refused_and_never_breaks(value: str | float) -> None:
    try:
        found = read_date(value, timezone=TOKYO)
    except InvalidInputError:
        return
    assert found.tzinfo is not None
    found.astimezone(dt.UTC)
