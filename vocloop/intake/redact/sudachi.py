"""Japanese names that no record tells and no list knows, by the part of speech that SudachiPy gives
them."""

from __future__ import annotations

from functools import cache
from typing import Any

# SudachiPy takes at most 49,149 bytes at once.
_LONGEST = 12_000


def sudachi_names(text: str) -> list[str]:
    """Family names with what follows as a given name, and family names before an honorific."""
    if text.isascii():
        return []
    names = []
    for start in range(0, len(text), _LONGEST):
        morphemes = list(_tokenizer().tokenize(text[start : start + _LONGEST]))
        kinds = [_kind(each) for each in morphemes]
        for place, (morpheme, kind) in enumerate(zip(morphemes, kinds, strict=True)):
            if kind != "姓":
                continue
            behind = kinds[place + 1] if place + 1 < len(kinds) else ""
            if behind == "名":
                names.append(morpheme.surface() + morphemes[place + 1].surface())
            elif behind == "敬称":
                names.append(morpheme.surface())
    return [name for name in dict.fromkeys(names) if len(name) > 1]


def _kind(morpheme: Any) -> str:
    """姓, 名, 敬称, or nothing."""
    speech = morpheme.part_of_speech()
    if speech[2] == "人名":
        return str(speech[3])
    return "敬称" if morpheme.surface() in {"様", "さま", "さん", "氏", "殿", "くん", "君"} else ""


@cache
def _tokenizer() -> Any:
    from sudachipy import Dictionary, SplitMode

    return Dictionary(dict="core").tokenizer(mode=SplitMode.C)
