from __future__ import annotations

import re

import numpy as np
import pytest

from tests.fakes import WordEncoder
from vocloop.themes import english, japanese
from vocloop.themes.labels import KEYWORDS, label
from vocloop.themes.prose import LONGEST_TITLE, width
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


def test_a_title_is_what_a_customer_said_in_plain_form() -> None:
    titles = {theme: found.titles for theme, found in labelled().items()}
    plain = {"承認者が休むと申請が止まる", "代理承認ができないので申請が止まっている"}
    assert titles["stalled"]["ja"] in plain
    assert titles["export"]["en"] in {t.rstrip(".") for t in EXPORT}


def test_a_title_tells_the_problem_and_neither_who_writes_nor_what_is_fine() -> None:
    said = [
        "同じ承認依頼のメールが2通ずつ来ます",
        "夜に送ったメールの返事が翌朝いちばんに来ていました",
        "メールで回答をもらいました",
        "We're a hospital group with mail",
        "The same mail comes twice",
        "I read the mail in that week",
    ]
    themes = ["mail"] * len(said)
    found = label(said, ["ja"] * 3 + ["en"] * 3, themes, np.eye(len(said), dtype=np.float32))
    assert found["mail"].titles["ja"] == "同じ承認依頼のメールが2通ずつ来る"
    assert found["mail"].titles["en"] == "The same mail comes twice"


def one_theme(*said: str, language: str) -> str | None:
    points = np.eye(len(said), dtype=np.float32)
    found = label(said, [language] * len(said), ["one"] * len(said), points)
    return found["one"].titles.get(language)


def test_what_is_fine_names_no_theme_of_problems_but_one_of_praise() -> None:
    fine = "The screen export is good and the CSV export is good"
    broken = "The CSV export fails at once"
    assert one_theme(fine, broken, broken + " again", language="en") == broken
    praise = ["サポートの回答が早くて助かりました", "サポートの回答が丁寧で安心しました"]
    plain = "サポートの回答を三回お願いした件です"
    assert one_theme(*praise, plain, language="ja") != plain


def test_an_aside_of_a_long_statement_counts_less_than_a_statement_of_its_own() -> None:
    aside = "The budget figures doubled after closing"
    long = f"{aside}. " + "I walked over to the other building and waited there for lunch. " * 4
    assert one_theme(long, "The budget figures doubled at year end", language="en") == (
        "The budget figures doubled at year end"
    )


def test_a_title_points_at_nothing_that_it_does_not_name() -> None:
    assert english.pointing("Before you add one, legal want that in writing")
    assert english.pointing("If the route is not live by then, requests go astray")
    assert not english.pointing("The same mail comes twice")


def test_a_language_without_members_has_no_title() -> None:
    assert "en" not in labelled()["stalled"].titles
    assert "ja" not in labelled()["export"].titles


def test_keywords_are_words_of_the_theme_and_not_parts_of_each_other() -> None:
    found = labelled()
    japanese = found["stalled"].keywords["ja"]
    assert any("承認" in w for w in japanese)
    assert any("CSV" in w for w in found["export"].keywords["en"])
    for keywords in (japanese, found["export"].keywords["en"]):
        assert len(keywords) <= KEYWORDS
        assert not any(a != b and a in b for a in keywords for b in keywords)


