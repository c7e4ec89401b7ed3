"""Search forgives width, case and a wrong letter, and never finds what is gone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from vocloop.themes.search import SearchIndex, Texts, Word
from vocloop_models import Feedback, Statement, Theme, ThemeState, new_id

SAID = [
    "承認者が不在だと、申請が何日も止まります。",
    "ﾊﾞｰｺｰﾄﾞの読み取りに失敗します。",
    "The approval route is lost after every reorganisation.",
    "Exports to ACCOUNTING stop halfway.",
    "画面が遅くて困っています。",
]


def store(session: Session, texts: list[str]) -> list[Statement]:
    made = []
    for text in texts:
        feedback = Feedback(source="t", external_id=str(new_id()), text=text, language="ja")
        session.add(feedback)
        session.flush()
        made.append(Statement(feedback_id=feedback.id, position=0, text=text, language="ja"))
        session.add(made[-1])
        session.flush()
    return made


def found(session: Session, index: SearchIndex, text: str) -> list[str]:
    return [each.statement.text for each in index.statements(session, text)]


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("承認者", 0),
        ("申請 承認者", 0),
        ("バーコード", 1),
        ("ＡＰＰＲＯＶＡＬ", 2),
        ("accounting", 3),
        ("aproval", 2),
        ("exprts", 3),
        ("reorganization", 2),
        ("acounting halfway", 3),
        ("承認者の不在", 0),
    ],
)
def test_it_finds_the_statement(session: Session, text: str, position: int) -> None:
    store(session, SAID)
    assert found(session, SearchIndex(), text)[0] == SAID[position]


LETTERS = st.text(alphabet="abcd承認", max_size=14)


@given(LETTERS.filter(bool), st.lists(LETTERS, max_size=6))
def test_a_text_is_as_like_a_word_as_it_has_pieces_of_it(text: str, texts: list[str]) -> None:
    word = Word(text)
    if not word.pieces:
        assert word.likeness(texts).tolist() == [float(text in each) for each in texts]
        return
    counts = [sum(piece in each for piece in word.pieces) for each in texts]
    enough = len(word.pieces) - word.most_missing
    assert word.likeness(texts).tolist() == [
        count / len(word.pieces) if count >= enough else 0 for count in counts
    ]


@pytest.mark.parametrize(
    "text", ["", " ", "qqqqqq", "xyz", "承認 qqqqqq", "%", "請求書", "tiger", "orange"]
)
def test_what_nobody_said_is_not_found(session: Session, text: str) -> None:
    store(session, SAID)
    assert found(session, SearchIndex(), text) == []


def test_the_newest_of_equals_comes_first(session: Session) -> None:
    store(session, ["画面が遅い。", "画面が遅い!", "画面が、遅い"])
    assert found(session, SearchIndex(), "画面") == ["画面が、遅い", "画面が遅い!", "画面が遅い。"]


def test_it_keeps_up_with_what_comes_and_goes(session: Session) -> None:
    index = SearchIndex()
    first = store(session, SAID)
    assert found(session, index, "通知") == []
    store(session, ["通知が多すぎます。"])
    assert found(session, index, "通知") == ["通知が多すぎます。"]
    session.delete(first[4])
    session.flush()
    assert found(session, index, "画面") == []


def test_of_too_many_the_newest_are_kept_and_read_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vocloop.themes.search.MOST_STATEMENTS", 3)
    store(session, SAID)
    index, read = SearchIndex(), []
    newer = index._newer
    monkeypatch.setattr(index, "_newer", lambda *asked: read.append(asked) or newer(*asked))
    for _ in range(2):
        assert found(session, index, "承認者") == []
        assert found(session, index, "画面") == [SAID[4]]
    assert len(read) == 1
    store(session, ["通知が多すぎます。"])
    assert found(session, index, "通知") == ["通知が多すぎます。"]
    assert found(session, index, "approval") == []
    assert len(read) == 2


def test_what_has_the_words_comes_before_what_resembles() -> None:
    texts = Texts([new_id(), new_id()], ["approval lost", "aproval lost"])
    best = texts.best("approval", 5)
    assert [each for each, _ in best] == texts.ids
    assert best[0][1] == 1.0
    assert best[1][1] < 1.0


def test_themes_are_found_by_title_and_keyword_until_they_end(session: Session) -> None:
    theme = Theme(
        number=1, title_ja="承認が止まる", title_en="Approvals stall", keywords_en=["delegate"]
    )
    session.add(theme)
    session.flush()
    index = SearchIndex()
    for text in ("承認", "approvls", "ＤＥＬＥＧＡＴＥ"):
        assert [each.theme.id for each in index.themes(session, text)] == [theme.id]
    theme.title_en = "Deputies are missing"
    theme.updated_at = theme.created_at.replace(year=2030)
    session.flush()
    assert index.themes(session, "deputies")
    theme.state = ThemeState.DISMISSED
    theme.updated_at = theme.created_at.replace(year=2031)
    session.flush()
    assert index.themes(session, "承認") == []
