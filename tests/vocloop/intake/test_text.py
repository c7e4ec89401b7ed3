from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocloop.intake.text import clean


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
