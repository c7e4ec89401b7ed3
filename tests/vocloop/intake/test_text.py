from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocloop.intake.text import clean, strip_mail


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("<p>Search is&nbsp;slow</p><p>since May</p>", "Search is\xa0slow\n\nsince May"),
        ("遅い<br>とても<br/>遅い", "遅い\nとても\n遅い"),
        ("<style>p{color:red}</style><div>本文</div><script>alert(1)</script>", "本文"),
        ("<ul><li>one</li><li>two &amp; three</li></ul>", "- one\n- two & three"),
        ("<!-- hidden --><b>bold</b> text", "bold text"),
        ('<a href="x>y">link</a> here', "link here"),
        ("<p>&#12354;&lt;ok&gt;</p>", "あ<ok>"),
    ],
)
def test_html_becomes_text(written: str, words: str) -> None:
    assert clean(written) == words


@pytest.mark.parametrize(
    "written", ["a < b and c > d", "List<String> is lost", "x<y", "the <b> tag", "1 &lt; 2", "<3"]
)
def test_text_that_merely_contains_a_bracket_stays(written: str) -> None:
    assert clean(written) == written


def test_it_keeps_the_customers_letters() -> None:
    assert clean("㈱ＡＢＣのﾃｽﾄ①") == "㈱ＡＢＣのﾃｽﾄ①"
    assert clean("か\u3099") == "が"  # composed, not changed
    assert clean("👨\u200d👩\u200d👧 ok") == "👨\u200d👩\u200d👧 ok"


def test_it_drops_what_no_one_sees() -> None:
    assert clean("a\u200bb\ufeff\u202ec\x07d\u00ad") == "abcd"
    assert clean("a\r\nb\rc\u2028d") == "a\nb\nc\nd"
    assert clean("a  \n\n\n\n b") == "a\n\n b"


@given(st.text())
def test_clean_text_is_composed_and_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert unicodedata.is_normalized("NFC", once)
    assert once == once.strip()
    if "<" not in once:
        assert clean(once) == once


@given(st.text(alphabet="<>/!-=\"' abp&;script", max_size=60))
def test_broken_html_never_raises(text: str) -> None:
    clean(text)


@pytest.mark.parametrize(
    ("mail", "words"),
    [
        ("Hi team,\n\nThe export stops.\n\nBest regards,\nHannah Croft\n+44 20 7946 0112", None),
        ("Hello,\nThe export stops.\n-- \nHannah\nACME Inc.", None),
        ("Dear Minamo Support,\n\nThe export stops.\n\nSent from my iPhone", None),
        ("The export stops.\n\nOn Mon, 3 Jun 2024 at 10:00, Bo wrote:\n> Hello\n> World", None),
        (
            "The export stops.\n\nOn Mon, 3 Jun 2024, Bo Li\n<b@example.com> wrote:\n> x",
            None,
        ),
        ("The export stops.\n\n-----Original Message-----\nFrom: Bo\nSent: Monday\nHello", None),
        ("The export stops.\nFrom: Bo\nTo: Al\nSubject: Re\n\nolder words", None),
        ("The export stops.\nThanks,\nBo", None),
        ("お世話になっております。\n総務の佐伯です。\n\n出力が止まります。", "出力が止まります。"),
        ("いつもお世話になっております。ABCの田中です。出力が止まります。", "出力が止まります。"),
        ("サポート御中\n\n出力が止まります。", "出力が止まります。"),
        (
            "出力が止まります。\n\n━━━━━━━━━━\n株式会社ABC\n田中\nTEL 03-1234-5678\n━━━━━━━━",
            "出力が止まります。",
        ),
        (
            "出力が止まります。\n\n----- 元のメッセージ -----\n差出人: 田中\n件名: 見積",
            "出力が止まります。",
        ),
        ("出力が止まります。\n\n田中さんのメール：\n> 先日は\n> どうも", "出力が止まります。"),
        ("出力が止まります。\n\niPhoneから送信", "出力が止まります。"),
    ],
)
def test_it_takes_the_mail_off_the_words(mail: str, words: str | None) -> None:
    assert strip_mail(mail) == (words or "The export stops.")


@pytest.mark.parametrize(
    "words",
    [
        "画面の表示が変です。",
        "Dear customers get no reply.",
        "Thanks to the update, exports fail.",
        "From: field is empty in every mail",
        "手順:\n-----\n1. 開く\n2. 保存すると落ちます。",
        "Hi",
        "よろしくお願いいたします。",
        "> all quoted",
    ],
)
def test_words_that_look_like_mail_stay(words: str) -> None:
    assert strip_mail(words) == words


def test_answers_below_a_quotation_stay() -> None:
    mail = "On Mon, 3 Jun 2024 Bo wrote:\n> Which screen?\nThe search screen."
    assert strip_mail(mail) == "The search screen."


def test_a_forwarded_mail_is_the_voice_when_nothing_stands_above_it() -> None:
    mail = "From: Bo\nTo: Al\nSubject: slow\n\nThe search is slow."
    assert strip_mail(mail) == "The search is slow."


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<!--",
        "<a '",
        "<script>",
        "</p>",
        "&",
        "いつも",
        "> ",
        "--\n",
        "Hi ",
        "-\n",
        "From: a\n",
    ],
)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    started = time.process_time()
    strip_mail(clean(text))
    assert time.process_time() - started < 1.5


@given(st.text(min_size=1))
def test_something_is_always_left(text: str) -> None:
    if text.strip():
        assert strip_mail(text).strip()
