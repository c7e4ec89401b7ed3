from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vocloop.intake import slow
from vocloop.intake.mail import strip_mail
from vocloop.intake.text import clean


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
    "signature",
    [
        "香川 莉子\nグローバル推進部\nkagawa@example.jp",
        "財務部　和田 圭吾\nwada@example.jp / 03-0000-5528",
        "経理 野々村",
        "草々\n曽我 実／人事部",
        "岸（内線 3114）",
        "┏━━━━━━━━┓\n 早坂 友紀　経営管理部\n hayasaka@example.jp\n┗━━━━━━━━┛",
        "以上、よろしくお願いいたします。\n\n村上 健太／営業一課",
        "Sanjay",
        "Jen Marlow\nSr. Manager, SOX Compliance",
        "Best regards from a closed office,\nF. Lindner",
        "Mit freundlichen Grüßen / Best regards\nK. Vogel\nInternal Controls",
        "Thank you in advance\nRegards,\nIT Helpdesk\nhelpdesk@example.com",
    ],
)
def test_signatures_of_all_shapes_are_off(signature: str) -> None:
    assert strip_mail(f"出力が止まります。\n\n{signature}") == "出力が止まります。"


def test_a_surname_alone_is_a_signature_of_one_who_gave_it_at_the_top() -> None:
    words = "出力が止まります。"
    assert strip_mail(f"購買の岩田です。\n\n{words}\n\n岩田") == words
    assert strip_mail(f"{words}\n\n岩田") == f"{words}\n\n岩田"


@pytest.mark.parametrize(
    "words",
    [
        "本日朝より、全利用者がサインインできない状態です。",
        "本社、物流センター、バンコク事務所の3種類が必要です。",
        "一覧から出せるのは最終の承認者だけのようです。",
        "弊社の障害です。",
    ],
)
def test_a_sentence_below_the_greeting_is_no_self_introduction(words: str) -> None:
    assert strip_mail(f"お世話になっております。\n経理の乾です。\n\n{words}") == words


def test_an_answer_below_what_the_mailer_quoted_stays() -> None:
    mail = "督促が届きます。\n\n-----Original Message-----\n> 検討中です。\n\nいつ直りますか。"
    assert strip_mail(mail) == "督促が届きます。\n\n\nいつ直りますか。"


def test_a_quotation_that_the_answer_takes_up_stays_in_it() -> None:
    mail = "ご担当者様\n\n> 修正済みです\n\nとのことでしたが、今日も届きました。"
    assert strip_mail(mail) == "「修正済みです」とのことでしたが、今日も届きました。"


def test_of_a_subject_line_only_the_label_goes() -> None:
    mail = "件名：Re: 休業日の扱い\n\nお世話になっております。\n一種類では足りません。"
    assert strip_mail(mail) == "休業日の扱い\n一種類では足りません。"


# How long it takes is measured by benchmarks/long_texts.py.
@pytest.mark.parametrize("piece", slow.MAILS)
def test_hostile_texts_are_read_to_their_end(piece: str) -> None:
    text = clean(slow.text_of(piece))
    assert len(strip_mail(text)) <= len(text)


@given(st.text(min_size=1))
def test_something_is_always_left(text: str) -> None:
    if text.strip():
        assert strip_mail(text).strip()
