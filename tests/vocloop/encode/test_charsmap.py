from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers.normalizers import Precompiled

from vocloop.encode.charsmap import charsmap

CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
MAPS = st.dictionaries(CHARACTERS, st.text(CHARACTERS, max_size=4), max_size=200)


@settings(deadline=None)  # the machine may be busy
@given(MAPS, st.lists(CHARACTERS, max_size=20))
def test_it_replaces_each_mapped_character_and_leaves_the_others(
    replacements: dict[str, str], others: list[str]
) -> None:
    normalizer = Precompiled(charsmap(replacements))
    for character in [*replacements, *others]:
        assert normalizer.normalize_str(character) == replacements.get(character, character)


def test_it_holds_a_map_of_every_japanese_letter_and_more() -> None:
    replacements = {chr(point): f"{point:x}" for point in range(0x80, 0xD800)}
    normalizer = Precompiled(charsmap(replacements))
    text = "".join(map(chr, range(0x3041, 0x9FFF)))
    assert normalizer.normalize_str(text) == "".join(replacements[letter] for letter in text)


def test_an_empty_map_changes_nothing() -> None:
    assert Precompiled(charsmap({})).normalize_str("Ａb㌔") == "Ａb㌔"


@pytest.mark.parametrize(("key", "value"), [("ab", "c"), ("", "c"), ("\0", "c"), ("a", "b\0")])
def test_it_refuses_what_the_format_can_not_hold(key: str, value: str) -> None:
    with pytest.raises(ValueError, match="one character"):
        charsmap({key: value})
