"""Answers of surveys: a figure is a rating only on the scale that the question names."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.vocloop.intake.reading import read
from vocloop.intake.formats.questions import Answer, response

WORDS = Answer("ご意見", "検索が遅いので直してほしい", open=True)


def rating(title: str, value: str) -> tuple[object, object]:
    found = response([Answer(title, value, open=False), WORDS])
    assert isinstance(found, dict)
    return found["rating"], found["rating_scale"]


@pytest.mark.parametrize(
    ("title", "value", "scale"),
    [
        ("満足度", "4", "csat"),
        ("満足度(5段階)", "4", "csat"),
        ("How satisfied are you, from 1 (not at all) to 5?", "4", "csat"),
        ("How satisfied are you with version 1.10?", "4", "csat"),
        ("How easy was it? (1-7)", "4", "ces"),
        ("推奨度(0〜10)", "4", "nps"),
        ("推奨度(10点満点)", "4点", "nps"),
        ("満足度", "4/5", "csat"),
    ],
)
def test_a_figure_is_a_rating_on_the_scale_of_its_question(
    title: str, value: str, scale: str
) -> None:
    assert rating(title, value) == (4, scale)


@pytest.mark.parametrize(
    ("title", "value"),
    [
        ("満足度(10点満点)", "4"),
        ("How satisfied are you, from 1 (not at all) to 10?", "4"),
        ("How satisfied are you, out of 10?", "4"),
        ("満足度", "4/10"),
        ("推奨度(1~5)", "5"),
        ("友人に薦める可能性を1から5でお答えください", "5"),
        ("How easy was it? (1–5)", "5"),
        ("How would you rate us on a 7-point scale?", "5"),
    ],
)
def test_a_figure_on_another_scale_than_its_name_has_here_is_no_rating(
    title: str, value: str
) -> None:
    assert rating(title, value) == (None, None)


def test_a_column_whose_figures_go_beyond_the_scale_is_on_another_one(tmp_path: Path) -> None:
    file = tmp_path / "form.csv"
    rows = [f"2026/05/{day + 1:02} 9:00,{day},検索が{day}秒以上かかります" for day in range(1, 10)]
    file.write_text("タイムスタンプ,満足度,困っていること\n" + "\n".join(rows), "utf-8")
    voices, refused, found, _ = read(file)
    assert (found, len(voices), refused) == ("google-forms", 9, [])
    assert {voice.rating for voice in voices} == {None}
