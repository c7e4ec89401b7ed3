from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocloop.intake.statements import LONGEST_STATEMENT, MOST_STATEMENTS, split
from vocloop_models import Channel


def said(text: str, channel: Channel = Channel.TICKET) -> list[str]:
    return [statement.text for statement in split(text, channel=channel)]


SLOW_JA = "検索画面を開くたびに結果が出るまで一分以上待たされています。"
LOST_JA = "領収書を撮影して登録すると金額が正しく読み取られないことがあります。"
SLOW_EN = "The search screen takes more than a minute every morning."
LOST_EN = "Receipts that we photograph are read with a wrong amount."


def test_it_cuts_at_sentences_of_both_languages() -> None:
    assert said(f"{SLOW_JA}{LOST_JA}") == [SLOW_JA, LOST_JA]
    assert said(f"{SLOW_EN} {LOST_EN}") == [SLOW_EN, LOST_EN]
    assert [s.language for s in split(f"{SLOW_JA}\n{LOST_EN}", channel=Channel.TICKET)] == [
        "ja",
        "en",
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Mr. Tanaka approved version 5.9 of the document on time.",
        "The page https://example.com/a?b=c!d shows an error since v. 2 came out.",
        "Exports, e.g. CSV and PDF, fail for approx. 20 % of the files.",
        "「保存できませんでした。もう一度お試しください。」と表示されて先に進めないことがよくあります。",
        "このボタンを押すと「エラー！」という赤い表示が毎回出てしまい困っています。",
    ],
)
def test_it_does_not_cut_inside_a_sentence(sentence: str) -> None:
    assert said(sentence) == [sentence]


def test_bullets_are_statements_of_their_own() -> None:
    text = "・検索が遅い\n・PDFが文字化けする\n・通知メールが多すぎる"
    assert said(text) == ["検索が遅い", "PDFが文字化けする", "通知メールが多すぎる"]
    numbered = "1. Search is slow\n2. Printing is broken\n3) Too many mails"
    assert said(numbered) == ["Search is slow", "Printing is broken", "Too many mails"]


def test_sentences_that_go_on_join_the_one_before() -> None:
    assert said(f"{SLOW_JA}そのため毎朝の業務が始められず現場から苦情が来ています。") == [
        f"{SLOW_JA}そのため毎朝の業務が始められず現場から苦情が来ています。"
    ]
    more = "This blocks the whole accounting team until about ten o'clock."
    assert said(f"{SLOW_EN} {more}") == [f"{SLOW_EN} {more}"]


def test_fragments_join_their_neighbour() -> None:
    assert said(f"{SLOW_JA}困ります。") == [f"{SLOW_JA}困ります。"]
    assert said(f"困ります。{SLOW_JA}") == [f"困ります。{SLOW_JA}"]


def test_wrapped_lines_are_one_sentence() -> None:
    wrapped = "The search screen takes more than a minute every morning when all of\nus sign in."
    assert said(wrapped) == [wrapped.replace("\n", " ")]


@pytest.mark.parametrize(
    "formula",
    [
        "よろしくお願いいたします。",
        "お手数をおかけしますが、ご確認のほどよろしくお願いいたします。",
        "いつもありがとうございます。",
        "Thanks in advance!",
        "Please advise.",
        "I look forward to hearing from you.",
    ],
)
def test_formulas_are_no_statement_unless_nothing_else_is_there(formula: str) -> None:
    assert said(f"{SLOW_JA}\n{formula}") == [SLOW_JA]
    assert said(formula) == [formula]


@pytest.mark.parametrize(
    "talk",
    [
        f"Interviewer: What is hard?\nCustomer: {SLOW_EN}\nInterviewer: And?\nCustomer: {LOST_EN}",
        f"Q: What is hard?\nA: {SLOW_EN}\nQ: What else is hard?\nA: {LOST_EN}",
        f"聞き手：何にお困りですか。\nお客様：{SLOW_EN}\n聞き手：ほかには。\nお客様：{LOST_EN}",
    ],
)
def test_an_interviewers_turns_are_context(talk: str) -> None:
    assert said(talk, Channel.INTERVIEW) == [SLOW_EN, LOST_EN]


def test_notes_without_speakers_are_all_the_customers() -> None:
    assert said(f"{SLOW_JA}{LOST_JA}", Channel.INTERVIEW) == [SLOW_JA, LOST_JA]


def test_a_talk_in_which_the_customer_says_nothing_keeps_its_words() -> None:
    talk = "Interviewer: What is hard about the search screen for you?"
    assert said(talk, Channel.INTERVIEW) == [talk]


def test_a_short_survey_answer_is_one_statement() -> None:
    assert said(f"{SLOW_JA}\n{LOST_JA}", Channel.SURVEY) == [f"{SLOW_JA}{LOST_JA}"]


def test_mail_furniture_is_off() -> None:
    mail = f"Hi,\n\n{SLOW_EN}\n\nBest regards,\nBo\n\nOn Mon, 3 Jun 2024 Al wrote:\n> Hello"
    assert said(mail) == [SLOW_EN]


@given(
    st.text(alphabet="あ検、。！？abc. ,\n-・1>:A", min_size=1).filter(str.strip),
    st.sampled_from(list(Channel)),
)
def test_any_text_gives_statements(text: str, channel: Channel) -> None:
    statements = split(text, channel=channel)
    assert statements == split(text, channel=channel)
    assert 1 <= len(statements) <= MOST_STATEMENTS
    assert all(statement.text.strip() for statement in statements)


@given(
    st.lists(st.sampled_from([SLOW_JA, LOST_JA, "遅い。", "一" * 900]), min_size=1, max_size=120)
)
def test_words_are_joined_and_never_lost(sentences: list[str]) -> None:
    statements = said("".join(sentences))
    assert "".join(statements) == "".join(sentences)
    assert len(statements) <= MOST_STATEMENTS
    if len("".join(sentences)) < LONGEST_STATEMENT * 4:
        assert max(map(len, statements)) <= LONGEST_STATEMENT


@pytest.mark.parametrize(
    "piece", ["あ", "a ", "a.", "。", "よろしく", "ご確認の", "A:", "1) ", "お願い"]
)
def test_a_long_text_takes_less_than_a_second(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    started = time.process_time()
    split(text, channel=Channel.TICKET, language="ja")
    assert time.process_time() - started < 1.0
