from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocloop.intake.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("検索が遅いです", "ja"),
        ("承認遅延", "ja"),
        ("ﾃｽﾄ", "ja"),
        ("ERROR_CODE_12 と表示される", "ja"),
        ("iPhone 15 Pro Max でログアウト", "ja"),
        ("请帮我们修复这个问题", "zh"),
        ("導出速度非常緩慢而且經常發生錯誤", "zh"),
        ("검색이 너무 느려요", "ko"),
        ("Search is slow", "en"),
        ("slow", "en"),
        ("card not arrived", "en"),
        ("Please translate 「りんぎ」 in the English user interface", "en"),
        ("Die Suche ist seit gestern sehr langsam", "de"),
        ("La recherche est très lente depuis hier", "fr"),
        ("La búsqueda está muy lenta desde ayer", "es"),
        ("A busca está muito lenta desde ontem", "pt"),
        ("La ricerca è molto lenta da ieri", "it"),
        ("Het zoeken is sinds gisteren erg traag", "nl"),
        ("", "und"),
        ("5.9 !!! 100%", "und"),
        ("😀", "und"),
        ("Поиск очень медленный", "und"),
    ],
)
def test_it_tells_the_language(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "I am still waiting on my card?",
        "What stipulations do disposable cards entail?",
        "Can I cancel a transfer I made",
        "my topup failed",
        "PIN blocked",
        "how hot is it going to be today",
        "Views that have visibility hidden still eat events",
    ],
)
def test_english_gets_the_doubt_in_short_texts(text: str) -> None:
    assert language_of(text) == "en"


@given(st.text(max_size=80))
def test_it_answers_for_any_text(text: str) -> None:
    assert language_of(text) in {"en", "ja", "zh", "ko", "de", "fr", "es", "pt", "it", "nl", "und"}
