from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vocloop.intake import slow
from vocloop.intake.statements import LONGEST_STATEMENT, MOST_STATEMENTS, split
from vocloop_models import Channel


def said(text: str, channel: Channel = Channel.TICKET) -> list[str]:
    return [statement.text for statement in split(text, channel=channel)]


SLOW_JA = "検索画面を開くたびに結果が出るまで一分以上待たされています。"
LOST_JA = "領収書を撮影して登録すると金額が正しく読み取られないことがあります。"
SLOW_EN = "The search screen takes more than a minute every morning."
LOST_EN = "Receipts that we photograph are read with a wrong amount."


def test_sentences_about_one_matter_stay_together() -> None:
    more = "一日に何度も起きるため、現場の仕事が進みません。昨日は三十件が止まりました。"
    assert said(f"{SLOW_JA}{more}") == [f"{SLOW_JA}{more}"]
    more = "It was fine until March. Everybody in the building has this."
    assert said(f"{SLOW_EN} {more}") == [f"{SLOW_EN} {more}"]


@pytest.mark.parametrize(
    "turn",
    [
        "ところで、",
        "また、",
        "別件ですが、",
        "話は変わりますが、",
        "それと",
        "もう一点、",
        "ついでに",
    ],
)
def test_a_turning_word_begins_a_statement(turn: str) -> None:
    assert said(f"{SLOW_JA}{turn}{LOST_JA}") == [SLOW_JA, f"{turn}{LOST_JA}"]


@pytest.mark.parametrize(
    "turn", ["Also, ", "By the way, ", "Separately, ", "On another note, ", "One more thing: "]
)
def test_an_english_turning_word_begins_a_statement(turn: str) -> None:
    assert said(f"{SLOW_EN} {turn}{LOST_EN}") == [SLOW_EN, f"{turn}{LOST_EN}"]


def test_a_turning_word_before_a_fragment_turns_nothing() -> None:
    text = f"{SLOW_JA}また、遅いです。"
    assert said(text) == [text]


def test_a_postscript_is_a_statement_without_its_mark() -> None:
    assert said(f"{SLOW_JA}\n\n追伸\n{LOST_JA}") == [SLOW_JA, LOST_JA]
    assert said(f"{SLOW_EN}\n\nP.S. {LOST_EN}") == [SLOW_EN, LOST_EN]


def test_what_is_said_in_the_other_language_is_a_statement_in_that_language() -> None:
    assert [s.language for s in split(f"{SLOW_JA}\n{LOST_EN}", channel=Channel.TICKET)] == [
        "ja",
        "en",
    ]


def test_long_paragraphs_are_matters_of_their_own_and_short_ones_are_not() -> None:
    asks = "Is there a plan for this?"
    assert said(f"{SLOW_EN}\n\n{asks}") == [f"{SLOW_EN} {asks}"]
    one, other = f"{SLOW_EN} {SLOW_EN} {SLOW_EN}", f"{LOST_EN} {LOST_EN} {LOST_EN}"
    assert said(f"{one}\n\n{other}") == [one, other]


def test_a_long_story_is_told_in_even_parts() -> None:
    story = " ".join([SLOW_EN] * 10)
    parts = said(story)
    assert " ".join(parts) == story
    assert max(map(len, parts)) - min(map(len, parts)) <= 2 * len(SLOW_EN)


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


@pytest.mark.parametrize(
    "report",
    [
        "承認ボタンが反応しません。\n手順：\n1. 通知を開く\n2. 申請を表示する\n3. 承認を押す",
        "表示が遅いです。測定の結果：\n・ホーム：11秒\n・一覧：48秒",
        "Approve does nothing. Steps: 1. Open the mail. 2. Tap the link. 3. Press approve.",
        "Approve does nothing.\nSteps:\n1. Open the mail now\n2. Tap the link\nApp: 4.2 on Android",
    ],
)
def test_steps_and_values_stay_with_their_problem(report: str) -> None:
    assert len(said(report)) == 1


def test_an_answer_too_short_to_understand_joins_the_one_before() -> None:
    talk = (
        f"Q: And the search?\nA: {SLOW_EN}\nQ: Every day?\nA: Every single day.\nQ: Why?\nA: Yes."
    )
    assert said(talk, Channel.INTERVIEW) == [f"{SLOW_EN} Every single day."]


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
        "特になし",
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
    assert said(f"{SLOW_JA}また、{LOST_JA}", Channel.INTERVIEW) == [SLOW_JA, f"また、{LOST_JA}"]


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
    assert "".join(statements).replace(" ", "") == "".join(sentences)
    assert len(statements) <= MOST_STATEMENTS
    if len("".join(sentences)) < LONGEST_STATEMENT * 4:
        assert max(map(len, statements)) <= LONGEST_STATEMENT


# How long it takes is measured by benchmarks/long_texts.py.
@pytest.mark.parametrize("piece", slow.STATEMENTS)
def test_a_long_text_is_read_to_its_end(piece: str) -> None:
    found = split(slow.text_of(piece), channel=Channel.TICKET, language="ja")
    assert len(found) <= MOST_STATEMENTS
