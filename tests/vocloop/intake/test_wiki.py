"""Jira's wiki text as its reader sees it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocloop.intake.formats.wiki import plain


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("Since Monday *nobody* can _ever_ log in.", "Since Monday nobody can ever log in."),
        ("h2. Steps\n# Open it\n## Wait\n* Look", "Steps\n- Open it\n- Wait\n- Look"),
        ("See [the guide|https://example.com/a?b=1].", "See the guide."),
        ("See [https://example.com/a].", "See https://example.com/a."),
        ("Broken !shot.png|thumbnail! and [^log.txt]", "Broken  and"),
        ("{code:java}\nint a;\n{code}", "int a;"),
        ("{color:red}Wrong{color} in {{total}}", "Wrong in total"),
        ("bq. It works for me", "It works for me"),
        # No marks, although they look like some.
        ("3 * 4 * 5 and a_b_c, snake_case!", "3 * 4 * 5 and a_b_c, snake_case!"),
        ("Help! It stops! Now!", "Help! It stops! Now!"),
        ("料金は[税込]です。* 注", "料金は[税込]です。* 注"),
    ],
)
def test_marks_go_and_words_stay(written: str, seen: str) -> None:
    assert plain(written) == seen


@given(st.text(alphabet="a *_!#[]|{}^:/.\nあ", max_size=200))
def test_no_text_breaks_it_or_grows(text: str) -> None:
    assert len(plain(text)) <= len(text) + text.count("\n") + 1
