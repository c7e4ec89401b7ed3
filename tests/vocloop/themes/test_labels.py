from __future__ import annotations

import numpy as np
import pytest

from tests.fakes import WordEncoder
from vocloop.themes.labels import KEYWORDS, TITLE_EN, TITLE_JA, label
from vocloop.themes.words import words

STALLED = [
    "承認者が休むと申請が止まる。",
    "部長の出張中は承認が進まず、申請が三日止まりました。",
    "承認者不在で発注申請が止まり、部材が届きません。",
    "代理承認ができないので申請が止まっています。",
]
EXPORT = [
    "The CSV export stops at month end.",
    "Month-end CSV export times out after ten minutes.",
    "Our export of the CSV is cut off at 80,000 rows.",
    "CSV exports fail whenever we close the month.",
]


def labelled() -> dict:
    texts = STALLED + EXPORT
    return label(
        texts,
        ["ja"] * 4 + ["en"] * 4,
        ["stalled"] * 4 + ["export"] * 4,
        WordEncoder().encode(texts),
    )


def test_a_title_is_a_sentence_that_a_customer_said() -> None:
    titles = {theme: found.titles for theme, found in labelled().items()}
    assert titles["stalled"]["ja"] in {t.rstrip("。") for t in STALLED}
    assert titles["export"]["en"] in {t.rstrip(".") for t in EXPORT}


def test_a_language_without_members_has_no_title() -> None:
    assert "en" not in labelled()["stalled"].titles
    assert "ja" not in labelled()["export"].titles


def test_keywords_are_words_of_the_theme_and_not_parts_of_each_other() -> None:
    found = labelled()
    japanese = found["stalled"].keywords["ja"]
    assert any("承認" in w for w in japanese)
    assert any("csv" in w for w in found["export"].keywords["en"])
    for keywords in (japanese, found["export"].keywords["en"]):
        assert len(keywords) <= KEYWORDS
        assert not any(a != b and a in b for a in keywords for b in keywords)


def test_both_languages_have_their_quotes() -> None:
    texts = STALLED + EXPORT
    languages = ["ja"] * 4 + ["en"] * 4
    found = label(texts, languages, ["one"] * 8, WordEncoder().encode(texts))["one"]
    assert {languages[i] for i in found.quotes} == {"ja", "en"}


def test_a_long_statement_gives_a_short_title() -> None:
    rambling = "正直に申しますと" + "とても長い話なのですが、" * 30 + "承認が止まります"
    found = label([rambling] * 3, ["ja"] * 3, ["one"] * 3, WordEncoder().encode([rambling] * 3))
    assert len(found["one"].titles["ja"]) <= 2 * TITLE_JA[1] + 1
    words_only = "approval " * 200
    found = label([words_only] * 3, ["en"] * 3, ["one"] * 3, WordEncoder().encode([words_only] * 3))
    assert len(found["one"].titles["en"]) <= 2 * TITLE_EN[1] + 1


def test_unassigned_statements_belong_to_no_label() -> None:
    texts = [*EXPORT, "unrelated remark"]
    found = label(texts, ["en"] * 5, [*["one"] * 4, None], WordEncoder().encode(texts))
    assert set(found) == {"one"}
    assert 4 not in found["one"].quotes


@pytest.mark.parametrize(
    ("text", "language", "held"),
    [
        ("請求書の発行が遅い", "ja", {"請求書", "発行", "遅い"}),
        ("ＣＳＶを書き出せません", "ja", {"書き出す"}),
        ("Exports keep failing", "en", {"exports", "failing"}),
    ],
)
def test_words_are_words_and_not_letters(text: str, language: str, held: set[str]) -> None:
    assert held <= {surface for _, surface in words(text, language)}


def test_inflections_share_a_key() -> None:
    keys = [{k for k, _ in words(t, "en")} for t in ("exports failed", "the export fails")]
    assert {"export", "fail"} <= keys[0] & keys[1]
    japanese = [{k for k, _ in words(t, "ja")} for t in ("申請が止まった", "申請が止まらない")]
    assert len(japanese[0] & japanese[1]) >= 2


def test_points_of_length_zero_are_no_error() -> None:
    found = label(EXPORT, ["en"] * 4, ["one"] * 4, np.zeros((4, 8), np.float32))
    assert found["one"].titles["en"]


def test_what_stands_for_personal_data_is_no_word() -> None:
    assert "person" not in str(words("[PERSON-1] cannot export", "en")).lower()
    assert "PERSON" not in str(words("[PERSON-1]の書き出しが止まる", "ja"))