def test_both_languages_have_their_quotes() -> None:
    texts = STALLED + EXPORT
    languages = ["ja"] * 4 + ["en"] * 4
    found = label(texts, languages, ["one"] * 8, WordEncoder().encode(texts))["one"]
    assert {languages[i] for i in found.quotes} == {"ja", "en"}


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("正直に申しますと" + "とても長い話なのですが、" * 30 + "承認が止まります", "ja"),
        ("承認経路設定画面右上の" * 30, "ja"),
        ("approval " * 200, "en"),
        ("When the manager who approves is on leave " * 9 + "the approval is stuck", "en"),
        ("[PERSON-1]からの承認が止まる", "ja"),
        ("XXXX charged XX/XX/2019 the approval fee", "en"),
    ],
)
def test_a_title_fits_a_list_and_is_never_cut(said: str, language: str) -> None:
    found = label([said] * 3, [language] * 3, ["one"] * 3, WordEncoder().encode([said] * 3))
    title = found["one"].titles.get(language, "")
    assert width(title) <= LONGEST_TITLE
    assert "…" not in title
    assert "PERSON" not in title
    assert "XX" not in title
    plain = said.casefold().replace("止まります", "止まる")
    assert title.casefold() in plain or all(
        word in plain for word in re.split("・|, ", title.casefold())
    )


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("正直、部長の出張中は承認が進まず、申請が三日止まりました。", "申請が三日止まる"),
        ("役員は届いたメールを一通も開いておりません。", "役員は届いたメールを一通も開いていない"),
        ("部長の出張中は承認が進まず、困っています", "部長の出張中は承認が進まない"),
        ("走行中に警告灯が点灯し、停止した。", "走行中に警告灯が点灯"),
        ("入力しなければならないのが面倒でした", "入力しなければならないのが面倒"),
        ("言語が切り替わらないんですけど、どうすればいいですか", "言語が切り替わらない"),
        (
            "逆に日本語の人に英語のメールが来ることもあります",
            "日本語の人に英語のメールが来ることもある",
        ),
        ("画面を開くと遅くなりますので、急いでいます", "画面を開くと遅くなる"),
        ("登録番号の承認待ちです", "登録番号の承認待ち"),
        ("ついでに言うと税をまったく読みません", "税をまったく読まない"),
        ("加えて、CSVも途中で切れており、困ります", "CSVも途中で切れている"),
        ("加えて月末のCSVも途中で切れます", "月末のCSVも途中で切れる"),
        ("お客様：二重に届きました", "二重に届く"),
    ],
)
def test_japanese_clauses_end_as_plain_statements(said: str, title: str) -> None:
    assert title in list(japanese.titles(said))


@pytest.mark.parametrize(
    "said",
    [
        "お世話になっております。",
        "ご確認のほどよろしくお願いいたします",
        "確認していただけますでしょうか",
        "右折中、",
        "触媒が壊れたことにより、",
        "踏んでいないにも関わらず、",
        "設定（詳細",
        "この車において、",
    ],
)
def test_what_says_nothing_by_itself_is_no_japanese_title(said: str) -> None:
    assert list(japanese.titles(said)) == []


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("Hi team, can you please explain why I was charged a fee?", "Why I was charged a fee?"),
        ("I'm writing because my card was declined and I am upset.", "My card was declined"),
        ("When I export the CSV, it stops", "When I export the CSV, it stops"),
        ("[Bug]: cannot add a node because the id is taken", "Cannot add a node"),
        ("THE EXPORT IS BROKEN", "The export is broken"),
        ("iPhone app crashes, please!", "iPhone app crashes"),
        ("What is the rate based on", "What is the rate based on"),
        ("Two was that each mail came twice", "Each mail came twice"),
    ],
)
def test_english_clauses_stand_without_their_lead(said: str, title: str) -> None:
    assert title in list(english.titles(said))


@pytest.mark.parametrize(
    "said",
    [
        "Thanks in advance!",
        "Any help is welcome",
        "When I export",
        "The list of",
        "Please",
        "From: Support",
    ],
)
def test_what_says_nothing_by_itself_is_no_english_title(said: str) -> None:
    assert list(english.titles(said)) == []


def test_a_compound_stands_for_its_parts() -> None:
    texts = [f"登録番号の桁が{i}つ足りない" for i in range(6)]
    found = label(texts, ["ja"] * 6, ["one"] * 6, np.ones((6, 2), np.float32))["one"]
    assert "登録番号" in found.keywords["ja"]
    assert not {"登録", "番号"} & set(found.keywords["ja"])


def test_what_nobody_says_is_no_word() -> None:
    told = "### Steps to do\n<!-- x -->\n```\nraise\n```\nSee https://a.example/export `code`"
    shown = {s for _, s in words(f"{told} The export fails", "en")}
    assert shown == {"export", "fails", "export fails"}


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


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("こと もの よう ため 今日 毎月 三日 承認後", "ja"),
        ("please hello thanks XXXX XX/XX/2019 {$500.00} 12 don't can't problem", "en"),
    ],
)
def test_what_stands_in_every_mail_is_no_word(text: str, language: str) -> None:
    assert {s for _, s in words(text, language)} <= {"承認"}


def test_words_are_shown_as_they_are_written() -> None:
    shown = {s for _, s in words("The CSV Export of SharePoint and ＣＶＴ", "en")}
    assert {"CSV", "export", "SharePoint"} <= shown
    assert "CVT" in {s for _, s in words("ＣＶＴの不具合", "ja")}


def test_what_stands_for_personal_data_is_no_word() -> None:
    assert "person" not in str(words("[PERSON-1] cannot export", "en")).lower()
    assert "PERSON" not in str(words("[PERSON-1]の書き出しが止まる", "ja"))
