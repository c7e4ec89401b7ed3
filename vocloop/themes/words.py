"""Words of a text, as a reader would name them: Japanese by Sudachi, English by stem."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from unicodedata import normalize

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from vocloop.themes.prose import MASK, readable

_EMPTY = tomllib.loads((Path(__file__).parent / "emptywords.toml").read_text(encoding="utf-8"))
_EMPTY_JA = frozenset(_EMPTY["ja"].split())
_EMPTY_EN = ENGLISH_STOP_WORDS | frozenset(_EMPTY["en"].split())
# Nouns and suffixes that a compound neither begins nor ends with: 承認後, 使用中, 会社側.
_EDGES_JA = frozenset(_EMPTY["edges_ja"].split())
_LATIN = re.compile(r"\.NET\b|[A-Za-z]\+\+|[CFcf]#|[A-Za-z0-9]+(?:[-_'’][A-Za-z0-9]+)*")
_HAS_WORD = re.compile(r"[ァ-ヶ一-龥々a-zA-Zａ-ｚＡ-Ｚ]")
_SHORT_KANA = re.compile(r"[ぁ-ん]{1,3}|[ァ-ヶー]|[a-zA-Zａ-ｚＡ-Ｚ]")
# Kinds of nouns that name a time, an amount or a person, and no problem.
_NO_SUBJECT = {"助数詞可能", "副詞可能", "人名"}
MOST_PARTS = 4
# Verbs that make another verb of the one before: 書き出す, 読み込む, 切り替える.
_SECOND = frozenset(
    [
        "出す",
        "込む",
        "替える",
        "直す",
        "合う",
        "合わせる",
        "続ける",
        "始める",
        "終わる",
        "切る",
        "過ぎる",
    ]
)


@cache
def sudachi() -> Any:
    from sudachipy import Dictionary, SplitMode

    return Dictionary(dict="core").tokenizer(mode=SplitMode.C)


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


# A stem takes a tenth of a millisecond, and the same words come again and again.
@lru_cache(maxsize=1 << 15)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


def proper(word: str) -> bool:
    """Whether a Japanese ``word`` is a name, or one that no dictionary has."""
    pieces = sudachi().tokenize(word)
    return all(p.part_of_speech()[1] == "固有名詞" or p.is_oov() for p in pieces)


def words(text: str, language: str) -> list[tuple[str, str]]:
    """Content words of ``text`` as (key, surface): the key joins inflections and spellings, the
    surface is what a person reads. Nouns side by side also come as the compound that they are;
    spaces part the keys of what it is made of."""
    told = MASK.sub(" . ", readable(text))
    return _japanese(told) if language == "ja" else _english(told)


def _japanese(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    run: list[tuple[str, str, bool]] = []  # nouns that stand side by side, and which say something
    verb = ""  # the surface of the verb just before, the first half of a compound: 書き + 出す
    for piece in sudachi().tokenize(text):
        kind, surface, key = piece.part_of_speech(), piece.surface(), piece.normalized_form()
        if kind[0] in {"名詞", "接尾辞"} and kind[1] != "数詞" and _HAS_WORD.search(surface):
            tells = kind[0] == "名詞" and kind[2] not in _NO_SUBJECT and key not in _EMPTY_JA
            tells = tells and not _SHORT_KANA.fullmatch(surface)
            run.append((key, surface, tells))
            if tells:
                found.append((key, surface))
            continue
        if kind[0] == "接頭辞" and key != "御":
            run.append((key, surface, False))
            continue
        found += _compound(run)
        run.clear()
        before, verb = verb, surface if kind[0] == "動詞" else ""
        if kind[0] not in {"動詞", "形容詞", "形状詞"} or kind[1] == "助動詞語幹":
            continue
        if kind[1] != "非自立可能" and key not in _EMPTY_JA:
            found.append((key, piece.dictionary_form()))
        elif kind[0] == "動詞" and before and found and kind[1] == "非自立可能" and key in _SECOND:
            found[-1] = (before + key, before + key)
    found += _compound(run)
    return [(k, normalize("NFKC", s)) for k, s in found if not _SHORT_KANA.fullmatch(s)]


def _compound(run: Iterable[tuple[str, str, bool]]) -> list[tuple[str, str]]:
    """What a run of nouns is together, without what may stand at its edges only by chance."""
    parts = list(run)
    while parts and parts[-1][0] in _EDGES_JA:
        parts.pop()
    while parts and parts[0][0] in _EDGES_JA:
        parts.pop(0)
    if not 1 < len(parts) <= MOST_PARTS or not any(tells for *_, tells in parts):
        return []
    return [(" ".join(k for k, *_ in parts), "".join(s for _, s, _ in parts))]


def _english(text: str) -> list[tuple[str, str]]:
    shouted = text.upper() == text
    spans = list(_LATIN.finditer(text))
    tokens = [m.group().replace("’", "'").removesuffix("'s") for m in spans]
    lower = [t.lower() for t in tokens]
    stems = [_stem(word) for word in lower]
    content = [_tells(word) for word in lower]
    shown = [_shown(t, shouted=shouted) for t in tokens]
    found = [(s, t) for s, t, c in zip(stems, shown, content, strict=True) if c]
    for i in range(len(tokens) - 1):
        between = text[spans[i].end() : spans[i + 1].start()]
        if content[i] and content[i + 1] and stems[i] != stems[i + 1] and between.isspace():
            found.append((f"{stems[i]} {stems[i + 1]}", f"{shown[i]} {shown[i + 1]}"))
    return found


def _tells(word: str) -> bool:
    if word in _EMPTY_EN or word.split("'", maxsplit=1)[0] in _EMPTY_EN or word[0].isdigit():
        return False
    return len(word) > 2 or word in {"c#", "f#"}


def _shown(token: str, *, shouted: bool) -> str:
    """CSV and SharePoint as they are written, Export and export alike."""
    inner = token[1:].lower() != token[1:]
    return token if inner and not shouted else token.lower()
