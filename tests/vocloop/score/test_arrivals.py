"""Who says a theme counts from the month on in which it was heard from at all."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from vocloop.score.arrivals import heard_from
from vocloop.score.longevity import MONTH_DAYS
from vocloop.score.voices import Said, gather

NOW = dt.datetime(2026, 1, 15, tzinfo=dt.UTC)
OLDEST = 11

# (company or none, theme or none, months back)
Voice = tuple[str | None, str | None, int]


def there(*voices: Voice) -> dict[str, list[float]]:
    """By theme, the share of those who say it who were there, oldest month first."""
    said = [
        Said(str(n), theme, str(n), company, None, NOW - dt.timedelta(days=back * MONTH_DAYS))
        for n, (company, theme, back) in enumerate([(None, None, OLDEST), *voices])
    ]
    themes = sorted({s.theme for s in said if s.theme})
    shares = heard_from(gather(said, {}, themes, NOW))
    return {theme: row.round(3).tolist() for theme, row in zip(themes, shares, strict=True)}


def since(months_back: int) -> list[float]:
    return [float(back <= months_back) for back in range(OLDEST, -1, -1)]


def test_a_company_that_often_spoke_of_other_things_was_there_since_then() -> None:
    others: list[Voice] = [("new", f"other {n}", 2) for n in range(200)]
    shares = there(*others, ("new", "asked", 1), ("new", "asked", 0))["asked"]
    assert shares == pytest.approx(since(2), abs=0.02)


def test_one_that_spoke_rarely_may_have_been_there_before() -> None:
    shares = there(("rare", None, 4), ("rare", "asked", 0))["asked"]
    # Five months with one voice in them: five months more before it.
    assert shares == since(9)


def test_what_it_says_of_the_theme_itself_tells_nothing() -> None:
    assert there(("one", "asked", 1), ("one", "asked", 0))["asked"] == [1.0] * (OLDEST + 1)
    later = there(("one", "asked", 2), *[("one", f"other {n}", 1) for n in range(50)])["asked"]
    assert later == [1.0] * (OLDEST + 1)


def test_a_theme_of_nobody_known_could_be_said_all_along() -> None:
    assert there((None, "asked", 0))["asked"] == [1.0] * (OLDEST + 1)


def test_each_counts_as_often_as_the_months_in_which_it_says_it() -> None:
    others: list[Voice] = [("new", f"other {n}", 1) for n in range(500)]
    old: list[Voice] = [("old", None, back) for back in range(OLDEST, -1, -1)]
    asked: list[Voice] = [("new", "asked", 0), *[("old", "asked", back) for back in (0, 3, 6)]]
    shares = there(*others, *old, *asked)["asked"]
    assert shares == pytest.approx([0.75 + 0.25 * month for month in since(1)], abs=0.01)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c", None]),
            st.sampled_from(["x", "y", None]),
            st.integers(0, OLDEST),
        ),
        max_size=30,
    )
)
def test_a_share_never_falls_and_ends_at_all(voices: list[Voice]) -> None:
    for shares in there(*voices).values():
        row: NDArray[np.float64] = np.array(shares)
        assert (np.diff(row) >= 0).all()
        assert row.min() >= 0
        assert row[-1] == pytest.approx(1)
