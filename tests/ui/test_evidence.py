"""Evidence of any age and shape may leave a sentence out; it never breaks a page."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from vocloop_models import ThemeScore
from vocloop_ui import evidence, marks
from vocloop_ui.i18n import Reader

READER = Reader("ja", ZoneInfo("Asia/Tokyo"))
KEYS = st.sampled_from(
    ["generality", "longevity", "severity", "impact", "best", "basis", "segments", "said", "heard",
     "unit", "share", "exponents", "signals", "histogram", "companies", "first", "value", "low"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=12,
)

SEGMENT = {
    "attribute": "industry", "value": "製造業", "said": 5, "heard": 9,
    "share": {"value": 0.5, "low": 0.3, "high": 0.7}, "lift": 2.0, "significant": False,
}  # fmt: skip


def score(found: Any, **changes: float) -> ThemeScore:
    parts = {
        f"{part}{end}": 0.5
        for part in ("generality", "longevity", "severity", "impact")
        for end in ("", "_low", "_high")
    }
    return ThemeScore(
        theme_id=uuid.uuid4(),
        day=dt.date(2026, 9, 11),
        statements=3,
        customers=2,
        evidence=found,
        **{**parts, **changes},
    )


# Larger than the decimal module rounds, than a float holds, than any number.
@example({"severity": {"companies": 10**25}})
@example({"severity": {"companies": 10**400, "signals": {"said": 10**400}}})
@example({"severity": {"companies": float("inf")}, "longevity": {"horizon_months": float("inf")}})
@example({"generality": {"basis": SEGMENT | {"said": float("inf")}}})
@example({"generality": {"basis": SEGMENT | {"lift": 10**400}}})
@given(st.dictionaries(KEYS, JSON, max_size=5))
def test_any_evidence_can_be_read(found: dict[str, Any]) -> None:
    one = score(found)
    evidence.best_segment(one)
    evidence.segments(one)
    evidence.segments_tested(one)
    evidence.overall(one)
    evidence.weights(one)
    evidence.signals(one)
    evidence.severity_steps(one)
    evidence.first_day(one)
    for lines in (
        evidence.generality_lines,
        evidence.longevity_lines,
        evidence.severity_lines,
    ):
        assert all(isinstance(line, str) for line in lines(READER, one))


def test_a_segment_that_may_be_chance_says_so() -> None:
    lines = evidence.generality_lines(READER, score({"generality": {"basis": SEGMENT}}))
    assert lines[0].startswith("最も当てはまるセグメント(業種「製造業」)の9社中5社")
    assert "偶然かもしれない" in lines[1]


def test_voices_of_no_known_company_are_not_passed_off_as_companies() -> None:
    mixed = score({"severity": {"companies": 5, "others": 2}})
    assert evidence.severity_lines(READER, mixed)[1:] == [
        "このうち2件は会社がわからない声で、それぞれを1社と数えています。"
    ]
    assert len(evidence.severity_lines(READER, score({"severity": {"companies": 5}}))) == 1


def test_equal_impacts_swap_in_half_of_the_draws_and_distant_ones_never() -> None:
    low, high = (
        score({}, impact=0.1, impact_low=0.09, impact_high=0.11),
        score({}, impact=0.9, impact_low=0.89, impact_high=0.91),
    )
    assert marks.swap_share(low, low) == 0.5
    assert marks.swap_share(high, low) < 0.001


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_bars_of_a_time_line_stay_inside_their_box(counts: list[int]) -> None:
    from vocloop.themes.query import Month

    months = [Month(dt.date(2020 + i // 12, i % 12 + 1, 1), n, n) for i, n in enumerate(counts)]
    chart = marks.timeline(months, None, 358, 200)
    assert len(chart.ticks) <= 6
    for bar, n in zip(chart.bars, counts, strict=True):
        assert chart.left <= bar.x <= bar.x + bar.width <= 358
        assert 0 <= bar.y <= chart.base
        assert (bar.height > 0) == (n > 0) or chart.ticks[-1][0] > 500
    assert chart.bars[-1].label


def test_releases_stand_where_they_were_and_their_labels_apart() -> None:
    from vocloop.themes.query import Month

    months = [Month(dt.date(2026, n, 1), 3, 3) for n in range(1, 13)]
    days = ["2026-03-16", "2026-03-20", "2026-01-01", "2026-12-31", "2025-12-31"]
    releases = [(dt.date.fromisoformat(day), f"B-{n}") for n, day in enumerate(days)]
    chart = marks.timeline(months, None, 700, 200, releases)
    assert [each.label for each in chart.releases] == ["B-2", "B-0", "", "B-3"]
    march = chart.bars[2]
    assert chart.releases[0].x == chart.left
    assert march.x < chart.releases[1].x < march.x + march.width
    assert chart.releases[-1].x <= 700


def test_a_month_is_open_until_its_last_day() -> None:
    month = dt.date(2026, 9, 1)
    assert marks.is_open(month, dt.date(2026, 9, 11))
    assert not marks.is_open(month, dt.date(2026, 9, 30))
    assert not marks.is_open(month, dt.date(2026, 10, 1))
