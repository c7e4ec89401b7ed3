"""Words of a text, as a reader would name them: Japanese by Sudachi, English by stem."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

_EMPTY = tomllib.loads((Path(__file__).parent / "emptywords.toml").read_text(encoding="utf-8"))
_EMPTY_JA = frozenset(_EMPTY["ja"].split())
_EMPTY_EN = ENGLISH_STOP_WORDS | frozenset(_EMPTY["en"].split())
_LATIN = re.compile(r"[a-z][a-z'’\-]*[a-z0-9]|[a-z]", re.IGNORECASE)
_HAS_WORD = re.compile(r"[ぁ-んァ-ヶ一-龥a-zA-Z]")
# What stands for personal data in a text, such as [PERSON-3].
_MASK = re.compile(r"\[[A-Z]+(?:-[0-9]+)?\]")
_NOUN_LIKE = {"名詞", "接頭辞", "接尾辞"}


@cache
def _sudachi() -> Any:
    from sudachipy import Dictionary, SplitMode

    return Dictionary(dict="core").tokenizer(mode=SplitMode.C)


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


def proper(word: str) -> bool:
    """Whether a Japanese ``word`` is a name, or one that no dictionary has."""
    pieces = _sudachi().tokenize(word)
    return all(p.part_of_speech()[1] == "固有名詞" or p.is_oov() for p in pieces)


def words(text: str, language: str) -> list[tuple[str, str]]:
    """Content words of ``text`` as (key, surface): the key joins inflections and spellings, the
    surface is what a person reads. Adjacent nouns also come joined, as the compound they are."""
    told = _MASK.sub(" ", text)
    return _japanese(told) if language == "ja" else _english(told)


def _japanese(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    run: list[tuple[str, str]] = []  # nouns that stand side by side
    verb = ""  # the surface of the verb just before, the first half of a compound: 書き + 出す

    def close() -> None:
        content = [(k, s) for k, s in run if k not in _EMPTY_JA]
        if len(run) in {2, 3} and content:
            found.append(("".join(k for k, _ in run), "".join(s for _, s in run)))
        run.clear()

    for piece in _sudachi().tokenize(text):
        kind = piece.part_of_speech()
        surface, key = piece.surface(), piece.normalized_form()
        usable = bool(_HAS_WORD.search(surface)) and kind[1] not in {"数詞", "助数詞可能", "代名詞"}
        if kind[0] in _NOUN_LIKE and usable:
            run.append((key, surface))
            if kind[0] == "名詞" and kind[1] != "非自立可能" and key not in _EMPTY_JA:
                found.append((key, surface))
            continue
        close()
        before, verb = verb, surface if kind[0] == "動詞" else ""
        if kind[0] not in {"動詞", "形容詞", "形状詞"} or not usable:
            continue
        if kind[1] != "非自立可能" and key not in _EMPTY_JA:
            found.append((key, piece.dictionary_form()))
        elif kind[0] == "動詞" and before and found:
            found[-1] = (before + key, before + key)
    close()
    return [(k, s) for k, s in found if len(s) > 1 or re.match(r"[一-龥]", s)]


def _english(text: str) -> list[tuple[str, str]]:
    tokens = [t.lower().replace("’", "'") for t in _LATIN.findall(text)]
    tokens = [t.removesuffix("'s") for t in tokens]
    stems = _stemmer().stemWords(tokens)
    content = [
        t not in _EMPTY_EN and t.split("'")[0] not in _EMPTY_EN and len(t) > 2 for t in tokens
    ]
    found = [(s, t) for s, t, c in zip(stems, tokens, content, strict=True) if c]
    found.extend(
        (f"{stems[i]} {stems[i + 1]}", f"{tokens[i]} {tokens[i + 1]}")
        for i in range(len(tokens) - 1)
        if content[i] and content[i + 1]
    )
    return found
