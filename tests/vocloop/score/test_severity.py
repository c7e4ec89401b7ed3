"""Severity reads how much it hurts from words, marks, priorities and ratings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocloop.score.lexicon import SIGNALS, Signal
from vocloop.score.severity import Voice, severities, statement_severity, theme_severity
from vocloop_models import Priority, RatingScale


def value(text: str, language: str = "und") -> float:
    return statement_severity(text, language).value


@pytest.mark.parametrize(
    ("graver", "milder"),
    [
        (
            "承認が止まって業務が進みません。至急対応してください。",
            "承認画面の色を選べると嬉しいです。",
        ),
        ("データが消えてしまいました。", "検索が少し遅いです。"),
        ("これで三回目です。解約を検討しています。", "検索が少し遅いです。"),
        ("最悪。二度と買わない。", "とても使いやすく満足しています。"),
        ("The app crashes and we lost all entries.", "Fix the typo in the tooltip."),
        ("We will cancel our contract if this is not fixed.", "The export is slow."),
        ("Every page is down, nobody can work. Urgent!", "It would be nice to have dark mode."),
        ("Terrible, useless.", "Thank you, works great."),
    ],
)
def test_it_ranks_what_hurts_more_above(graver: str, milder: str) -> None:
    assert value(graver) > value(milder) + 0.1


@pytest.mark.parametrize(
    ("negated", "plain"),
    [
        ("There is no error.", "There is an error."),
        ("エラーはないです。", "エラーです。"),
        ("not urgent", "urgent"),
        ("急ぎではありません。", "急ぎで対応してください。"),
    ],
)
def test_a_negated_complaint_is_none(negated: str, plain: str) -> None:
    assert value(negated) < value(plain)


@pytest.mark.parametrize(
    ("taken_back", "meant"),
    [
        ("画質は良くないです。", "画質は良いです。"),
        ("満足できません。", "満足です。"),
        ("The support is not good.", "The support is good."),
        ("気に入ってたのに壊れた。", "気に入って使っています。"),
    ],
)
def test_praise_taken_back_is_no_praise(taken_back: str, meant: str) -> None:
    assert value(taken_back) > value(meant)
    assert "praise" not in statement_severity(taken_back).signals


def test_a_japanese_word_quoted_in_english_is_read_as_english() -> None:
    assert statement_severity("The button says エラー.", "en").signals == {}
    assert "failure" in statement_severity("エラー", "ja").signals


def test_english_words_count_only_from_their_beginning() -> None:
    assert statement_severity("terrorbug debugged", "en").signals == {}


def test_a_word_said_again_adds_less_and_never_without_bound() -> None:
    once, twice = value("error"), value("error, error")
    endless = statement_severity("error " * 1_000)
    assert once < twice < endless.value
    assert endless.signals["failure"] <= 2 * SIGNALS["failure"].weight


def test_every_signal_is_shown_with_its_weight() -> None:
    judged = statement_severity(
        "urgent", mark=4, priority=Priority.HIGH, rating=1, scale=RatingScale.STARS
    )
    assert set(judged.signals) == {"urgency", "mark", "priority", "rating"}
    log_odds = np.log(judged.value / (1 - judged.value))
    neutral = statement_severity("").value
    base = np.log(neutral / (1 - neutral))
    assert log_odds == pytest.approx(base + sum(judged.signals.values()))


texts = st.text(st.sampled_from("エラー最悪良い満足ない。、 error great not abc!\n"), max_size=60)
scales = st.sampled_from(list(RatingScale))


@given(texts, st.sampled_from(["ja", "en", "und"]), scales)
def test_it_is_monotone_in_mark_priority_and_rating(
    text: str, language: str, scale: RatingScale
) -> None:
    marks = [statement_severity(text, language, mark=m).value for m in (1, 2, 3, 4)]
    ranks = [statement_severity(text, language, priority=p).value for p in Priority]
    ratings = [
        statement_severity(text, language, rating=r, scale=scale).value
        for r in np.linspace(10, -1, 12)
    ]
    for series in (marks, ranks, ratings):
        assert series == sorted(series)
        assert 0 < series[0] <= series[-1] < 1


@given(texts, st.sampled_from([s for s in SIGNALS.values() if s.weight > 0]))
def test_another_word_that_hurts_never_lowers_it(text: str, signal: Signal) -> None:
    word = signal.en[0].partition("(?:")[0] or signal.en[1]
    assert value(f"{text}\n{word}", "en") >= value(text, "en")


def test_many_are_judged_as_one_by_one() -> None:
    voices = [Voice("no"), Voice("error"), Voice("最悪"), Voice(""), Voice("not\n"), Voice("great")]
    assert severities(voices) == [statement_severity(v.text) for v in voices]


def test_a_loud_company_counts_once() -> None:
    values = np.array([0.9] * 50 + [0.1])
    companies = np.array([0] * 50 + [1])
    assert theme_severity(values, companies).estimate.value == pytest.approx(0.5)


def test_one_company_leaves_it_wide_and_none_the_whole_scale() -> None:
    one = theme_severity(np.array([0.5]), np.array([0])).estimate
    assert one.high - one.low > 0.5
    none = theme_severity(np.zeros(0), np.zeros(0, np.int64)).estimate
    assert (none.low, none.high) == (0, 1)
    assert none.value > 0


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 5)), min_size=1, max_size=40))
def test_theme_severity_lies_inside_its_interval(rows: list[tuple[float, int]]) -> None:
    found = theme_severity(np.array([v for v, _ in rows]), np.array([c for _, c in rows])).estimate
    assert 0 <= found.low <= found.value <= found.high <= 1
