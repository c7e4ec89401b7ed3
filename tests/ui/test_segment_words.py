from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocloop_ui import segment_words
from vocloop_ui.i18n import Reader

JA, EN = (Reader(language, ZoneInfo("Asia/Tokyo")) for language in ("ja", "en"))


@pytest.mark.parametrize(
    ("attribute", "written", "ja", "en"),
    [
        ("industry", "Manufacturing", "製造業", "in Manufacturing"),
        ("industry", "製造業", "製造業", "in Manufacturing"),
        ("industry", "ｍａｎｕｆａｃｔｕｒｉｎｇ", "製造業", "in Manufacturing"),
        ("industry", "林業", "林業", "in 林業"),
        ("size", "300-999", "従業員300〜999名", "with 300–999 people"),
        ("size", "1,000名以上", "1,000名以上", "with 1,000名以上"),
        ("size", "1000+", "従業員1,000名以上", "with 1,000 people or more"),
        ("region", "Overseas", "海外", "in the region Overseas"),
        ("plan", "Enterprise", "Enterpriseプラン", "on the plan Enterprise"),
        ("touch_tier", "high", "ハイタッチの顧客", "among high-touch customers"),
        ("department", "IT", "情報システム部門", "in the department IT"),
        ("role", "Manager", "役職「管理職」", "in the role Manager"),
        (
            "industry × department",
            "Manufacturing × IT",
            "製造業の情報システム部門",
            "in Manufacturing in the department IT",
        ),
        ("colour", "blue", "colour「blue」", "with colour blue"),
    ],
)
def test_it_says_a_segment_as_the_reader_does(
    attribute: str, written: str, ja: str, en: str
) -> None:
    assert segment_words.phrase(JA, attribute, written) == ja
    assert segment_words.phrase(EN, attribute, written) == en


@given(st.sampled_from(["industry", "size", "region", "department", "other"]), st.text())
def test_any_value_can_be_said(attribute: str, written: str) -> None:
    for reader in (JA, EN):
        assert segment_words.value(reader, attribute, written) or not written


def test_no_spelling_stands_for_two_values() -> None:
    """A spelling that is listed twice would be shown as whichever comes last."""
    rows = segment_words.VALUES.read_text("utf-8").count('["')
    shown = {(name, called["en"]) for (name, _), called in segment_words._known().items()}
    assert len(shown) == rows
