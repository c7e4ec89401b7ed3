from __future__ import annotations

from vocloop_ui import marks


def test_languages_are_told_in_the_order_of_their_bar() -> None:
    counts = {"de": 3, "en": 118, "fr": 9, "ja": 102}
    assert [code for code, _ in marks.in_order(counts)] == ["ja", "en", "fr", "de"]
    assert [part.name for part in marks.mix(counts)] == ["ja", "en", "other"]
